"""Filters on a mart, from the query string: `column=value`, `column__gte=value` and so on.

A filter is validated without a query, and becomes a condition with a bound parameter: names come
from the catalogue, operators from a list, and values never become SQL.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from reports.api.data.catalogue import Column, Mart, quoted
from reports.api.errors import RefusedError

MAX_FILTERS, MAX_VALUES = 20, 1000
COMPARISONS = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
OPERATORS = (*COMPARISONS, "in", "is_null")
INTEGERS = {
    **{name: (-(2 ** (n - 1)), 2 ** (n - 1) - 1) for name, n in (
        ("TINYINT", 8), ("SMALLINT", 16), ("INTEGER", 32), ("BIGINT", 64), ("HUGEINT", 128)
    )},
    **{name: (0, 2**n - 1) for name, n in (
        ("UTINYINT", 8), ("USMALLINT", 16), ("UINTEGER", 32), ("UBIGINT", 64), ("UHUGEINT", 128)
    )},
}  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """A condition on one column: SQL text with `?`, and what is bound to it."""

    sql: str
    values: tuple[str, ...]


def read_filters(mart: Mart, parameters: Iterable[tuple[str, str]]) -> list[Filter]:
    """The filters of a query string; every row returned satisfies all of them.

    Args:
        mart: to filter.
        parameters: names and values, decoded, without those that are not filters.

    Raises:
        RefusedError: 422, an unknown column or operator, a value of another type, too many filters.
    """
    filters = [_filter(mart, name, value) for name, value in parameters]
    if len(filters) > MAX_FILTERS:
        raise RefusedError(422, f"{len(filters)} filters are too many: use at most {MAX_FILTERS}")
    return filters


def _filter(mart: Mart, name: str, value: str) -> Filter:
    column, operator = _column(mart, name)
    sql = quoted(column.name)
    if operator == "is_null":
        if value not in {"true", "false"}:
            raise RefusedError(422, f"{name}={shown(value)} is not true or false")
        return Filter(f"{sql} is {'' if value == 'true' else 'not '}null", ())
    bound = _bound(column)
    if operator != "in":
        text = _parsed(column, name, value)
        return Filter(f"{sql} {COMPARISONS[operator]} {bound}", (text,))
    texts = tuple(_parsed(column, name, part.strip()) for part in value.split(","))
    if len(texts) > MAX_VALUES:
        raise RefusedError(422, f"{name} has {len(texts)} values: use at most {MAX_VALUES}")
    return Filter(f"{sql} in ({', '.join([bound] * len(texts))})", texts)


def _column(mart: Mart, name: str) -> tuple[Column, str]:
    if name in mart.columns:
        return mart.columns[name], "eq"
    before, separator, operator = name.rpartition("__")
    if separator and before in mart.columns:
        if operator in OPERATORS:
            return mart.columns[before], operator
        known = ", ".join(f"__{one}" for one in OPERATORS)
        raise RefusedError(
            422, f"{shown(name)}: there is no operator {shown(operator)}; use {known}"
        )
    raise RefusedError(
        422, f"{mart.full_name} has no column {shown(name)}: /marts lists its columns"
    )


def _bound(column: Column) -> str:
    """A parameter of the column's type; decimals are compared as doubles."""
    kind = "DOUBLE" if column.type.startswith("DECIMAL") else column.type
    return "?" if kind == "VARCHAR" else f"cast(? as {kind})"


def _parsed(column: Column, name: str, value: str) -> str:
    """The value as text that the column's type accepts."""
    kind = column.type.partition("(")[0]
    parse = _integer(kind) if kind in INTEGERS else PARSERS.get(kind)
    if parse is None:
        raise RefusedError(422, f"{name}: a {column.type} can be filtered by __is_null only")
    try:
        return parse(value)
    except (ValueError, InvalidOperation, OverflowError):
        raise RefusedError(422, f"{name}={shown(value)} is not a {column.type}") from None


def _integer(kind: str) -> Callable[[str], str]:
    least, most = INTEGERS[kind]

    def parse(value: str) -> str:
        if not re.fullmatch(r"[+-]?[0-9]{1,40}", value) or not least <= int(value) <= most:
            raise ValueError
        return str(int(value))

    return parse


def _number(value: str) -> str:
    if not re.fullmatch(r"[+-]?[0-9.]{1,40}([eE][+-]?[0-9]{1,3})?", value):
        raise ValueError
    number = float(Decimal(value))
    if abs(number) == float("inf"):
        raise ValueError
    return repr(number)


def _boolean(value: str) -> str:
    if value not in {"true", "false"}:
        raise ValueError
    return value


def _date(value: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError
    return date.fromisoformat(value).isoformat()


def _time(value: str) -> datetime:
    if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError
    return datetime.fromisoformat(value)


def _local_time(value: str) -> str:
    found = _time(value)
    if found.tzinfo is not None:
        raise ValueError
    return found.isoformat()


def _instant(value: str) -> str:
    """An instant; UTC if it has no zone."""
    found = _time(value)
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found.astimezone(UTC).isoformat()


PARSERS: Mapping[str, Callable[[str], str]] = {
    "VARCHAR": str,
    "DOUBLE": _number,
    "FLOAT": _number,
    "DECIMAL": _number,
    "BOOLEAN": _boolean,
    "DATE": _date,
    "TIMESTAMP": _local_time,
    "TIMESTAMP WITH TIME ZONE": _instant,
}


def shown(text: str) -> str:
    """Text from a client, short enough for a message."""
    most = 60
    return repr(text if len(text) <= most else text[:most] + "…")
