"""What a package of dlt is made of: a resource for each raw table, and the states that go with it.

Flow: Arrow tables -> a Parquet file of dlt, or of ours where values hardly repeat -> its package.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
from dlt.common.schema.typing import TColumnSchema, TWriteDispositionConfig

from ingestion.core.errors import LoadError
from ingestion.core.raw.load_ids import packages_with
from ingestion.core.source import RawTable

APPEND: TWriteDispositionConfig = "append"
MERGE: TWriteDispositionConfig = {"disposition": "merge", "strategy": "delete-insert"}
LOAD_ID = pa.field("_dlt_load_id", pa.string(), nullable=False)

# What a source knows between two loads, as plain JSON values.
JsonState = dict[str, Any]


@dataclass(frozen=True)
class Package:
    """Rows and states that are committed together.

    Attributes:
        load_id: of all its rows.
        rows: Arrow tables of text by raw table.
        states: by key, what holds once these rows are in.
        only_new: raw tables whose rows are appended.
        folder: for files that are dlt's once it has linked them.
    """

    load_id: str
    rows: Mapping[str, Sequence[pa.Table]]
    states: Mapping[str, JsonState]
    only_new: Collection[str]
    folder: Path

    def file(self, table: str) -> Path:
        """Return the file of a table's rows, where dlt is given one."""
        return self.folder / f"{table}.{self.load_id}.parquet"


@dataclass(frozen=True)
class PackageForm:
    """What a destination takes packages as.

    Attributes:
        merges: whether it replaces rows by their key; one that does not only adds rows.
        compression: of Parquet files that stay; None where they are read once, at once.
        keeps_files: whether the files of a package are needed once it is loaded.
    """

    merges: bool = True
    compression: str | None = None
    keeps_files: bool = False


def resources(
    package: Package, raw_tables: Mapping[str, RawTable], form: PackageForm
) -> Iterator[Any]:
    """Yield a resource for each raw table that has rows, and take the states into dlt's."""
    for name, tables in package.rows.items():
        columns: dict[str, TColumnSchema] = {
            column: {"data_type": "text", "nullable": True}
            for table in tables
            for column in table.column_names
        }
        # As one table: each page by itself would be a row group of dlt's file, and DuckDB would
        # then write small row groups, which the next checkpoint has to put together.
        whole = pa.concat_tables(tables, promote_options="default")
        raw_table = raw_tables[name]
        is_ours = raw_table.is_varied or form.compression is not None
        appends = name in package.only_new or not form.merges
        yield dlt.resource(
            _items(package, _file(package, name, whole, raw_table, form) if is_ours else whole),
            name=name,
            write_disposition=APPEND if appends else MERGE,
            primary_key=raw_table.key,
            columns=columns,
        )


def load_package(
    pipeline: dlt.Pipeline,
    name: str,
    package: Package,
    raw_tables: Mapping[str, RawTable],
    form: PackageForm,
) -> None:
    """Do what dlt's `run` does but read the state first: the pipeline was opened with it.

    Args:
        pipeline: of the source.
        name: the source's, as dlt keeps its state.
        package: what to load.
        raw_tables: the source's tables, by name.
        form: what the destination takes.

    Raises:
        LoadError: dlt made another package of it.
    """
    source = dlt.source(resources, name=name, max_table_nesting=0)
    with packages_with(package.load_id):
        extracted = pipeline.extract(source(package, raw_tables, form))
    if not form.keeps_files:
        # dlt has linked them.
        shutil.rmtree(package.folder, ignore_errors=True)
    if extracted.loads_ids != [package.load_id]:
        msg = f"dlt made the packages {extracted.loads_ids} instead of {package.load_id}"
        raise LoadError(msg)
    pipeline.normalize()
    pipeline.load()


def _items(package: Package, rows: Any) -> Iterator[Any]:
    # dlt's state can be changed only while a resource is being read.
    for key, state in package.states.items():
        dlt.current.source_state()[key] = state
    yield rows


def _file(
    package: Package, name: str, rows: pa.Table, raw_table: RawTable, form: PackageForm
) -> Any:
    """Write rows to a file as dlt would, but in a form of our own, and let dlt import it.

    dlt has no setting for that. Where each value is another one, a dictionary is filled for
    nothing, and read for nothing: a quarter of what writing the survey's files took. A file that
    stays is compressed.
    """
    schema = pa.schema([*rows.schema, LOAD_ID])
    load_ids = pa.repeat(pa.scalar(package.load_id), rows.num_rows)
    file = package.file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table([*rows.columns, load_ids], schema=schema),
        file,
        compression=form.compression or "none",
        use_dictionary=not raw_table.is_varied,
    )
    return dlt.mark.with_file_import(str(file), "parquet", rows.num_rows, schema.empty_table())
