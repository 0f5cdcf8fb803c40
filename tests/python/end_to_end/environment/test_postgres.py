"""All marts of the project on a PostgreSQL server, by runs as users have them."""

import psycopg2

from dbt_project.published import read_manifest
from ingestion.simulators.pisa.survey import Survey
from tests.support.postgres import Postgres
from tests.support.publishing.small_marts import differences
from tests.support.warehouse import Warehouse

NOWHERE = "postgresql://warehouse@127.0.0.1:1/marts"


def test_a_run_with_nothing_new_brings_every_mart_to_a_server_that_was_away(
    published: Warehouse, survey: Survey, postgres: Postgres
) -> None:
    published.env |= {"WAREHOUSE_POSTGRES_URL": NOWHERE}
    line = published.fails("run", "pisa")
    assert "PostgreSQL did not get build" in line
    assert "the next run tries again" in line
    published.env |= {"WAREHOUSE_POSTGRES_URL": postgres.url}
    output = published("run", "pisa")
    assert "Nothing is new since the published build." in output
    manifest = read_manifest(published.build) or {}
    tables = manifest["tables"]
    assert len(tables) > 80
    assert f": {len(tables)} tables, {sum(t['rows'] for t in tables.values()):,} rows" in output
    assert differences(published.build, postgres.url, [*tables]) == {}
    with psycopg2.connect(postgres.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select contype, count(*) from pg_constraint where connamespace::regnamespace::text"
            " in ('core', 'crime', 'footfall', 'education') group by 1"
        )
        constraints = dict(cursor.fetchall())
        cursor.execute(
            "select count(*) from pg_attribute join pg_class on pg_class.oid = attrelid"
            " where relkind = 'r' and relnamespace::regnamespace::text = any(%s)"
            " and attnum > 0 and col_description(attrelid, attnum) is null",
            [["core", "crime", "footfall", "education"]],
        )
        ((undescribed,),) = cursor.fetchall()
    references = sum(len(table["references"]) for table in tables.values())
    assert constraints["f"] == references > 50
    assert constraints["p"] + constraints["u"] >= len(tables) - 1
    assert undescribed == 0
