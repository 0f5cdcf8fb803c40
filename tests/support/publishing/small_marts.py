"""A small warehouse of marts with keys, references and every type, for tests of publication."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from dbt_project.build.audit import DbtReport, record_audit
from dbt_project.build.working_copy import prepare_work
from dbt_project.paths import Paths
from dbt_project.publishing.postgres.loads import load_extension
from tests.support.projects.publications import publish
from tests.support.projects.sample_project import add_orders

MODELS = """
version: 2
models:
  - name: dim_store
    columns:
      - {name: store_name, constraints: [{type: primary_key}]}
      - {name: opened_as, data_tests: [unique: {name: opened_as_is_unique}]}
  - name: fct_visits
    config: {meta: {parquet_partition: {column: visited_date, period: month}}}
    data_tests:
      - unique_combination_of_columns: {arguments: {columns: [store_name, visit_id]}}
    columns:
      - name: store_name
        data_tests:
          - relationships: {arguments: {to: ref('dim_store'), field: store_name}}
  - name: visits_total
  - name: visits_by_month
    columns: [{name: month, data_tests: [unique]}]
"""
# As the build of a project with documentation leaves them.
TABLES = """
create schema if not exists footfall;
create or replace table footfall.dim_store (
    store_name varchar not null, opened_as varchar, primary key (store_name)
);
create or replace table footfall.fct_visits (
    store_name varchar not null, visit_id bigint not null, visited_date date not null,
    visitors integer
);
create or replace table footfall.visits_total (visitors bigint);
create or replace table footfall.visits_by_month (month date, visitors bigint);
comment on table footfall.fct_visits is 'Visits. It''s 100 % of them.';
comment on column footfall.fct_visits.visitors is 'How many came.';
"""
ROWS = """
insert into footfall.dim_store values ('Paris', 'Lutetia'), ('Köln', 'Colonia');
insert into footfall.fct_visits
select
    case when range % 2 = 0 then 'Paris' else 'Köln' end, range,
    date '2024-01-01' + to_days(cast(range // 10 as integer)), range % 7
from range(1000);
insert into footfall.visits_total select sum(visitors) from footfall.fct_visits;
insert into footfall.visits_by_month
select date_trunc('month', visited_date), sum(visitors) from footfall.fct_visits group by 1
union all select null, 0;
"""
EVERY = TABLES + ROWS


class SmallMarts:
    """A data folder whose builds are written by statements of SQL."""

    def __init__(self, folder: Path, models: str = MODELS) -> None:
        self.paths = Paths(data=folder / "data", project=folder / "project", keep_builds=3)
        self.paths.data.mkdir(parents=True)
        self.describe(models)
        add_orders(self.paths.raw, "values ('1', '10', '2024-01-01')", "1.1")

    def describe(self, models: str) -> None:
        """Write the YAML of the project."""
        folder = self.paths.project / "models"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "models.yml").write_text(models, encoding="utf-8")

    def build(self, *statements: str) -> None:
        """Change the marts as a build does that then passes its audit."""
        prepare_work(self.paths)
        with duckdb.connect(self.paths.work_marts) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for statement in statements:
                connection.execute(statement)
            names = [
                f"{schema}.{name}"
                for schema, name in connection.execute(
                    "select schema_name, table_name from duckdb_tables() order by all"
                ).fetchall()
            ]
        report = DbtReport(uuid4().hex, names, models=1, tests=1, passed=1, built=names)
        record_audit(self.paths, report, full=True, scope=None, project="")

    def publish(self, *statements: str) -> dict[str, Any]:
        """Build, and publish on this machine alone; returns the manifest."""
        self.build(*statements)
        return publish(self.paths)


def differences(build: Path, url: str, names: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """Count the rows of tables that only the build has, and that only the server has.

    Types are compared too, so far as DuckDB reads them from the server as it has them itself.

    Args:
        build: a published folder.
        url: of the server.
        names: `schema.table`.
    """
    found = {}
    with duckdb.connect(build / "marts.duckdb", read_only=True) as connection:
        load_extension(connection)
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{url}' as there (type postgres, read_only)")
        for name in names:
            only = [
                connection.execute(
                    f"select count(*) from (from {one} except all from {other})"
                ).fetchall()[0][0]
                for one, other in ((name, f"there.{name}"), (f"there.{name}", name))
            ]
            if only != [0, 0]:
                found[name] = (only[0], only[1])
    return found
