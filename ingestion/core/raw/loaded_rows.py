"""What raw has of a source, which the source's loads ask before they write."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.core.source import Source


class LoadedRows:
    """Asks raw about the rows that were loaded of a source, and compares received rows with them.

    Args:
        connection: to raw, which has the source's tables.
        source: whose rows.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: Source) -> None:
        self.connection = connection
        self._source = source

    def rows(self, query: str, values: Any = None, **received: pa.Table) -> list[tuple[Any, ...]]:
        """Return the rows of a query, which may name Arrow tables that are given with it."""
        with self._registered(received):
            return self.connection.execute(query, values).fetchall()

    def table(self, query: str, values: Any = None, **received: pa.Table) -> pa.Table:
        """Return the result of a query as an Arrow table."""
        with self._registered(received):
            return self.connection.execute(query, values).to_arrow_table()

    def changed_rows(
        self, table: str, received: pa.Table, ignoring: Collection[str] = ()
    ) -> pa.Table:
        """Return the received rows that have no identical row in a raw table, in order.

        Args:
            table: its name.
            received: rows with its columns.
            ignoring: columns that are not compared, such as when something was noted.
        """
        columns = self._source.tables[table].columns
        is_same = " and ".join(
            f"received.{name} is not distinct from loaded.{name}"
            for name in columns
            if name not in ignoring
        )
        return self.table(
            f"select {', '.join(f'received.{name}' for name in columns)} from received "
            f"anti join {self._source.schema}.{table} as loaded on {is_same} order by all",
            received=received,
        )

    @contextmanager
    def _registered(self, tables: dict[str, pa.Table]) -> Iterator[None]:
        for name, table in tables.items():
            self.connection.register(name, table)
        try:
            yield
        finally:
            for name in tables:
                self.connection.unregister(name)


def loaded_rows(source: Source, table: str, deletions: str) -> str:
    """Return the rows of a raw table as a subquery, with `is_deleted`: deleted at the source.

    A row that comes back after its deletion was noted is written again: its load is newer than the
    one that noted the deletion.
    """
    key = source.tables[table].key
    same_key = " and ".join(f"loaded.{name} = deleted.{name}" for name in key)
    return f"""(
    select loaded.*, deleted.{key[0]} is not null as is_deleted
    from {source.schema}.{table} as loaded
    left join {source.schema}.{deletions} as deleted
        on {same_key} and loaded._dlt_load_id <= deleted._dlt_load_id
)"""
