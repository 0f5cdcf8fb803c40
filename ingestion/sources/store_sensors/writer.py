"""Gathers what is new of batches into packages, and commits each with the state it leads to."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.errors import LoadError
from ingestion.core.prefetch import Prefetched
from ingestion.core.progress import Task
from ingestion.core.raw_store import RawStore
from ingestion.sources.store_sensors.holdings import Holdings
from ingestion.sources.store_sensors.plan import Batch
from ingestion.sources.store_sensors.state import State
from ingestion.sources.store_sensors.tables import READING_KEY

# A package costs dlt about half a second, and each looks for its keys among all rows held.
ROWS_A_PACKAGE = 750_000
SECONDS_A_PACKAGE = 15.0
STATE = "readings"


@dataclass
class Writer:
    """Writes readings with the state that they lead to.

    Attributes:
        store: the raw database.
        state: what holds once everything given so far is committed.
        clock: seconds, monotonic.
        asked_at: where readings are asked for again, when: those that are gone are noted with it.
    """

    store: RawStore
    state: State
    clock: Callable[[], float] = time.monotonic
    asked_at: str | None = None
    _committed: State = field(init=False)
    _rows: dict[str, list[pa.Table]] = field(default_factory=dict)
    _began: float = 0.0
    _has_edits: bool = False

    def __post_init__(self) -> None:
        self._committed = self.state
        self._began = self.clock()

    def add(self, rows: Mapping[str, pa.Table]) -> None:
        """Give rows of any raw table to the package that is gathered."""
        for name, table in rows.items():
            if table.num_rows:
                self._rows.setdefault(name, []).append(table)

    def write(self, batches: Iterator[Batch], task: Task) -> None:
        """Fetch batches ahead, commit what is new of them, in packages.

        Raises:
            LoadError: the fetching failed; what came before is committed.
        """
        errors: list[LoadError] = []
        for batch in Prefetched(_counted(batches, errors), most=1):
            self._take(batch)
            task.advance(batch.asked.num_rows)
            if self._is_full():
                self.commit()
        self.commit()
        if errors:
            raise errors[0]

    def commit(self) -> None:
        """Commit what was gathered, if it is anything."""
        if self._rows or self.state != self._committed:
            rows, self._rows = self._rows, {}
            states = {STATE: self.state.to_json()}
            only_new = {"readings"} if self._has_only_new_keys(rows.get("readings", [])) else ()
            self.store.commit(rows, states, only_new=only_new)
            self._has_edits = False
            self._committed = self.state
        self._began = self.clock()

    def _has_only_new_keys(self, readings: Sequence[pa.Table]) -> bool:
        """Tell whether there are readings, none is held otherwise, and no key is there twice."""
        if not readings or self._has_edits:
            return False
        keys = pa.concat_tables([table.select(READING_KEY) for table in readings])
        return bool(keys.group_by([*READING_KEY]).aggregate([]).num_rows == keys.num_rows)

    def _take(self, batch: Batch) -> None:
        name, sensors = batch.store.name, batch.store.sensors
        known = self.state.of(name).with_doors(sensors)
        rows, late = Holdings(self.store.connection).new_readings(batch, known.late)
        known = type(known)(known.doors, late).with_read(sensors, batch.spans)
        self.state = self.state.with_store(name, known)
        self._has_edits |= not pc.all(rows["is_key_new"], min_count=0).as_py()
        self.add({"readings": rows.drop_columns(["is_key_new"])})
        if self.asked_at is not None:
            gone = Holdings(self.store.connection).gone(batch, self.asked_at)
            self.add({"reading_deletions": gone})

    def _is_full(self) -> bool:
        rows = sum(table.num_rows for tables in self._rows.values() for table in tables)
        is_old = self.clock() - self._began >= SECONDS_A_PACKAGE
        return rows >= ROWS_A_PACKAGE or (rows > 0 and is_old)


def _counted(batches: Iterator[Batch], errors: list[LoadError]) -> Iterator[tuple[Batch, int]]:
    """Yield batches with their sizes up to the first error, which is kept for later."""
    try:
        for batch in batches:
            yield batch, batch.asked.num_rows
    except LoadError as error:
        errors.append(error)
