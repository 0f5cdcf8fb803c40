"""The lake as DuckDB reads it without a copy: views of raw's tables over the Parquet files.

A row counts if a record names its file, and if no newer load has its key: the same rows as
raw.duckdb has as a copy of the lake.
"""

from collections.abc import Iterator, Mapping

from ingestion.core.lake.location import Lake
from ingestion.core.lake.records import LOADS, read_records, recorded_ids
from ingestion.core.raw.sql import literal
from ingestion.core.source import ORIGINS, RawTable, Source

VIEW = """create or replace view {schema}."{table}" as
select * exclude (filename, version)
from (
    select
        *,
        row_number() over (partition by {key} order by _dlt_load_id desc) as version
    from read_parquet(
        {files}, union_by_name = true, filename = true, hive_partitioning = false
    )
    where parse_filename(filename) in (
        select parse_filename(file.path)
        from (select unnest(files) as file from {records})
        where file.path like {of_table}
    )
)
where version = 1;
"""
LOADS_VIEW = """create or replace view {schema}._dlt_loads as
select load_id, schema_name, status, inserted_at, schema_version_hash
from {records};
"""
RECORDS = """read_json(
            {paths},
            format = 'newline_delimited',
            columns = {{
                load_id: 'varchar',
                schema_name: 'varchar',
                status: 'bigint',
                inserted_at: 'timestamptz',
                schema_version_hash: 'varchar',
                files: 'struct(path varchar, "rows" bigint)[]'
            }}
        )"""


def lake_views(lake: Lake, sources: Mapping[str, Source]) -> Iterator[str]:
    """Yield the statements that make a view of each raw table that the lake has.

    Args:
        lake: the lake.
        sources: whose tables, by name.
    """
    there = {*lake.schemas()}
    for source in sources.values():
        if source.schema in there:
            yield from _views(lake, source)


def _views(lake: Lake, source: Source) -> Iterator[str]:
    schema = source.schema
    records = read_records(lake, schema, recorded_ids(lake, schema))
    if not records:
        return
    raw_tables: dict[str, RawTable] = {"origins": ORIGINS, **source.tables}
    read = RECORDS.format(paths=literal(f"{lake.raw}/{schema}/{LOADS}/*.jsonl"))
    yield f"create schema if not exists {schema};\n"
    yield LOADS_VIEW.format(schema=schema, records=read)
    there = {file.table for record in records for file in record.files}
    for table in sorted(there.intersection(raw_tables)):
        yield VIEW.format(
            schema=schema,
            table=table,
            key=", ".join(f'"{name}"' for name in raw_tables[table].key),
            files=literal(f"{lake.raw}/{schema}/{table}/*.parquet"),
            records=read,
            of_table=literal(f"{table}/%"),
        )
