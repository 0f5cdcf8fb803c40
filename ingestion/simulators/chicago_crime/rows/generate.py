"""Crimes made from a seed, with the shape and the faults of the portal's own.

A year of local occurrence times is drawn at once with numpy (`draw.py` says what each number
means), then written as text by DuckDB. The same seed and number of rows give the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa

from ingestion.simulators.chicago_crime.datasets import (
    CRIMES,
    CRIMES_LAST_YEAR,
    IUCR_CODES,
    RESIDENTS,
)
from ingestion.simulators.chicago_crime.rows.areas import residents_table
from ingestion.simulators.chicago_crime.rows.codes import CODES, INDEX_FBI_CODES
from ingestion.simulators.chicago_crime.rows.draw import Columns, draw_year
from ingestion.simulators.chicago_crime.rows.places import (
    EAST_WEST_STREETS,
    NORTH_SOUTH_STREETS,
    PREMISES,
)
from ingestion.simulators.chicago_crime.store import Store
from ingestion.simulators.chicago_crime.tokens import tokens

ROWS_PER_YEAR = 260_000
LAST_YEAR = 2025

_CASE_LETTERS = "HHHJHKHLHMHNHPHRHSHTHVHWHXHYHZJAJBJCJDJEJFJGJHJJ"
_FIRST_PREFIX_YEAR = 2002

_STAMP = "strftime({}, '%Y-%m-%dT%H:%M:%S.%g')"
_TEXT_SQL = f"""
    select
        row_token as ":id",
        {_STAMP.format("core.created_at")} || 'Z' as ":created_at",
        {_STAMP.format("core.updated_at")} || 'Z' as ":updated_at",
        version_token as ":version",
        cast(core.id as varchar) as id,
        concat(case case_form when 1 then 'G' else $prefix end, case_serial) as case_number,
        {_STAMP.format("core.occurred_at")} as "date",
        case block_form when 1 then lower(concat(hundred, 'XX ', direction, ' ', street))
            else concat(hundred, 'XX ', direction, ' ', street)
        end as block,
        case iucr_form when 1 then ltrim(iucr, '0') else iucr end as iucr,
        case
            when type_form = 1 and primary_type = 'CRIMINAL SEXUAL ASSAULT'
                then 'CRIM SEXUAL ASSAULT'
            else primary_type
        end as primary_type,
        description,
        case premise_form when 1 then null else premise end as location_description,
        case when core.arrest then 'true' else 'false' end as arrest,
        case when core.domestic then 'true' else 'false' end as domestic,
        case beat_form when 1 then ltrim(beat, '0') else beat end as beat,
        case district_form when 1 then ltrim(district, '0') when 2 then '031' when 3 then null
            else district
        end as district,
        case ward_form when 1 then concat(ward, '.0') when 2 then null
            else cast(ward as varchar)
        end as ward,
        case area_form when 1 then concat(area, '.0') when 2 then null when 3 then '0'
            else cast(area as varchar)
        end as community_area,
        fbi_code,
        case place_form when 1 then null when 2 then '0' else cast(x as varchar) end
            as x_coordinate,
        case place_form when 1 then null when 2 then '0' else cast(y as varchar) end
            as y_coordinate,
        $year as "year",
        {_STAMP.format("core.updated_on")} as updated_on,
        case place_form when 1 then null when 2 then '36.619446395'
            else cast(cast(latitude as decimal(12, 9)) as varchar)
        end as latitude,
        case place_form when 1 then null when 2 then '-91.686565684'
            else cast(cast(longitude as decimal(12, 9)) as varchar)
        end as longitude,
        core.created_at as "t::created_at",
        core.updated_at as "t::updated_at",
        core.occurred_at as "t:date",
        core.updated_on as "t:updated_on",
        core.id as "n:id"
    from core
"""
# The last year's data set has the same rows under ids of its own: the others, read backwards.
_LAST_YEAR_SQL = f"""
    select
        concat('row-', reverse(substr(":id", 5))) as ":id",
        ":created_at",
        ":updated_at",
        concat('rv-', reverse(substr(":version", 4))) as ":version",
        case_number as case_,
        "date" as date_of_occurrence,
        block,
        iucr as _iucr,
        primary_type as _primary_decsription,
        description as _secondary_description,
        location_description as _location_description,
        case arrest when 'true' then 'Y' else 'N' end as arrest,
        case domestic when 'true' then 'Y' else 'N' end as domestic,
        ltrim(beat, '0') as beat,
        ward,
        fbi_code as fbi_cd,
        x_coordinate,
        y_coordinate,
        latitude,
        longitude,
        "t::created_at",
        "t::updated_at",
        "t:date" as "t:date_of_occurrence"
    from {CRIMES.table}
    where "t:date" >= (select max("t:date") from {CRIMES.table}) - interval 1 year
"""


@dataclass(frozen=True)
class Year:
    """Crimes of a year: how many, and the first day that has any."""

    year: int
    rows: int
    first_day: date


def _years(rows: int) -> Iterator[Year]:
    """Share rows out over years, back from the end of the last one; oldest first."""
    whole, rest = divmod(rows, ROWS_PER_YEAR)
    if rest:
        year = LAST_YEAR - whole
        days = -(-rest * 365 // ROWS_PER_YEAR)
        yield Year(year, rest, date(year, 12, 31) - timedelta(days=days - 1))
    for year in range(LAST_YEAR - whole + 1, LAST_YEAR + 1):
        yield Year(year, ROWS_PER_YEAR, date(year, 1, 1))


def fill_generated(store: Store, rows: int, seed: int) -> None:
    """Fill the store with `rows` crimes, the last year's in both forms, codes, residents."""
    with store.cursor() as cursor:
        for part in _years(rows):
            fill_year(cursor, part, seed)
        cursor.execute(CRIMES_LAST_YEAR.insert_sql(f"({_LAST_YEAR_SQL})", with_helpers=True))
        cursor.register("codes_in_use", _codes_table())
        cursor.execute(IUCR_CODES.insert_sql("codes_in_use"))
        cursor.register("residents", residents_table())
        cursor.execute(RESIDENTS.insert_sql("residents"))


def fill_year(cursor: duckdb.DuckDBPyConnection, part: Year, seed: int) -> None:
    """Add the crimes of a year to the table of crimes."""
    drawn = draw_year(part.year, part.rows, part.first_day, seed)
    cursor.register("core", _named(drawn, part.year, seed))
    cursor.execute(
        CRIMES.insert_sql(f"({_TEXT_SQL})", with_helpers=True),
        {"prefix": _case_prefix(part.year), "year": str(part.year)},
    )
    cursor.unregister("core")


def _case_prefix(year: int) -> str:
    """Return the two letters before a year's case numbers."""
    place = 2 * max(0, year - _FIRST_PREFIX_YEAR)
    return _CASE_LETTERS[place : place + 2]


def _named(drawn: Columns, year: int, seed: int) -> pa.Table:
    """Return the year's columns with names in place of numbers, and the rows' tokens."""
    rows = len(drawn["id"])
    names: dict[str, tuple[str, list[str]]] = {
        "iucr": ("code", [code.iucr for code in CODES]),
        "primary_type": ("code", [code.primary_type for code in CODES]),
        "description": ("code", [code.description for code in CODES]),
        "fbi_code": ("code", [code.fbi_code for code in CODES]),
        "premise": ("premise", [name for name, _ in PREMISES]),
        "street": ("street", [*NORTH_SOUTH_STREETS, *EAST_WEST_STREETS]),
        "beat": ("beat", [f"{number:04d}" for number in range(2600)]),
        "district": ("district", [f"{number:03d}" for number in range(32)]),
        "hundred": ("hundred", [f"{number:03d}" for number in range(1000)]),
        "direction": ("direction", list("NSWE")),
    }
    columns: dict[str, object] = dict(drawn)
    for name, (source, values) in names.items():
        index = pa.array(drawn[source].astype(np.int16))
        columns[name] = pa.DictionaryArray.from_arrays(index, pa.array(values))
    columns["row_token"] = tokens("row", rows, f"{seed}|{year}|row")
    columns["version_token"] = tokens("rv", rows, f"{seed}|{year}|version")
    return pa.table(columns)


def _codes_table() -> pa.Table:
    """Return the data set of codes; as on the portal, leading zeros are lost."""
    stamp = f"{LAST_YEAR}-01-01T12:00:00.000Z"
    rows = [
        {
            ":id": f"row-{code.iucr.lower()}.{code.fbi_code.lower():_>4}-code",
            ":created_at": stamp,
            ":updated_at": stamp,
            ":version": f"rv-{code.iucr.lower()}.{code.fbi_code.lower():_>4}-code",
            "iucr": code.iucr.lstrip("0"),
            "primary_description": code.primary_type,
            "secondary_description": code.description,
            "index_code": "I" if code.fbi_code in INDEX_FBI_CODES else "N",
            "active": "true",
        }
        for code in CODES
    ]
    return pa.Table.from_pylist(rows)
