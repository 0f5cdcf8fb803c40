"""The state of each source in the raw file: loads, rows, and how new they are."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from ingestion.core.raw.sql import LOAD_ID
from ingestion.core.registry import sources

PREFIX = "raw_"
# Enough to read single columns.
MEMORY_LIMIT = "256MB"


class RawInUseError(Exception):
    """Another process writes the raw file, so it cannot be read now."""


def source_states(paths: Paths) -> dict[str, dict[str, Any]]:
    """Describe every source in the raw file, by its name on the command line.

    Where a source had no load since the publication, its newest change is taken from there: its
    rows are not read.

    Returns:
        For each source: `loads` (finished ones), `last_load_id` (the newest that ended, or that was
        killed and left rows), `last_loaded_at` (UTC, ISO),
        `newest_change` (as the source writes it, or None), `rows` by raw table.

    Raises:
        RawInUseError: a run has the file open.
    """
    with _reading(paths.raw) as connection:
        return describe_sources(connection, paths)


def describe_sources(
    connection: duckdb.DuckDBPyConnection, paths: Paths
) -> dict[str, dict[str, Any]]:
    """Describe every source in a raw file that is open; see `source_states`."""
    connection.execute("set TimeZone = 'UTC'")
    published = (published_manifest(paths) or {}).get("freshness", {})
    return {
        name: _state(connection, schema, published.get(name, {}))
        for name, schema in _schemas(connection)
    }


class Summary(NamedTuple):
    """What shows whether a source has something new.

    Attributes:
        last_load_id: the newest load that ended, or that was killed and left rows.
        rows: of all its tables.
    """

    last_load_id: str | None
    rows: int


def summaries(raw: Path) -> dict[str, Summary]:
    """Summarize every source in the raw file, by its name on the command line.

    Raises:
        RawInUseError: a run has the file open.
    """
    if not raw.exists():
        return {}
    # What was not checkpointed is in the write-ahead log.
    files = (raw, raw.with_name(f"{raw.name}.wal"))
    states = tuple(
        (file.stat().st_mtime_ns, file.stat().st_size) for file in files if file.exists()
    )
    return _summaries(raw, states)


@lru_cache(maxsize=1)
def _summaries(raw: Path, states: tuple[tuple[int, int], ...]) -> dict[str, Summary]:
    """Read the file once for each of its states, since a run asks several times."""
    del states
    with _reading(raw) as connection:
        return {
            name: Summary(
                _last_load(connection, schema),
                sum(_row_counts(connection, schema, _tables(connection, schema)).values()),
            )
            for name, schema in _schemas(connection)
        }


@contextmanager
def _reading(raw: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the raw file to read it; an empty one stands in for a file that does not exist."""
    if not raw.exists():
        with duckdb.connect() as empty:
            yield empty
        return
    try:
        connection = duckdb.connect(raw, read_only=True, config={"memory_limit": MEMORY_LIMIT})
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise RawInUseError(str(raw)) from error
    with connection:
        yield connection


def _schemas(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """The sources that dlt loaded: name on the command line, and schema."""
    schemas = connection.execute(
        "select distinct schema_name from duckdb_tables()"
        " where starts_with(schema_name, ?) and table_name = '_dlt_loads' order by 1",
        [PREFIX],
    ).fetchall()
    return [
        (schema.removeprefix(PREFIX).replace("_", "-"), schema)
        for (schema,) in schemas
        if not schema.endswith("_staging")
    ]


def _tables(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, list[str]]:
    """The columns of a source's tables, without dlt's own."""
    return dict(
        connection.execute(
            "select table_name, list(column_name) from duckdb_columns() where schema_name = ?"
            " and not starts_with(table_name, '_dlt') group by all order by 1",
            [schema],
        ).fetchall()
    )


def _last_load(connection: duckdb.DuckDBPyConnection, schema: str) -> str | None:
    finished = f"select max(load_id) from {schema}._dlt_loads where status = 0"
    left = [
        f"select max({LOAD_ID}) from {schema}.{table}"
        for table, columns in _tables(connection, schema).items()
        if LOAD_ID in columns
    ]
    found = [_one(connection, query)[0] for query in (finished, *left)]
    return max((load for load in found if load), default=None)


def _row_counts(
    connection: duckdb.DuckDBPyConnection, schema: str, tables: Iterable[str]
) -> dict[str, int]:
    """Rows by table, which DuckDB counts without reading them."""
    return {
        table: int(_one(connection, f"select count(*) from {schema}.{table}")[0])
        for table in tables
    }


def _state(
    connection: duckdb.DuckDBPyConnection, schema: str, published: dict[str, Any]
) -> dict[str, Any]:
    tables = _tables(connection, schema)
    loads, last_at = _one(
        connection,
        "select count(*), strftime(max_by(inserted_at, load_id), '%Y-%m-%dT%H:%M:%SZ')"
        f" from {schema}._dlt_loads where status = 0",
    )
    last_id = _last_load(connection, schema)
    rows = _row_counts(connection, schema, tables)
    is_as_published = published.get("last_load_id") == last_id and published.get("rows") == rows
    return {
        "loads": loads,
        "last_load_id": last_id,
        "last_loaded_at": last_at,
        "newest_change": (
            published["newest_change"]
            if is_as_published
            else _newest_change(connection, schema, tables)
        ),
        "rows": rows,
    }


def _newest_change(
    connection: duckdb.DuckDBPyConnection, schema: str, tables: dict[str, list[str]]
) -> str | None:
    newest = [
        _one(connection, f"select max({column}) from {schema}.{table}")[0]
        for source in sources().values()
        if source.schema == schema
        for table, column in source.changed_at.items()
        if column in tables.get(table, ())
    ]
    return max((str(change) for change in newest if change), default=None)


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row
