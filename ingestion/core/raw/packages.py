"""What a package of dlt is made of: a resource for each raw table, and the states that go with it.

Flow: Arrow tables -> a Parquet file of dlt, or of ours where values hardly repeat -> its package.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.parquet as pq
from dlt.common.schema.typing import TColumnSchema, TWriteDispositionConfig

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


def resources(package: Package, raw_tables: Mapping[str, RawTable]) -> Iterator[Any]:
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
        yield dlt.resource(
            _items(package, _file(package, whole) if raw_table.is_varied else whole),
            name=name,
            write_disposition=APPEND if name in package.only_new else MERGE,
            primary_key=raw_table.key,
            columns=columns,
        )


def _items(package: Package, rows: Any) -> Iterator[Any]:
    # dlt's state can be changed only while a resource is being read.
    for key, state in package.states.items():
        dlt.current.source_state()[key] = state
    yield rows


def _file(package: Package, rows: pa.Table) -> Any:
    """Write rows to a file as dlt would, but without dictionaries, and let dlt import it.

    dlt has no setting for that. Where each value is another one, a dictionary is filled for
    nothing, and read for nothing: a quarter of what writing the survey's files took.
    """
    schema = pa.schema([*rows.schema, LOAD_ID])
    load_ids = pa.repeat(pa.scalar(package.load_id), rows.num_rows)
    file = package.folder / f"{package.load_id}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table([*rows.columns, load_ids], schema=schema),
        file,
        compression="none",
        use_dictionary=False,
    )
    return dlt.mark.with_file_import(str(file), "parquet", rows.num_rows, schema.empty_table())
