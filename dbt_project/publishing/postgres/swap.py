"""Swap a build on the server: all of its tables change in one transaction.

Rows are changed in place, so that readers are never blocked, and views and rights stay. Only a
table whose columns or keys changed is replaced; rights are carried over, and a view on it has to be
dropped before: PostgreSQL keeps a view on the table that it was made for.
"""

from collections.abc import Iterable, Mapping, Sequence

import psycopg2

from dbt_project.publishing.postgres.connection import Server, ServerError
from dbt_project.publishing.postgres.definitions import (
    add_keys_and_indexes,
    add_references,
    copy_rights,
    describe,
)
from dbt_project.publishing.postgres.loads import Loaded, arrived
from dbt_project.publishing.postgres.records import ServerBuild
from dbt_project.publishing.postgres.relations import Relation, listed, quote, quoted


class UnexpectedRowsError(Exception):
    """The server's rows are not those that its records say: all rows have to be sent."""


def prepare_schemas(server: Server, relations: Mapping[str, Relation], have: ServerBuild) -> None:
    """Create the schemas that are missing, and refuse to touch a table that is not ours.

    Raises:
        ServerError: a table of that name is somebody else's.
    """
    for schema in sorted({relation.schema for relation in relations.values()}):
        create_schema(server, schema)
    for name, relation in relations.items():
        if name not in have.tables and exists(server, relation):
            msg = (
                f"{name} exists there, and no publication made it: rename or drop it, or use"
                " another database"
            )
            raise ServerError(msg)


def create_schema(server: Server, name: str) -> None:
    """Create a schema if it is missing; `if not exists` would need the right to create one."""
    if not server.rows("select 1 from pg_namespace where nspname = %s", [name]):
        server.run(f"create schema {quote(name)}")


def exists(server: Server, relation: Relation) -> bool:
    """Whether the server has a table, view or other relation of the name."""
    return bool(server.rows("select to_regclass(%s) is not null", [relation.quoted])[0][0])


def change_rows(server: Server, loaded: Loaded) -> None:
    """Change the rows of a table to those that were loaded.

    Raises:
        UnexpectedRowsError: the rows were not as the records say; nothing is committed yet.
        ServerError: there are other rows in the end than the build has.
    """
    relation = loaded.change.relation
    table = relation.quoted
    if not relation.has_primary_key:
        server.run(f"delete from {table}")
        _insert(server, loaded, "")
        _require_count(server, loaded)
        return
    on = _same_key(relation)
    if loaded.removed is None:
        removed = f"not exists (select 1 from {loaded.rows} as sent where {on})"
        server.run(f"delete from {table} as mart where {removed}")
    else:
        deleted = server.run(
            f"delete from {table} as mart using {loaded.removed} as sent where {on}"
        )
        if deleted != loaded.keys:
            raise UnexpectedRowsError
    updated = _update(server, loaded, on)
    inserted = _insert(
        server, loaded, f" as sent where not exists (select 1 from {table} as mart where {on})"
    )
    if loaded.removed is None:
        _require_count(server, loaded)
    elif updated + inserted != loaded.sent or _count(server, loaded) != loaded.change.count:
        raise UnexpectedRowsError


def _same_key(relation: Relation) -> str:
    """The condition for rows of one key, in the table and in what was sent."""
    columns = {column.name: column for column in relation.columns}
    return " and ".join(
        f"mart.{quote(name)} = {arrived([columns[name]], 'sent.')}" for name in relation.key
    )


def _update(server: Server, loaded: Loaded, on: str) -> int:
    """Update the rows whose keys were sent; of all rows those that differ."""
    relation = loaded.change.relation
    others = [column for column in relation.columns if column.name not in relation.key]
    if not others:
        return 0
    sets = ", ".join(f"{quote(column.name)} = {arrived([column], 'sent.')}" for column in others)
    differ = (
        f" and ({listed([column.name for column in others], 'mart.')})"
        f" is distinct from ({arrived(others, 'sent.')})"
        if loaded.removed is None
        else ""
    )
    return server.run(
        f"update {relation.quoted} as mart set {sets} from {loaded.rows} as sent where {on}{differ}"
    )


def _insert(server: Server, loaded: Loaded, where: str) -> int:
    relation = loaded.change.relation
    return server.run(
        f"insert into {relation.quoted} ({listed(relation.names)})"
        f" select {arrived(relation.columns)} from {loaded.rows}{where}"
    )


def _count(server: Server, loaded: Loaded) -> int:
    return int(server.rows(f"select count(*) from {loaded.change.relation.quoted}")[0][0])


def _require_count(server: Server, loaded: Loaded) -> None:
    relation, count = loaded.change.relation, loaded.change.count
    if (found := _count(server, loaded)) != count:
        msg = f"{relation.name} has {found:,} rows there, and the build has {count:,}"
        raise ServerError(msg)


def release(server: Server, leaving: Iterable[str], have: ServerBuild) -> None:
    """Drop the references of our tables to those that are about to be replaced or dropped."""
    ours = [*have.tables]
    for name in leaving:
        found = server.rows(
            "select conrelid::regclass::text, quote_ident(conname) from pg_constraint"
            " join pg_class on pg_class.oid = conrelid"
            " where confrelid = to_regclass(%s) and contype = 'f'"
            " and relnamespace::regnamespace::text || '.' || relname = any(%s)",
            [quoted(name), ours],
        )
        for table, constraint in found:
            server.run(f"alter table {table} drop constraint {constraint}")


def replace_table(server: Server, loaded: Loaded) -> None:
    """Put a new table in the place of the old one, which may not exist.

    Raises:
        ServerError: something depends on the old one, such as a view.
    """
    relation = loaded.change.relation
    if exists(server, relation):
        copy_rights(server, relation.quoted, loaded.rows)
        drop_table(server, relation.name)
    server.run(f"alter table {loaded.rows} rename to {quote(relation.table)}")


def drop_table(server: Server, name: str) -> None:
    """Drop a table that is replaced, or that the build does not have any more.

    Raises:
        ServerError: something depends on it, such as a view; the message names it.
    """
    try:
        server.run(f"drop table if exists {quoted(name)}")
    except ServerError as error:
        if isinstance(error.__cause__, psycopg2.errors.DependentObjectsStillExist):
            msg = (
                f"the columns or keys of {name} changed, so that it has to be replaced, and"
                f" something depends on it ({error}): drop that, run"
                " `warehouse publish --to-postgres`, and create it again"
            )
            raise ServerError(msg) from error
        raise


def complete(
    server: Server,
    loaded: Sequence[Loaded],
    relations: Mapping[str, Relation],
    have: ServerBuild,
) -> None:
    """Put new tables in place, with keys, references and descriptions; drop what is no more.

    Raises:
        ServerError: something depends on a table that has to go.
    """
    new = [one for one in loaded if one.change.is_new]
    for one in new:
        add_keys_and_indexes(server, one.change.relation, one.rows)
    # What is checked at the end is checked now: a table with checks to come cannot be altered.
    server.run("set constraints all immediate")
    for one in new:
        replace_table(server, one)
    for name in have.tables.keys() - relations.keys():
        drop_table(server, name)
    for relation in relations.values():
        add_references(server, relation, relations)
        record = have.tables.get(relation.name)
        is_new = any(one.change.relation is relation for one in new)
        if is_new or record is None or record.descriptions != relation.descriptions:
            describe(server, relation)
