"""What raw holds, and which of the received rows are new to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sources.store_sensors.hours import Span, text_of
from ingestion.sources.store_sensors.plan import Batch
from ingestion.sources.store_sensors.tables import RAW_TABLES, SCHEMA

KNOWN = RAW_TABLES["readings"].columns

# Longer answers are no readings; their beginning shows what they are.
LONGEST_ANSWER = 200
NO_NUMBER = "(visits is null or not regexp_full_match(visits, '-?[0-9]+'))"

# A reading that comes back after it was found gone is written again, and so lives: its load is
# newer than the one that noted the deletion.
HELD = f"""
(
    select readings.*, gone.sensor_id is not null as is_gone
    from {SCHEMA}.readings
    left join {SCHEMA}.reading_deletions as gone
        on readings.store_name = gone.store_name and readings.sensor_id = gone.sensor_id
        and readings.read_at_local = gone.read_at_local
        and readings._dlt_load_id <= gone._dlt_load_id
)
"""

# A reading that was asked for and is not in the stream was not received: its visits are null.
# What was received once is not forgotten because it is not received again. Two answers for one
# reading are no number: both are kept, for nobody knows which is right. So is what came unasked.
NEW_READINGS = f"""
with received as (
    select
        sensor_id,
        read_at_local,
        case
            when min(visits) != max(visits) then min(visits) || ' | ' || max(visits)
            else max(visits)
        end as visits
        {{maxima}}
    from (select * replace (nullif(left(visits, {LONGEST_ANSWER}), '') as visits) from answers)
    group by sensor_id, read_at_local
),

readings as (
    select sensor_id, read_at_local, received.visits {{extras}}
    from asked
    full join received using (sensor_id, read_at_local)
),

held as (
    select *
    from {HELD} as all_held
    where store_name = $store and read_at_local between $first and $last
)

select
    $store as store_name,
    readings.sensor_id,
    readings.read_at_local,
    readings.visits
    {{kept}}
from readings
left join held
    on readings.sensor_id = held.sensor_id and readings.read_at_local = held.read_at_local
left join late on readings.sensor_id = late.sensor_id
where
    (
        held.sensor_id is null
        or held.is_gone
        or held.visits is distinct from readings.visits {{is_other}}
    )
    and (held.visits is null or readings.visits is not null)
    and not (
        late.sensor_id is not null
        and coalesce(readings.visits, '') = '-2'
        and (late.first_read is null or readings.read_at_local < late.first_read)
    )
order by readings.sensor_id, readings.read_at_local
"""

FIRST_READ = """
select sensor_id, min(read_at_local) as first_read
from answers
where
    list_contains(?, sensor_id)
    and visits not in ('', '-2')
    and read_at_local like '____-__-__T__:00:00'
group by sensor_id
"""

# An answer that the API has no reading is an empty text.
GONE = f"""
select held.store_name, held.sensor_id, held.read_at_local, $at as detected_at
from asked
left join answers using (sensor_id, read_at_local)
inner join {HELD} as held
    on
        held.store_name = $store
        and asked.sensor_id = held.sensor_id
        and asked.read_at_local = held.read_at_local
where
    held.visits is not null
    and not held.is_gone
    and (coalesce(answers.visits, '') = '')
    and (answers.sensor_id is not null or $is_whole)
order by held.sensor_id, held.read_at_local
"""

# As the API adds up; what is longer than a number can be is none.
NUMBER = "case when regexp_full_match(visits, '-?[0-9]{1,18}') then cast(visits as bigint) end"
LIVE_IN_SPAN = f"""
select
    try_cast(left(read_at_local, 10) as date) as traffic_date,
    try_cast(read_at_local as timestamp) as hour_local,
    try_cast(sensor_id as bigint) as sensor,
    {NUMBER} as number
from {HELD} as held
where
    store_name = $store
    and read_at_local >= $since
    and read_at_local < $until
    and visits is not null
    and not is_gone
"""
DAYS = f"""
select
    traffic_date,
    count(*) filter (where number is distinct from -2),
    count(*) filter (where number >= 0),
    count(*) filter (where number = -1),
    coalesce(sum(number) filter (where number >= 0), 0),
    coalesce(sum((number + 2) * (24 * sensor + hour(hour_local) + 1)), 0)
from ({LIVE_IN_SPAN}) as live
group by traffic_date
"""
HOURLY_VISITS = f"""
select hour_local, sum(number)
from ({LIVE_IN_SPAN}) as live
where number >= 0
group by hour_local
"""


@dataclass(frozen=True)
class Counted:
    """What was counted of a store in a day; no number of readings where it is not told."""

    readings: int | None
    valid: int
    failed: int
    visits: int
    checksum: int


@dataclass(frozen=True)
class Holdings:
    """Compares with raw what was received."""

    connection: duckdb.DuckDBPyConnection

    def new_rows(self, table: str, rows: pa.Table) -> pa.Table:
        """Return the rows that a raw table does not hold just so."""
        raw = RAW_TABLES[table]
        columns = ", ".join(raw.columns)
        self.connection.register("received_rows", rows)
        try:
            return self.connection.execute(
                f"select {columns} from received_rows except select {columns} from {SCHEMA}.{table}"
                " order by all"
            ).to_arrow_table()
        finally:
            self.connection.unregister("received_rows")

    def new_readings(
        self, batch: Batch, late: Mapping[int, str | None]
    ) -> tuple[pa.Table, dict[int, str | None]]:
        """Return the readings of a batch that raw lacks or has otherwise, as raw rows.

        Args:
            batch: what was asked for and received.
            late: doors that came later, and the first hour they had a reading of; what they
                answered for the time before is left out.

        Returns:
            The rows, and `late` as it is after them.
        """
        first, last = batch.spans[0].since, max(span.until for span in batch.spans)
        first = min(first, *(span.since for span in batch.spans))
        times = [text_of(first), text_of(last), *_ends(batch.answers["read_at_local"])]
        bounds = {"store": batch.store.name, "first": min(times), "last": max(times)}
        self.connection.register("answers", batch.answers)
        self.connection.register("asked", batch.asked)
        try:
            late = self._first_reads(late)
            self.connection.register("late", _late_table(late))
            rows = self.connection.execute(self._query(batch.answers), bounds).to_arrow_table()
        finally:
            for name in ("answers", "asked", "late"):
                self.connection.unregister(name)
        return rows, dict(late)

    def gone(self, batch: Batch, at: str) -> pa.Table:
        """Return the readings held that were asked for and are not at the source, as raw rows."""
        values = {"store": batch.store.name, "is_whole": batch.is_whole, "at": at}
        self.connection.register("answers", batch.answers)
        self.connection.register("asked", batch.asked)
        try:
            return self.connection.execute(GONE, values).to_arrow_table()
        finally:
            self.connection.unregister("answers")
            self.connection.unregister("asked")

    def days(self, store: str, span: Span) -> dict[date, Counted]:
        """Return what is held of a store by day."""
        rows = self._in_span(DAYS, store, span)
        return {day: Counted(*map(int, numbers)) for day, *numbers in rows}

    def hourly_visits(self, store: str, span: Span) -> dict[datetime, int]:
        """Return the visits held of a store by hour that has any count."""
        return {hour: int(visits) for hour, visits in self._in_span(HOURLY_VISITS, store, span)}

    def _in_span(self, query: str, store: str, span: Span) -> list[tuple[Any, ...]]:
        bounds = {"store": store, "since": text_of(span.since), "until": text_of(span.until)}
        return self.connection.execute(query, bounds).fetchall()

    def pending(self, store: str) -> dict[datetime, set[int]]:
        """Return the sensors by hour of the readings held that are no number."""
        rows = self.connection.execute(
            f"""
            select try_cast(read_at_local as timestamp), try_cast(sensor_id as integer)
            from {HELD} as held
            where
                store_name = ?
                and read_at_local like '____-__-__T__:00:00'
                and {NO_NUMBER}
                and not is_gone
            """,
            [store],
        ).fetchall()
        pending: dict[datetime, set[int]] = {}
        for hour, sensor in rows:
            if hour is not None and sensor is not None:
                pending.setdefault(hour, set()).add(sensor)
        return pending

    def missing(self) -> list[tuple[str, int, int, str | None]]:
        """Return by store: readings not received, answers that are no number, one of those."""
        return self.connection.execute(
            f"""
            select
                store_name,
                cast(count(*) filter (where visits is null) as integer) as not_received,
                cast(count(visits) as integer) as no_number,
                min('door ' || sensor_id || ' at ' || read_at_local || ': ' || visits) as example
            from {HELD} as held
            where {NO_NUMBER} and not is_gone
            group by store_name
            order by store_name
            """
        ).fetchall()

    def _query(self, answers: pa.Table) -> str:
        """Return the query with the columns that are new at the source."""
        new = [name for name in answers.column_names if name not in KNOWN]
        held = self._columns() if new else []
        is_other = [
            f'held."{name}" is distinct from readings."{name}"'
            if name in held
            else f'readings."{name}" is not null'
            for name in new
        ]
        return NEW_READINGS.format(
            maxima="".join(f""", max(nullif("{name}", '')) as "{name}" """ for name in new),
            extras="".join(f', received."{name}"' for name in new),
            kept="".join(f', readings."{name}"' for name in new),
            is_other="".join(f" or {condition}" for condition in is_other),
        )

    def _columns(self) -> list[str]:
        described = self.connection.execute(f"describe {SCHEMA}.readings").fetchall()
        return [row[0] for row in described]

    def _first_reads(self, late: Mapping[int, str | None]) -> Mapping[int, str | None]:
        if not late:
            return late
        found = self.connection.execute(FIRST_READ, [[str(sensor) for sensor in late]]).fetchall()
        firsts = {int(sensor): hour for sensor, hour in found}
        return {
            sensor: min((hour for hour in (known, firsts.get(sensor)) if hour), default=None)
            for sensor, known in late.items()
        }


def _ends(times: pa.ChunkedArray) -> list[str]:
    """Return the first and the last of some texts; none where there are none."""
    ends = pc.min_max(times).as_py()
    return [text for text in ends.values() if text is not None]


def _late_table(late: Mapping[int, str | None]) -> pa.Table:
    return pa.table(
        {
            "sensor_id": pa.array([str(sensor) for sensor in late], pa.string()),
            "first_read": pa.array(list(late.values()), pa.string()),
        }
    )
