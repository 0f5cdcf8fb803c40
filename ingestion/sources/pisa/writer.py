"""Gathers the pages of all countries into packages of what raw lacks or holds otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.raw_store import RawStore
from ingestion.sources.pisa.databases import PRIME, Summary
from ingestion.sources.pisa.holdings import Held, Holdings
from ingestion.sources.pisa.tables import RESPONSES

# A package costs dlt about half a second, and looks for its keys among all rows held.
ROWS_A_PACKAGE = 200_000


@dataclass
class Writer:
    """Writes responses.

    Attributes:
        raw: the raw database.
        held: by country, what raw holds once everything given so far is committed.
        now: later times do not count as newest.
    """

    raw: RawStore
    held: dict[str, Held]
    now: datetime
    _received: list[pa.Table] = field(default_factory=list)
    _new: list[pa.Table] = field(default_factory=list)
    _has_edits: bool = False

    def add(self, country: str, page: pa.Table) -> None:
        """Give a page of a country; commits once a package is full."""
        if not page.num_rows:
            return
        countries = pa.repeat(pa.scalar(country), page.num_rows)
        columns = [page[name] for name in RESPONSES.columns[1:]]
        self._received.append(pa.table([countries, *columns], names=RESPONSES.columns))
        if _rows(self._received) >= ROWS_A_PACKAGE:
            self.settle()
        if _rows(self._new) >= ROWS_A_PACKAGE:
            self.commit()

    def settle(self) -> None:
        """Find what is new in what was given."""
        if not self._received:
            return
        rows = Holdings(self.raw.connection).new_rows(pa.concat_tables(self._received))
        self._received.clear()
        if rows.num_rows:
            self._has_edits |= rows.filter(rows["is_key_new"]).num_rows < rows.num_rows
            self._count(rows.filter(rows["is_new"]))
            self._note_newest(rows)
            self._new.append(rows.drop_columns(["is_new", "is_key_new"]))

    def commit(self, checks: pa.Table | None = None) -> None:
        """Commit what is new, if anything is, and checks with it."""
        self.settle()
        tables = {"responses": self._new} if self._new else {}
        if checks is not None and checks.num_rows:
            tables["database_checks"] = [checks]
        if tables:
            only_new = {"responses"} if self._new and self._has_only_new_keys() else ()
            self.raw.commit(tables, {}, only_new=only_new)
        self._new, self._has_edits = [], False

    def _has_only_new_keys(self) -> bool:
        """Tell whether the package has no row that is held otherwise, and no key twice."""
        keys = pa.concat_tables(self._new).group_by([*RESPONSES.key]).aggregate([])
        return not self._has_edits and keys.num_rows == _rows(self._new)

    def _count(self, rows: pa.Table) -> None:
        """Take rows that raw did not have into what it holds; of an id that is there twice, one."""
        rows = rows.select(RESPONSES.key).group_by([*RESPONSES.key]).aggregate([])
        ids = pc.cast(rows["id"], pa.int64())
        # Of the truncating kind, as the databases have it.
        remainders = pc.subtract(ids, pc.multiply(pc.divide(ids, PRIME), PRIME))
        counted = (
            pa.table({"country": rows["database_country"], "id": remainders})
            .group_by("country")
            .aggregate([("id", "count"), ("id", "sum")])
        )
        for row in counted.to_pylist():
            held = self.held.get(row["country"], Held(Summary(0, 0)))
            now = Summary(held.rows.rows + row["id_count"], held.rows.ids + row["id_sum"])
            self.held[row["country"]] = replace(held, rows=now)

    def _note_newest(self, rows: pa.Table) -> None:
        """Note when the newest rows were created."""
        for country, at in Holdings(self.raw.connection).newest(rows, self.now).items():
            held = self.held.get(country, Held(Summary(0, 0)))
            newest = max(held.newest or at, at)
            self.held[country] = replace(held, newest=newest)


def _rows(tables: Iterable[pa.Table]) -> int:
    return sum(table.num_rows for table in tables)
