"""The objects of a JSON text, one at a time, in bounded memory, and how many there are.

Takes `[{…}, …]`; `{…} {…}` (JSON lines); GeoJSON, `{"features": [{"properties": {…}}, …]}`; the
portal's export, `{"meta": {…}, "data": [[…], …]}`; and what pandas calls "split" and "table",
`{"columns": […], "data": [[…], …]}` and `{"data": [{…}, …]}`. Rows by column or by index are
refused.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from ingestion.core.files.decoding import find_encoding
from ingestion.core.files.errors import FileError, shown
from ingestion.core.json_count import JsonCount

MAX_OBJECT = 32_000_000
_SPACE = re.compile(r"[ \t\r\n]*")
EXPECTED = "give a list of objects, [{…}, …], which pandas calls orient='records'"


class NoNumber(str):
    """`NaN` or `Infinity`, which some programs write: not a number, and not JSON."""

    __slots__ = ()


class _TwiceError(ValueError):
    """An object has a name twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


class JsonStream:
    """Reads a JSON text from its beginning.

    Attributes:
        count: the values that are rows, counted apart from those that are made; known at the end.
    """

    def __init__(self, name: str, head: bytes, chunks: Iterable[bytes]) -> None:
        self.count = 0
        self._counted = JsonCount()
        self._arrays = 0
        self._name = name
        self._texts = self._decoded(head, chunks)
        self._text, self._at, self._line = "", 0, 1
        self._decoder = json.JSONDecoder(
            parse_float=str, parse_int=str, parse_constant=NoNumber, object_pairs_hook=_object
        )

    def items(self) -> Iterator[Any]:
        """Yield the rows' values; numbers are texts, as they are written.

        Raises:
            FileError: this is not JSON, with the position; or JSON without rows.
        """
        if self._peek() == "[":
            yield from self._rows(self._array())
            self._end()
            self.count = self._counted.elements[0]
            return
        yield from self._object()

    def _object(self) -> Iterator[Any]:
        row: dict[str, Any] = {}
        has_rows: list[int] = []
        self._take("{")
        while self._peek() != "}":
            if row:
                self._take(",")
            key = self._value()
            self._take(":")
            is_array = self._peek() == "["
            self._arrays += is_array
            if is_array and key in {"features", "data"} and key not in row:
                row[key] = None
                has_rows.append(self._arrays - 1)
                yield from self._rows(self._wrapped(key, row))
            elif key in row:
                self._refuse(f"has {shown(str(key))} twice")
            else:
                row[key] = self._value()
        self._take("}")
        if has_rows:
            self._end()
            self.count = sum(self._counted.elements[array] for array in has_rows)
            return
        if "error" in row or "message" in row:
            what = row.get("message") or row["error"]
            msg = f"{self._name} is an answer with an error ({shown(str(what))}): download it again"
            raise FileError(msg)
        if len(row) > 1 and all(isinstance(value, dict | list) for value in row.values()):
            self._refuse(f"has its rows by column or by index, not one by one: {EXPECTED}", 0)
        yield row
        while char := self._peek():
            if char not in "{[":
                self._refuse(f"has {char!r} where a row should begin", self._at)
            yield self._value()
        self.count = self._counted.values

    def _rows(self, items: Iterator[Any]) -> Iterator[Any]:
        """Yield rows; the first one shows whether they are objects."""
        is_first = True
        for item in items:
            if is_first and not isinstance(item, dict):
                self._refuse(f"has no objects of names and values in its list: {EXPECTED}")
            is_first = False
            yield item

    def _wrapped(self, key: str, row: dict[str, Any]) -> Iterator[Any]:
        if key == "features":
            for feature in self._array():
                yield feature.get("properties") if isinstance(feature, dict) else feature
            return
        names: list[str] | None = None
        for cells in self._array():
            if isinstance(cells, dict):
                yield cells
                continue
            names = names or self._column_names(row)
            if not isinstance(cells, list) or len(cells) != len(names):
                yield cells
            else:
                yield dict(zip(names, cells, strict=True))

    def _column_names(self, row: dict[str, Any]) -> list[str]:
        if isinstance(names := row.get("columns"), list):
            return [str(name) for name in names]
        try:
            return [str(column["fieldName"]) for column in row["meta"]["view"]["columns"]]
        except (KeyError, TypeError):
            self._refuse("has `data` without the names of its columns")

    def _array(self) -> Iterator[Any]:
        self._take("[")
        is_first = True
        while self._peek() != "]":
            if not is_first:
                self._take(",")
            is_first = False
            yield self._value()
        self._take("]")

    def _value(self) -> Any:
        """Return the value that begins here."""
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except _TwiceError as error:
                self._refuse(f"has {shown(str(error))} twice in one object")
            except RecursionError:
                self._refuse("is nested too deeply")
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > MAX_OBJECT:
                    size = f"{MAX_OBJECT // 1_000_000} MB"
                    self._refuse(f"has a value of more than {size} here: {EXPECTED}", self._at)
                if not self._more():
                    self._refuse(f"is not JSON ({error.msg})", error.pos)
            else:
                # A number may go on in the next part.
                if end == len(self._text) and self._more():
                    continue
                self._at = end
                return value

    def _peek(self) -> str:
        """Return the next character that is not space; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _take(self, char: str) -> None:
        found = self._peek()
        if found != char:
            what = f"{found!r}" if found else "its end"
            self._refuse(f"is not JSON ({char!r} is expected, not {what})", self._at)
        self._at += 1

    def _end(self) -> None:
        if self._peek():
            self._refuse("goes on after its end", self._at)

    def _more(self) -> bool:
        text = next(self._texts, "")
        if not text:
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + text, 0
        return True

    def _refuse(self, what: str, at: int | None = None) -> NoReturn:
        at = min(self._at if at is None else at, len(self._text))
        line = self._line + self._text.count("\n", 0, at)
        column = at - self._text.rfind("\n", 0, at)
        msg = f"{self._name}, line {line}, column {column}: the file {what}; fix it"
        raise FileError(msg)

    def _decoded(self, head: bytes, chunks: Iterable[bytes]) -> Iterator[str]:
        encoding = find_encoding(head)
        decoder = codecs.getincrementaldecoder(encoding)()
        is_first = True
        try:
            for chunk in chunks:
                text = decoder.decode(chunk)
                self._counted.add(chunk if encoding == "utf-8" else text.encode())
                if is_first:
                    text = text.removeprefix("\ufeff")
                    is_first = False
                if text:
                    yield text
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            msg = f"{self._name} is not whole {encoding.upper()}: download it again, then load it"
            raise FileError(msg) from error
