"""The raw tables of files: lines, and the note that makes a file count."""

from collections.abc import Sequence

from ingestion.core.source import RawTable

# Beside the columns of the form: see `rows`.
LINE_COLUMNS = ("line_number", "line_text", "line_problem")
FILE_KEY = ("file_sha256", "line_number")
# What was read of a file, and that it was read to its end.
FILES = RawTable(
    (
        "file_sha256", "file_name", "file_table", "loaded_at", "lines", "header", "rows",
        "rejected", "blank", "kind", "encoding", "content_sha256",
    ),
    ("file_sha256",),
    is_note=True,
)  # fmt: skip


def lines_table(columns: Sequence[str]) -> RawTable:
    """Return the raw table of the lines of files, of which these columns are read."""
    all_columns = ("file_sha256", "file_name", *LINE_COLUMNS, *columns)
    return RawTable(all_columns, FILE_KEY)
