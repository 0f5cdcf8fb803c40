"""Pages of a mart: rows after a position, as JSON or CSV, and the cursor of the next page.

A published file never changes, so the place of a row in it (DuckDB's rowid) is its key: pages
follow each other without gaps or repetitions, even with equal rows, at the cost of the rows read.
Where rows are sorted, the position is the number of rows before, and equal ones follow each other
as in the file. A cursor contains its build, query and position.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal, Self

import duckdb
from pyarrow import csv

from reports.api.data.catalogue import Column, quoted
from reports.api.data.selection import Selection
from reports.api.errors import RefusedError

Format = Literal["json", "csv"]


@dataclass(frozen=True)
class Page:
    """Rows of a mart.

    Attributes:
        body: comma-separated JSON objects; or CSV with a header.
        last: the position of the last row; None if no rows follow.
        total: rows of the selection, if they were to be counted.
    """

    body: bytes
    last: int | None
    total: int | None


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
            fingerprint: of the current request's selection.

        Raises:
            RefusedError: 422, it is not from a page of this mart with these filters and this order.
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
                detail = (
                    "the cursor belongs to another mart, other filters or another order: keep them"
                )
                raise RefusedError(422, detail)
        raise RefusedError(422, "the cursor is not from a page: start without it")


def read_page(
    cursor: duckdb.DuckDBPyConnection,
    selection: Selection,
    *,
    after: int,
    limit: int,
    form: Format,
    is_counted: bool,
) -> Page:
    """Read the rows after a position.

    Args:
        cursor: of the build's connection.
        selection: of rows and columns.
        after: the position; -1 for the first page.
        limit: largest number of rows.
        form: of the body.
        is_counted: whether to count all rows of the selection.
    """
    found = _rowids(cursor, selection, after, limit + 1)
    rowids = found[:limit]
    body = (_json if form == "json" else _csv)(cursor, selection, rowids)
    last = None
    if len(found) > limit:
        last = after + limit if selection.orders else rowids[-1]
    return Page(body, last, _count(cursor, selection) if is_counted else None)


def _rowids(
    cursor: duckdb.DuckDBPyConnection, selection: Selection, after: int, limit: int
) -> list[int]:
    """Where rows of the selection are in the file, in the order of the page."""
    query = f"select rowid from {selection.mart.sql} where {selection.where}"
    values: list[object] = [*selection.values]
    if selection.orders:
        order = ", ".join(one.sql for one in selection.orders)
        query += f" order by {order}, rowid offset ?"
        values.append(after + 1)
    else:
        # Without an order by, DuckDB reads in the order of the file and stops at the limit.
        query += " and rowid > ?"
        values.append(after)
    return [rowid for (rowid,) in cursor.execute(f"{query} limit {limit}", values).fetchall()]


def _count(cursor: duckdb.DuckDBPyConnection, selection: Selection) -> int:
    query = f"select count(*) from {selection.mart.sql} where {selection.where}"
    row = cursor.execute(query, selection.values).fetchone()
    return int(row[0]) if row else 0


# The rows of a page by where they are; its names are unlike those of any mart's columns.
PAGE = (
    "(select unnest($1::bigint[]) as __rowid, generate_subscripts($1::bigint[], 1) as __place)"
    " as page"
)


def _json(cursor: duckdb.DuckDBPyConnection, selection: Selection, rowids: Sequence[int]) -> bytes:
    fields = ", ".join(f"{_text(one.name)}, {_value(one)}" for one in selection.columns)
    # DuckDB writes the JSON: Python would block all other clients meanwhile.
    row = cursor.execute(
        "select string_agg(line, ',' order by __place) from"
        f" (select __place, cast(json_object({fields}) as varchar) as line"
        f" from {selection.mart.sql} as mart inner join {PAGE} on mart.rowid = __rowid)",
        [rowids],
    ).fetchone()
    return (row[0] or "").encode() if row else b""


def _csv(cursor: duckdb.DuckDBPyConnection, selection: Selection, rowids: Sequence[int]) -> bytes:
    cells = ", ".join(f"{_cell(one)} as {quoted(one.name)}" for one in selection.columns)
    table = cursor.execute(
        f"select {cells} from {selection.mart.sql} as mart"
        f" inner join {PAGE} on mart.rowid = __rowid order by __place",
        [rowids],
    ).to_arrow_table()
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
