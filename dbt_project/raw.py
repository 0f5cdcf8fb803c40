"""What the raw file holds of each source: loads, rows, and how new they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

PREFIX = "raw_"
# The columns in which a source says when it last changed a row, as sortable text.
LOAD_ID = "_dlt_load_id"
CHANGED_AT = ("socrata_updated_at", "read_at_local", "created_at")


class RawInUseError(Exception):
    """Another process writes the raw file, so that it cannot be read now."""


def source_states(raw: Path) -> dict[str, dict[str, Any]]:
    """Describe every source in the raw file, by its name on the command line.

    Returns:
        For each source: `loads` (finished ones), `last_load_id` (the newest that ended, or that was
        killed and left rows), `last_loaded_at` (UTC, ISO),
        `newest_change` (as the source writes it, or None), `rows` by raw table.

    Raises:
        RawInUseError: a run has the file open.
    """
    if not raw.exists():
        return {}
    try:
        connection = duckdb.connect(raw, read_only=True)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        raise RawInUseError(str(raw)) from error
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        schemas = connection.execute(
            "select distinct schema_name from duckdb_tables()"
            " where starts_with(schema_name, ?) and table_name = '_dlt_loads' order by 1",
            [PREFIX],
        ).fetchall()
        return {
            schema.removeprefix(PREFIX).replace("_", "-"): _state(connection, schema)
            for (schema,) in schemas
            if not schema.endswith("_staging")
        }


def _state(connection: duckdb.DuckDBPyConnection, schema: str) -> dict[str, Any]:
    loads, last_id, last_at = _one(
        connection,
        "select count(*), max(load_id), strftime(max(inserted_at), '%Y-%m-%dT%H:%M:%SZ')"
        f" from {schema}._dlt_loads where status = 0",
    )
    tables = connection.execute(
        "select table_name, list(column_name) from duckdb_columns() where schema_name = ?"
        " and not starts_with(table_name, '_dlt') group by all order by 1",
        [schema],
    ).fetchall()
    rows: dict[str, int] = {}
    newest: list[str] = []
    for table, columns in tables:
        changed = next((name for name in CHANGED_AT if name in columns), None)
        load_id = LOAD_ID if LOAD_ID in columns else "null"
        count, change, load = _one(
            connection,
            f"select count(*), max({changed or 'null'}), max({load_id}) from {schema}.{table}",
        )
        rows[table] = count
        newest += [str(change)] if change else []
        last_id = max(last_id or "", load or "") or None
    return {
        "loads": loads,
        "last_load_id": last_id,
        "last_loaded_at": last_at,
        "newest_change": max(newest, default=None),
        "rows": rows,
    }


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has one row
    return row
