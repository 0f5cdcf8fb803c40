"""What raw holds of a data set, as the source would count it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from ingestion.core.progress import Progress
from ingestion.sources.chicago_crime.current_counts import CurrentCounts
from ingestion.sources.chicago_crime.datasets import SCHEMA, Dataset
from ingestion.sources.chicago_crime.intervals import Interval
from ingestion.sources.chicago_crime.pages import within
from ingestion.sources.chicago_crime.versions import fill, find_several, ranked

LOADED_DAYS = "select distinct coalesce(substr({day}, 1, 10), '') from {table} where {where}"

LOST = """
select
    '{dataset}' as dataset,
    socrata_id,
    socrata_updated_at,
    socrata_version,
    coalesce(substr({day}, 1, 10), '') as occurred_day
from {table}
where
    list_contains($days, coalesce(substr({day}, 1, 10), ''))
    and _dlt_load_id < $read_since
    and (socrata_id, socrata_updated_at, socrata_version) not in (
        select (socrata_id, socrata_updated_at, socrata_version) from ({now}) where not is_current
    )
"""


@dataclass(frozen=True)
class Holdings:
    """Counts what is held of one data set.

    Attributes:
        connection: to raw, which has its tables.
        dataset: which one; with days, but for `count_at`.
        progress: shows what takes long.
    """

    connection: duckdb.DuckDBPyConnection
    dataset: Dataset
    progress: Progress

    def counts(self) -> dict[date | None, int]:
        """Return the rows held of each day; None: without a day, or with one that is no day."""
        held: dict[date | None, int] = {}
        for text, rows in CurrentCounts(self.connection, self.dataset, self.progress).by_day():
            day = _day(text)
            held[day] = held.get(day, 0) + rows
        return {day: rows for day, rows in held.items() if rows}

    def loaded_days(self, intervals: Iterable[Interval], *, undated: bool) -> set[str]:
        """Return the days of some intervals that raw has any version of; `""`: without a day."""
        where = within(self.dataset.day_column, list(intervals), undated=undated)
        found = self.connection.execute(fill(LOADED_DAYS, self.dataset, where=where or "false"))
        return {day for (day,) in found.fetchall()}

    def count_at(self, moment: str, where: str | None) -> int:
        """Return the rows held whose version is of exactly that moment."""
        rows = self.connection.execute(
            f"select count(distinct socrata_id) from {SCHEMA}.{self.dataset.table} "
            f"where socrata_updated_at = ? and ({where or 'true'})",
            [moment],
        ).fetchall()
        return int(rows[0][0])

    def lost(self, days: Iterable[date | None], read_since: str) -> pa.Table:
        """Return the versions that are current here, on these days, and not read since a load.

        Args:
            days: the days that were read again, whole.
            read_since: the load id that the reading began with.
        """
        names = ["" if day is None else str(day) for day in days]
        what = f"{self.dataset.table}: what is gone of {len(names)} days"
        with self.progress.task(what, unit=""):
            find_several(self.connection, self.dataset)
            found = self.connection.execute(
                fill(LOST, self.dataset, now=ranked(self.dataset)),
                {"days": names, "read_since": read_since},
            ).to_arrow_table()
            self.connection.execute("drop table versions_of_crimes")
        return found

    def last_checked(self) -> dict[date | None, int]:
        """Return the source's counts as they were noted last."""
        rows = self.connection.execute(
            f"select occurred_day, rows_at_source from {SCHEMA}.day_counts where dataset = ?",
            [self.dataset.id],
        ).fetchall()
        return {date.fromisoformat(day): int(n) for day, n in rows}


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
