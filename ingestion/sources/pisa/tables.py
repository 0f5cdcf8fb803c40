"""The raw tables of the survey; every column is text as received."""

from dataclasses import replace

from ingestion.core.files.tables import FILES, lines_table
from ingestion.core.source import RECONCILIATIONS, RawTable
from ingestion.sources.pisa.columns import ANSWERS, STUDENT_COLUMNS

SCHEMA = "raw_pisa"

RESPONSE_KEY = ("database_country", "id")
RESPONSES = RawTable((*RESPONSE_KEY, "created_at", *ANSWERS), RESPONSE_KEY)

HOUR_COUNTS = RawTable(
    ("database_country", "submitted_hour", "rows_at_source", "checked_at"),
    ("database_country", "submitted_hour"),
    is_note=True,
)

RAW_TABLES = {
    "responses": RESPONSES,
    # Deleted at the source; it is valid for the version that was loaded before.
    "response_deletions": RawTable((*RESPONSE_KEY, "detected_at"), RESPONSE_KEY),
    # Weights and scores are other numbers for each student.
    "file_students": replace(lines_table(("file_cycle", *STUDENT_COLUMNS)), is_varied=True),
    "files": RawTable((*FILES.columns, "file_cycle"), FILES.key, is_note=True),
    "database_checks": RawTable(
        ("database_country", "checked_at", "outcome", "rows_at_source"), ("database_country",)
    ),
    "hour_counts": HOUR_COUNTS,
    "reconciliations": RECONCILIATIONS,
}
