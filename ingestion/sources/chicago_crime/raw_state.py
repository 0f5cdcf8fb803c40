"""What raw has of a data set, as the source would count it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import duckdb
import pyarrow as pa

from ingestion.core.progress import Progress
from ingestion.core.raw.loaded_rows import LoadedRows
from ingestion.sources.chicago_crime.current_counts import CurrentCounts
from ingestion.sources.chicago_crime.datasets import SCHEMA, Dataset
from ingestion.sources.chicago_crime.portal.pages import within
from ingestion.sources.chicago_crime.portal.windows import DayInterval
from ingestion.sources.chicago_crime.source import SOURCE
from ingestion.sources.chicago_crime.versions import fill, find_several, ranked

# In day_counts, where a key cannot be null: rows without a day.
NO_DAY = "none"

LOADED_DAYS = "select distinct coalesce(substr({day}, 1, 10), '') from {table} where {where}"

DELETED = """
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


class LoadedCrimes(LoadedRows):
    """Asks raw about one data set.

    Args:
        connection: to raw, which has its tables.
        dataset: which one; with days, but for `count_at`.
        progress: shows what takes long.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, dataset: Dataset, progress: Progress
    ) -> None:
        super().__init__(connection, SOURCE)
        self.dataset = dataset
        self.progress = progress

    def counts(self) -> dict[date | None, int]:
        """Return the rows loaded of each day; None: without a day, or with an invalid one."""
        counts = Counter[date | None]()
        for text, rows in CurrentCounts(self.connection, self.dataset, self.progress).by_day():
            counts[_day(text)] += rows
        return {day: rows for day, rows in counts.items() if rows}

    def loaded_days(self, intervals: Iterable[DayInterval], *, undated: bool) -> set[str]:
        """Return the days of some intervals that raw has any version of; `""`: without a day."""
        where = within(self.dataset.day_column, list(intervals), undated=undated)
        query = fill(LOADED_DAYS, self.dataset, where=where or "false")
        return {day for (day,) in self.rows(query)}

    def count_at(self, moment: str, where: str | None) -> int:
        """Return the rows loaded whose version is of exactly that moment."""
        rows = self.rows(
            f"select count(distinct socrata_id) from {SCHEMA}.{self.dataset.table} "
            f"where socrata_updated_at = ? and ({where or 'true'})",
            [moment],
        )
        return int(rows[0][0])

    def deleted(self, days: Iterable[date | None], read_since: str) -> pa.Table:
        """Return the versions that are current here, on these days, and not read since a load.

        Args:
            days: the days that were read again, whole.
            read_since: the load id that the reading began with.
        """
        names = ["" if day is None else str(day) for day in days]
        what = f"{self.dataset.table}: deleted rows of {len(names)} days"
        with self.progress.task(what, unit=""):
            find_several(self.connection, self.dataset)
            found = self.table(
                fill(DELETED, self.dataset, now=ranked(self.dataset)),
                {"days": names, "read_since": read_since},
            )
            self.connection.execute("drop table versions_of_crimes")
        return found

    def last_checked(self) -> dict[date | None, int]:
        """Return the source's counts as they were noted last."""
        rows = self.rows(
            f"select occurred_day, rows_at_source from {SCHEMA}.day_counts where dataset = ?",
            [self.dataset.id],
        )
        return {None if day == NO_DAY else date.fromisoformat(day): int(n) for day, n in rows}


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
