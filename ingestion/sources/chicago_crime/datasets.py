"""The portal's data sets that are loaded, and the raw tables that they become.

Raw tables hold text as received; only the system fields have other names than at the portal.
"""

from dataclasses import dataclass

from ingestion.core.files.tables import FILES, lines_table
from ingestion.core.source import RECONCILIATIONS, RawTable

SCHEMA = "raw_chicago_crime"

SYSTEM_FIELDS = {
    ":id": "socrata_id",
    ":created_at": "socrata_created_at",
    ":updated_at": "socrata_updated_at",
    ":version": "socrata_version",
}
VERSION_KEY = ("socrata_id", "socrata_updated_at", "socrata_version")


@dataclass(frozen=True)
class Dataset:
    """One data set of the portal.

    Attributes:
        id: the portal's four-by-four.
        table: the raw table.
        columns: what must be there, without the system fields.
        day_column: the column that says when the crime was; None where rows have no day.
        key: the raw column that stays the same while a row is edited.
        is_rolling: whether old rows leave the data set because they are old.
    """

    id: str
    table: str
    columns: tuple[str, ...]
    day_column: str | None = None
    key: str = "socrata_id"
    is_rolling: bool = False


CRIMES = Dataset(
    id="ijzp-q8t2",
    table="crimes",
    columns=(
        *("id", "case_number", "date", "block", "iucr", "primary_type", "description"),
        *("location_description", "arrest", "domestic", "beat", "district", "ward"),
        *("community_area", "fbi_code", "x_coordinate", "y_coordinate", "year", "updated_on"),
        *("latitude", "longitude", "location"),
    ),
    day_column="date",
    key="id",
)
CRIMES_LAST_YEAR = Dataset(
    id="x2n5-8w5q",
    table="crimes_last_year",
    columns=(
        *("case_", "date_of_occurrence", "block", "_iucr", "_primary_decsription"),
        *("_secondary_description", "_location_description", "arrest", "domestic", "beat"),
        *("ward", "fbi_cd", "x_coordinate", "y_coordinate", "latitude", "longitude", "location"),
    ),
    day_column="date_of_occurrence",
    is_rolling=True,
)
IUCR_CODES = Dataset(
    id="c7ck-438e",
    table="iucr_codes",
    columns=("iucr", "primary_description", "secondary_description", "index_code", "active"),
)
RESIDENTS = Dataset(
    id="t68z-cikk",
    table="residents",
    columns=("acs_year", "community_area", "total_population"),
)
CRIME_DATASETS = {dataset.id: dataset for dataset in (CRIMES, CRIMES_LAST_YEAR)}


@dataclass(frozen=True)
class OutlineDataset:
    """A data set of outlines, which is a GeoJSON file and no table of rows.

    Attributes:
        id: the portal's four-by-four.
        area_kind: `district`, `ward` or `community_area`.
        number_property: the feature's property that says which one it is.
        name: what messages call them.
    """

    id: str
    area_kind: str
    number_property: str
    name: str


# Wards are drawn anew after a census; those of earlier maps place the crimes of their time.
OUTLINES = (
    OutlineDataset("24zt-jpfn", "district", "dist_num", "districts"),
    OutlineDataset("p293-wvbd", "ward", "ward", "wards"),
    OutlineDataset("k9yb-bpqx", "ward", "ward", "wards of 2015"),
    OutlineDataset("xt4z-bnwh", "ward", "ward", "wards of 2003"),
    OutlineDataset("igwz-8jzy", "community_area", "area_numbe", "community areas"),
)


def _of(dataset: Dataset) -> RawTable:
    return RawTable((*SYSTEM_FIELDS.values(), *dataset.columns), VERSION_KEY)


# In the order of `files.FORM`.
FILE_COLUMNS = (
    *("id", "case_number", "date", "district", "community_area", "updated_on"),
    *("case_", "date_of_occurrence", "block", "iucr", "primary_type", "description"),
    *("location_description", "arrest", "domestic", "beat", "ward", "fbi_code", "x_coordinate"),
    *("y_coordinate", "latitude", "longitude", *VERSION_KEY),
)

RAW_TABLES = {
    "crimes": _of(CRIMES),
    "crimes_last_year": _of(CRIMES_LAST_YEAR),
    "iucr_codes": _of(IUCR_CODES),
    "residents": _of(RESIDENTS),
    "file_crimes": lines_table(FILE_COLUMNS),
    "files": FILES,
    # With the file's hash in its key, every version of a file that was seen is kept.
    "outlines": RawTable(
        ("dataset", "file_sha256", "feature_number", "area_kind", "area_number", "geometry"),
        ("dataset", "file_sha256", "feature_number"),
    ),
    "crime_deletions": RawTable(
        ("dataset", *VERSION_KEY, "detected_at"), ("dataset", *VERSION_KEY)
    ),
    "day_counts": RawTable(
        ("dataset", "occurred_day", "rows_at_source", "checked_at"),
        ("dataset", "occurred_day"),
        is_note=True,
    ),
    "reconciliations": RECONCILIATIONS,
}
