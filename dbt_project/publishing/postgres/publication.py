"""Bring the server to the build that is published here.

Everything is one transaction of one session: readers see the previous build or the new one,
and a killed publication, or a killed server, leaves the previous one.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.paths import Paths
from dbt_project.published import read_manifest
from dbt_project.publishing.export import open_for_export
from dbt_project.publishing.postgres.changes import BEFORE, Change, find_changes
from dbt_project.publishing.postgres.connection import Server, ServerError, connect
from dbt_project.publishing.postgres.definitions import let_read
from dbt_project.publishing.postgres.loads import Loaded, Loader, load_extension
from dbt_project.publishing.postgres.records import (
    CREATE,
    SCHEMA,
    ServerBuild,
    read_records,
    require_same_kind,
    write_records,
)
from dbt_project.publishing.postgres.relations import Relation, read_relations
from dbt_project.publishing.postgres.settings import PostgresSettings
from dbt_project.publishing.postgres.swap import (
    UnexpectedRowsError,
    change_rows,
    complete,
    create_schema,
    prepare_schemas,
    release,
)
from ingestion.core.memory import memory_limit
from ingestion.core.process.signals import raise_if_stopped
from ingestion.core.progress import Progress
from ingestion.core.raw.sql import literal


@dataclass(frozen=True)
class Landed:
    """What a publication to the server did.

    Attributes:
        build_id: the build that the server has.
        tables: how many tables changed.
        rows: how many rows were sent; keys of deleted rows count.
    """

    build_id: str
    tables: int = 0
    rows: int = 0


def publish_to_server(
    paths: Paths, settings: PostgresSettings, *, progress: Progress, everything: bool = False
) -> Landed:
    """Bring the server to the published build; nothing happens if it has it.

    Args:
        paths: of the warehouse; the caller holds its lock.
        settings: where the server is.
        progress: shows the rows that are sent.
        everything: send every row, whatever the server says it has.

    Raises:
        ServerError: the server has what it had before; the message says why.
        WarehouseError: DuckDB's extension is missing, or the memory setting is invalid.
    """
    build = paths.published.resolve()
    manifest = read_manifest(build)
    if manifest is None:
        msg = "there is nothing to publish: build and publish first, with `warehouse run`"
        raise ServerError(msg)
    with connect(settings) as server:
        have = read_records(server)
        if have.build_id == manifest["build_id"] and not everything:
            return Landed(have.build_id)
        require_same_kind(have, manifest)
        limit = memory_limit(os.environ)
        with (
            open_for_export(build / "marts.duckdb", paths.work / "spill", limit) as connection,
            progress.task("postgres") as task,
        ):
            load_extension(connection)
            before = _attach(connection, paths.builds / have.build_id) if have.build_id else None
            relations = read_relations(connection, manifest["tables"])
            changes = [*find_changes(relations, manifest, have, before, everything=everything)]
            publication = _Publication(server, Loader(connection, server, task), relations, have)
            rows = publication.swap(changes)
        if settings.readers:
            let_read(server, settings.readers, relations, SCHEMA)
        write_records(
            server, manifest, ((one, manifest["tables"][name]) for name, one in relations.items())
        )
        raise_if_stopped()
        server.commit()
    return Landed(manifest["build_id"], len(changes), rows)


def _attach(connection: duckdb.DuckDBPyConnection, build: Path) -> Mapping[str, Any] | None:
    """Attach the build that the server has; returns its manifest, or None if it is not retained."""
    manifest = read_manifest(build)
    if manifest is not None:
        file = literal(str(build / "marts.duckdb"))
        connection.execute(f"attach {file} as {BEFORE} (read_only)")
    return manifest


class _Publication:
    """The changes of one transaction."""

    def __init__(
        self,
        server: Server,
        loader: Loader,
        relations: Mapping[str, Relation],
        have: ServerBuild,
    ) -> None:
        self._server, self._loader = server, loader
        self._relations, self._have = relations, have

    def swap(self, changes: Sequence[Change]) -> int:
        """Load and apply all changes; returns how many rows were sent."""
        server = self._server
        create_schema(server, SCHEMA)
        server.run(CREATE)
        prepare_schemas(server, self._relations, self._have)
        # All is loaded before anything is changed: what is changed is locked until the end.
        loaded = [self._load(change) for change in changes]
        server.run("set constraints all deferred")
        replaced = {one.change.relation.name for one in loaded if one.change.is_new}
        release(server, replaced | self._have.tables.keys() - self._relations.keys(), self._have)
        rows = sum(one.sent + one.keys for one in loaded)
        for one in loaded:
            if not one.change.is_new:
                rows += self._change(one)
        complete(server, loaded, self._relations, self._have)
        return rows

    def _load(self, change: Change) -> Loaded:
        raise_if_stopped()
        return self._loader.load(change)

    def _change(self, loaded: Loaded) -> int:
        """Change the rows of a table; returns how many more were sent."""
        server = self._server
        server.run("savepoint rows")
        try:
            change_rows(server, loaded)
        except UnexpectedRowsError:
            # Somebody else changed the table: it gets all of its rows.
            server.run("rollback to savepoint rows")
            again = self._load(loaded.change.all_rows)
            change_rows(server, again)
            return again.sent
        return 0
