"""The raw database, written by dlt: rows and the state that speaks of them in one package.

Flow: Arrow tables -> dlt package -> merge by delete-insert, or append -> raw_<source>.*; with a
    lake, the package becomes files of the lake, and raw.duckdb takes it from there (`targets`).
State: read back from the destination at every start; dlt's working folder is new for each run, for
    one that outlives its database makes dlt believe that rows are there.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import dlt
import duckdb
import pyarrow as pa
from dlt.pipeline.exceptions import PipelineStepFailed

from ingestion.core.clock import Clock, utc_now
from ingestion.core.errors import LoadError
from ingestion.core.lake.location import Lake
from ingestion.core.lake.replica import Replica
from ingestion.core.memory import MB, memory_limit, size_text
from ingestion.core.process.configuration import restrict_dlt
from ingestion.core.progress import Progress, Silent
from ingestion.core.raw.load_ids import LoadIds
from ingestion.core.raw.origins import TABLE as ORIGINS_TABLE
from ingestion.core.raw.origins import OriginNotes
from ingestion.core.raw.packages import JsonState, Package, load_package
from ingestion.core.raw.sql import literal
from ingestion.core.raw.targets import LakeCopy, RawFile, Target
from ingestion.core.source import ORIGINS, LoadResult, RawTable, Request

# The most that a load needs, however large the memory setting is.
MAX_MEMORY = 384 * MB
MANY_ROWS = 50_000


class RawStore:
    """The raw tables of one source, open for one load.

    Args:
        data_dir: the folder of run-time files.
        source: for example `chicago_crime`; the tables are in schema `raw_<source>`.
        tables: the source's raw tables, by name.
        progress: shows the checkpoint at the end, where something was written.
        clock: the moment, with its zone.
        lake: where packages go; into raw.duckdb alone without one.

    Attributes:
        connection: for queries on what is loaded.
        schema: where the tables are.
        tables: the source's raw tables, and the notes of its origins.
        origins: which rows the source calls made up: its notes go with the first rows.
        result: what was committed, for the load to complete.
    """

    connection: duckdb.DuckDBPyConnection
    origins: OriginNotes
    _target: Target
    _opened: dlt.Pipeline | None = None

    def __init__(
        self,
        data_dir: Path,
        source: str,
        tables: Mapping[str, RawTable],
        progress: Progress | None = None,
        clock: Clock = utc_now,
        *,
        lake: Lake | None = None,
    ) -> None:
        self._lake = lake
        self.result = LoadResult()
        self._progress = progress or Silent()
        self._has_written = False
        self._clock = clock
        self.schema = f"raw_{source}"
        self._source = source
        self.tables = {ORIGINS_TABLE: ORIGINS, **tables}
        self._file = data_dir / "raw.duckdb"
        self._work = data_dir / "work"
        self._folder = packages_folder(self._work)

    @classmethod
    def for_request(cls, request: Request) -> Self:
        """Return the store of a request's source."""
        source, lake = request.source, Lake.from_env(os.environ)
        about = request.data_dir, source.key, source.tables, request.progress, request.clock
        return cls(*about, lake=lake)

    def __enter__(self) -> Self:
        self._work.mkdir(parents=True, exist_ok=True)
        try:
            limit = size_text(min(memory_limit(os.environ), MAX_MEMORY))
            self.connection = duckdb.connect(
                str(self._file), config={"memory_limit": limit, "threads": 2}
            )
        except duckdb.Error as error:
            why = str(error).splitlines()[0]
            msg = f"{self._file} cannot be opened: {why}; end what uses it, then load again"
            raise LoadError(msg) from error
        self.origins = OriginNotes(self.connection, self.schema, self._clock)
        self._load_ids = LoadIds(self.connection, self._file, self.schema, self._clock)
        # Whoever left these was killed: the database is locked, so no other load is running.
        for left in self._work.glob("dlt-*"):
            shutil.rmtree(left, ignore_errors=True)
        try:
            self._target = self._find_target()
            self._step("read", self._target.open)
            self._check_types()
        except LoadError:
            self.connection.close()
            raise
        return self

    def _find_target(self) -> Target:
        if self._lake is None:
            return RawFile(self.connection, self._file, self.schema)
        about = self._file, self._lake, self.schema, self.tables, self._folder / "lake"
        return LakeCopy(Replica(self.connection, *about, self._progress))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and self.origins.has_made_up:
                # Nothing was new but that.
                self.commit({}, {})
        finally:
            self._close(kind)

    def _close(self, kind: type[BaseException] | None) -> None:
        if self._opened:
            self._opened.deactivate()
        if self._opened and kind is None:
            # dlt empties its staging tables but keeps them, and a checkpoint would compress
            # what was in them.
            self.connection.execute(f"drop schema if exists {self.schema}_staging cascade")
        if kind is None and self._has_written:
            with self._progress.task(f"{self._file.name}: checkpoint", unit=""):
                self.connection.execute("checkpoint")
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _pipeline(self) -> dlt.Pipeline:
        """The pipeline of dlt, as the database has it; a load that finds nothing new needs none."""
        if self._opened is None:
            restrict_dlt()
            self._opened = dlt.pipeline(
                self._source,
                pipelines_dir=str(self._folder),
                destination=self._target.destination(),
                dataset_name=self.schema,
            )
            self._step("read", self._opened.sync_destination)
        return self._opened

    def state(self, key: str) -> JsonState | None:
        """Return the state that was committed last under a key; None before the first."""
        return self.states().get(key)

    def states(self) -> dict[str, JsonState]:
        """Return the states that were committed last, by key."""
        sources: dict[str, Any] = self._pipeline.state.get("sources", {})
        return dict(sources.get(self._source, {}))

    def commit(
        self,
        rows: Mapping[str, Sequence[pa.Table]],
        states: Mapping[str, JsonState],
        *,
        only_new: Collection[str] = (),
    ) -> str:
        """Write rows and states together, count them in the result, and return their load id.

        Args:
            rows: Arrow tables of text by raw table.
            states: by key, what holds once these rows are in.
            only_new: raw tables whose rows have keys that raw lacks, each key once: these are
                appended, in half the time of a merge.

        Raises:
            LoadError: the package was not written; the database is as it was.
        """
        if origins := self.origins.missing():
            rows, only_new = {**rows, ORIGINS_TABLE: origins}, {*only_new, ORIGINS_TABLE}
        if not rows:
            # dlt makes no package of a state alone: any table will do, the last one is small.
            name, table = [*self.tables.items()][-1]
            rows = {name: [table.empty()]}
        self._has_written = True
        load_id: str = self._step("written", lambda: self._write(rows, states, only_new))
        if origins:
            self.origins.forget()
        counts = {name: sum(table.num_rows for table in tables) for name, tables in rows.items()}
        self.result.load_ids.append(load_id)
        for name, count in counts.items():
            if count and not self.tables[name].is_note:
                self.result.rows[name] = self.result.rows.get(name, 0) + count
        if sum(counts.values()) >= MANY_ROWS:
            # dlt leaves rows in cycles of objects, which Python by itself collects much later.
            gc.collect()
            pa.default_memory_pool().release_unused()
        return load_id

    def _write(
        self,
        rows: Mapping[str, Sequence[pa.Table]],
        states: Mapping[str, JsonState],
        only_new: Collection[str],
    ) -> str:
        pipeline, load_id = self._pipeline, self._load_ids.next()
        package = Package(load_id, rows, states, only_new, self._folder / "files")
        load_package(pipeline, self._source, package, self.tables, self._target.form)
        self._target.loaded(package)
        return load_id

    def columns(self, table: str) -> frozenset[str]:
        """Return the columns of a raw table; none before it is made."""
        return frozenset(name for found, name, _ in self._all_columns() if found == table)

    def make_tables(self) -> None:
        """Make the raw tables that are not there yet; dlt takes them for its own."""
        self.connection.execute(f"create schema if not exists {self.schema}")
        for name, table in self.tables.items():
            columns = ", ".join(f"{column} varchar" for column in table.columns)
            self.connection.execute(
                f"create table if not exists {self.schema}.{name} "
                f"({columns}, _dlt_load_id varchar not null)"
            )
            there = {column for at, column, _ in self._all_columns() if at == name}
            for column in table.columns:
                if column not in there:
                    self.connection.execute(
                        f'alter table {self.schema}.{name} add column "{column}" varchar'
                    )

    def _all_columns(self) -> list[tuple[str, str, str]]:
        return self.connection.execute(
            "select table_name, column_name, data_type from duckdb_columns() "
            f"where schema_name = {literal(self.schema)}"
        ).fetchall()

    def _check_types(self) -> None:
        """Refuse a raw table that is none: what is written there would be cast, or not fit."""
        for table, column, kind in self._all_columns():
            if table in self.tables and kind != "VARCHAR":
                msg = (
                    f"{self._file}: column {column} of {self.schema}.{table} is of type {kind}, "
                    "where raw is text as received; move the table away, then load again"
                )
                raise LoadError(msg)

    def _step(self, done: str, step: Any) -> Any:
        try:
            return step()
        except (PipelineStepFailed, duckdb.Error, OSError) as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            msg = f"{self._file} could not be {done}: {lines[-1][:300]}; see the log, load again"
            raise LoadError(msg) from error


def packages_folder(work: Path) -> Path:
    """Return where dlt keeps its packages; it takes a `%` in their paths for a template's."""
    if "%" not in os.path.realpath(work):
        return work / f"dlt-{os.getpid()}"
    folders = (tempfile.gettempdir(), "/tmp", "/var/tmp")  # noqa: S108 -- of this user alone
    plain = next(folder for folder in folders if "%" not in os.path.realpath(folder))
    return Path(tempfile.mkdtemp(prefix="dlt-", dir=plain))
