"""Readings from files: hourly counts by door, as counters and their software export them.

Flow: files -> Arrow tables of text -> raw file_readings, appended.
"""

from ingestion.core.files.form import Column, FileForm
from ingestion.core.files.loading import FileTarget, load_files
from ingestion.core.source import LoadResult, Request

FORM = FileForm(
    rows="readings",
    columns=(
        Column("date", ("day", "reading date", "traffic date")),
        Column("hour", ("hour of day",)),
        Column("timestamp", ("read at", "read at local", "datetime", "date time")),
        Column("shop", ("store", "store name", "shop name", "site")),
        Column("sensor_id", ("sensor", "door", "door id")),
        Column("count", ("visits", "visitors", "counts")),
        Column("units", ("unit",), shows_cut=True),
    ),
    alternatives=(("date", "hour"), ("timestamp",)),
)


def load_readings(request: Request) -> LoadResult:
    """Load the readings of files into raw.

    Raises:
        LoadError: every file was refused; names what is wrong.
    """
    return load_files(request, FileTarget("file_readings", FORM))
