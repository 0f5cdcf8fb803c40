"""What is read of a file of students."""

from ingestion.core.files.form import Column, FileForm
from ingestion.sources.pisa.columns import STUDENT, STUDENT_COLUMNS

# Codes of countries have three letters: a shorter one is none.
SHOWS_CUT = {"cnt"}


def students_form() -> FileForm:
    """Return the form of the survey's files, without the kinds that only they have."""
    return FileForm(
        rows="students",
        columns=tuple(
            Column(name, is_required=name in STUDENT, shows_cut=name in SHOWS_CUT)
            for name in STUDENT_COLUMNS
        ),
    )
