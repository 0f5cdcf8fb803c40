"""JSON bodies: what is not whole, or says two things, is refused; rows are counted apart."""

import json
from typing import Any, NoReturn

from ingestion.core.json_count import JsonCount


class JsonError(Exception):
    """A body is not complete JSON; the message says why, in one line."""


def read_json(body: bytes) -> Any:
    """Return a JSON body.

    Raises:
        JsonError: it is cut off, goes on after its end, has a name twice in one object or a number
            that JSON does not have, or its parser lost a row.
    """
    try:
        text = body.decode(json.detect_encoding(body))
        found = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse_constant)
    except RecursionError as error:
        msg = "it is nested too deeply"
        raise JsonError(msg) from error
    except ValueError as error:
        raise JsonError(_why_not_json(body, error)) from error
    _require_every_row(text, found)
    return found


def _why_not_json(body: bytes, error: ValueError) -> str:
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "it is a web page or XML, not JSON: did a sign-in page or a proxy answer instead?"
    return f"it is not JSON: {' '.join(str(error).split())[:120]}"


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"{twice[:40]!r} stands twice in one object"
        raise ValueError(msg)
    return found


def _refuse_constant(name: str) -> NoReturn:
    msg = f"{name} is not a number of JSON"
    raise ValueError(msg)


def _require_every_row(text: str, found: Any) -> None:
    """Refuse a body of which the parser lost a row; they are counted apart from it.

    Raises:
        JsonError: names both counts.
    """
    counted = JsonCount()
    counted.add(text.encode(errors="surrogatepass"))
    arrays = [found] if isinstance(found, list) else []
    if isinstance(found, dict):
        arrays = [value for value in found.values() if isinstance(value, list)]
    rows = [len(array) if len(array) > 1 or _holds_rows(array) else 0 for array in arrays]
    if rows != counted.elements:
        msg = f"its text has {sum(counted.elements):,} values in lists, of which {sum(rows):,} came"
        raise JsonError(msg)


def _holds_rows(array: list[Any]) -> bool:
    return any(isinstance(value, dict | list) for value in array)
