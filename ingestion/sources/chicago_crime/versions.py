"""Which versions of crimes are current: the SQL that the counts and the deletions share.

A crime counts once, on the day of its newest version, unless that version was deleted at the
source. A deletion is valid while it is not older than the load of the version that it names: a row
that comes back unchanged is loaded again, and counts.
"""

import duckdb

from ingestion.sources.chicago_crime.datasets import SCHEMA, Dataset

# Most crimes have one version, and need no ranking.
HAVE_SEVERAL = """
select crime_key from (
    select {key} as crime_key from {table} group by all having count(*) > 1
    union
    select {key} from {table}
    where socrata_id in (select socrata_id from {deletions} where dataset = '{dataset}')
)
"""

CAME_AFTER = """
select {key} as crime_key from {table} where _dlt_load_id > '{after}'
union
select {key} from {table}
where socrata_id in (
    select socrata_id from {deletions} where dataset = '{dataset}' and _dlt_load_id > '{after}'
)
"""

VERSIONS_OF = """
create or replace temp table versions_of_crimes as
with crimes as materialized ({crimes})

{branches}
"""

# By a column alone, DuckDB reads the other columns only of what matches.
BRANCH = """
select
    {key} as crime_key,
    socrata_id,
    socrata_updated_at,
    socrata_version,
    _dlt_load_id as load_id,
    substr({day}, 1, 10) as occurred_day
from {table}
where {column} in (select crime_key from crimes) and {condition}
"""

# As raw stood after a load.
RANKED = """
select
    versions.*,
    coalesce(deletions.load_id >= versions.load_id, false) as is_deleted,
    row_number() over (
        partition by crime_key
        order by
            socrata_updated_at desc,
            versions.load_id desc,
            socrata_version desc,
            socrata_id desc
    ) = 1 and not is_deleted as is_current
from versions_of_crimes as versions
left join (
    select socrata_id, socrata_updated_at, socrata_version, max(_dlt_load_id) as load_id
    from {deletions}
    where dataset = '{dataset}' and _dlt_load_id <= '{until}'
    group by all
) as deletions using (socrata_id, socrata_updated_at, socrata_version)
where versions.load_id <= '{until}'
"""
# Greater than any load id, which is a number.
LAST = "~"


def fill(sql: str, dataset: Dataset, **parts: str) -> str:
    """Return a statement of this package for a data set with days."""
    key = "socrata_id" if dataset.key == "socrata_id" else f"coalesce({dataset.key}, socrata_id)"
    return sql.format(
        table=f"{SCHEMA}.{dataset.table}",
        deletions=f"{SCHEMA}.crime_deletions",
        dataset=dataset.id,
        day=dataset.day_column,
        key=key,
        **parts,
    )


def find_several(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Make temporary table `versions_of_crimes` of all crimes that need ranking."""
    _find(connection, dataset, fill(HAVE_SEVERAL, dataset))


def find_affected(connection: duckdb.DuckDBPyConnection, dataset: Dataset, after: str) -> None:
    """Make the same table of the crimes of which a version or deletion came after a load."""
    _find(connection, dataset, fill(CAME_AFTER, dataset, after=after))


def ranked(dataset: Dataset, until: str = LAST) -> str:
    """Return the query of `versions_of_crimes`, with `is_current` as it was after a load."""
    return fill(RANKED, dataset, until=until)


def _find(connection: duckdb.DuckDBPyConnection, dataset: Dataset, crimes: str) -> None:
    columns = {"socrata_id": "true"}
    if dataset.key != "socrata_id":
        columns = {dataset.key: "true", "socrata_id": f"{dataset.key} is null"}
    branches = " union all ".join(
        fill(BRANCH, dataset, column=column, condition=condition)
        for column, condition in columns.items()
    )
    connection.execute(fill(VERSIONS_OF, dataset, crimes=crimes, branches=branches))
