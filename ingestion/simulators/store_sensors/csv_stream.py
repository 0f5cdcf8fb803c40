"""A store's readings as CSV, a chunk at a time, so that memory does not grow with the span."""

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from ingestion.simulators.store_sensors import clock_hours
from ingestion.simulators.store_sensors.chain import Overrides
from ingestion.simulators.store_sensors.hashing import Ints
from ingestion.simulators.store_sensors.stores import Store
from ingestion.simulators.store_sensors.traffic import readings

HEADING = b"store_name,sensor_id,read_at_local,visits\n"
_CHUNK_HOURS = 1 << 15
_PLAIN = pa_csv.WriteOptions(include_header=False, quoting_style="none")
_QUOTED = pa_csv.WriteOptions(include_header=False, quoting_style="needed")


def csv_of(
    seed: int, store: Store, overrides: Sequence[Overrides], first: int, end: int
) -> Iterator[bytes]:
    """Yield the heading, then the hours [first, end) of every door, ordered by door and hour.

    Args:
        seed: decides every value.
        store: the store.
        overrides: for each door what is answered in place of a reading, by hour.
        first: the first clock hour.
        end: the clock hour after the last one; all before it must be finished.
    """
    heading = HEADING
    for door, overridden in zip(store.doors, overrides, strict=True):
        for begin in range(first, end, _CHUNK_HOURS):
            hours = clock_hours.existing(store.time_zone, begin, min(end, begin + _CHUNK_HOURS))
            if not len(hours):
                continue
            visits = pa.array(readings(seed, store, door, hours))
            columns = [
                pa.repeat(store.store_name, len(hours)),
                pa.repeat(door.sensor_id, len(hours)),
                clock_hours.stamps(hours),
                _with(overridden, hours, visits) if overridden else visits,
            ]
            yield heading + _lines(pa.table(columns, names=HEADING.decode().strip().split(",")))
            heading = b""
    if heading:
        yield heading


def _lines(table: pa.Table) -> bytes:
    out = io.BytesIO()
    try:
        pa_csv.write_csv(table, out, write_options=_PLAIN)
    except pa.ArrowInvalid:  # a name or an override has a comma or a quote in it
        out = io.BytesIO()
        pa_csv.write_csv(table, out, write_options=_QUOTED)
    return out.getvalue()


def _with(overridden: Overrides, hours: Ints, visits: pa.Array) -> pa.Array:
    places = {hour: place for place, hour in enumerate(hours.tolist()) if hour in overridden}
    texts = visits.cast(pa.string()).to_pylist() if places else visits
    for hour, place in places.items():
        texts[place] = _text(overridden[hour])
    return pa.array(texts, pa.string()) if places else visits


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
