"""One load: backfill, increment, reconcile, outlines, each committed as it goes.

Flow: counts at the source -> windows not filled yet -> what changed since the watermark -> days
    whose counts still differ are read again, and rows deleted at the source are noted; then
    residents and outlines, where they changed.
State: committed with its rows, so a load that was killed goes on where it was.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from ingestion.core.errors import LoadError
from ingestion.core.intervals import OPEN, Days, Interval, difference, union
from ingestion.core.progress import Progress
from ingestion.core.raw.store import RawStore
from ingestion.core.source import LoadResult, Request
from ingestion.sources.chicago_crime.datasets import IUCR_CODES, RESIDENTS, Dataset
from ingestion.sources.chicago_crime.files import load_crimes
from ingestion.sources.chicago_crime.outlines import load_outlines
from ingestion.sources.chicago_crime.portal.client import NOT_FOUND, SocrataClient, SocrataError
from ingestion.sources.chicago_crime.portal.pages import Reader, last_of, within
from ingestion.sources.chicago_crime.portal.windows import DayInterval, Window, weeks
from ingestion.sources.chicago_crime.raw_state import LoadedCrimes
from ingestion.sources.chicago_crime.reconcile import Counts, Reconciler
from ingestion.sources.chicago_crime.settings import ChicagoCrimeSettings
from ingestion.sources.chicago_crime.state import State, Watermark
from ingestion.sources.chicago_crime.writer import Step, Writer


def load_chicago_crime(request: Request) -> LoadResult:
    """Load the configured data set, codes, residents and outlines into raw; or crimes of files.

    The days of the request are added to what is covered already.

    Raises:
        LoadError: see the message; what was committed stays.
    """
    if request.options.files:
        return load_crimes(request)
    with _opened(request) as load:
        load.codes()
        load.crimes()
        # Last: residents and a map can wait, crimes cannot.
        load.residents()
        load.outlines()
        return load.store.result


def reconcile_chicago_crime(request: Request) -> LoadResult:
    """Make the requested days of occurrence in raw agree with the portal's counts.

    Raises:
        LoadError: see the message; what was committed stays.
    """
    with _opened(request) as load:
        load.reconcile()
        return load.store.result


@contextmanager
def _opened(request: Request) -> "Iterator[_Load]":
    settings = ChicagoCrimeSettings.read_checked()
    client = SocrataClient(
        settings.base_url,
        app_token=settings.app_token or None,
        timeout=settings.timeout,
        sleep=request.sleep,
    )
    with client, RawStore.for_request(request) as store:
        # What follows asks raw what it has.
        store.make_tables()
        store.origins.read = partial(client.origins, settings.crimes.id)
        yield _Load(request, settings, client, store)


@dataclass
class _Load:
    request: Request
    settings: ChicagoCrimeSettings
    client: SocrataClient
    store: RawStore

    @property
    def progress(self) -> Progress:
        return self.request.progress

    def outlines(self) -> None:
        """Load the outlines that changed."""
        load_outlines(
            self.client,
            self.store,
            self.settings.page_size,
            accept_shrink=self.request.options.accept_shrink,
        )

    def codes(self) -> None:
        """Load the IUCR codes; a portal without them is noted."""
        self._changed(IUCR_CODES, "IUCR codes")

    def residents(self) -> None:
        """Load the residents of community areas; what cannot be read is a failure of theirs."""
        what = "residents of community areas"
        try:
            self._changed(RESIDENTS, what)
        except LoadError as error:
            self.store.result.failures[what] = str(error)

    def _changed(self, dataset: Dataset, what: str) -> None:
        """Load what changed in a small data set; a portal without it is noted."""
        reader = Reader(self.client, dataset, self.settings.page_size)
        writer = self._writer(dataset)
        try:
            self._increment(reader, writer, self._loaded(dataset))
            writer.commit()
        except SocrataError as error:
            if error.status != NOT_FOUND:
                raise
            note = f"The portal has no {dataset.id}: no {what} loaded."
            self.store.result.notes.append(note)

    def crimes(self) -> None:
        """Load new and changed crimes."""
        dataset = self.settings.crimes
        reader = Reader(self.client, dataset, self.settings.page_size)
        writer = self._writer(dataset)
        loaded = self._loaded(dataset)
        reconciler = Reconciler(reader, loaded, writer)
        there = reader.counts()
        here = reconciler.check_shrink(there, accept=self.request.options.accept_shrink)
        known = self.store.columns(dataset.table)
        before = len(self.store.result.load_ids)
        if writer.state.watermark:
            # Before the backfill, lest what it reads comes again as changed.
            self._increment(reader, writer, loaded)
        wanted = self._wanted(writer.state, self.request.options.days)
        if self._backfill(reader, writer, loaded, there, wanted):
            self._increment(reader, writer, loaded)
        if writer.is_pending or len(self.store.result.load_ids) > before:
            there = reader.counts()
            writer.commit(reconciler.changed_counts(there) if writer.is_pending else None)
            here = reconciler.check_shrink(there, accept=self.request.options.accept_shrink)
        reconciler.run(there, here, self.progress)
        self.store.result.newest_at = writer.state.watermark.at if writer.state.watermark else None
        if new := sorted(reader.extra_columns - known):
            self.store.result.notes.append(f"{dataset.id} has new columns, kept: {', '.join(new)}.")

    def reconcile(self) -> None:
        """Compare the days that were loaded, whatever earlier re-reads left unexplained."""
        dataset = self.settings.crimes
        reader = Reader(self.client, dataset, self.settings.page_size)
        loaded = self._loaded(dataset)
        writer, request = self._writer(dataset), self.request
        reconciler = Reconciler(reader, loaded, writer, request.clock, request.options.days)
        there = reader.counts()
        here = reconciler.check_shrink(there, accept=self.request.options.accept_shrink)
        reconciler.run(there, here, self.progress)

    def _loaded(self, dataset: Dataset) -> LoadedCrimes:
        return LoadedCrimes(self.store.connection, dataset, self.progress)

    def _writer(self, dataset: Dataset) -> Writer:
        state = State.from_json(self.store.state(dataset.id))
        return Writer(self.store, dataset, state)

    def _wanted(self, state: State, days: Days) -> list[DayInterval]:
        if state.covered and days.is_all:
            return list(state.covered)
        asked = Interval(days.since or self.settings.first_day, days.until or OPEN)
        return union((*state.covered, asked))

    def _backfill(
        self,
        reader: Reader,
        writer: Writer,
        loaded: LoadedCrimes,
        there: Counts,
        wanted: list[DayInterval],
    ) -> bool:
        """Fill what is wanted and not done; False where there was nothing to do."""
        state = writer.state
        todo = difference(wanted, state.done)
        undated = any(interval.is_open for interval in wanted) and not state.is_undated_done
        if not todo and not undated and tuple(wanted) == state.covered:
            return False
        writer.commit()
        # Taken before the first row is read: what changes meanwhile is newer, and comes after.
        watermark = state.watermark or reader.newest()
        writer.state = replace(state, covered=tuple(wanted), watermark=watermark)
        rows = sum(n for day, n in there.items() if day and any(day in part for part in todo))
        rows += there.get(None, 0) if undated else 0
        writer.loaded_days = loaded.loaded_days(todo, undated=undated)
        with self.progress.task(f"{reader.dataset.table}: backfill", rows) as task:
            writer.write(_filling(reader, there, todo, undated=undated), task)
            writer.commit()
        writer.loaded_days = None
        return True

    def _increment(self, reader: Reader, writer: Writer, loaded: LoadedCrimes) -> None:
        state, column = writer.state, reader.dataset.day_column
        where = within(column, state.done, undated=state.is_undated_done)
        if column and not where:
            return
        mark = state.watermark
        at_mark = loaded.count_at(mark.at, where) if mark else 0
        with self.progress.task(f"{reader.dataset.table}: changes") as task:
            writer.write(_changes(reader, at_mark, state, where), task)


def _filling(
    reader: Reader, there: Counts, todo: list[DayInterval], *, undated: bool
) -> Iterator[Step]:
    """Yield the pages of what is to be filled; after each window it is done."""
    dated = {day: n for day, n in there.items() if day is not None}
    for interval in todo:
        for window in weeks(interval, dated):
            yield from _pages_of(reader, window)
            yield None, _done(Interval(interval.since, window.days.until if window.days else OPEN))
        yield None, _done(interval)
    if undated:
        if there.get(None):
            yield from _pages_of(reader, Window(None))
        yield None, _done(None)


def _pages_of(reader: Reader, window: Window) -> Iterator[Step]:
    for page in reader.window(window):
        yield page, _same


def _same(state: State) -> State:
    return state


def _read_up_to(mark: Watermark) -> Callable[[State], State]:
    return lambda state: replace(state, watermark=mark)


def _done(interval: DayInterval | None) -> Callable[[State], State]:
    return lambda state: state.with_done(interval)


def _changes(reader: Reader, at_mark: int, state: State, where: str | None) -> Iterator[Step]:
    """Yield what changed since the watermark.

    Rows may join the watermark's own moment after it was read; then that moment is read again.
    """
    mark = state.watermark
    if mark and reader.count_at(mark.at, where) > at_mark:
        for page in reader.at(mark.at, where):
            yield page, _same
    for page in reader.changed(mark, where):
        yield page, _read_up_to(last_of(page))
