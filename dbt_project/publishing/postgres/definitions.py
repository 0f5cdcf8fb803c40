"""Keys, indexes, references, descriptions and rights of tables: the SQL that sets them.

Names of indexes carry the table's structure, since a table that replaces another is complete
before that one is dropped.
"""

from collections.abc import Iterator, Mapping

from dbt_project.publishing.postgres.connection import Server
from dbt_project.publishing.postgres.relations import Relation, listed, quote, short_name

# Before it, two nulls are never equal to a constraint.
NULLS_NOT_DISTINCT_SINCE = 150_000


def add_keys_and_indexes(server: Server, relation: Relation, table: str) -> None:
    """Add to a table that has its rows: primary key, other keys, and indexes.

    There is an index for each reference, for joins, and for the column by which the table is
    divided into periods, for filters.

    Args:
        server: the session.
        relation: how the table should be.
        table: its name at present, quoted.
    """
    for statement in _keys_and_indexes(relation, table, server.version):
        server.run(statement)
    server.run(f"analyze {table}")


def _keys_and_indexes(relation: Relation, table: str, version: int) -> Iterator[str]:
    uniques = [*relation.unique]
    if relation.has_primary_key:
        name = _name(relation, "key")
        yield f"alter table {table} add constraint {name} primary key ({listed(relation.key)})"
    elif relation.key:
        uniques.insert(0, relation.key)
    nulls = " nulls not distinct" if version >= NULLS_NOT_DISTINCT_SINCE else ""
    for columns in uniques:
        # Deferrable: two rows may exchange their values.
        yield (
            f"alter table {table} add constraint {_name(relation, *columns, 'unique')}"
            f" unique{nulls} ({listed(columns)}) deferrable initially immediate"
        )
    led = {relation.key[0]} if relation.key else set()
    wanted = dict.fromkeys([*filter(None, [relation.period]), *relation.references])
    for column in wanted.keys() - led:
        yield f"create index {_name(relation, column, 'idx')} on {table} ({quote(column)})"


def add_references(server: Server, relation: Relation, targets: Mapping[str, Relation]) -> None:
    """Add the foreign keys that a table does not have yet.

    Deferrable: the tables of a build change one after the other.

    Args:
        server: the session.
        relation: the table.
        targets: all tables of the build, by name.
    """
    found = server.rows(
        "select conname from pg_constraint where conrelid = %s::regclass and contype = 'f'",
        [relation.quoted],
    )
    existing = {name for (name,) in found}
    for column, (name, key) in relation.references.items():
        constraint = short_name(relation.table, column, "fkey")
        if constraint not in existing:
            server.run(
                f"alter table {relation.quoted} add constraint {quote(constraint)}"
                f" foreign key ({quote(column)}) references {targets[name].quoted} ({quote(key)})"
                " deferrable initially immediate"
            )


def describe(server: Server, relation: Relation) -> None:
    """Set the descriptions of a table and its columns."""
    text = relation.description or None
    server.run(f"comment on table {relation.quoted} is %s", [text])
    for column in relation.columns:
        on = f"comment on column {relation.quoted}.{quote(column.name).replace('%', '%%')} is %s"
        server.run(on, [column.description or None])


def copy_rights(server: Server, old: str, new: str) -> None:
    """Give those who may read or change a table the same rights on the one that replaces it.

    Args:
        server: the session.
        old: the table's name, quoted.
        new: that of the one that replaces it, quoted.
    """
    rights = server.rows(
        """
        select null, grantee, grantee::regrole::text, privilege_type, is_grantable
        from pg_class, aclexplode(relacl)
        where oid = %(old)s::regclass and grantee <> relowner
        union all
        select attname, grantee, grantee::regrole::text, privilege_type, is_grantable
        from pg_attribute, aclexplode(attacl)
        where
            attrelid = %(old)s::regclass
            and attname in (
                select attname from pg_attribute where attrelid = %(new)s::regclass
            )
        """,
        {"old": old, "new": new},
    )
    for column, grantee, role, privilege, is_grantable in rights:
        of = f" ({quote(column)})" if column else ""
        to = role if grantee else "public"
        option = " with grant option" if is_grantable else ""
        server.run(f"grant {privilege}{of} on {new} to {to}{option}")


def let_read(server: Server, role: str, relations: Mapping[str, Relation], records: str) -> None:
    """Let a role read every mart and the records; it is created where it is missing.

    Args:
        server: the session.
        role: its name.
        relations: the tables of the build.
        records: the schema of the records.
    """
    if not server.rows("select 1 from pg_roles where rolname = %s", [role]):
        server.run(f"create role {quote(role)} nologin")
    schemas = sorted({records, *(relation.schema for relation in relations.values())})
    for schema in schemas:
        if not server.rows("select has_schema_privilege(%s, %s, 'usage')", [role, schema])[0][0]:
            server.run(f"grant usage on schema {quote(schema)} to {quote(role)}")
    unread = server.rows(
        "select relnamespace::regnamespace::text, quote_ident(relname) from pg_class"
        " where relkind = 'r' and relnamespace::regnamespace::text = any(%s)"
        " and pg_get_userbyid(relowner) = current_user"
        " and not has_table_privilege(%s, oid, 'select')",
        [schemas, role],
    )
    for schema, table in unread:
        server.run(f"grant select on {schema}.{table} to {quote(role)}")


def _name(relation: Relation, *parts: str) -> str:
    """A name of an index, quoted: of the table, what it is for, and the table's structure."""
    name = short_name(relation.table, *parts[:-1])
    ending = f"{parts[-1]}_{relation.structure[:6]}"
    return quote(short_name(name[: 60 - len(ending)], ending))
