"""The relations in the working files, on which dbt's choices depend; not their rows."""

import duckdb

# Excluded: dlt's staging schemas, and the rows that failed tests keep. No node reads them, and they
# appear and disappear between builds.
RELATIONS = r"""
with relations as (
    select database_name, schema_name, table_name as name, 'table' as kind, sql, comment
    from duckdb_tables()
    union all
    select database_name, schema_name, view_name, 'view', sql, comment
    from duckdb_views()
    where not internal
    union all
    select database_name, schema_name, index_name, 'index', sql, comment
    from duckdb_indexes()
),

columns as (
    select
        database_name,
        schema_name,
        table_name as name,
        string_agg(
            concat_ws(' ', column_name, data_type, is_nullable, column_default, comment), chr(10)
            order by column_index
        ) as columns
    from duckdb_columns()
    where not internal
    group by all
)

select
    concat_ws('.', database_name, schema_name, name) as relation,
    md5(concat_ws(chr(10), kind, sql, comment, columns)) as definition
from relations
left join columns using (database_name, schema_name, name)
where
    database_name not in ('system', 'temp')
    and not ends_with(schema_name, '_staging')
    and schema_name != 'audit'
order by relation, kind
"""


def definitions(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """A hash of each relation's definition, by `database.schema.name`.

    It covers columns, types, defaults, constraints and comments; for a view its text too.
    """
    return dict(connection.execute(RELATIONS).fetchall())
