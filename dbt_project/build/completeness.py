"""What a complete build has, found without dbt's own selection and without its tests.

Options of dbt could leave out tests, or rows; then everything that did run would pass.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import duckdb

from dbt_project.build.plans.invocation import Invocation
from dbt_project.build.scope import PREVIOUS, RUNS
from ingestion.core.registry import sources
from ingestion.core.source import Source

SHOWN = 3


def tests_not_run(manifest: Any, invocation: Invocation, ran: Collection[str]) -> str | None:
    """Return a line that names tests of the scope that were not run; None if all were.

    Args:
        manifest: dbt's, of the project.
        invocation: of dbt; one of nodes that somebody chose has no scope.
        ran: the ids of the nodes that dbt ran.
    """
    scope = _scope(manifest, invocation)
    if scope is None:
        return None
    expected = {
        node_id: node.name
        for node_id, node in manifest.nodes.items()
        if node.resource_type == "test" and not scope.isdisjoint(node.depends_on.nodes)
    }
    missing = sorted(name for node_id, name in expected.items() if node_id not in ran)
    if not missing:
        return None
    more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    return (
        f"{len(missing)} of {len(expected)} tests of the project were not run: "
        f"{', '.join(missing[:SHOWN])}{more}"
    )


def _scope(manifest: Any, invocation: Invocation) -> set[str] | None:
    """The ids of the nodes that a build of everything or of sources has to build and to test."""
    if invocation.command != "build" or invocation.resource_types or invocation.exclude:
        return None
    nodes: dict[str, Any] = {**manifest.nodes, **manifest.sources}
    if not invocation.select:
        return set(nodes)
    found: set[str] = set()
    for part in invocation.select:
        if part.startswith("source:"):
            name = part.removeprefix("source:").removesuffix("+")
            found |= {key for key, node in manifest.sources.items() if node.source_name == name}
        elif part not in (PREVIOUS, RUNS):
            return None
    found = _with_children(manifest, found)
    folder = PREVIOUS.removeprefix("path:")
    return found | {
        key
        for key, node in manifest.nodes.items()
        if node.name == RUNS or node.original_file_path.startswith(f"{folder}/")
    }


def _with_children(manifest: Any, found: set[str]) -> set[str]:
    """Nodes, and what depends on them."""
    children: dict[str, list[str]] = {}
    for key, node in manifest.nodes.items():
        for parent in node.depends_on_nodes:
            children.setdefault(parent, []).append(key)
    reached, waiting = set(found), list(found)
    while waiting:
        new = set(children.get(waiting.pop(), ())) - reached
        reached |= new
        waiting += new
    return reached


def unaccounted_rows(
    raw: duckdb.DuckDBPyConnection, marts: duckdb.DuckDBPyConnection
) -> Sequence[str]:
    """Return a line for each source whose rows in raw are not those in its marts.

    Args:
        raw: an open connection to the raw file.
        marts: to the working file.
    """
    return [line for source in sources().values() for line in _unaccounted(source, raw, marts)]


def _unaccounted(
    source: Source, raw: duckdb.DuckDBPyConnection, marts: duckdb.DuckDBPyConnection
) -> Iterator[str]:
    there, marts_there = _tables(raw, source.schema), _tables(marts, source.domain, "load_id")
    received = sum(
        _count(raw, _received(source, table)) for table in source.accounted if table in there
    )
    names = [f"{source.domain}.{mart}" for mart in source.accounts]
    # What is not a source's row, such as an hour without a reading, has no load. A mart that says
    # how many rows its own are from may have more of them than rows.
    several = _tables(marts, source.domain, "rows_received")
    accounted = sum(
        _count(
            marts,
            f"select coalesce(sum(rows_received), 0) from {name}"
            if name.partition(".")[2] in several
            else f"select count(load_id) from {name}",
        )
        for name in names
        if name.partition(".")[2] in marts_there
    )
    if received != accounted:
        yield (
            f"{source.name}: {received:,} rows were received, {accounted:,} are in "
            f"{', '.join(names)}"
        )


def _received(source: Source, table: str) -> str:
    """A query that counts a raw table's rows; those of a file count once all of it is there."""
    query = f"select count(*) from {source.schema}.{table}"
    if "files" in source.tables and "file_sha256" in source.tables[table].columns:
        return f"{query} where file_sha256 in (select file_sha256 from {source.schema}.files)"
    return query


def _tables(connection: duckdb.DuckDBPyConnection, schema: str, column: str = "") -> set[str]:
    """The tables of a schema; those that have a column, if one is given."""
    found = connection.execute(
        "select distinct table_name from duckdb_columns() where schema_name = ?"
        " and database_name = current_database() and (? = '' or column_name = ?)",
        [schema, column, column],
    ).fetchall()
    return {name for (name,) in found}


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    ((count,),) = connection.execute(query).fetchall()
    return int(count)
