"""The raw tables of the survey; every column is text as received."""

from ingestion.raw_store import RawTable

SOURCE = "pisa"
SCHEMA = f"raw_{SOURCE}"

# What is read of some eleven hundred columns.
ANSWERS = ("cnt", "durecec", "belong", "escs", "tmins", "w_fstuwt")
RESPONSE_KEY = ("database_country", "id")
RESPONSES = RawTable((*RESPONSE_KEY, "created_at", *ANSWERS), RESPONSE_KEY)

STUDENT_KEY = ("file_sha256", "line_number")
STUDENT = ("cnt", "cntstuid", "durecec", "belong", "escs", "tmins")
WEIGHTS = ("w_fstuwt", *(f"w_fsturwt{n}" for n in range(1, 81)))

RAW_TABLES = {
    "responses": RESPONSES,
    "file_students": RawTable(
        (*STUDENT_KEY, "file_name", "cnt", "cntschid", *STUDENT[1:], *WEIGHTS), STUDENT_KEY
    ),
    "database_checks": RawTable(
        ("database_country", "checked_at", "outcome", "rows_at_source"), ("database_country",)
    ),
}
