"""The raw database, written by dlt: rows and the state that speaks of them in one package.

Flow: Arrow tables -> dlt package -> merge by delete-insert -> raw_chicago_crime.*.
State: read back from the database at every start; dlt's working folder is new for each run, for
    one that outlives its database makes dlt believe that rows are there.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import dlt
import duckdb
import pyarrow as pa
from dlt.common.schema.typing import TColumnSchema
from dlt.pipeline.exceptions import PipelineStepFailed

from ingestion.errors import LoadError
from ingestion.sources.chicago_crime.datasets import RAW_TABLES
from ingestion.sources.chicago_crime.state import State

SCHEMA = "raw_chicago_crime"
SOURCE = "chicago_crime"
MEMORY_LIMIT = "512MB"
# What the load relies on, wherever the command is run from.
SETTINGS: Mapping[str, Any] = {
    "normalize.parquet_normalizer.add_dlt_load_id": True,
    "normalize.parquet_normalizer.add_dlt_id": False,
    "load.truncate_staging_dataset": True,
    "load.workers": 1,
    "runtime.dlthub_telemetry": False,
    # dlt's own naming would turn `case_` into `casex`.
    "schema.naming": "duck_case",
}


@dlt.source(name=SOURCE, max_table_nesting=0)
def package(rows: Mapping[str, Sequence[pa.Table]], states: Mapping[str, State]) -> Any:
    """Yield a resource for each raw table, and take the states into dlt's.

    Args:
        rows: Arrow tables of text by raw table.
        states: by data set, what holds once these rows are in.
    """
    for name, tables in rows.items():
        columns: dict[str, TColumnSchema] = {
            column: {"data_type": "text", "nullable": True}
            for table in tables
            for column in table.column_names
        }
        yield dlt.resource(
            _pages(tables, states),
            name=name,
            write_disposition={"disposition": "merge", "strategy": "delete-insert"},
            primary_key=RAW_TABLES[name].key,
            columns=columns,
        )


def _pages(tables: Sequence[pa.Table], states: Mapping[str, State]) -> Iterator[pa.Table]:
    # dlt's state can be changed only while a resource is being read.
    for dataset, state in states.items():
        dlt.current.source_state()[dataset] = state.to_json()
    yield from tables


class RawStore:
    """The raw database, open for one load.

    Attributes:
        connection: for questions about what is held.
    """

    connection: duckdb.DuckDBPyConnection

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / "raw.duckdb"
        self._work = data_dir / "work"
        self._folder = self._work / f"dlt-{os.getpid()}"

    def __enter__(self) -> Self:
        self._work.mkdir(parents=True, exist_ok=True)
        try:
            self.connection = duckdb.connect(
                str(self._file), config={"memory_limit": MEMORY_LIMIT, "threads": 2}
            )
        except duckdb.Error as error:
            why = str(error).splitlines()[0]
            msg = f"{self._file} cannot be opened: {why}; end what uses it, then load again"
            raise LoadError(msg) from error
        # Whoever left these was killed: the database is locked, so no other load is running.
        for left in self._work.glob("dlt-*"):
            shutil.rmtree(left, ignore_errors=True)
        for name, value in SETTINGS.items():
            dlt.config[name] = value
        self._pipeline = dlt.pipeline(
            SOURCE,
            pipelines_dir=str(self._folder),
            destination=dlt.destinations.duckdb(self.connection),
            dataset_name=SCHEMA,
        )
        self._step("read", self._pipeline.sync_destination)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipeline.deactivate()
        if kind is None:
            # dlt empties its staging tables but keeps them, and a checkpoint would compress
            # what was in them.
            self.connection.execute(f"drop schema if exists {SCHEMA}_staging cascade")
            self.connection.execute("checkpoint")
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def state(self, dataset: str) -> State:
        """Return what was committed last of a data set."""
        sources: dict[str, Any] = self._pipeline.state.get("sources", {})
        return State.from_json(sources.get(SOURCE, {}).get(dataset))

    def commit(self, rows: Mapping[str, Sequence[pa.Table]], states: Mapping[str, State]) -> str:
        """Write rows and states together, and return dlt's load id.

        Raises:
            LoadError: the package was not written; the database is as it was.
        """
        rows = {**self._missing_tables(), **rows}
        if not rows:
            # dlt makes no package of a state alone.
            rows = {"day_counts": [_empty(RAW_TABLES["day_counts"].columns)]}
        info = self._step("written", lambda: self._pipeline.run(package(rows, states)))
        return str(info.loads_ids[-1])

    def make_tables(self) -> None:
        """Make the raw tables that no package has made yet."""
        if self._missing_tables():
            self.commit({}, {})

    def _missing_tables(self) -> dict[str, Sequence[pa.Table]]:
        """Return the raw tables that are not there yet, empty; the next package makes them."""
        there = self.connection.execute(
            "select table_name from duckdb_tables() where schema_name = ?", [SCHEMA]
        ).fetchall()
        return {
            name: [_empty(raw.columns)] for name, raw in RAW_TABLES.items() if (name,) not in there
        }

    def _step(self, done: str, step: Any) -> Any:
        try:
            return step()
        except (PipelineStepFailed, duckdb.Error, OSError) as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            msg = f"{self._file} could not be {done}: {lines[-1][:300]}; see the log, load again"
            raise LoadError(msg) from error


def _empty(columns: Sequence[str]) -> pa.Table:
    return pa.table({column: pa.array([], pa.string()) for column in columns})
