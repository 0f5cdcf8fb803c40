"""Notes in raw of which rows are made up, as the sources themselves say."""

from collections.abc import Callable, Mapping

import duckdb
import pyarrow as pa

from ingestion.core.clock import Clock
from ingestion.core.raw.reconciliation import utc_text
from ingestion.core.raw.text_tables import text_table
from ingestion.core.source import ORIGINS

TABLE = "origins"
# By part of a source (a data set, a country, files): whether its rows are made up.
Origins = Mapping[str, bool]


class OriginNotes:
    """Which notes raw lacks of what a load knows of its source.

    A part keeps the notes of both kinds of rows that it ever had.

    Args:
        connection: to raw.
        schema: of the source.
        clock: the moment, with its zone.

    Attributes:
        read: what the load knows so far; it learns more while it reads.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, schema: str, clock: Clock) -> None:
        self.read: Callable[[], Origins] = dict
        self._connection = connection
        self._schema = schema
        self._clock = clock
        self._noted: set[tuple[str, bool]] | None = None

    def missing(self) -> list[pa.Table]:
        """Return the notes that raw lacks, as one table of rows; none where it lacks none."""
        missing = self._missing()
        if not missing:
            return []
        now = utc_text(self._clock())
        rows = [(part, str(is_made_up).lower(), now) for part, is_made_up in missing]
        return [text_table(ORIGINS.columns, rows)]

    @property
    def has_made_up(self) -> bool:
        """Whether raw lacks the note that rows are made up."""
        return any(is_made_up for _, is_made_up in self._missing())

    def forget(self) -> None:
        """Ask raw again what it has, because notes were written."""
        self._noted = None

    def _missing(self) -> list[tuple[str, bool]]:
        known = self.read()
        return sorted({*known.items()} - self._loaded()) if known else []

    def _loaded(self) -> set[tuple[str, bool]]:
        if self._noted is None:
            tables = self._connection.execute(
                "select 1 from duckdb_tables() where (schema_name, table_name) = (?, ?)",
                [self._schema, TABLE],
            ).fetchall()
            query = f"select part, is_made_up = 'true' from {self._schema}.{TABLE}"
            self._noted = {*self._connection.execute(query).fetchall()} if tables else set()
        return self._noted
