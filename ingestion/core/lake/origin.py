"""What a raw file says of itself: which lake its tables are a copy of."""

from pathlib import Path

import duckdb

from ingestion.core.errors import LoadError
from ingestion.core.lake.location import SETTING, Lake
from ingestion.core.lake.records import recorded_ids
from ingestion.core.raw.sql import literal

# Which lake the whole file is a copy of.
MAKE_ORIGIN = """
create schema if not exists lake;
create table if not exists lake.copied_from (url varchar not null, schema_name varchar not null)
"""


def has_loads(connection: duckdb.DuckDBPyConnection, schema: str) -> bool:
    """Return whether dlt has loaded anything into a schema of a raw file."""
    return _has_table(connection, schema, "_dlt_loads")


def _has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        f"select 1 from duckdb_tables() where (schema_name, table_name) = ({literal(schema)}, "
        f"{literal(table)}) and database_name = current_database()"
    ).fetchall()
    return bool(found)


def copied_from(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return by schema the lake that a raw file's tables are a copy of; none where it is none."""
    if not _has_table(connection, "lake", "copied_from"):
        return {}
    rows = connection.execute("select schema_name, url from lake.copied_from").fetchall()
    return dict(rows)


def lacks_newest(connection: duckdb.DuckDBPyConnection, lake: Lake, schema: str) -> bool:
    """Return whether a lake has no record of the newest load that its copy has."""
    if not has_loads(connection, schema):
        return False
    found = connection.execute(f"select max(load_id) from {schema}._dlt_loads").fetchall()
    newest: str | None = found[0][0]
    # What is copied together is recorded by the newest load of it.
    return newest is not None and newest not in recorded_ids(lake, schema)


def require_no_copy(connection: duckdb.DuckDBPyConnection, file: Path, schema: str) -> None:
    """Refuse to load into a copy of a lake without the lake.

    Raises:
        LoadError: says what to set.
    """
    if url := copied_from(connection).get(schema):
        msg = f"{file} is a copy of the lake {url}: set {SETTING} to it, then load again"
        raise LoadError(msg)


def note_origin(connection: duckdb.DuckDBPyConnection, lake: Lake, schema: str) -> None:
    """Note that a schema of a raw file is a copy of a lake from now on."""
    connection.execute(
        f"{MAKE_ORIGIN}; insert into lake.copied_from values ({literal(lake.url)}, "
        f"{literal(schema)})"
    )
