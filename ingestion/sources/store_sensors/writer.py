"""Writes what is new of batches with the state that it leads to."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pyarrow.compute as pc

from ingestion.core.errors import LoadError
from ingestion.core.fetching.fetch_ahead import fetch_ahead
from ingestion.core.progress import Task
from ingestion.core.raw.package_writer import PackageWriter
from ingestion.core.raw.store import RawStore
from ingestion.sources.store_sensors.plan import Batch
from ingestion.sources.store_sensors.raw_state import LoadedReadings
from ingestion.sources.store_sensors.state import State

ROWS_PER_PACKAGE = 750_000
MAX_SECONDS = 15.0
STATE = "readings"


class Writer(PackageWriter[State]):
    """Writes readings.

    Args:
        store: the raw database.
        deleted_at: within a reconciliation, the moment: readings that were requested and are not at
            the source are noted as deleted then.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        store: RawStore,
        *,
        deleted_at: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(
            store,
            State.from_json(store.state(STATE)),
            state_key=STATE,
            max_rows=ROWS_PER_PACKAGE,
            max_seconds=MAX_SECONDS,
            clock=clock,
        )
        self._loaded = LoadedReadings(store.connection)
        self._deleted_at = deleted_at

    def write(self, batches: Iterator[Batch], task: Task) -> None:
        """Fetch batches ahead, and commit what is new of them in packages.

        Raises:
            LoadError: the fetching failed; what came before is committed.
        """
        failures: list[LoadError] = []
        for batch in fetch_ahead(_until_failure(batches, failures)):
            self._take(batch)
            task.advance(batch.asked.num_rows)
            self.commit_full()
        self.commit()
        if failures:
            raise failures[0]

    def _take(self, batch: Batch) -> None:
        name, sensors = batch.store.name, batch.store.sensors
        known = self.state.of(name).with_doors(sensors)
        rows, late = self._loaded.new_readings(batch, known.late)
        known = replace(known, late=late).with_read(sensors, batch.spans)
        self.state = self.state.with_store(name, known)
        is_new = pc.all(rows["is_key_new"], min_count=0).as_py()
        self.add("readings", rows.drop_columns(["is_key_new"]), is_new=is_new)
        if self._deleted_at is not None:
            self.add("reading_deletions", self._loaded.deleted(batch, self._deleted_at))


def _until_failure(batches: Iterator[Batch], failures: list[LoadError]) -> Iterator[Batch]:
    """Yield batches up to the first error, which is kept for later."""
    try:
        yield from batches
    except LoadError as error:
        failures.append(error)
