"""Writes pages of crimes with the state that they lead to, and knows which of them raw lacks."""

import time
from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.fetching.fetch_ahead import fetch_ahead
from ingestion.core.progress import Task
from ingestion.core.raw.package_writer import PackageWriter, Part
from ingestion.core.raw.store import RawStore
from ingestion.sources.chicago_crime.datasets import SCHEMA, Dataset
from ingestion.sources.chicago_crime.state import State

# One row group of DuckDB's. It writes a whole one at once, past its log; of one and a part it would
# put the parts together again at every checkpoint, which rewrites the table.
ROWS_PER_PACKAGE = 122_880
MAX_SECONDS = 15.0

# A page (or None where there was none), and what it does to the state.
Step = tuple[pa.Table | None, Callable[[State], State]]


class Writer(PackageWriter[State]):
    """Writes one data set's pages.

    Attributes:
        dataset: whose pages.
        loaded_days: the days, `""` for none, that raw has a row of, those written since included:
            what comes of other days is appended. None: not known, so everything is merged.
    """

    def __init__(
        self,
        store: RawStore,
        dataset: Dataset,
        state: State,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            store,
            state,
            state_key=dataset.id,
            max_rows=ROWS_PER_PACKAGE,
            max_seconds=MAX_SECONDS,
            is_exact=True,
            clock=clock,
        )
        self.dataset = dataset
        self.loaded_days: set[str] | None = None

    def write(self, steps: Iterable[Step], task: Task) -> None:
        """Fetch steps and commit them in packages; the last one waits for `commit`."""
        for page, change in fetch_ahead(iter(steps), max_waiting=ROWS_PER_PACKAGE, weight=_rows):
            self.state = change(self.state)
            if page is not None:
                self.add(self.dataset.table, page, is_new=self._is_of_new_days(page))
                task.advance(page.num_rows)
            self.commit_full()

    def has_only_new_keys(self, table: str, parts: Sequence[Part[State]]) -> bool:
        """Return whether raw has no version of a package, and the package has each once."""
        if table != self.dataset.table:
            return super().has_only_new_keys(table, parts)
        is_new = all(part.is_new for part in parts)
        return is_new or self._are_of_new_moments([part.rows for part in parts])

    def _are_of_new_moments(self, pages: Sequence[pa.Table]) -> bool:
        """Return whether raw has no version between the first and the last moment of pages."""
        ids, moments = (
            pa.chunked_array([chunk for page in pages for chunk in page[name].chunks])
            for name in ("socrata_id", "socrata_updated_at")
        )
        if pc.count_distinct(ids).as_py() < len(ids):
            return False
        found = self.store.connection.execute(
            f"select 1 from {SCHEMA}.{self.dataset.table} "
            "where socrata_updated_at between $min and $max limit 1",
            pc.min_max(moments).as_py(),
        )
        return found.fetchone() is None

    def _is_of_new_days(self, page: pa.Table) -> bool:
        """Return whether a page has each row once, and none of a day that raw has a row of."""
        if self.loaded_days is None:
            return False
        found = pc.utf8_slice_codeunits(page[str(self.dataset.day_column)], 0, 10)
        days = set(pc.unique(pc.fill_null(found, "")).to_pylist())
        is_new = days.isdisjoint(self.loaded_days)
        self.loaded_days |= days
        return is_new and pc.count_distinct(page["socrata_id"]).as_py() == page.num_rows


def _rows(step: Step) -> int:
    return step[0].num_rows if step[0] else 0
