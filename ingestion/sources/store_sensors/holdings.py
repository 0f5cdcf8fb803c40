"""What raw holds, and which of the received rows are new to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.sql import literal
from ingestion.sources.store_sensors.hours import Span, text_of
from ingestion.sources.store_sensors.plan import Batch
from ingestion.sources.store_sensors.queries import (
    DAYS,
    FIRST_READ,
    GONE,
    HELD,
    HOURLY_VISITS,
    NEW_READINGS,
    NO_NUMBER,
)
from ingestion.sources.store_sensors.tables import RAW_TABLES, SCHEMA

KNOWN = RAW_TABLES["readings"].columns


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
            The rows, with `is_key_new` where raw has no such reading at all, and `late` as it is
            after them.
        """
        first, last = batch.spans[0].since, max(span.until for span in batch.spans)
        first = min(first, *(span.since for span in batch.spans))
        times = [text_of(first), text_of(last), *_ends(batch.answers["read_at_local"])]
        bounds = {"store": batch.store.name, "first": min(times), "last": max(times)}
        query = self._query(batch.answers, **{n: literal(text) for n, text in bounds.items()})
        self.connection.register("answers", batch.answers)
        self.connection.register("asked", batch.asked)
        try:
            late = self._first_reads(late)
            self.connection.register("late", _late_table(late))
            rows = self.connection.execute(query).to_arrow_table()
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

    def pending(self) -> dict[str, dict[datetime, set[int]]]:
        """Return by store the sensors by hour of the readings held that are no number."""
        rows = self.connection.execute(
            f"""
            select store_name, try_cast(read_at_local as timestamp), try_cast(sensor_id as integer)
            from {HELD} as held
            where {NO_NUMBER} and not is_gone and read_at_local like '____-__-__T__:00:00'
            """
        ).fetchall()
        pending: dict[str, dict[datetime, set[int]]] = {}
        for store, hour, sensor in rows:
            if hour is not None and sensor is not None:
                pending.setdefault(store, {}).setdefault(hour, set()).add(sensor)
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

    def _query(self, answers: pa.Table, **bounds: str) -> str:
        """Return the query with its bounds, and the columns that are new at the source."""
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
            **bounds,
        )

    def _columns(self) -> list[str]:
        described = self.connection.execute(f"describe {SCHEMA}.readings").fetchall()
        return [row[0] for row in described]

    def _first_reads(self, late: Mapping[int, str | None]) -> Mapping[int, str | None]:
        if not late:
            return late
        sensors = ", ".join(literal(str(sensor)) for sensor in late)
        found = self.connection.execute(FIRST_READ.format(sensors=sensors)).fetchall()
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
