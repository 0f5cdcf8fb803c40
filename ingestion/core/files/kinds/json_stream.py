"""The objects of a JSON text, one at a time, in bounded memory, and how many there are.

Takes `[{…}, …]`; `{…} {…}` (JSON lines); GeoJSON, `{"features": [{"properties": {…}}, …]}`; and the
portal's export, `{"meta": {…}, "data": [[…], …]}`.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from ingestion.core.files.decoding import find_encoding
from ingestion.core.files.errors import FileError, shown

MAX_OBJECT = 32_000_000
_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


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
        count: the values that are rows; known at the end.
    """

    def __init__(self, name: str, head: bytes, chunks: Iterable[bytes]) -> None:
        self.count = 0
        self._name = name
        self._texts = self._decoded(head, chunks)
        self._text, self._at, self._line = "", 0, 1
        self._decoder = json.JSONDecoder(
            parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_object
        )

    def items(self) -> Iterator[Any]:
        """Yield the rows' values; numbers are texts, as they are written.

        Raises:
            FileError: this is not JSON, with the position; or JSON without rows.
        """
        if self._peek() == "[":
            yield from self._array()
            self._end()
            return
        row: dict[str, Any] = {}
        has_rows = False
        self._take("{")
        while self._peek() != "}":
            if row:
                self._take(",")
            key = self._value()
            self._take(":")
            if key in {"features", "data"} and self._peek() == "[":
                has_rows = True
                row[key] = None
                yield from self._wrapped(key, row)
            elif key in row:
                self._refuse(f"has {shown(str(key))} twice")
            else:
                row[key] = self._value()
        self._take("}")
        if has_rows:
            self._end()
            return
        if "error" in row or "message" in row:
            what = row.get("message") or row["error"]
            msg = f"{self._name} is an answer with an error ({shown(str(what))}): download it again"
            raise FileError(msg)
        yield from self._lines(row)

    def _wrapped(self, key: str, row: dict[str, Any]) -> Iterator[Any]:
        if key == "features":
            for feature in self._array():
                yield feature.get("properties") if isinstance(feature, dict) else feature
            return
        names = self._column_names(row)
        for cells in self._array():
            if not isinstance(cells, list) or len(cells) != len(names):
                yield cells
            else:
                yield dict(zip(names, cells, strict=True))

    def _column_names(self, row: dict[str, Any]) -> list[str]:
        try:
            return [str(column["fieldName"]) for column in row["meta"]["view"]["columns"]]
        except (KeyError, TypeError):
            self._refuse("has `data` without the names of its columns")

    def _lines(self, first: dict[str, Any]) -> Iterator[Any]:
        self.count += 1
        yield first
        while self._peek():
            self.count += 1
            yield self._value()

    def _array(self) -> Iterator[Any]:
        self._take("[")
        is_first = True
        while self._peek() != "]":
            if not is_first:
                self._take(",")
            is_first = False
            yield self._value()
            self.count += 1
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
                if len(self._text) - self._at > MAX_OBJECT or not self._more():
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
                if is_first:
                    text = text.removeprefix("\ufeff")
                    is_first = False
                if text:
                    yield text
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            msg = f"{self._name} is not whole {encoding.upper()}: download it again, then load it"
            raise FileError(msg) from error
