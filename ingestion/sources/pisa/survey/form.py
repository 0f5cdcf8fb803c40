"""What is read of a file of students."""

from collections.abc import Collection, Iterator

from ingestion.core.files.form import Column, FileForm
from ingestion.sources.pisa.columns import STUDENT, STUDENT_COLUMNS
from ingestion.sources.pisa.survey.cycles import cycle_in_name

# Codes of countries have three letters: a shorter one is none.
SHOWS_CUT = {"cnt"}
# As the package learningtower, which many start from, names the columns of all cycles.
SPELLINGS = {
    "cyc": ("year", "cycle", "survey_cycle"),
    "cnt": ("country",),
    "cntschid": ("school_id",),
    "cntstuid": ("student_id",),
    "w_fstuwt": ("stu_wgt",),
}
# The survey's own files have both; who has none of them has chosen other columns.
TOGETHER = (("durecec", "belong"),)
ANSWERS = ("durecec", "belong", "tmins")


def students_form() -> FileForm:
    """Return the form of the survey's files, without the kinds that only they have."""
    return FileForm(
        rows="students",
        columns=tuple(
            Column(
                name,
                SPELLINGS.get(name, ()),
                is_required=name in STUDENT,
                shows_cut=name in SHOWS_CUT,
            )
            for name in STUDENT_COLUMNS
        ),
        together=TOGETHER,
    )


def notes_on(file_name: str, without: Collection[str]) -> Iterator[str]:
    """Yield what a reader of the marts has to know of a file.

    Args:
        file_name: of the file.
        without: the columns in which it has no value.
    """
    if missing := [name.upper() for name in ANSWERS if name in without]:
        yield f"{file_name} has no {' and no '.join(missing)}: null for all its students."
    if "cyc" in without:
        cycle = cycle_in_name(file_name)
        yield (
            f"{file_name} has no CYC: its name says that it is of the survey of {cycle}."
            if cycle
            else f"{file_name} has no CYC and no year in its name: its students are of an unknown "
            "cycle."
        )
