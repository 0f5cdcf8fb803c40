"""Moving an existing raw.duckdb into a lake: its rows, its loads and its state.

Flow: the rows of loads that the lake lacks -> Parquet files beside those that are there -> read
    back and compared -> one record for each source, by which they count, with the state.
Killed: files that no record names; the next copy deletes them and begins that source again.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dlt
import duckdb
from dlt.pipeline.exceptions import PipelineStepFailed

from ingestion.core.errors import LoadError
from ingestion.core.lake.destination import LakeDestination
from ingestion.core.lake.location import Lake
from ingestion.core.lake.origin import copied_from, has_loads, lacks_newest
from ingestion.core.lake.records import (
    LEFT,
    LakeFile,
    Load,
    Record,
    read_records,
    recorded_ids,
    recorded_loads,
)
from ingestion.core.progress import Progress, Task
from ingestion.core.raw.packages import JsonState, Package, load_package
from ingestion.core.raw.sql import LOAD_ID, file_literal, literal
from ingestion.core.raw.store import RawStore, packages_folder
from ingestion.core.raw.targets import LakeCopy
from ingestion.core.source import Source

ROWS_PER_FILE = 1_000_000
COPIED = re.compile(r"\.copied[0-9]+\.parquet")
# Not of the source: kept beside raw, or dlt's own.
TABLES = """
select table_name, list(column_name order by column_index)
from duckdb_columns()
where schema_name = {schema} and database_name = current_database()
group by all
having bool_or(column_name = '_dlt_load_id') and not starts_with(table_name, '_dlt')
order by 1
"""


@dataclass(frozen=True)
class Copied:
    """What was copied of a raw table.

    Attributes:
        table: with its schema.
        rows: how many.
        files: how many.
        size: bytes of the files.
    """

    table: str
    rows: int
    files: int
    size: int


def copy_source(data_dir: Path, source: Source, lake: Lake, progress: Progress) -> list[Copied]:
    """Copy what raw.duckdb has of a source and the lake lacks; raw.duckdb stays as it is.

    Args:
        data_dir: the folder of raw.duckdb.
        source: whose rows.
        lake: where to.
        progress: shows the rows.

    Raises:
        LoadError: the lake has loads that raw.duckdb lacks, raw.duckdb is a copy of a lake, or
            what was written is not what was read. Nothing of this source counts then.
    """
    if not _may_lack_loads(data_dir / "raw.duckdb", source, lake):
        return []
    with RawStore(data_dir, source.key, source.tables, progress) as raw:
        copy = _Copy(raw, source, lake, progress, packages_folder(data_dir / "work"))
        copy.write()
        states = raw.states()
    if not copy.new:
        return []
    # dlt has one pipeline open at a time.
    _record(copy, states)
    return copy.copied()


def _may_lack_loads(raw: Path, source: Source, lake: Lake) -> bool:
    """Whether a lake may lack loads of a raw file; one that has lost them is filled again."""
    with duckdb.connect(str(raw)) as connection:
        if not has_loads(connection, source.schema):
            return False
        if copied_from(connection).get(source.schema) != lake.url:
            return True
        if not lacks_newest(connection, lake, source.schema):
            return False
        connection.execute(
            f"delete from lake.copied_from where schema_name = {literal(source.schema)}"
        )
        return True


@dataclass
class _Copy:
    raw: RawStore
    source: Source
    lake: Lake
    progress: Progress
    scratch: Path
    new: list[Load] = field(default_factory=list)
    files: list[tuple[LakeFile, int]] = field(default_factory=list)

    def write(self) -> None:
        """Write the files of the loads that the lake lacks, and compare each."""
        own = self._own_loads()
        records = read_records(
            self.lake, self.source.schema, recorded_ids(self.lake, self.source.schema)
        )
        known = recorded_loads(records)
        if foreign := known - {*own}:
            msg = (
                f"{self.lake.url} has {len(foreign):,} loads of {self.source.schema} that "
                "raw.duckdb lacks: copy into an empty lake"
            )
            raise LoadError(msg)
        self._delete_uncounted(records)
        self.new = [own[load_id] for load_id in sorted(own) if load_id not in known]
        if not self.new:
            return
        self._select(self.new)
        self.scratch.mkdir(parents=True, exist_ok=True)
        tables = self._tables()
        total = sum(rows for table, _ in tables for _, rows in self._rows_by_load(table))
        with self.progress.task(f"{self.source.schema}: {self.lake.url}", total) as task:
            for table, columns in tables:
                self.files += self._files(table, columns, task)

    def copied(self) -> list[Copied]:
        """Return what was written, by table."""
        by_table: dict[str, list[tuple[LakeFile, int]]] = {}
        for file, size in self.files:
            by_table.setdefault(file.table, []).append((file, size))
        return [
            Copied(
                f"{self.source.schema}.{table}",
                sum(file.rows for file, _ in of_table),
                len(of_table),
                sum(size for _, size in of_table),
            )
            for table, of_table in by_table.items()
        ]

    def _own_loads(self) -> dict[str, Load]:
        """The loads of raw.duckdb by id, those included that were killed and left rows."""
        schema = self.source.schema
        rows = self.raw.connection.execute(
            "select load_id, schema_name, status, strftime(inserted_at at time zone 'UTC', "
            f"'%Y-%m-%dT%H:%M:%S.%f+00:00'), schema_version_hash from {schema}._dlt_loads"
        ).fetchall()
        found = {row[0]: Load(*row) for row in rows}
        for table, _ in self._tables():
            left = self.raw.connection.execute(
                f'select distinct {LOAD_ID} from {schema}."{table}" anti join {schema}._dlt_loads '
                f"as loads on loads.load_id = {LOAD_ID}"
            ).fetchall()
            found |= {
                load_id: Load(load_id, self.source.key, LEFT, "1970-01-01T00:00:00+00:00", "")
                for (load_id,) in left
            }
        return found

    def _tables(self) -> list[tuple[str, list[str]]]:
        query = TABLES.format(schema=literal(self.source.schema))
        return self.raw.connection.execute(query).fetchall()

    def _select(self, loads: Sequence[Load]) -> None:
        ids = ", ".join(f"({literal(load.load_id)})" for load in loads)
        self.raw.connection.execute(
            f"create or replace temp table new_loads as select * from (values {ids}) as t(load_id)"
        )

    def _rows_by_load(self, table: str) -> list[tuple[str, int]]:
        return self.raw.connection.execute(
            f'select {LOAD_ID}, count(*) from {self.source.schema}."{table}" '
            f"where {LOAD_ID} in (from new_loads) group by all order by 1"
        ).fetchall()

    def _files(
        self, table: str, columns: Sequence[str], task: Task
    ) -> Iterator[tuple[LakeFile, int]]:
        """Write a table's new rows to files of the lake, and yield each with its size."""
        for number, (first, last, rows) in enumerate(_chunks(self._rows_by_load(table)), 1):
            where = (
                f'from {self.source.schema}."{table}" where {LOAD_ID} in (from new_loads) '
                f"and {LOAD_ID} between {literal(first)} and {literal(last)}"
            )
            file = LakeFile(f"{table}/{self.new[-1].load_id}.copied{number:05}.parquet", rows)
            local = self.scratch / Path(file.path).name
            self.raw.connection.execute(
                f"copy (select * {where} order by {LOAD_ID}) to {literal(str(local))} "
                "(format parquet, compression zstd)"
            )
            path = self.lake.path(self.source.schema, *file.path.split("/"))
            if self.lake.is_local:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self.lake.files.put_file(str(local), path)
            size = local.stat().st_size
            local.unlink()
            self._compare(where, columns, path, local)
            task.advance(rows)
            yield file, size

    def _compare(self, where: str, columns: Sequence[str], path: str, local: Path) -> None:
        """Read a file back from the lake, and compare its rows with those of raw.duckdb.

        Raises:
            LoadError: they are not the same.
        """
        written = path
        if not self.lake.is_local:
            self.lake.files.get_file(path, str(local))
            written = str(local)
        names = ", ".join(f'"{name}"' for name in columns)
        content = f"select count(*), sum(hash({names})) "
        (there,), (here,) = (
            self.raw.connection.execute(content + rows).fetchall()
            for rows in (where, f"from read_parquet({file_literal(written)})")
        )
        local.unlink(missing_ok=True)
        if there != here:
            msg = (
                f"{path} is not what raw.duckdb has: {here[0]:,} rows instead of {there[0]:,}, or "
                "others; see whether the disk is full or damaged, then copy again"
            )
            raise LoadError(msg)

    def _delete_uncounted(self, records: Sequence[Record]) -> None:
        """Delete the files of a copy that was killed: no record names them."""
        counted = {file.path for record in records for file in record.files}
        for table, _ in self._tables():
            for name in self.lake.names(self.source.schema, table):
                if COPIED.search(name) and f"{table}/{name}" not in counted:
                    self.lake.files.rm_file(self.lake.path(self.source.schema, table, name))


def _record(copy: _Copy, states: Mapping[str, JsonState]) -> None:
    """Make the files count, with the state that goes with them."""
    source = copy.source
    destination = LakeDestination(copy.lake)
    destination.copied = tuple(copy.new), tuple(file for file, _ in copy.files)
    pipeline = dlt.pipeline(
        source.key,
        pipelines_dir=str(copy.scratch / "dlt"),
        destination=destination,
        dataset_name=source.schema,
    )
    name, table = [*source.tables.items()][-1]
    package = Package(
        copy.new[-1].load_id, {name: [table.empty()]}, states, (), copy.scratch / "files"
    )
    try:
        pipeline.sync_destination()
        load_package(pipeline, source.key, package, source.tables, LakeCopy.form)
    except PipelineStepFailed as error:
        why = str(error).strip().splitlines()[0]
        msg = f"{copy.lake.url} could not be written: {why}; see the log, then copy again"
        raise LoadError(msg) from error
    finally:
        pipeline.deactivate()
        shutil.rmtree(copy.scratch, ignore_errors=True)


def _chunks(rows_by_load: Sequence[tuple[str, int]]) -> Iterator[tuple[str, str, int]]:
    """Yield the first and last load of each file, and its rows."""
    first, total = None, 0
    for load_id, rows in rows_by_load:
        first, total = first or load_id, total + rows
        if total >= ROWS_PER_FILE:
            yield first, load_id, total
            first, total = None, 0
    if first:
        yield first, rows_by_load[-1][0], total
