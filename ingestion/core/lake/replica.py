"""raw.duckdb as the working copy of a lake: what loads ask, and what a build reads.

The lake is what lasts; the copy is brought up to it when it is opened, and by each load. It has of
each key the row of the newest load, as raw.duckdb has without a lake. An empty data folder fills
its copy from the lake.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.core.errors import LoadError
from ingestion.core.lake.location import SETTING, Lake
from ingestion.core.lake.origin import copied_from, has_loads, lacks_newest, note_origin
from ingestion.core.lake.records import (
    LakeFile,
    Load,
    Record,
    read_records,
    recorded_ids,
    recorded_loads,
)
from ingestion.core.progress import Progress
from ingestion.core.raw.sql import LOAD_ID, file_literal, literal
from ingestion.core.source import RawTable

# Records that are taken at once: as many as have this many rows or files.
ROWS_AT_ONCE = 1_000_000
FILES_AT_ONCE = 200
MAKE_LOADS = """
create schema if not exists {schema};
create table if not exists {schema}._dlt_loads (
    load_id varchar not null,
    schema_name varchar,
    status bigint not null,
    inserted_at timestamptz not null,
    schema_version_hash varchar
)
"""


@dataclass
class Replica:
    """The tables of one source in raw.duckdb, as a copy of a lake's.

    Attributes:
        connection: to the raw file.
        file: the raw file, for messages.
        lake: the lake.
        schema: of the tables.
        tables: the source's raw tables, by name.
        scratch: a folder for files of a lake that is elsewhere.
        progress: shows what takes long.
    """

    connection: duckdb.DuckDBPyConnection
    file: Path
    lake: Lake
    schema: str
    tables: Mapping[str, RawTable]
    scratch: Path
    progress: Progress

    def follow(self) -> None:
        """Take the loads of the lake that the copy lacks.

        Raises:
            LoadError: the file is not a copy of this lake, and has loads that the lake lacks.
        """
        known = {*self._loads()}
        self._require_copy(known)
        new = [load_id for load_id in recorded_ids(self.lake, self.schema) if load_id not in known]
        if not new:
            return
        records = read_records(self.lake, self.schema, new)
        total = sum(file.rows for record in records for file in record.files)
        with self.progress.task(f"{self.schema}: {self.lake.url}", total, unit="rows") as task:
            for batch in _batches(records):
                task.advance(self._take(batch))

    def add(self, record: Record, files: Mapping[str, Path], only_new: Collection[str]) -> None:
        """Take a load that was just written to the lake.

        Args:
            record: of the load.
            files: the local files that its rows were written from, by table.
            only_new: the tables of which the copy lacks every key.
        """
        with self._transaction():
            for table, file in files.items():
                self._insert(table, [str(file)], is_new=table in only_new)
            self._note(record.loads)

    def _take(self, records: Sequence[Record]) -> int:
        files = [file for record in records for file in record.files]
        by_table: dict[str, list[LakeFile]] = {}
        for file in files:
            # A table that the source does not declare any more has no key.
            if file.table in self.tables:
                by_table.setdefault(file.table, []).append(file)
        with self._transaction():
            for table, of_table in by_table.items():
                local = [self._local(file) for file in of_table]
                self._insert(table, local, is_new=False)
                if not self.lake.is_local:
                    for path in local:
                        Path(path).unlink()
            for record in records:
                self._note(record.loads)
        return sum(file.rows for file in files)

    def _local(self, file: LakeFile) -> str:
        """Return where a file is on this machine; one of an object store is fetched."""
        path = self.lake.path(self.schema, *file.path.split("/"))
        if self.lake.is_local:
            return path
        self.scratch.mkdir(parents=True, exist_ok=True)
        local = self.scratch / file.path.replace("/", ".")
        self.lake.files.get_file(path, str(local))
        return str(local)

    def _insert(self, table: str, files: Sequence[str], *, is_new: bool) -> None:
        """Insert the rows of files; those that the table has of an older load give way."""
        into = f'{self.schema}."{table}"'
        listed = ", ".join(map(file_literal, files))
        rows = (
            f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false, "
            "filename = false)"
        )
        columns = [row[0] for row in self.connection.execute(f"describe from {rows}").fetchall()]
        self._make(table, columns)
        if is_new:
            self.connection.execute(f"insert into {into} by name select * from {rows}")
            return
        key = self.tables[table].key
        same = " and ".join(f'there."{name}" = came."{name}"' for name in key)
        names = ", ".join(f'"{name}"' for name in key)
        # Files of several loads, and the rows of one that dlt wrote twice.
        self.connection.execute(
            f"create or replace temp table came as select * from {rows} "
            f"qualify row_number() over (partition by {names} order by {LOAD_ID} desc) = 1"
        )
        self.connection.execute(
            f"delete from {into} as there using came "
            f"where {same} and there.{LOAD_ID} < came.{LOAD_ID}"
        )
        self.connection.execute(
            f"insert into {into} by name select * from came "
            f"where not exists (select 1 from {into} as there where {same})"
        )
        self.connection.execute("drop table came")

    def _make(self, table: str, columns: Sequence[str]) -> None:
        there = {
            name
            for (name,) in self.connection.execute(
                "select column_name from duckdb_columns() where (schema_name, table_name) = "
                f"({literal(self.schema)}, {literal(table)}) and database_name = current_database()"
            ).fetchall()
        }
        texts = [f'"{name}" varchar' for name in columns if name != LOAD_ID]
        if not there:
            self.connection.execute(
                f"create schema if not exists {self.schema}; "
                f'create table {self.schema}."{table}" '
                f"({', '.join(texts)}, {LOAD_ID} varchar not null)"
            )
            return
        for name in columns:
            if name not in there:
                self.connection.execute(
                    f'alter table {self.schema}."{table}" add column "{name}" varchar'
                )

    def _note(self, loads: Sequence[Load]) -> None:
        self.connection.execute(MAKE_LOADS.format(schema=self.schema))
        rows = ", ".join(
            f"({literal(load.load_id)}, {literal(load.schema_name)}, {load.status}, "
            f"{literal(load.inserted_at)}, {literal(load.schema_version_hash)})"
            for load in loads
        )
        self.connection.execute(f"insert into {self.schema}._dlt_loads values {rows}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("begin")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    def _loads(self) -> list[str]:
        if not has_loads(self.connection, self.schema):
            return []
        found = self.connection.execute(f"select load_id from {self.schema}._dlt_loads").fetchall()
        return [load_id for (load_id,) in found]

    def _require_copy(self, own: set[str]) -> None:
        """Refuse a file that has loads of its own; note which lake it is a copy of.

        Raises:
            LoadError: says what to do.
        """
        origins = copied_from(self.connection)
        others = {url for url in origins.values() if url != self.lake.url}
        if others:
            msg = (
                f"{self.file} is a copy of the lake {others.pop()}, and {SETTING} is "
                f"{self.lake.url}: set it back, or use another data folder, which is filled from "
                "that lake"
            )
            raise LoadError(msg)
        if self.schema in origins:
            if lacks_newest(self.connection, self.lake, self.schema):
                msg = (
                    f"{self.file} is a copy of the lake {self.lake.url}, which has lost loads of "
                    f"{self.schema}: restore its files, or run `warehouse lake copy`"
                )
                raise LoadError(msg)
            return
        if own:
            records = read_records(self.lake, self.schema, recorded_ids(self.lake, self.schema))
            if missing := len(own - recorded_loads(records)):
                msg = (
                    f"{self.file} has {missing:,} loads of {self.schema} that the lake "
                    f"{self.lake.url} lacks: run `warehouse lake copy` first"
                )
                raise LoadError(msg)
        note_origin(self.connection, self.lake, self.schema)


def _batches(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Yield records in order, as many together as make one statement worth its while."""
    batch: list[Record] = []
    rows = files = 0
    for record in records:
        batch.append(record)
        rows += sum(file.rows for file in record.files)
        files += len(record.files)
        if rows >= ROWS_AT_ONCE or files >= FILES_AT_ONCE:
            yield batch
            batch, rows, files = [], 0, 0
    if batch:
        yield batch
