"""Load the records of runs into raw, for the mart of runs.

Flow: runs.jsonl -> raw_warehouse.runs, text as written, once each; and the current run.
It has no loads as sources have: runs alone require no build, and each build has them.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from dbt_project.paths import Paths
from dbt_project.run_records import RUNNING, failed_sources, lines, what_failed

SCHEMA, TABLE = "raw_warehouse", "raw_warehouse.runs"
# Enough for a mart that each publication writes again.
MAX_RUNS = 10_000
TEXTS = {
    "run_id": "run_id",
    "command": "command",
    "started_at": "start",
    "ended_at": "end",
    "seconds": "seconds",
    "outcome": "outcome",
    "error": "error",
    "build_id": "build_id",
}
OBJECTS = {
    "steps": "steps",
    "rows_loaded": "rows",
    "rows_published": "rows_out",
    "rows_rejected": "rejected",
    "tests": "tests",
    "failures": "failures",
    "versions": "versions",
}
# What of `error` and `failures` everybody may read.
PUBLIC = ("public_error", "public_failures")
COLUMNS = ("line_number", *TEXTS, *OBJECTS, *PUBLIC, "rows_loaded_total", "rows_published_total")
COLUMNS += ("rows_rejected_total", "tests_run", "tests_passed", "tests_failed", "tests_warned")


def load_run_records(
    connection: duckdb.DuckDBPyConnection, paths: Paths, running: dict[str, Any] | None
) -> None:
    """Append the records that raw does not have yet, and that of the current run.

    Args:
        connection: to raw.
        paths: of the warehouse.
        running: the record so far; it is replaced by the run's final record.
    """
    columns = ", ".join(f"{column} varchar" for column in COLUMNS)
    connection.execute(f"create schema if not exists {SCHEMA}")
    if not _has_columns(connection):
        # Of an older version: its rows are written again from runs.jsonl.
        connection.execute(f"create or replace table {TABLE} ({columns})")
    connection.execute(f"delete from {TABLE} where outcome = '{RUNNING}'")
    newest = connection.execute(
        f"select line_number, run_id from {TABLE} order by line_number desc limit 1"
    ).fetchone()
    number, known = (int(newest[0]), newest[1]) if newest else (0, None)
    new = [*_after(known, lines(paths))][-MAX_RUNS:]
    to_insert = [*new, running] if running else new
    rows = [_row(number + place, record) for place, record in enumerate(to_insert, 1)]
    if rows:
        # DuckDB reads it by this name.
        found = pa.table({name: [row[name] for row in rows] for name in COLUMNS}, _SCHEMA)
        connection.register("new_runs", found)
        connection.execute(f"insert into {TABLE} by name select * from new_runs")
        connection.unregister("new_runs")
    oldest = f"{number + len(rows) - MAX_RUNS:012}"
    connection.execute(f"delete from {TABLE} where line_number <= ?", [oldest])


def _has_columns(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "select column_name from duckdb_columns() where schema_name || '.' || table_name = ?"
        " and database_name = current_database()",
        [TABLE],
    )
    return {name for (name,) in found.fetchall()} == {*COLUMNS}


_SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])


def _after(known: str | None, written: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The records after that of a run; all if it has none."""
    mark = f'"run_id": {json.dumps(known)}'
    places = (at for at in reversed(range(len(written))) if known and mark in written[at])
    for line in written[next(places, -1) + 1 :]:
        try:
            record = json.loads(line)
        except ValueError:  # a full disk may have truncated it
            continue
        # Early records had no id.
        if isinstance(record, dict) and record.get("run_id"):
            yield record


def _row(number: int, record: dict[str, Any]) -> dict[str, str | None]:
    """A record as text; the line number is padded, so that it sorts as text."""
    row = {name: _text(record.get(key)) for name, key in TEXTS.items()}
    objects = {name: record.get(key) or {} for name, key in OBJECTS.items()}
    row |= {name: json.dumps(found) for name, found in objects.items()}
    row["public_error"] = what_failed(record)
    row["public_failures"] = json.dumps(dict.fromkeys(failed_sources(record), "load failed"))
    loaded = [count for tables in objects["rows_loaded"].values() for count in tables.values()]
    tests = objects["tests"]
    return row | {
        "line_number": f"{number:012}",
        "rows_loaded_total": str(sum(loaded)),
        "rows_published_total": str(sum(objects["rows_published"].values())),
        "rows_rejected_total": str(sum(objects["rows_rejected"].values())),
        "tests_run": _text(tests.get("tests")),
        "tests_passed": _text(tests.get("passed")),
        "tests_failed": _text(tests.get("failed")),
        "tests_warned": _text(tests.get("warned")),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
