"""What raw holds of a data set, as the source would count it.

A crime counts once, on the day of its newest version, unless that version was found gone. A
deletion holds while it is not older than the load of the version that it names: a row that comes
back unchanged is loaded again, and lives.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from ingestion.sources.chicago_crime.datasets import SCHEMA, Dataset

# Most crimes have one version and need no ranking: only the others are looked at in detail.
TOUCHED = """
create or replace temp table touched as
with several as (
    select {key} as crime_key
    from {table}
    group by all
    having count(*) > 1
),

gone as (
    select socrata_id, socrata_updated_at, socrata_version, max(_dlt_load_id) as load_id
    from {deletions}
    where dataset = '{dataset}'
    group by all
),

versions as (
    select
        {key} as crime_key,
        socrata_id,
        socrata_updated_at,
        socrata_version,
        rows._dlt_load_id as load_id,
        substr(rows.{day}, 1, 10) as occurred_day,
        coalesce(gone.load_id >= rows._dlt_load_id, false) as is_gone,
        {key} in (select crime_key from several) as has_several
    from {table} as rows
    left join gone using (socrata_id, socrata_updated_at, socrata_version)
)

select
    *,
    row_number() over (
        partition by crime_key
        order by socrata_updated_at desc, load_id desc, socrata_version desc, socrata_id desc
    ) = 1 and not is_gone as is_current
from versions
where has_several or is_gone
"""

COUNTS = """
with every_version as (
    select substr({day}, 1, 10) as occurred_day, count(*) as n from {table} group by all
),

not_current as (
    select occurred_day, -count(*) as n from touched where not is_current group by all
),

both_parts as (
    select * from every_version
    union all
    select * from not_current
)

select occurred_day, cast(sum(n) as bigint) as n from both_parts group by all
"""

LOST = """
select
    '{dataset}' as dataset,
    socrata_id,
    socrata_updated_at,
    socrata_version,
    coalesce(substr({day}, 1, 10), '') as occurred_day
from {table}
where
    list_contains(?, coalesce(substr({day}, 1, 10), ''))
    and _dlt_load_id < ?
    and (socrata_id, socrata_updated_at, socrata_version) not in (
        select (socrata_id, socrata_updated_at, socrata_version) from touched where not is_current
    )
"""


@dataclass(frozen=True)
class Holdings:
    """Counts what is held of one data set with days."""

    connection: duckdb.DuckDBPyConnection
    dataset: Dataset

    def counts(self) -> dict[date | None, int]:
        """Return the rows held of each day; None: without a day, or with one that is no day."""
        self._run(TOUCHED)
        held: dict[date | None, int] = {}
        for text, rows in self._run(COUNTS).fetchall():
            day = _day(text)
            held[day] = held.get(day, 0) + rows
        return {day: rows for day, rows in held.items() if rows}

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
        self._run(TOUCHED)
        names = ["" if day is None else str(day) for day in days]
        return self._run(LOST, [names, read_since]).to_arrow_table()

    def last_checked(self) -> dict[date | None, int]:
        """Return the source's counts as they were noted last."""
        rows = self.connection.execute(
            f"select occurred_day, rows_at_source from {SCHEMA}.day_counts where dataset = ?",
            [self.dataset.id],
        ).fetchall()
        return {date.fromisoformat(day): int(n) for day, n in rows}

    def _run(self, sql: str, values: list[object] | None = None) -> duckdb.DuckDBPyConnection:
        key = self.dataset.key
        filled = sql.format(
            table=f"{SCHEMA}.{self.dataset.table}",
            deletions=f"{SCHEMA}.crime_deletions",
            dataset=self.dataset.id,
            day=self.dataset.day_column,
            key="socrata_id" if key == "socrata_id" else f"coalesce({key}, socrata_id)",
        )
        return self.connection.execute(filled, values or [])


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
