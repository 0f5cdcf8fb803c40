"""Gathers pages into packages: enough rows to be worth one, never so long that much is lost."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.prefetch import Prefetched
from ingestion.core.progress import Task
from ingestion.core.raw_store import RawStore
from ingestion.sources.chicago_crime.datasets import SCHEMA, Dataset
from ingestion.sources.chicago_crime.state import State

# One row group of DuckDB's. It writes a whole one at once, past its log; of one and a part it would
# put the parts together again at every checkpoint, which rewrites the table.
ROWS_A_PACKAGE = 122_880
SECONDS_A_PACKAGE = 15.0

# A page (or None where there was none), and what it does to the state.
Step = tuple[pa.Table | None, Callable[[State], State]]


@dataclass(frozen=True)
class _Part:
    """A page that waits to be committed: whether its rows are new to raw, the state after it."""

    page: pa.Table
    is_new: bool
    state: State


@dataclass
class Writer:
    """Writes one data set's pages with the state that they lead to.

    Attributes:
        store: the raw database.
        dataset: whose pages.
        state: what holds once everything given so far is committed.
        clock: seconds, monotonic.
        loaded_days: the days, `""` for none, that raw has a row of, those written since among them:
            what comes of other days is appended, which takes half of a merge's time. None: not
            known, so everything is merged.
    """

    store: RawStore
    dataset: Dataset
    state: State
    clock: Callable[[], float] = time.monotonic
    loaded_days: set[str] | None = None
    _parts: list[_Part] = field(default_factory=list)
    _committed: State = field(init=False)

    def __post_init__(self) -> None:
        self._committed = self.state

    @property
    def is_pending(self) -> bool:
        """Whether there is something that `flush` would commit."""
        return bool(self._parts) or self.state != self._committed

    def write(self, steps: Iterable[Step], task: Task) -> None:
        """Fetch steps and commit them in packages; the last one waits for `flush`."""
        began = self.clock()
        ahead = Prefetched(
            ((step, step[0].num_rows if step[0] else 0) for step in steps), most=ROWS_A_PACKAGE
        )
        for page, change in ahead:
            self.state = change(self.state)
            if page is not None:
                self._parts.append(_Part(page, self._is_of_new_days(page), self.state))
                task.advance(page.num_rows)
            while self._rows() >= ROWS_A_PACKAGE:
                self._commit_whole_package()
                began = self.clock()
            if self._parts and self.clock() - began >= SECONDS_A_PACKAGE:
                self.flush()
                began = self.clock()

    def flush(self, notes: Mapping[str, pa.Table] | None = None) -> None:
        """Commit what is pending, and our own notes on the source with it; often nothing."""
        if not self.is_pending and not notes:
            return
        parts, self._parts = self._parts, []
        self._commit_parts(parts, self.state, notes or {})

    def commit_deletions(self, rows: pa.Table) -> None:
        """Commit versions that were found gone, and the state with them."""
        self._commit({"crime_deletions": [rows]}, self.state, [])

    def _commit_whole_package(self) -> None:
        """Commit the first rows that are pending; the page that they end in is not read yet."""
        parts, rows, state = list[_Part](), 0, self._committed
        while rows < ROWS_A_PACKAGE:
            part = self._parts.pop(0)
            fit = ROWS_A_PACKAGE - rows
            if part.page.num_rows > fit:
                self._parts.insert(0, replace(part, page=part.page.slice(fit)))
                part = replace(part, page=part.page.slice(0, fit), state=state)
            parts.append(part)
            rows, state = rows + part.page.num_rows, part.state
        self._commit_parts(parts, state, {})

    def _commit_parts(
        self, parts: list[_Part], state: State, notes: Mapping[str, pa.Table]
    ) -> None:
        table, pages = self.dataset.table, [part.page for part in parts]
        rows = {table: pages} if pages else {}
        is_new = all(part.is_new for part in parts) or self._are_of_new_moments(pages)
        only_new = [table] if is_new else []
        self._commit({**rows, **{name: [noted] for name, noted in notes.items()}}, state, only_new)

    def _commit(
        self, rows: Mapping[str, list[pa.Table]], state: State, only_new: list[str]
    ) -> None:
        states = {self.dataset.id: state.to_json()}
        self.store.commit(rows, states, only_new=only_new)
        self._committed = state

    def _are_of_new_moments(self, pages: list[pa.Table]) -> bool:
        """Tell whether pages have each row once, and raw no version of between their moments."""
        ids, moments = (
            pa.chunked_array([chunk for page in pages for chunk in page[name].chunks])
            for name in ("socrata_id", "socrata_updated_at")
        )
        if pc.count_distinct(ids).as_py() < len(ids):
            return False
        bounds = pc.min_max(moments).as_py()
        held = self.store.connection.execute(
            f"select 1 from {SCHEMA}.{self.dataset.table} "
            "where socrata_updated_at between $min and $max limit 1",
            bounds,
        )
        return held.fetchone() is None

    def _rows(self) -> int:
        return sum(part.page.num_rows for part in self._parts)

    def _is_of_new_days(self, page: pa.Table) -> bool:
        """Tell whether a page has each row once, and none of a day that raw has a row of."""
        if self.loaded_days is None:
            return False
        found = pc.utf8_slice_codeunits(page[str(self.dataset.day_column)], 0, 10)
        days = set(pc.unique(pc.fill_null(found, "")).to_pylist())
        is_new = days.isdisjoint(self.loaded_days)
        self.loaded_days |= days
        return is_new and pc.count_distinct(page["socrata_id"]).as_py() == page.num_rows
