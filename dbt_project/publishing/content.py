"""The content of a table of a DuckDB file: columns, rows, and a hash, equal for equal content.

The hash is the sum of the hashes of the rows: it does not depend on their order, and the hash of a
table is the sum of those of its parts. It is comparable only within one version of DuckDB.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from dbt_project.publishing.partitions import PERIODS, UNDATED, Partition
from ingestion.core.errors import WarehouseError

DATES = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
Columns = list[dict[str, str]]


@dataclass(frozen=True)
class Part:
    """The rows of a table in one Parquet file.

    Attributes:
        name: of the period; None for a table that is not partitioned.
        rows: how many.
        total: the sum of the rows' hashes.
        condition: selects the rows.
    """

    name: str | None
    rows: int
    total: int
    condition: str = "true"

    @property
    def content_hash(self) -> str:
        """The hash as in the manifest."""
        return hash_text(self.total)


def hash_text(total: int) -> str:
    """A sum of hashes as in the manifest."""
    return f"{total:032x}"


def read_columns(connection: duckdb.DuckDBPyConnection, name: str) -> Columns:
    """The columns of a table, `schema.name`, in order: `name` and `type` of each."""
    found = connection.execute(
        "select column_name, data_type from duckdb_columns()"
        " where schema_name = ? and table_name = ? order by column_index",
        name.split("."),
    ).fetchall()
    return [{"name": column, "type": kind} for column, kind in found]


def read_parts(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Columns,
    partition: Partition | None,
) -> Sequence[Part]:
    """Count and hash the rows of a table, in one scan.

    Args:
        connection: to the file; its time zone is UTC.
        name: of the table, `schema.name`.
        columns: of the table.
        partition: how the table is divided; None if it is not.

    Returns:
        The parts, by time; at least one.

    Raises:
        WarehouseError: the table has no such column, or it is not a date or timestamp.
    """
    if partition is None:
        query = f"select count(*), coalesce(sum(hash(mart)), 0) from {name} as mart"
        rows, total = connection.execute(query).fetchall()[0]
        return [Part(None, rows, total)]
    kind = {column["name"]: column["type"] for column in columns}.get(partition.column)
    if kind not in DATES:
        msg = (
            f"{name} cannot be divided by {partition.column}, which is"
            f" {kind or 'not one of its columns'}: name a date or a timestamp in its YAML"
        )
        raise WarehouseError(msg)
    found = connection.execute(_parts_query(name, partition, kind)).fetchall()
    names = (partition.column, kind)
    return [_part(names, *row) for row in found] or [Part(UNDATED, 0, 0)]


def _parts_query(name: str, partition: Partition, kind: str) -> str:
    """A row for each period: name, bounds in the column's type as text, rows and hash."""
    return f"""
        with parts as (
            select
                case
                    when isfinite({partition.column})
                    then date_trunc('{partition.period}', {partition.column})
                end as start,
                count(*) as row_count,
                sum(hash(mart)) as total
            from {name} as mart
            group by 1
        )
        select
            strftime(start, '{PERIODS[partition.period]}'),
            [
                cast(cast(start as {kind}) as varchar),
                cast(cast(start + interval 1 {partition.period} as {kind}) as varchar)
            ],
            row_count,
            total
        from parts
        order by start nulls last
    """


def _part(
    of: tuple[str, str], name: str | None, bounds: tuple[str, str], rows: int, total: int
) -> Part:
    """The part of a row that `read_parts` found."""
    column, kind = of
    if name is None:
        return Part(UNDATED, rows, total, f"coalesce(not isfinite({column}), true)")
    start, end = (f"cast('{bound}' as {kind})" for bound in bounds)
    return Part(name, rows, total, f"{column} >= {start} and {column} < {end}")
