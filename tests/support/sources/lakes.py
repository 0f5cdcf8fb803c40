"""A lake as its readers see it."""

import subprocess
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.core.lake.location import Lake
from ingestion.core.lake.records import LOADS
from ingestion.core.lake.views import lake_views
from ingestion.core.raw.store import RawStore
from ingestion.core.source import RawTable, Source

READINGS = RawTable(("door", "visits"), ("door",))
TABLES = {"readings": READINGS, "notes": RawTable(("door", "note"), ("door",), is_varied=True)}
TOYS = Source("toys", "toys", TABLES, "", "", "")
ODD = ["", "NA", " ", "é\u0301 \U0001f600", "a\0b", "x" * 70_000, "2.0", None, "\r\n'\"", "\ufeff"]


def readings(
    *rows: tuple[str | None, ...], columns: tuple[str, ...] = READINGS.columns
) -> pa.Table:
    cells = [*zip(*rows, strict=True)] or [()] * len(columns)
    return pa.table({name: pa.array(cells[n], pa.string()) for n, name in enumerate(columns)})


def store(data: Path, lake: Path | None) -> RawStore:
    return RawStore(data, "toys", TABLES, lake=Lake(str(lake)) if lake else None)


def rows(raw: duckdb.DuckDBPyConnection, table: str = "readings") -> list[tuple[object, ...]]:
    return raw.execute(f"from raw_toys.{table} order by all").fetchall()


def reader(lake: Path, *sources: Source) -> duckdb.DuckDBPyConnection:
    """DuckDB without raw.duckdb, with the views of a lake."""
    connection = duckdb.connect()
    for statement in lake_views(Lake(str(lake)), {source.name: source for source in sources}):
        connection.execute(statement)
    return connection


def content(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int]:
    """Rows and content of a raw table, without the name of the load."""
    described = connection.execute(f"describe {table}").fetchall()
    names = sorted(f'"{row[0]}"' for row in described if row[0] != "_dlt_load_id")
    query = f"select count(*), sum(hash({', '.join(names)})) from {table}"
    found = connection.execute(query).fetchall()
    return int(found[0][0]), int(found[0][1] or 0)


def rows_of_files(lake: Path, table: str) -> int:
    """The rows of a table's files, those included that do not count."""
    files = f"{lake}/raw/{table.replace('.', '/')}/*.parquet"
    found = duckdb.connect().execute(f"select count(*) from read_parquet('{files}')").fetchall()
    return int(found[0][0])


def records(lake: Path, schema: str) -> list[Path]:
    return sorted((lake / "raw" / schema / LOADS).glob("*.jsonl"))


def listing(folder: Path) -> str:
    """Every file with its size and content's hash."""
    command = "find . -type f -exec sha256sum {} + | sort"
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, check=True, capture_output=True, text=True
    ).stdout
