"""Rows of JSON: an array of objects, lines of objects, GeoJSON, and the portal's export.

Flow: text -> objects, one at a time (`json_stream`) -> cells as text, numbers as they are written
    -> Arrow tables.
A nested value is kept as JSON text where the form reads it. A key may be absent: that is null.
"""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from ingestion.core.files.errors import FileError, shown
from ingestion.core.files.form import FileForm, Renames, simplified
from ingestion.core.files.kinds.json_stream import JsonStream, NoNumber
from ingestion.core.files.opening import Content
from ingestion.core.files.rows import Counts, FileRows, as_rejected, as_rows

ROWS_PER_TABLE = 50_000
NO_OBJECT = "it is not an object of names and values"
NO_NUMBER = "it has NaN or Infinity, which JSON does not have: write null"
NO_TEXT = "it has a character that is not text"


def json_rows(content: Content, form: FileForm, renames: Renames) -> FileRows:
    """Return the rows of JSON.

    Raises:
        FileError: it is refused, now or while its tables are read.
    """
    stream = JsonStream(content.name, content.head, content.chunks())
    rows = FileRows(content.name, iter(()), Counts(), "json", "utf-8")
    reader = _Reader(form, renames, stream, rows)
    tables = reader.tables()
    # The first rows show what the file is.
    first = next(tables, None)
    rows.tables = _chained(first, tables)
    return rows


def _chained(first: pa.Table | None, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    if first is not None:
        yield first
    del first
    yield from tables


class _Reader:
    def __init__(
        self, form: FileForm, renames: Renames, stream: JsonStream, rows: FileRows
    ) -> None:
        self._form, self._renames, self._stream, self._rows = form, renames, stream, rows
        self._counts = rows.counts
        self._ours: dict[str, str | None] = {}
        self._number = 0

    def tables(self) -> Iterator[pa.Table]:
        """Yield the rows.

        Raises:
            FileError: see `json_rows`.
        """
        chunk: list[Any] = []
        for item in self._stream.items():
            chunk.append(item)
            if len(chunk) == ROWS_PER_TABLE:
                yield self._table(chunk)
                chunk = []
        if chunk:
            yield self._table(chunk)
        self._counts.lines = self._stream.count
        if not self._number:
            msg = f"{self._rows.name} has no {self._form.rows} in it: nothing was loaded"
            raise FileError(msg)
        names = [*self._ours]
        self._form.require([ours for ours in self._ours.values() if ours], names, self._rows.name)

    def _table(self, items: list[Any]) -> pa.Table:
        numbers = []
        rows: list[dict[str, str | None]] = []
        rejected: list[tuple[int, str, str]] = []
        for item in items:
            self._number += 1
            row = self._row(item)
            if isinstance(row, str):
                text = json.dumps(item, default=str)
                rejected.append((self._number, text, row))
                self._counts.reject(self._number, row)
            else:
                numbers.append(str(self._number))
                rows.append(row)
        self._counts.rows += len(rows)
        names = [name for name in self._form.names if name in self._ours.values()]
        cells = pa.table(
            {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
            or {self._form.names[0]: pa.nulls(len(rows), pa.string())}
        )
        table = as_rows(cells, self._form.names, pa.array(numbers, pa.string()))
        if rejected:
            table = pa.concat_tables(
                [table, as_rejected(self._form.names, *zip(*rejected, strict=True))]
            )
        return table

    def _row(self, item: Any) -> dict[str, str | None] | str:
        """Return the cells that are read, or why this is not a row."""
        if not isinstance(item, dict):
            return NO_OBJECT
        if item.keys() - self._ours.keys():
            self._match([name for name in item if name not in self._ours])
        cells: dict[str, str | None] = {}
        for name, value in item.items():
            ours = self._ours[name]
            if ours is None:
                continue
            if ours in cells:
                msg = (
                    f"{self._rows.name}, row {self._number} has {ours} twice, as {shown(name)} too"
                )
                raise FileError(msg)
            if isinstance(value, NoNumber):
                return NO_NUMBER
            cells[ours] = text = _as_text(value)
            if text is not None and ("\0" in text or not _is_text(text)):
                return NO_TEXT
        return self._of_first_alternative(cells)

    def _match(self, new: list[str]) -> None:
        header = [*self._ours, *new]
        where = f"{self._rows.name}, row {self._number}"
        there = {simplified(name) for name in header}
        renames = tuple(p for p in self._renames if {simplified(name) for name in p} & there)
        given = self._form.given(header, renames, where)
        for name in new:
            self._ours[name] = given.get(name) or self._form.find(name)

    def _of_first_alternative(self, cells: dict[str, str | None]) -> dict[str, str | None]:
        groups = self._form.alternatives
        chosen = next((group for group in groups if cells.keys() >= set(group)), None)
        if chosen is None:
            return cells
        out = {name for group in groups for name in group} - set(chosen)
        return {name: value for name, value in cells.items() if name not in out}


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value or None
    return json.dumps(value)


def _is_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
