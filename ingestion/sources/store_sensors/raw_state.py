"""What raw has of the readings, and which of the received ones are new to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.raw.loaded_rows import LoadedRows
from ingestion.core.raw.sql import literal
from ingestion.core.raw.text_tables import text_table
from ingestion.sources.store_sensors.hours import Span, repeated_hours, text_of
from ingestion.sources.store_sensors.plan import Batch
from ingestion.sources.store_sensors.queries import (
    DAYS,
    DELETED,
    FIRST_READ,
    HOURLY_VISITS,
    LOADED,
    NEW_READINGS,
    NOT_A_NUMBER,
)
from ingestion.sources.store_sensors.source import SOURCE
from ingestion.sources.store_sensors.tables import RAW_TABLES, SCHEMA

KNOWN = RAW_TABLES["readings"].columns


@dataclass(frozen=True)
class DayCount:
    """What was counted of a store in a day; no number of readings where it is not given."""

    readings: int | None
    valid: int
    failed: int
    visits: int
    checksum: int


class LoadedReadings(LoadedRows):
    """Asks raw about readings, and compares received ones with them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection, SOURCE)

    def new_readings(
        self, batch: Batch, late: Mapping[int, str | None]
    ) -> tuple[pa.Table, dict[int, str | None]]:
        """Return the readings of a batch that raw lacks or has with other values, as raw rows.

        Args:
            batch: what was requested and received.
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
        # A list cannot be empty in SQL; no time is an empty text.
        twice = [*map(text_of, repeated_hours(Span(first, last), batch.store.zone)), ""]
        query = self._query(
            batch.answers,
            repeated=", ".join(map(literal, twice)),
            **{n: literal(text) for n, text in bounds.items()},
        )
        if late:
            late = self._first_reads(batch.answers, late)
        received = {"answers": batch.answers, "asked": batch.asked, "late": _late_table(late)}
        return self.table(query, **received), dict(late)

    def deleted(self, batch: Batch, at: str) -> pa.Table:
        """Return the loaded readings that were requested and are not at the source, as raw rows."""
        values = {"store": batch.store.name, "is_whole": batch.is_whole, "at": at}
        return self.table(DELETED, values, answers=batch.answers, asked=batch.asked)

    def days(self, store: str, span: Span) -> dict[date, DayCount]:
        """Return what is loaded of a store by day."""
        rows = self._in_span(DAYS, store, span)
        return {day: DayCount(*map(int, numbers)) for day, *numbers in rows}

    def hourly_visits(self, store: str, span: Span) -> dict[datetime, int]:
        """Return the loaded visits of a store by hour that has any count."""
        return {hour: int(visits) for hour, visits in self._in_span(HOURLY_VISITS, store, span)}

    def _in_span(self, query: str, store: str, span: Span) -> list[tuple[Any, ...]]:
        bounds = {"store": store, "since": text_of(span.since), "until": text_of(span.until)}
        return self.rows(query, bounds)

    def pending(self) -> dict[str, dict[datetime, set[int]]]:
        """Return by store the sensors by hour of the loaded readings that are not a number."""
        rows = self.rows(
            f"""
            select store_name, try_cast(read_at_local as timestamp), try_cast(sensor_id as integer)
            from {LOADED} as loaded
            where {NOT_A_NUMBER} and not is_deleted and read_at_local like '____-__-__T__:00:00'
            """
        )
        pending: dict[str, dict[datetime, set[int]]] = {}
        for store, hour, sensor in rows:
            if hour is not None and sensor is not None:
                pending.setdefault(store, {}).setdefault(hour, set()).add(sensor)
        return pending

    def missing(self) -> list[tuple[str, int, int, str | None]]:
        """Return by store: readings not received, answers that are not a number, one of those."""
        return self.rows(
            f"""
            select
                store_name,
                cast(count(*) filter (where visits is null) as integer) as not_received,
                cast(count(visits) as integer) as not_a_number,
                min('door ' || sensor_id || ' at ' || read_at_local || ': ' || visits) as example
            from {LOADED} as loaded
            where {NOT_A_NUMBER} and not is_deleted
            group by store_name
            order by store_name
            """
        )

    def _query(self, answers: pa.Table, **bounds: str) -> str:
        """Return the query with its bounds, and the columns that are new at the source."""
        new = [name for name in answers.column_names if name not in KNOWN]
        known = self._columns() if new else []
        is_other = [
            f'loaded."{name}" is distinct from readings."{name}"'
            if name in known
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
        return [row[0] for row in self.rows(f"describe {SCHEMA}.readings")]

    def _first_reads(
        self, answers: pa.Table, late: Mapping[int, str | None]
    ) -> Mapping[int, str | None]:
        sensors = ", ".join(literal(str(sensor)) for sensor in late)
        found = self.rows(FIRST_READ.format(sensors=sensors), answers=answers)
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
    return text_table(("sensor_id", "first_read"), late.items())
