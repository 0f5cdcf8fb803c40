"""What the server says it has: a build's name, and a hash of each of its tables.

They are in the schema `warehouse` of the database, changed in the transaction that swaps a build:
what they say is always true of the tables beside them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbt_project.publishing.postgres.connection import Server, ServerError
from dbt_project.publishing.postgres.relations import Relation

SCHEMA = "warehouse"
BUILD, TABLES = f"{SCHEMA}.published_build", f"{SCHEMA}.published_tables"
CREATE = f"""
create table if not exists {BUILD} (
    build_id text primary key,
    published_at timestamptz not null,
    swapped_at timestamptz not null default now(),
    made_up text not null,
    made_up_notice text,
    duckdb_version text not null
);
comment on table {BUILD} is 'The build that the marts of this database are of: one row.';
create table if not exists {TABLES} (
    table_name text primary key,
    row_count bigint not null,
    content_hash text not null,
    structure_hash text not null,
    descriptions_hash text not null
);
comment on table {TABLES} is 'The marts of this database, as the publication left them.';
"""
ALL, NONE = "all", "none"


@dataclass(frozen=True)
class TableRecord:
    """What the server has of a table.

    Attributes:
        rows: how many.
        content: the hash of its rows, as in the manifest.
        structure: see `Relation`.
        descriptions: see `Relation`.
    """

    rows: int
    content: str
    structure: str
    descriptions: str


@dataclass(frozen=True)
class ServerBuild:
    """The build that the server has.

    Attributes:
        build_id: its name; empty before the first publication.
        engine: the version of DuckDB, within which hashes are comparable.
        made_up: all, partly or none of it.
        tables: by name.
    """

    build_id: str = ""
    engine: str = ""
    made_up: str = ""
    tables: Mapping[str, TableRecord] = field(default_factory=dict)


def table_record(relation: Relation, entry: Mapping[str, Any]) -> TableRecord:
    """What the server has of a table once it is published.

    Args:
        relation: the table.
        entry: its entry in the build's manifest.
    """
    return TableRecord(
        entry["rows"], entry["content_hash"], relation.structure, relation.descriptions
    )


def read_records(server: Server) -> ServerBuild:
    """Read what the server has.

    Raises:
        ServerError: its records cannot be read.
    """
    if not server.rows("select to_regclass(%s)", [BUILD])[0][0]:
        return ServerBuild()
    ((build_id, engine, made_up),) = server.rows(
        f"select build_id, duckdb_version, made_up from {BUILD}"
    )
    found = server.rows(
        "select table_name, row_count, content_hash, structure_hash, descriptions_hash"
        f" from {TABLES}"
    )
    tables = {name: TableRecord(*record) for name, *record in found}
    return ServerBuild(build_id, engine, made_up, tables)


def require_same_kind(have: ServerBuild, manifest: Mapping[str, Any]) -> None:
    """Refuse to replace real data by made-up data, or the other way round.

    Raises:
        ServerError: that would happen.
    """
    if {have.made_up, manifest.get("made_up", NONE)} == {ALL, NONE}:
        theirs, ours = ("made-up", "real") if have.made_up == ALL else ("real", "made-up")
        msg = (
            f"the database has {theirs} data of build {have.build_id}, and {ours} data would"
            " replace it: use another database, or drop its schemas first"
        )
        raise ServerError(msg)


def write_records(
    server: Server,
    manifest: Mapping[str, Any],
    tables: Iterable[tuple[Relation, Mapping[str, Any]]],
) -> None:
    """Write what the server has from now on, in the transaction of the swap."""
    records = {relation.name: table_record(relation, entry) for relation, entry in tables}
    server.run(f"delete from {BUILD}")
    server.run(
        f"insert into {BUILD} (build_id, published_at, made_up, made_up_notice, duckdb_version)"
        " values (%s, %s, %s, %s, %s)",
        [
            manifest["build_id"],
            manifest["published_at"],
            manifest.get("made_up", NONE),
            manifest.get("made_up_notice"),
            manifest["versions"]["duckdb"],
        ],
    )
    server.run(f"delete from {TABLES} where table_name <> all(%s)", [[*records]])
    for name, record in records.items():
        server.run(
            f"insert into {TABLES} as known values (%s, %s, %s, %s, %s)"
            " on conflict (table_name) do update set row_count = excluded.row_count,"
            " content_hash = excluded.content_hash, structure_hash = excluded.structure_hash,"
            " descriptions_hash = excluded.descriptions_hash where known is distinct from excluded",
            [name, record.rows, record.content, record.structure, record.descriptions],
        )
