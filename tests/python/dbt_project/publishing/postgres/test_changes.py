"""A publication moves what changed, and leaves alone what others built on the tables."""

from datetime import date
from itertools import product
from typing import Any

import psycopg2
import pytest

from dbt_project.publishing.postgres.connection import ServerError
from dbt_project.publishing.rollback import rollback
from tests.python.dbt_project.publishing.postgres.conftest import Ask, Land
from tests.support.projects.publications import NOW
from tests.support.publishing.small_marts import EVERY, SmallMarts, differences

NAMES = ("dim_store", "fct_visits", "visits_total", "visits_by_month")
TABLES = [f"footfall.{name}" for name in NAMES]
VISITS = "footfall.fct_visits"
A_DAY = """
    update footfall.fct_visits set visitors = 99 where visit_id in (5, 600);
    delete from footfall.fct_visits where visit_id = 7;
    insert into footfall.dim_store values ('Roma', 'Caput mundi');
    insert into footfall.fct_visits values ('Roma', 5000, '2024-05-01', 1);
    update footfall.fct_visits set visited_date = '2024-02-29' where visit_id = 10
"""


def version(ask: Ask, name: str) -> list[tuple[Any, ...]]:
    """Which transaction wrote each row: what is not written keeps its own."""
    return ask(f"select xmin, count(*) from {name} group by 1 order by 2")


def test_only_the_rows_that_changed_are_sent(
    marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    marts.publish(EVERY)
    assert land().rows == 1000 + 2 + 1 + 5
    marts.publish(A_DAY)
    landed = land()
    # Of the visits three that changed, one that is new, and the key of a deleted one.
    assert (landed.tables, landed.rows) == (2, 5 + 1)
    assert differences(marts.paths.published, url, TABLES) == {}
    assert [rows for _, rows in version(ask, VISITS)] == [4, 996]


def test_a_build_that_changed_nothing_sends_nothing(
    marts: SmallMarts, land: Land, ask: Ask
) -> None:
    marts.publish(EVERY)
    land()
    before = [version(ask, name) for name in TABLES]
    second = marts.publish("select 1")
    landed = land()
    assert (landed.build_id, landed.tables, landed.rows) == (second["build_id"], 0, 0)
    assert [version(ask, name) for name in TABLES] == before
    assert ask("select build_id from warehouse.published_build") == [(second["build_id"],)]


def test_a_table_without_a_key_is_sent_whole_and_a_null_in_a_key_is_no_hindrance(
    marts: SmallMarts, land: Land, url: str
) -> None:
    marts.publish(EVERY)
    land()
    marts.publish(
        "update footfall.visits_total set visitors = visitors + 1;"
        "update footfall.visits_by_month set visitors = 5 where month is null"
    )
    assert (land().rows, differences(marts.paths.published, url, TABLES)) == (1 + 5, {})


def test_a_server_that_missed_more_builds_than_are_kept_catches_up(
    marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    marts.publish(EVERY)
    land()
    for day in range(5):
        marts.publish(
            f"update footfall.fct_visits set visitors = {50 + day} where visit_id = {day}"
        )
    # All rows are sent, but those that are equal are not written again.
    assert land().rows == 1000
    assert differences(marts.paths.published, url, TABLES) == {}
    assert min(rows for _, rows in version(ask, VISITS)) < 10


def test_a_rollback_rolls_the_server_back(marts: SmallMarts, land: Land, url: str) -> None:
    first = marts.publish(EVERY)
    land()
    marts.publish(A_DAY)
    land()
    rollback(marts.paths, first["build_id"], now=NOW)
    landed = land()
    assert (landed.build_id, landed.rows) == (first["build_id"], 6)
    assert differences(marts.paths.published, url, TABLES) == {}


@pytest.mark.parametrize(
    "change",
    [
        "delete from footfall.fct_visits where visit_id = 7",
        "delete from footfall.fct_visits where visit_id = 500",
        "insert into footfall.fct_visits values ('Paris', 77777, '2024-01-01', 1)",
        "insert into footfall.fct_visits values ('Köln', 5000, '2024-01-01', 1)",
    ],
)
def test_rows_that_somebody_changed_are_found_and_healed(
    marts: SmallMarts, land: Land, url: str, ask: Ask, change: str
) -> None:
    marts.publish(EVERY)
    land()
    marts.publish(A_DAY)
    ask(change)
    land()
    assert differences(marts.paths.published, url, TABLES) == {}


def test_publishing_again_heals_what_no_count_shows(
    marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    marts.publish(EVERY)
    land()
    ask("update footfall.fct_visits set visitors = -1 where visit_id = 8")
    assert land().rows == 0
    assert land(everything=True).rows == 1000 + 2 + 1 + 5
    assert differences(marts.paths.published, url, TABLES) == {}
    assert [rows for _, rows in version(ask, VISITS)] == [1, 999]


def test_views_and_rights_of_users_survive(marts: SmallMarts, land: Land, ask: Ask) -> None:
    marts.publish(EVERY)
    land()
    ask("create role analyst; grant select on footfall.fct_visits to analyst")
    ask("create schema bi; create view bi.late as select * from footfall.fct_visits")
    ask("create materialized view bi.sums as select sum(visitors) as n from footfall.fct_visits")
    marts.publish(A_DAY)
    land()
    land(everything=True)
    assert ask("select count(*) from bi.late where visitors = 99") == [(2,)]
    assert ask("select has_table_privilege('analyst', 'footfall.fct_visits', 'select')") == [
        (True,)
    ]
    ask("drop schema bi cascade; drop owned by analyst; drop role analyst")


def test_a_table_of_another_structure_is_replaced_with_its_rights(
    marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    marts.publish(EVERY)
    land()
    ask('create role "data analyst"')
    ask('grant select on footfall.dim_store to "data analyst" with grant option')
    ask("grant select (opened_as) on footfall.dim_store to public")
    marts.publish(
        "create table s as from footfall.dim_store; drop table footfall.dim_store;"
        "create table footfall.dim_store as select store_name, 1 as floors, opened_as from s;"
        "alter table footfall.dim_store alter store_name set not null; drop table s"
    )
    landed = land()
    assert (landed.tables, landed.rows) == (1, 2)
    assert differences(marts.paths.published, url, TABLES) == {}
    rights = ask(
        "select grantee, privilege_type, is_grantable, column_name"
        " from information_schema.column_privileges where table_name = 'dim_store'"
        " and grantee <> 'survey' order by grantee, column_name"
    )
    assert rights == [
        ("PUBLIC", "SELECT", "NO", "opened_as"),
        *(
            ("data analyst", "SELECT", "YES", name)
            for name in ("floors", "opened_as", "store_name")
        ),
    ]
    # What refers to it does so again.
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        ask("insert into footfall.fct_visits values ('Nowhere', 1, '2024-01-01', 1)")
    ask('drop owned by "data analyst"; drop role "data analyst"')


def test_a_view_on_a_table_that_has_to_be_replaced_is_named_and_kept(
    marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    first = marts.publish(EVERY)
    land()
    ask("create view public.stores as select store_name from footfall.dim_store")
    marts.publish("alter table footfall.dim_store add column floors integer")
    with pytest.raises(
        ServerError, match=r"view public.stores depends on .*drop that, run `warehouse pu"
    ):
        land()
    assert ask("select count(*) from public.stores") == [(2,)]
    assert ask("select build_id from warehouse.published_build") == [(first["build_id"],)]
    ask("drop view public.stores")
    land()
    assert differences(marts.paths.published, url, TABLES) == {}


def test_a_mart_that_is_no_more_is_dropped_and_others_tables_stay(
    marts: SmallMarts, land: Land, ask: Ask
) -> None:
    marts.publish(EVERY)
    land()
    ask("create table footfall.notes (n integer)")
    marts.publish("drop table footfall.dim_store")
    land()
    found = ask("select tablename from pg_tables where schemaname = 'footfall' order by 1")
    assert found == [("fct_visits",), ("notes",), ("visits_by_month",), ("visits_total",)]


def test_a_table_of_somebody_else_is_not_touched(marts: SmallMarts, land: Land, ask: Ask) -> None:
    ask("create schema footfall; create table footfall.dim_store (mine text)")
    marts.publish(EVERY)
    with pytest.raises(ServerError, match=r"footfall.dim_store exists there, and no publication"):
        land()
    assert ask("select * from footfall.dim_store") == []


def test_keys_may_exchange_their_values(marts: SmallMarts, land: Land, url: str) -> None:
    """Each row stays unique only once all have changed."""
    marts.publish(EVERY)
    land()
    marts.publish(
        "create or replace table footfall.dim_store ("
        " store_name varchar not null, opened_as varchar, primary key (store_name));"
        "insert into footfall.dim_store values ('Paris', 'Colonia'), ('Köln', 'Lutetia')"
    )
    assert (land().rows, differences(marts.paths.published, url, TABLES)) == (2, {})


def test_a_row_and_what_it_refers_to_leave_and_come_together(
    marts: SmallMarts, land: Land, url: str
) -> None:
    marts.publish(EVERY)
    land()
    marts.publish(
        "delete from footfall.fct_visits where store_name = 'Köln';"
        "delete from footfall.dim_store where store_name = 'Köln'"
    )
    land()
    assert differences(marts.paths.published, url, TABLES) == {}
    marts.publish(EVERY.replace("insert into footfall.visits_by_month", "select 1;--"))


def test_a_key_that_the_rows_break_is_an_error_and_changes_nothing(
    marts: SmallMarts, land: Land, ask: Ask
) -> None:
    marts.publish(EVERY)
    land()
    marts.publish("insert into footfall.fct_visits values ('Nowhere', 1, '2024-01-01', 1)")
    with pytest.raises(ServerError, match="not present in table"):
        land()
    assert ask("select count(*) from footfall.fct_visits") == [(1000,)]


def test_the_engine_of_the_hashes_is_part_of_them(marts: SmallMarts, land: Land, ask: Ask) -> None:
    """After an update of DuckDB, equal hashes say nothing."""
    marts.publish(EVERY)
    land()
    ask("update warehouse.published_build set duckdb_version = '0.0.1'")
    marts.publish("select 1")
    # The rows are compared here, where the build that the server has is kept.
    assert (land().tables, land().rows) == (4, 0)


def test_dates_at_the_ends_of_a_period_are_told_apart(
    marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    days = [date(2024, month, day) for month, day in product((1, 2), (1, 28))]
    values = ", ".join(f"('Paris', {9000 + n}, '{day}', 1)" for n, day in enumerate(days))
    marts.publish(EVERY)
    land()
    marts.publish(
        f"insert into footfall.fct_visits values {values}, ('Paris', 9999, 'infinity', 1)"
    )
    assert (land().rows, differences(marts.paths.published, url, TABLES)) == (5, {})
    assert ask("select count(*) from footfall.fct_visits where visit_id >= 9000") == [(5,)]
