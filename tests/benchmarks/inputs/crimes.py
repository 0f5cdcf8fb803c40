"""A history of crimes as large as the portal's, as wide and as varied as the real ones.

The years 2001 to 2025 each have a year of crimes: the real ones of 2012 if their file is there,
else generated ones of the same widths. Ids, case numbers and dates move with the year; the texts
stay as they are. A shorter history is the end of the longer one.

Run: python -m tests.benchmarks.inputs.crimes FILE.parquet [--rows N]
Serve: warehouse simulate chicago-crime --data FILE.parquet
"""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from ingestion.simulators.chicago_crime.rows.generate import fill_generated
from ingestion.simulators.chicago_crime.store import Store
from ingestion.simulators.chicago_crime.tokens import token_sql

FIRST_YEAR, LAST_YEAR = 2001, 2025
ROWS_PER_YEAR = 335_921
ROWS = (LAST_YEAR - FIRST_YEAR + 1) * ROWS_PER_YEAR
SEED = 2012
ROOT = Path(__file__).parents[3]

_EXPORT_TIME = "'%m/%d/%Y %I:%M:%S %p'"
_ISO = "'%Y-%m-%dT%H:%M:%S.%g'"
# The export of 2012 under the API's names; the column `year` is missing there.
_REAL_SQL = f"""
    select
        strptime("Date", {_EXPORT_TIME}) as occurred_at,
        strptime("Updated On", {_EXPORT_TIME}) as revised_at,
        cast("ID" as bigint) as number,
        "Case Number" as case_number, "Block" as block, "IUCR" as iucr,
        "Primary Type" as primary_type, "Description" as description,
        "Location Description" as location_description, "Arrest" as arrest,
        "Domestic" as domestic, "Beat" as beat, "District" as district, "Ward" as ward,
        "Community Area" as community_area, "FBI Code" as fbi_code,
        "X Coordinate" as x_coordinate, "Y Coordinate" as y_coordinate,
        "Latitude" as latitude, "Longitude" as longitude
    from read_csv($file, all_varchar = true)
"""
_MADE_SQL = """
    select
        "t:date" as occurred_at, "t:updated_on" as revised_at, "n:id" as number,
        case_number, block, iucr, primary_type, description, location_description, arrest,
        domestic, beat, district, ward, community_area, fbi_code, x_coordinate, y_coordinate,
        latitude, longitude
    from "ijzp-q8t2"
"""
# On 29 February where the year has none is the day before. The portal revises all crimes of a year
# at once, years later; what would lie after the last year is revised a week after the crime.
_MOVED_SQL = f"""
    with
    moved as (
        select
            *,
            occurred_at + to_years($year - cast(year(occurred_at) as integer)) as moved_at,
            revised_at + to_years($year - cast(year(occurred_at) as integer)) as moved_revised_at,
            row_number() over (order by number) as place
        from a_year
    ),
    stamped as (
        select
            *,
            1300000 + 500000 * ($year - {FIRST_YEAR}) + place as moved_number,
            strftime(
                case
                    when year(moved_revised_at) <= {LAST_YEAR} then moved_revised_at
                    else date_trunc('day', moved_at) + interval '7 days 15 hours 41 minutes'
                end,
                {_ISO}
            ) as updated_on
        from moved
    )
    select
        {token_sql("row", "concat('row', moved_number)")} as ":id",
        updated_on || 'Z' as ":created_at",
        updated_on || 'Z' as ":updated_at",
        {token_sql("rv", "concat('rv', moved_number)")} as ":version",
        cast(moved_number as varchar) as id,
        chr(65 + $year - {FIRST_YEAR}) || substr(case_number, 2) as case_number,
        strftime(moved_at, {_ISO}) as date,
        block, iucr, primary_type, description, location_description, arrest, domestic, beat,
        district, ward, community_area, fbi_code, x_coordinate, y_coordinate,
        cast($year as varchar) as year,
        updated_on, latitude, longitude
    from stamped
    order by moved_at, moved_number
    offset $skipped
"""


def real_crimes() -> Path | None:
    """Return the file of the real crimes of 2012, where there is one."""
    folder = Path(os.environ.get("WAREHOUSE_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
    file = folder / "crime" / "crimes_2012_full_year.csv.gz"
    return file if file.is_file() else None


def write_crimes(path: Path, rows: int = ROWS) -> Path:
    """Write the last `rows` crimes of the history, ordered by date, as the API writes them.

    Args:
        path: of the Parquet file.
        rows: 1 to `ROWS`.

    Returns:
        The path.

    Raises:
        ValueError: that many there are not.
    """
    if not 1 <= rows <= ROWS:
        msg = f"{rows:,} crimes of {ROWS:,}: give a number between"
        raise ValueError(msg)
    years, rest = divmod(rows, ROWS_PER_YEAR)
    with _a_year() as connection:
        writer: pq.ParquetWriter | None = None
        for year in range(LAST_YEAR - years + (rest == 0), LAST_YEAR + 1):
            skipped = ROWS_PER_YEAR - rest if year == LAST_YEAR - years else 0
            found = connection.execute(_MOVED_SQL, {"year": year, "skipped": skipped})
            table = found.to_arrow_table()
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
        assert writer is not None
        writer.close()
    return path


@contextmanager
def _a_year() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection with table `a_year`: `ROWS_PER_YEAR` crimes, two times and a number."""
    real = real_crimes()
    if real is not None:
        with duckdb.connect() as connection:
            connection.execute(f"create table a_year as {_REAL_SQL}", {"file": str(real)})
            yield connection
        return
    with Store(rows=ROWS_PER_YEAR) as store, store.cursor() as connection:
        fill_generated(store, ROWS_PER_YEAR, SEED)
        connection.execute(f"create temp table a_year as {_MADE_SQL}")
        yield connection


def main() -> None:
    """Write the file that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.inputs.crimes", description=__doc__
    )
    parser.add_argument("file", type=Path, help="the Parquet file to write")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"the last of {ROWS:,} crimes")
    options = parser.parse_args()
    write_crimes(options.file, options.rows)


if __name__ == "__main__":
    main()
