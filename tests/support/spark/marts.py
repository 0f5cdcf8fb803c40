"""The marts of both engines, compared row for row."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from tests.support.spark.cluster import Spark

DOMAINS = ("core", "crime", "footfall", "education")


def differences(spark: Spark, marts: Path) -> Mapping[str, str]:
    """What differs between the marts of a DuckDB file and those of a cluster, by mart.

    Each is compared row for row, columns by name and with their types.

    Args:
        spark: the cluster.
        marts: the DuckDB file.
    """
    found = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{marts}' as expected (read_only)")
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            f" where database_name = 'expected' and schema_name in {DOMAINS} order by all"
        ).fetchall()
        for (mart,) in tables:
            if why := _difference(connection, mart, spark.export(mart)):
                found[mart] = why
    return found


def _difference(connection: duckdb.DuckDBPyConnection, mart: str, exported: Path) -> str | None:
    theirs = f"read_parquet('{exported}/*.parquet')"
    expected = _types(connection, f"expected.{mart}")
    got = _types(connection, theirs)
    # Spark has one type of timestamps, which Parquet files hold as instants.
    as_spark = {
        name: "TIMESTAMP WITH TIME ZONE" if kind == "TIMESTAMP" else kind
        for name, kind in expected.items()
    }
    if as_spark != got:
        return f"columns {as_spark} became {got}"
    columns = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in expected.items())
    rows = [f"select {columns} from expected.{mart}", f"select {columns} from {theirs}"]
    missing, more = (
        connection.execute(f"{one} except all {other}").fetchall()
        for one, other in (rows, rows[::-1])
    )
    if missing or more:
        return f"{len(missing)} rows are missing, {len(more)} are more: {missing[:2]}, {more[:2]}"
    return None


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    described = connection.execute(f"describe from {relation}").fetchall()
    return {name: kind for name, kind, *_ in described}
