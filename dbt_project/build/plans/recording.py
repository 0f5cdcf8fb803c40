"""Record what dbt sends to DuckDB, and what it reads of the results."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class Sent:
    """A statement that dbt sent.

    Attributes:
        node: the id of the node for which it was sent; empty for what dbt does before.
        sql: its text.
        has_bindings: values were bound to it.
        rows: what dbt read of its result; None if it read nothing.
    """

    node: str
    sql: str
    has_bindings: bool
    rows: list[tuple[Any, ...]] | None = None


@contextmanager
def recording() -> Iterator[list[Sent]]:
    """Yield a list to which each statement is appended, in the order in which dbt sends them."""
    # dbt takes seconds to import.
    from dbt.adapters.duckdb.environments import local  # noqa: PLC0415
    from dbt_common.events.contextvars import get_node_info  # noqa: PLC0415

    sent: list[Sent] = []

    class Recorder(local.DuckDBCursorWrapper):
        """The cursor of one of dbt's connections, each used for one node at a time."""

        def execute(self, sql: str, bindings: Any = None) -> Any:
            self.newest = Sent(get_node_info().get("unique_id", ""), sql, bindings is not None)
            sent.append(self.newest)
            return super().execute(sql, bindings)  # type: ignore[no-untyped-call]

        def fetchall(self) -> list[tuple[Any, ...]]:
            return self._noted(self._cursor.fetchall())

        def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
            return self._noted(self._cursor.fetchmany(size))

        def _noted(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
            self.newest.rows = [*(self.newest.rows or []), *rows]
            return rows

    plain = local.DuckDBCursorWrapper
    local.DuckDBCursorWrapper = Recorder  # type: ignore[misc]
    try:
        yield sent
    finally:
        local.DuckDBCursorWrapper = plain  # type: ignore[misc]
