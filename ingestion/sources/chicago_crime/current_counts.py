"""How many crimes raw has of each day, kept beside raw so that a load counts only what is new.

Two small tables, written in one transaction: the counts, and what they account for, which is every
version and deletion up to a load. Whoever asks for the counts first accounts for the loads after
that one, so that a load which was killed between its rows and its counts loses nothing.

Where versions and deletions were only added, their crimes are ranked twice, as they were and as
they are. Where a version was replaced, because it was read again, how it was is not known any more:
then everything is counted, as it is where the tables are missing, where they account for more or
less than there is, and where a large part of raw is new.
"""

from dataclasses import dataclass

import duckdb

from ingestion.core.progress import Progress
from ingestion.sources.chicago_crime.datasets import SCHEMA, Dataset
from ingestion.sources.chicago_crime.versions import fill, find_affected, find_several, ranked

# More than this share of raw being new, counting everything is the quicker way.
LARGE_SHARE = 0.1

MAKE = f"""
create table if not exists {SCHEMA}.current_crimes_by_day (
    dataset varchar, occurred_day varchar, crimes bigint
);
create table if not exists {SCHEMA}.current_crimes_as_of (
    dataset varchar, load_id varchar, versions bigint, deletions bigint
)
"""

ALL = """
select substr({day}, 1, 10) as occurred_day, count(*) as crimes from {table} group by all
union all
select occurred_day, -count(*) from ({now}) where not is_current group by all
"""

CHANGED = f"""
select occurred_day, crimes from {SCHEMA}.current_crimes_by_day where dataset = '{{dataset}}'
union all
select occurred_day, -count(*) from ({{before}}) where is_current group by all
union all
select occurred_day, count(*) from ({{now}}) where is_current group by all
"""

REPLACE = f"""
create or replace temp table counts_now as
select occurred_day, cast(sum(crimes) as bigint) as crimes
from ({{parts}}) group by all having sum(crimes) <> 0;

delete from {SCHEMA}.current_crimes_by_day where dataset = '{{dataset}}';
insert into {SCHEMA}.current_crimes_by_day
select '{{dataset}}', occurred_day, crimes from counts_now;

delete from {SCHEMA}.current_crimes_as_of where dataset = '{{dataset}}';
insert into {SCHEMA}.current_crimes_as_of
values ('{{dataset}}', {{extent}})
"""


@dataclass(frozen=True)
class _Extent:
    """What counts account for: the versions and deletions up to a load."""

    load_id: str
    versions: int
    deletions: int


@dataclass(frozen=True)
class CurrentCounts:
    """Keeps the counts of one data set with days.

    Attributes:
        connection: to raw, which has its tables.
        dataset: whose crimes.
        progress: shows a count of everything.
    """

    connection: duckdb.DuckDBPyConnection
    dataset: Dataset
    progress: Progress

    def by_day(self) -> list[tuple[str | None, int]]:
        """Return how many crimes are current, by the first ten letters of their day, or None."""
        self.connection.execute(MAKE)
        known = self._accounted()
        if known is None:
            self._count_all()
        else:
            self._account_for_what_came(known)
        return self.connection.execute(
            f"select occurred_day, crimes from {SCHEMA}.current_crimes_by_day where dataset = ?",
            [self.dataset.id],
        ).fetchall()

    def _accounted(self) -> _Extent | None:
        found = self.connection.execute(
            f"select load_id, versions, deletions from {SCHEMA}.current_crimes_as_of "
            "where dataset = ?",
            [self.dataset.id],
        ).fetchone()
        return _Extent(*found) if found else None

    def _account_for_what_came(self, known: _Extent) -> None:
        came, now = self._came_after(known.load_id), self._came_after("")
        last = max(known.load_id, came.load_id)
        now = _Extent(last, now.versions, now.deletions)
        if now == known:
            return
        is_added = (now.versions, now.deletions) == (
            known.versions + came.versions,
            known.deletions + came.deletions,
        )
        if not is_added or came.versions > LARGE_SHARE * now.versions:
            self._count_all()
            return
        find_affected(self.connection, self.dataset, known.load_id)
        before, after = ranked(self.dataset, known.load_id), ranked(self.dataset)
        self._replace(fill(CHANGED, self.dataset, before=before, now=after), now)

    def _came_after(self, load_id: str) -> _Extent:
        """Return what raw has of the loads after one, and the last of them."""
        (versions, last), (deletions, last_of_deletions) = (
            self.connection.execute(
                fill("select count(*), max(_dlt_load_id) from " + part, self.dataset, after=load_id)
            ).fetchall()[0]
            for part in (
                "{table} where _dlt_load_id > '{after}'",
                "{deletions} where dataset = '{dataset}' and _dlt_load_id > '{after}'",
            )
        )
        return _Extent(max(last or "", last_of_deletions or ""), versions, deletions)

    def _count_all(self) -> None:
        now = self._came_after("")
        what = f"{self.dataset.table}: counts per day"
        with self.progress.task(what, now.versions) as task:
            find_several(self.connection, self.dataset)
            self._replace(fill(ALL, self.dataset, now=ranked(self.dataset)), now)
            task.advance(now.versions)

    def _replace(self, parts: str, now: _Extent) -> None:
        """Replace the counts by those that parts add up to."""
        extent = f"'{now.load_id}', {now.versions}, {now.deletions}"
        statements = fill(REPLACE, self.dataset, parts=parts, extent=extent)
        self.connection.execute(f"begin; {statements}; commit")
        self.connection.execute("drop table versions_of_crimes")
