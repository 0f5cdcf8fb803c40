"""Gathers rows into packages: enough to be worth one, never so long that much is lost.

A package costs dlt about half a second, and a merge looks for its keys among all rows loaded. What
raw has no key of is appended, in half the time.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import pyarrow as pa

from ingestion.core.raw.packages import JsonState
from ingestion.core.raw.store import RawStore


class State(Protocol):
    """What a source knows between two loads."""

    def to_json(self) -> JsonState:
        """Return it as plain values."""


S = TypeVar("S", bound=State | None)


@dataclass(frozen=True)
class Part(Generic[S]):
    """Rows that wait to be committed.

    Attributes:
        table: their raw table.
        rows: the rows.
        is_new: whether raw has none of their keys.
        state: what holds once they are in.
    """

    table: str
    rows: pa.Table
    is_new: bool
    state: S


class PackageWriter(Generic[S]):
    """Writes rows with the state that they lead to.

    Args:
        store: the raw database.
        state: what is committed; None for a source that keeps none.
        state_key: what the state is kept under.
        max_rows: at which a package is committed.
        max_seconds: after which one is committed that has any row.
        is_exact: whether packages have exactly `max_rows` rows, where there are as many.
        clock: seconds, monotonic.

    Attributes:
        state: what holds once everything given so far is committed.
    """

    def __init__(
        self,
        store: RawStore,
        state: S,
        *,
        state_key: str = "",
        max_rows: int,
        max_seconds: float = math.inf,
        is_exact: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.state = state
        self._committed = state
        self._state_key = state_key
        self._max_rows = max_rows
        self._max_seconds = max_seconds
        self._is_exact = is_exact
        self._clock = clock
        self._parts: list[Part[S]] = []
        self._began = clock()

    @property
    def is_pending(self) -> bool:
        """Whether there is something that `commit` would write."""
        return bool(self._parts) or self.state != self._committed

    @property
    def rows(self) -> int:
        """How many rows wait."""
        return sum(part.rows.num_rows for part in self._parts)

    def add(self, table: str, rows: pa.Table, *, is_new: bool = False) -> None:
        """Give rows to the package that is gathered; `is_new` if raw has none of their keys."""
        if rows.num_rows:
            if not self._parts:
                self._began = self._clock()
            self._parts.append(Part(table, rows, is_new, self.state))

    def commit_full(self) -> None:
        """Commit what makes a package, or has waited for long."""
        while self._is_exact and self.rows >= self._max_rows:
            self._commit(*self._taken_whole())
        is_old = self._clock() - self._began >= self._max_seconds
        if self._parts and (is_old or self.rows >= self._max_rows):
            self.commit()

    def commit(self, notes: Mapping[str, pa.Table] | None = None) -> None:
        """Commit what is pending, and our own notes with it; often nothing."""
        for table, rows in (notes or {}).items():
            self.add(table, rows)
        if self.is_pending:
            self._commit(self._parts, self.state)
            self._parts = []

    def has_only_new_keys(self, table: str, parts: Sequence[Part[S]]) -> bool:
        """Return whether raw has no key of a package's rows, and they have each once."""
        if not all(part.is_new for part in parts):
            return False
        key = list(self.store.tables[table].key)
        rows = pa.concat_tables([part.rows.select(key) for part in parts])
        return bool(rows.group_by(key).aggregate([]).num_rows == rows.num_rows)

    def _taken_whole(self) -> tuple[list[Part[S]], S]:
        """Take the first rows for a package; the part that they end in is not in raw yet."""
        parts, left, state = list[Part[S]](), self._max_rows, self._committed
        while left:
            part = self._parts.pop(0)
            if part.rows.num_rows > left:
                self._parts.insert(0, replace(part, rows=part.rows.slice(left)))
                part = replace(part, rows=part.rows.slice(0, left), state=state)
            parts.append(part)
            left, state = left - part.rows.num_rows, part.state
        return parts, state

    def _commit(self, parts: Sequence[Part[S]], state: S) -> None:
        tables: dict[str, list[Part[S]]] = {}
        for part in parts:
            tables.setdefault(part.table, []).append(part)
        self.store.commit(
            {name: [part.rows for part in found] for name, found in tables.items()},
            {self._state_key: state.to_json()} if state is not None else {},
            only_new=[
                name for name, found in tables.items() if self.has_only_new_keys(name, found)
            ],
        )
        self._committed = state
        self._began = self._clock()
