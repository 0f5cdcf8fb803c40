"""Gathers pages into packages: enough rows to be worth one, never so long that much is lost."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyarrow as pa

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
    """

    store: RawStore
    dataset: Dataset
    state: State
    result: LoadResult
    clock: Callable[[], float] = time.monotonic

    def write(self, steps: Iterable[Step], task: Task) -> None:
        """Fetch and commit steps, in packages; everything is committed at the end."""
        committed, pages, rows, began = self.state, list[pa.Table](), 0, self.clock()
        ahead = Prefetched(
            ((step, step[0].num_rows if step[0] else 0) for step in steps), most=ROWS_A_PACKAGE
        )
        for page, change in ahead:
            self.state = change(self.state)
            if page is not None:
                pages.append(page)
                rows += page.num_rows
                task.advance(page.num_rows)
            if rows >= ROWS_A_PACKAGE or (rows and self.clock() - began >= SECONDS_A_PACKAGE):
                self.commit(pages)
                committed, pages, rows, began = self.state, [], 0, self.clock()
        if pages or self.state != committed:
            self.commit(pages)

    def commit(self, pages: list[pa.Table]) -> None:
        """Commit pages, and the state with them."""
        self.commit_table(self.dataset.table, pages)

    def commit_table(self, table: str, pages: list[pa.Table]) -> None:
        """Commit rows of any raw table, and the state with them."""
        rows = {table: pages} if pages else {}
        self.result.load_ids.append(
            self.store.commit(rows, {self.dataset.id: self.state.to_json()})
        )
        self.result.received(table, sum(page.num_rows for page in pages))

    def commit_note(self, table: str, rows: pa.Table) -> None:
        """Commit our own notes on the source, which are no rows received from it."""
        self.result.load_ids.append(self.store.commit({table: [rows]}, {}))
