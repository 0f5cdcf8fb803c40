"""Which rows and columns of a mart a request is for, validated without a query."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from reports.api.data.catalogue import Column, Mart, quoted
from reports.api.data.filters import Filter, read_filters, shown
from reports.api.errors import RefusedError


@dataclass(frozen=True)
class Order:
    """A column to sort by; nulls come last either way."""

    column: Column
    descending: bool

    @property
    def sql(self) -> str:
        """A term of an order by clause."""
        return f"{quoted(self.column.name)} {'desc' if self.descending else 'asc'} nulls last"


@dataclass(frozen=True)
class Selection:
    """Rows and columns of a mart.

    Attributes:
        mart: to read.
        columns: to return, in this order.
        filters: that each row satisfies.
        orders: to sort by, the first one first; without any, rows come in the order of the file.
    """

    mart: Mart
    columns: Sequence[Column]
    filters: Sequence[Filter]
    orders: Sequence[Order]

    @classmethod
    def read(
        cls,
        mart: Mart,
        *,
        filters: Iterable[tuple[str, str]],
        select: str | None,
        order: str | None,
    ) -> Self:
        """Validate the parameters of a request.

        Args:
            mart: to read.
            filters: names and values of filter parameters.
            select: comma-separated columns; all without it.
            order: comma-separated columns, with a minus for descending order.

        Raises:
            RefusedError: 422, an unknown column, one named twice, or an invalid filter.
        """
        names = [] if select is None else _names("select", select)
        columns = [_column(mart, "select", name) for name in names] or [*mart.columns.values()]
        terms = [] if order is None else _names("order", order)
        orders = [
            Order(_column(mart, "order", term.removeprefix("-")), term.startswith("-"))
            for term in terms
        ]
        _refuse_repeated("select", [column.name for column in columns])
        _refuse_repeated("order", [term.column.name for term in orders])
        return cls(mart, columns, read_filters(mart, filters), orders)

    @property
    def where(self) -> str:
        """The condition of the filters."""
        return " and ".join(["true", *(one.sql for one in self.filters)])

    @property
    def values(self) -> list[str]:
        """What is bound to the condition."""
        return [value for one in self.filters for value in one.values]

    @property
    def fingerprint(self) -> str:
        """A short hash of what decides which row follows which; the columns do not."""
        filters = sorted(f"{one.sql} {one.values}" for one in self.filters)
        parts = [self.mart.full_name, *filters, *(one.sql for one in self.orders)]
        return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def _names(parameter: str, text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if "" in names:
        raise RefusedError(422, f"{parameter}={shown(text)} names no column, or lacks one")
    return names


def _column(mart: Mart, parameter: str, name: str) -> Column:
    if name not in mart.columns:
        raise RefusedError(
            422,
            f"{parameter}: {mart.full_name} has no column {shown(name)}: /marts lists its columns",
        )
    return mart.columns[name]


def _refuse_repeated(parameter: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise RefusedError(422, f"{parameter} names {shown(name)} twice")
