"""A year of real crimes from the portal's export: as a raw file, and read without the project."""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from ingestion.sources.chicago_crime.datasets import RAW_TABLES

TYPES_OF_TODAY = {
    "CRIM SEXUAL ASSAULT": "CRIMINAL SEXUAL ASSAULT",
    "NON - CRIMINAL": "NON-CRIMINAL",
}
# Of these a report at midnight mostly has no time.
TYPES_WITHOUT_TIME = {
    *("BURGLARY", "CRIMINAL DAMAGE", "CRIMINAL SEXUAL ASSAULT", "DECEPTIVE PRACTICE"),
    *("MOTOR VEHICLE THEFT", "OFFENSE INVOLVING CHILDREN", "OTHER OFFENSE", "SEX OFFENSE", "THEFT"),
}

# The portal's export form, in the form in which raw holds the API's rows.
RAW_CRIMES = """
    select
        'row-' || "ID" as socrata_id, '2018-02-10T15:50:01.000Z' as socrata_created_at,
        '2018-02-10T15:50:01.000Z' as socrata_updated_at, 'rv-' || "ID" as socrata_version,
        "ID" as id, "Case Number" as case_number,
        strftime(strptime("Date", '%m/%d/%Y %I:%M:%S %p'), '%Y-%m-%dT%H:%M:%S.000') as date,
        "Block" as block, "IUCR" as iucr, "Primary Type" as primary_type,
        "Description" as description, "Location Description" as location_description,
        "Arrest" as arrest, "Domestic" as domestic, "Beat" as beat, "District" as district,
        "Ward" as ward, "Community Area" as community_area, "FBI Code" as fbi_code,
        "X Coordinate" as x_coordinate, "Y Coordinate" as y_coordinate, '2012' as year,
        '2018-02-10T15:50:01.000' as updated_on, "Latitude" as latitude,
        "Longitude" as longitude, null::varchar as location, '1700000000.1' as _dlt_load_id
    from read_csv(?, all_varchar = true)
"""
OTHER_TABLES = ("crimes_last_year", "iucr_codes", "crime_deletions", "day_counts")


class Crime(NamedTuple):
    """What the aggregates know of a crime."""

    district: str
    ward: int
    type: str
    day: date
    hour: int
    is_time_unknown: bool
    is_arrest: bool


def crime(district: str, ward: str | None, kind: str, at: datetime, arrest: str) -> Crime:
    kind = TYPES_OF_TODAY.get(kind, kind)
    is_midnight = (at.hour, at.minute, at.second) == (0, 0, 0)
    is_time_unknown = is_midnight and kind in TYPES_WITHOUT_TIME
    return Crime(
        district, int(ward or 0), kind, at.date(), at.hour, is_time_unknown, arrest == "true"
    )


def read_crimes(export: Path) -> list[Crime]:
    """Every crime of the export."""
    rows = duckdb.execute(
        """
        select
            "District", "Ward", "Primary Type", strptime("Date", '%m/%d/%Y %I:%M:%S %p'), "Arrest"
        from read_csv(?, all_varchar = true)
        """,
        [str(export)],
    ).fetchall()
    return [crime(*row) for row in rows]


def write_raw(path: Path, export: Path) -> None:
    """A raw file as a load leaves it, holding the crimes of the export."""
    with duckdb.connect(path) as raw:
        raw.execute("create schema raw_chicago_crime")
        raw.execute("use raw_chicago_crime")
        raw.execute(f"create table crimes as {RAW_CRIMES}", [str(export)])
        for table in OTHER_TABLES:
            columns = (*RAW_TABLES[table].columns, "_dlt_load_id")
            texts = ", ".join(f"{column} varchar" for column in columns)
            raw.execute(f"create table {table} ({texts})")
        raw.execute(
            "create table _dlt_loads as select '1700000000.1' as load_id, 'x' as schema_name,"
            " 0 as status, now() as inserted_at, 'x' as schema_version_hash"
        )
