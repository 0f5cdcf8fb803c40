"""Comparing the counts per day at the source with what was loaded, and repairing the difference.

Flow: days that differ are read again, whole; what raw has of them and the reading did not bring was
    deleted at the source, and is noted in crime_deletions. The source's counts go to day_counts.
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
from ingestion.core.raw.reconciliation import (
    ReconciliationNotes,
    differing_periods,
    shrink_problem,
    utc_text,
)
from ingestion.core.raw.text_tables import with_text
from ingestion.sources.chicago_crime.portal.pages import Reader
from ingestion.sources.chicago_crime.portal.windows import Window, runs, weeks
from ingestion.sources.chicago_crime.raw_state import NO_DAY, LoadedCrimes
from ingestion.sources.chicago_crime.source import SOURCE
from ingestion.sources.chicago_crime.writer import Step, Writer

logger = logging.getLogger(__name__)

Counts = Mapping[date | None, int]


@dataclass
class Reconciler:
    """Reconciles one data set.

    Attributes:
        reader: asks the source.
        loaded: what raw has of it.
        writer: writes what was missing, and what was deleted.
        now: the moment, in UTC.
        asked: None within a load; the days to compare where a reconciliation was asked for. Then
            days that a re-read did not explain are read once more, and what was done is noted.
    """

    reader: Reader
    loaded: LoadedCrimes
    writer: Writer
    now: Callable[[], datetime] = utc_now
    asked: Days | None = None
    _read: Counter[str] = field(default_factory=Counter)

    @property
    def _days(self) -> Days:
        return self.asked or Days()

    def check_shrink(self, there: Counts, *, accept: bool) -> Counts:
        """Refuse a source that lost much, which is more often a fault than the truth.

        Returns:
            What is loaded.

        Raises:
            LoadError: fewer than four fifths of the rows loaded are at the source.
        """
        here = self.loaded.counts()
        days = self._comparable(there, here)
        rows_there = sum(there.get(day, 0) for day in days)
        rows_in_raw = sum(here.get(day, 0) for day in days)
        if why := shrink_problem(rows_there, rows_in_raw, accept=accept):
            msg = f"{self.reader.dataset.id} {why}; nothing was loaded"
            raise LoadError(msg)
        return here

    def run(self, there: Counts, here: Counts, progress: Progress) -> None:
        """Repair every day whose count there differs from the one here, and note the counts."""
        differing = self._differing(there, here)
        if differing:
            logger.info("%s: %d days differ", self.reader.dataset.id, len(differing))
            there = self._repair(differing, there, progress)
        notes = self.changed_counts(there)
        if self.asked:
            periods = len(self._comparable(there, here)), len(differing)
            notes |= self._notes().reconciliation_rows({self.reader.dataset.id: periods})
        self.writer.commit(notes)

    def changed_counts(self, there: Counts) -> dict[str, pa.Table]:
        """Return the source's counts that are to be noted, by raw table."""
        noted: Counts = self.loaded.last_checked()
        days = [day for day in self._comparable(there, noted) if day in there or day in noted]
        return self._notes().changed_counts(
            (self.reader.dataset.id, day or NO_DAY, there.get(day, 0)) for day in days
        )

    def _notes(self) -> ReconciliationNotes:
        return ReconciliationNotes(SOURCE, "day_counts", self.loaded, self.now(), self._days)

    def _repair(self, days: list[date | None], there: Counts, progress: Progress) -> Counts:
        """Read days again, and note what was deleted; returns the source's counts afterwards."""
        result = self.writer.store.result
        before = len(result.load_ids)
        self._read.clear()
        with progress.task(f"{self.reader.dataset.table}: days that differ") as task:
            self.writer.write(self._steps(days, there), task)
            self.writer.commit()
        new_loads = result.load_ids[before:]
        # With no page at all, every row of these days is older than any load to come.
        deleted = self.loaded.deleted(days, new_loads[0] if new_loads else "9")
        there = self.reader.counts()
        deleted, doubtful = self._certain(deleted, there)
        if deleted.num_rows:
            deleted = with_text(deleted, "detected_at", utc_text(self.now()))
            self.writer.commit({"crime_deletions": deleted})
        here = self.loaded.counts()
        unexplained = {
            str(day): (there.get(day, 0), here.get(day, 0))
            for day in days
            if there.get(day, 0) != here.get(day, 0) and _text(day) not in doubtful
        }
        repaired = {str(day) for day in days}
        kept = {
            day: counts
            for day, counts in self.writer.state.unexplained.items()
            if day not in repaired
        }
        self.writer.state = replace(self.writer.state, unexplained={**kept, **unexplained})
        if unexplained:
            day, (rows_there, rows_in_raw) = next(iter(unexplained.items()))
            day = "no day" if day == str(None) else day
            result.notes.append(
                f"{len(unexplained)} days still differ after they were read again, the first is "
                f"{day}: {rows_there:,} rows at the source, {rows_in_raw:,} in raw."
            )
            self.writer.commit()
        return there

    def _certain(self, deleted: pa.Table, there: Counts) -> tuple[pa.Table, list[str]]:
        """Return what was deleted of days that were read whole; and the days that were not.

        A page that came short makes its day look as if rows were deleted.
        """
        counts = {_text(day): rows for day, rows in there.items()}
        days = pc.unique(deleted["occurred_day"]).to_pylist()
        doubtful = [day for day in days if self._read[day] != counts.get(day, 0)]
        if doubtful:
            self.writer.store.result.notes.append(
                f"{len(doubtful)} days were not read whole, the first is {doubtful[0] or 'none'}; "
                "nothing of them is marked deleted, the next load reads them again."
            )
        is_certain = pc.invert(pc.is_in(deleted["occurred_day"], pa.array(doubtful, pa.string())))
        return deleted.filter(is_certain).drop_columns("occurred_day"), doubtful

    def _steps(self, days: list[date | None], there: Counts) -> Iterator[Step]:
        dated = {day: there.get(day, 0) for day in days if day is not None}
        windows = [window for run in runs(dated) for window in weeks(run, dated)]
        if None in days:
            windows.append(Window(None))
        for window in windows:
            for page in self.reader.window(window):
                days_read = pc.utf8_slice_codeunits(page[self.reader.dataset.day_column], 0, 10)
                self._read.update(pc.fill_null(days_read, "").to_pylist())
                yield page, lambda state: state

    def _differing(self, there: Counts, here: Counts) -> list[date | None]:
        known = self.writer.state.unexplained
        differing = set(differing_periods(there, here, 0))
        return [
            day
            for day in self._comparable(there, here)
            if day in differing
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
            if day is not None
            and day >= oldest
            and day in self._days
            and any(day in done for done in state.done)
        )
        return [*days, None] if state.is_undated_done and self._days.is_all else [*days]


def _text(day: date | None) -> str:
    return "" if day is None else str(day)
