"""Crimes from files: the portal's export, answers of its API, and what programs made of them.

Flow: files -> Arrow tables of text -> raw file_crimes, appended.
Forms: both data sets, as CSV, JSON, GeoJSON or Parquet. A file of the last year's data set is
    recognised by its case number and date, which have other names there. A column that is missing
    is refused: a crime without it would stand in for a whole one of an older file or the portal.
"""

from ingestion.core.files.form import Column, FileForm
from ingestion.core.files.loading import FileTarget, load_files
from ingestion.core.source import LoadResult, Request

FORM = FileForm(
    rows="crimes",
    columns=(
        *(Column(name) for name in ("id", "case_number", "date", "district", "community_area")),
        *(Column("updated_on"), Column("case_", ("case#",)), Column("date_of_occurrence")),
        *(Column("block"), Column("iucr")),
        Column("primary_type", ("primary_decsription", "primary description")),
        Column("description", ("secondary description",)),
        *(Column("location_description"), Column("arrest"), Column("domestic"), Column("beat")),
        *(Column("ward"), Column("fbi_code", ("fbi_cd",))),
        *(Column("x_coordinate"), Column("y_coordinate"), Column("latitude")),
        Column("longitude"),
        Column("socrata_id", (":id",), is_required=False),
        Column("socrata_updated_at", (":updated_at",), is_required=False),
        Column("socrata_version", (":version",), is_required=False),
    ),
    alternatives=(
        ("id", "case_number", "date", "district", "community_area", "updated_on"),
        ("case_", "date_of_occurrence"),
    ),
)


def load_crimes(request: Request) -> LoadResult:
    """Load the crimes of files into raw.

    Raises:
        LoadError: every file was refused; names what is wrong.
    """
    return load_files(request, FileTarget("file_crimes", FORM))
