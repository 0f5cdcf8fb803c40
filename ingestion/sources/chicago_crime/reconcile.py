"""Comparing the counts per day at the source with what raw holds, and mending the difference.

Flow: days that differ are read again, whole; what raw still holds of them and the reading did not
    bring is gone at the source, and noted in crime_deletions. The source's counts go to day_counts.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.clock import utc_now
from ingestion.core.errors import LoadError
from ingestion.core.intervals import Days
from ingestion.core.progress import Progress
from ingestion.core.reconciliation import counted, is_shrunk, reconciled, shrunk, utc_text
from ingestion.sources.chicago_crime.datasets import RAW_TABLES, SCHEMA
from ingestion.sources.chicago_crime.holdings import Holdings
from ingestion.sources.chicago_crime.intervals import Window, runs, weeks
from ingestion.sources.chicago_crime.pages import Reader
from ingestion.sources.chicago_crime.writer import Step, Writer

logger = logging.getLogger(__name__)

Counts = Mapping[date | None, int]


@dataclass
class Reconciler:
    """Reconciles one data set.

    Attributes:
        reader: asks the source.
        holdings: what raw has of it.
        writer: writes what was missing, and what is gone.
        now: the moment, in UTC.
        asked: None within a load; the days to compare where a reconciliation was asked for. Then
            days that a re-read did not explain are read once more, and what was done is noted.
    """

    reader: Reader
    holdings: Holdings
    writer: Writer
    now: Callable[[], datetime] = utc_now
    asked: Days | None = None
    _read: Counter[str] = field(default_factory=Counter)

    def check_shrink(self, there: Counts, *, accept: bool) -> Counts:
        """Refuse a source that lost much, which is more often a fault than the truth.

        Returns:
            What is held.

        Raises:
            LoadError: fewer than four fifths of the rows held are at the source.
        """
        held = self.holdings.counts()
        days = self._comparable(there, held)
        rows_here = sum(held.get(day, 0) for day in days)
        rows_there = sum(there.get(day, 0) for day in days)
        if accept or not is_shrunk(rows_there, rows_here):
            return held
        msg = f"{self.reader.dataset.id} has {shrunk(rows_there, rows_here)}; nothing was loaded"
        raise LoadError(msg)

    def run(self, there: Counts, here: Counts, progress: Progress) -> None:
        """Mend every day whose count there differs from the one here, and note the counts."""
        differing = self._differing(there, here)
        if differing:
            logger.info("%s: %d days differ", self.reader.dataset.id, len(differing))
            there = self._mend(differing, there, progress)
        notes = self.count_notes(there)
        if self.asked and self.asked.is_all:
            done = {self.reader.dataset.id: (len(self._comparable(there, here)), len(differing))}
            notes["reconciliations"] = reconciled(done, self.now())
        self.writer.flush(notes)

    def _mend(self, days: list[date | None], there: Counts, progress: Progress) -> Counts:
        before = len(self.writer.store.result.load_ids)
        self._read.clear()
        with progress.task(f"{self.reader.dataset.table}: days that differ") as task:
            self.writer.write(self._steps(days, there), task)
            self.writer.flush()
        new_loads = self.writer.store.result.load_ids[before:]
        # With no page at all, every row held of these days is older than any load to come.
        lost = self.holdings.lost(days, new_loads[0] if new_loads else "9")
        there = self.reader.counts()
        lost, doubtful = self._surely(lost, there)
        if lost.num_rows:
            at = pa.array([utc_text(self.now())] * lost.num_rows, pa.string())
            lost = lost.append_column("detected_at", at)
            self.writer.commit_deletions(lost)
        here = self.holdings.counts()
        unexplained = {
            str(day): (there.get(day, 0), here.get(day, 0))
            for day in days
            if there.get(day, 0) != here.get(day, 0) and _text(day) not in doubtful
        }
        kept = {
            day: counts
            for day, counts in self.writer.state.unexplained.items()
            if day not in {str(mended) for mended in days}
        }
        self.writer.state = replace(self.writer.state, unexplained={**kept, **unexplained})
        if unexplained:
            day, (rows_there, rows_here) = next(iter(unexplained.items()))
            self.writer.store.result.notes.append(
                f"{len(unexplained)} days still differ after they were read again, the first is "
                f"{day}: {rows_there:,} rows at the source, {rows_here:,} here."
            )
            self.writer.flush()
        return there

    def _surely(self, lost: pa.Table, there: Counts) -> tuple[pa.Table, list[str]]:
        """Return what is gone, of days that were read whole; and the days that were not.

        A page that came short makes its day look as if rows were gone.
        """
        counts = {_text(day): rows for day, rows in there.items()}
        days = pc.unique(lost["occurred_day"]).to_pylist()
        doubtful = [day for day in days if self._read[day] != counts.get(day, 0)]
        if doubtful:
            self.writer.store.result.notes.append(
                f"{len(doubtful)} days were not read whole, the first is {doubtful[0] or 'none'}; "
                "nothing of them is taken for deleted, the next load reads them again."
            )
        is_sure = pc.invert(pc.is_in(lost["occurred_day"], pa.array(doubtful, pa.string())))
        return lost.filter(is_sure).drop_columns("occurred_day"), doubtful

    def _steps(self, days: list[date | None], there: Counts) -> Iterator[Step]:
        dated = {day: there.get(day, 0) for day in days if day is not None}
        windows = [window for run in runs(dated) for window, _ in weeks(run, dated)]
        if None in days:
            windows.append(Window(None))
        for window in windows:
            for page in self.reader.window(window):
                days_read = pc.utf8_slice_codeunits(page[self.reader.dataset.day_column], 0, 10)
                self._read.update(pc.fill_null(days_read, "").to_pylist())
                yield page, lambda state: state

    def _differing(self, there: Counts, here: Counts) -> list[date | None]:
        known = self.writer.state.unexplained
        return [
            day
            for day in self._comparable(there, here)
            if there.get(day, 0) != here.get(day, 0)
            and (self.asked or known.get(str(day)) != (there.get(day, 0), here.get(day, 0)))
        ]

    def _comparable(self, there: Counts, here: Counts) -> list[date | None]:
        """Return the days that the source and raw should agree on."""
        state = self.writer.state
        first = min((day for day in there if day is not None), default=date.min)
        oldest = first if self.reader.dataset.is_rolling else date.min
        days = sorted(
            day
            for day in {*there, *here}
            if day is not None and day >= oldest and any(day in done for done in state.done)
        )
        if self.asked and not self.asked.is_all:
            return [day for day in days if day in self.asked]
        return [*days, None] if state.is_undated_done else [*days]

    def count_notes(self, there: Counts) -> dict[str, pa.Table]:
        """Return the source's counts that are not noted just so already, by raw table."""
        noted: Counts = self.holdings.last_checked()
        days = [day for day in self._comparable(there, noted) if day is not None]
        counts = counted(
            self.holdings.connection,
            f"{SCHEMA}.day_counts",
            RAW_TABLES["day_counts"],
            [(self.reader.dataset.id, day, there.get(day, 0)) for day in days],
            self.now(),
            unchanged=self.asked is not None and not self.asked.is_all,
        )
        return {"day_counts": counts} if counts.num_rows else {}


def _text(day: date | None) -> str:
    return "" if day is None else str(day)
