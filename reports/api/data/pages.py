"""Pages of a mart: rows after a position, as JSON or CSV, and the cursor of the next page.

A published file never changes, so the position of a row in it (DuckDB's rowid) is its key: pages
follow each other without gaps or repetitions, even with equal rows, at the cost of the rows read.
A cursor contains its build, query and position.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal, Self

import duckdb
from pyarrow import csv

from reports.api.data.catalogue import Column, Mart, quoted
from reports.api.data.filters import Filter
from reports.api.errors import RefusedError

Format = Literal["json", "csv"]


@dataclass(frozen=True)
class Page:
    """Rows of a mart.

    Attributes:
        body: comma-separated JSON objects; or CSV with a header.
        last: the position of the last row; None if no rows follow.
    """

    body: bytes
    last: int | None


@dataclass(frozen=True)
class Cursor:
    """Where a page ended: its build, query and last row."""

    build_id: str
    fingerprint: str
    position: int

    def text(self) -> str:
        """The cursor as clients see it."""
        parts = json.dumps([self.build_id, self.fingerprint, self.position], separators=(",", ":"))
        return base64.urlsafe_b64encode(parts.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, text: str, fingerprint: str) -> Self:
        """Read a cursor.

        Args:
            text: from a page.
            fingerprint: of the current request; see `fingerprint_query`.

        Raises:
            RefusedError: 422, it is not from a page of this mart with these filters.
        """
        try:
            padded = text + "=" * (-len(text) % 4)
            parts = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        except (ValueError, binascii.Error, RecursionError):
            parts = None
        match parts:
            case [str(build_id), str(fingerprint_read), int(position)] if 0 <= position < 2**62:
                if fingerprint_read == fingerprint:
                    return cls(build_id, fingerprint_read, position)
                detail = "the cursor belongs to another mart or other filters: do not change them"
                raise RefusedError(422, detail)
        raise RefusedError(422, "the cursor is not from a page: start without it")


def fingerprint_query(mart: Mart, filters: Sequence[Filter]) -> str:
    """A short hash of a mart and its filters."""
    parts = [mart.full_name, *sorted(f"{one.sql} {one.values}" for one in filters)]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def read_page(
    cursor: duckdb.DuckDBPyConnection,
    mart: Mart,
    filters: Sequence[Filter],
    *,
    after: int,
    limit: int,
    form: Format,
) -> Page:
    """Read the rows after a position.

    Args:
        cursor: of the build's connection.
        mart: to read.
        filters: that each row satisfies.
        after: the position; -1 for the first page.
        limit: largest number of rows.
        form: of the body.
    """
    where = " and ".join(["rowid > ?", *(one.sql for one in filters)])
    values = [value for one in filters for value in one.values]
    # Without an order by, DuckDB reads in the order of the file and stops at the limit.
    found = cursor.execute(
        f"select rowid from {mart.sql} where {where} limit {limit + 1}", [after, *values]
    )
    positions = [position for (position,) in found.fetchall()]
    last = positions[:limit][-1] if positions else after
    chosen = f"from {mart.sql} where {where} and rowid <= ?"
    bound: list[object] = [after, *values, last]
    write = _json if form == "json" else _csv
    return Page(write(cursor, mart, chosen, bound), last if len(positions) > limit else None)


def _json(
    cursor: duckdb.DuckDBPyConnection, mart: Mart, chosen: str, bound: Sequence[object]
) -> bytes:
    fields = ", ".join(f"{_text(name)}, {_value(one)}" for name, one in mart.columns.items())
    # DuckDB writes the JSON: Python would block all other clients meanwhile.
    row = cursor.execute(
        "select string_agg(line, ',' order by place) from"
        f" (select rowid as place, cast(json_object({fields}) as varchar) as line {chosen})",
        bound,
    ).fetchone()
    return (row[0] or "").encode() if row else b""


def _csv(
    cursor: duckdb.DuckDBPyConnection, mart: Mart, chosen: str, bound: Sequence[object]
) -> bytes:
    cells = ", ".join(f"{_cell(one)} as {quoted(name)}" for name, one in mart.columns.items())
    table = cursor.execute(f"select {cells} {chosen} order by rowid", bound).to_arrow_table()
    written = BytesIO()
    csv.write_csv(table, written)
    return written.getvalue()


def _value(column: Column) -> str:
    """A column as a JSON value: times as ISO text, NaN and infinity as null."""
    name = quoted(column.name)
    if column.type in {"DOUBLE", "FLOAT"}:
        return f"case when isfinite({name}) then {name} end"
    if column.type == "TIMESTAMP WITH TIME ZONE":
        return f"replace(cast({name} at time zone 'UTC' as varchar), ' ', 'T') || 'Z'"
    if column.type.startswith("TIMESTAMP"):
        return f"replace(cast({name} as varchar), ' ', 'T')"
    return name


def _cell(column: Column) -> str:
    """A column as a CSV cell: the same, and nested values as text."""
    plain = column.type.partition("(")[0] in PLAIN
    return _value(column) if plain else f"cast({_value(column)} as varchar)"


PLAIN = {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE", "FLOAT", "DECIMAL"}
PLAIN |= {"VARCHAR", "DATE"}


def _text(name: str) -> str:
    """A column's name as SQL text literal."""
    return "'" + name.replace("'", "''") + "'"
