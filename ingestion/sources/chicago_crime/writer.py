"""Gathers pages into packages: enough rows to be worth one, never so long that much is lost."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.progress import Task
from ingestion.raw_store import RawStore
from ingestion.sources.chicago_crime.datasets import Dataset
from ingestion.sources.chicago_crime.state import State
from ingestion.sources.prefetch import Prefetched
from ingestion.sources.results import LoadResult

# A package costs dlt about half a second, and DuckDB writes whole row groups past its log.
ROWS_A_PACKAGE = 122_880
SECONDS_A_PACKAGE = 15.0

# A page (or None where there was none), and what it does to the state.
Step = tuple[pa.Table | None, Callable[[State], State]]


@dataclass
class Writer:
    """Writes one data set's pages with the state that they lead to.

    Attributes:
        store: the raw database.
        dataset: whose pages.
        state: what holds once everything given so far is committed.
        result: counts what was committed.
        clock: seconds, monotonic.
        loaded_days: the days, `""` for none, that raw has a row of, those written since among them:
            what comes of other days is appended, which takes half of a merge's time. None: not
            known, so everything is merged.
    """

    store: RawStore
    dataset: Dataset
    state: State
    result: LoadResult
    clock: Callable[[], float] = time.monotonic
    loaded_days: set[str] | None = None
    _pages: list[pa.Table] = field(default_factory=list)
    _committed: State = field(init=False)

    def __post_init__(self) -> None:
        self._committed = self.state

    @property
    def is_pending(self) -> bool:
        """Whether there is something that `flush` would commit."""
        return bool(self._pages) or self.state != self._committed

    def write(self, steps: Iterable[Step], task: Task) -> None:
        """Fetch steps and commit them in packages; the last one waits for `flush`."""
        rows, began = sum(page.num_rows for page in self._pages), self.clock()
        ahead = Prefetched(
            ((step, step[0].num_rows if step[0] else 0) for step in steps), most=ROWS_A_PACKAGE
        )
        for page, change in ahead:
            self.state = change(self.state)
            if page is not None:
                self._pages.append(page)
                rows += page.num_rows
                task.advance(page.num_rows)
            if rows >= ROWS_A_PACKAGE or (rows and self.clock() - began >= SECONDS_A_PACKAGE):
                self.flush()
                rows, began = 0, self.clock()

    def flush(self, notes: Mapping[str, pa.Table] | None = None) -> None:
        """Commit what is pending, and our own notes on the source with it; often nothing."""
        if not self.is_pending and not notes:
            return
        pages, self._pages = self._pages, []
        self.commit({self.dataset.table: pages} if pages else {}, notes or {})

    def commit(
        self, rows: Mapping[str, list[pa.Table]], notes: Mapping[str, pa.Table] | None = None
    ) -> None:
        """Commit a package of rows by raw table, and the state with them.

        Args:
            rows: received from the source.
            notes: our own, which are not counted as received.
        """
        own = self.dataset.table
        only_new = [own] if own in rows and self._are_of_new_days(rows[own]) else []
        noted = {name: [table] for name, table in (notes or {}).items()}
        states = {self.dataset.id: self.state.to_json()}
        load_id = self.store.commit({**rows, **noted}, states, only_new=only_new)
        self._committed = self.state
        self.result.load_ids.append(load_id)
        for table, pages in rows.items():
            self.result.received(table, sum(page.num_rows for page in pages))

    def _are_of_new_days(self, pages: list[pa.Table]) -> bool:
        """Tell whether pages bring each row once, and none of a day that raw has a row of."""
        if self.loaded_days is None:
            return False
        ids = pa.chunked_array([c for page in pages for c in page["socrata_id"].chunks])
        days = set[str]()
        for page in pages:
            found = pc.utf8_slice_codeunits(page[str(self.dataset.day_column)], 0, 10)
            days.update(pc.unique(pc.fill_null(found, "")).to_pylist())
        are_new = days.isdisjoint(self.loaded_days) and pc.count_distinct(ids).as_py() == len(ids)
        self.loaded_days |= days
        return are_new
