"""What lands on the server is what is published here: rows, types, keys, descriptions."""

import duckdb
import pytest

from dbt_project.publishing.postgres.connection import ServerError
from tests.python.dbt_project.publishing.postgres.conftest import Ask, Land
from tests.support.publishing.small_marts import EVERY, SmallMarts, differences

NAMES = ("dim_store", "fct_visits", "visits_total", "visits_by_month")
TABLES = [f"footfall.{name}" for name in NAMES]
DEFINITIONS = """
    select conrelid::regclass::text, contype, pg_get_constraintdef(oid)
    from pg_constraint
    where connamespace = 'footfall'::regnamespace and contype <> 'n'
    order by 1, 2
"""
# One row of extremes of each type, as DuckDB and as PostgreSQL write them.
VALUES = {
    "yes": ("true", "boolean", "true"),
    "tiny": ("cast(-128 as tinyint)", "smallint", "-128"),
    "byte": ("cast(255 as utinyint)", "smallint", "255"),
    "small": ("cast(65535 as usmallint)", "integer", "65535"),
    "whole": ("cast(4294967295 as uinteger)", "bigint", "4294967295"),
    "big": ("cast(18446744073709551615 as ubigint)", "numeric(20,0)", "18446744073709551615"),
    "huge": (
        "-170141183460469231731687303715884105728",
        "numeric(39,0)",
        "-170141183460469231731687303715884105728",
    ),
    "price": (
        "cast('12345678901234567890123456789012345.678' as decimal(38,3))",
        "numeric(38,3)",
        "12345678901234567890123456789012345.678",
    ),
    "cents": ("cast('-0.05' as decimal(4,2))", "numeric(4,2)", "-0.05"),
    "third": ("1 / 3", "double precision", "0.3333333333333333"),
    "none": ("cast('nan' as double)", "double precision", "NaN"),
    "half": ("cast(0.1 as float)", "real", "0.1"),
    "day": ("date '0044-03-15 (BC)'", "date", "0044-03-15 BC"),
    "always": ("cast('infinity' as timestamp)", "timestamp without time zone", "infinity"),
    "clock": ("time '23:59:59.999999'", "time without time zone", "23:59:59.999999"),
    "local": (
        "timestamp '2024-03-31 02:30:00.000001'",
        "timestamp without time zone",
        "2024-03-31 02:30:00.000001",
    ),
    "moment": (
        "timestamptz '2024-03-31 02:30:00.5+05:45'",
        "timestamp with time zone",
        "2024-03-30 20:45:00.5+00",
    ),
    "id": (
        "cast('f47ac10b-58cc-4372-a567-0e02b2c3d479' as uuid)",
        "uuid",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    ),
    "bytes": ("'\\x00\\xFF'::blob", "bytea", "\\x00ff"),
    "span": ("interval '1 month 2 days 3 seconds'", "interval", "1 mon 2 days 00:00:03"),
    "nanos": (
        "cast('2024-01-01 00:00:00.123456789' as timestamp_ns)",
        "text",
        "2024-01-01 00:00:00.123456789",
    ),
    "list": ("['a', null]", "text", '["a",null]'),
    "struct": ("{'a': 1, 'b': ['x']}", "text", '{"a":1,"b":["x"]}'),
    "words": ("'a' || chr(0) || 'b'", "text", "a\u2400b"),
    "face": ("'é😀\\''' || chr(9) || chr(10)", "text", "é😀\\'\t\n"),
    "empty": ("''", "text", ""),
    "nothing": ("cast(null as varchar)", "text", None),
}


def test_every_table_is_equal_in_both_directions(marts: SmallMarts, land: Land, url: str) -> None:
    marts.publish(EVERY)
    assert (land().tables, land().tables) == (4, 0)
    assert differences(marts.paths.published, url, TABLES) == {}


def test_the_comparison_sees_one_row_that_differs(
    marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    marts.publish(EVERY)
    land()
    ask("update footfall.fct_visits set visitors = visitors + 1 where visit_id = 7")
    assert differences(marts.paths.published, url, TABLES) == {"footfall.fct_visits": (1, 1)}


def test_keys_references_and_not_null_are_those_that_dbt_tests(
    marts: SmallMarts, land: Land, ask: Ask
) -> None:
    marts.publish(EVERY)
    land()
    unique = "UNIQUE NULLS NOT DISTINCT ({}) DEFERRABLE"
    assert ask(DEFINITIONS) == [
        ("footfall.dim_store", "p", "PRIMARY KEY (store_name)"),
        ("footfall.dim_store", "u", unique.format("opened_as")),
        (
            "footfall.fct_visits",
            "f",
            "FOREIGN KEY (store_name) REFERENCES footfall.dim_store(store_name) DEFERRABLE",
        ),
        ("footfall.fct_visits", "p", "PRIMARY KEY (store_name, visit_id)"),
        ("footfall.visits_by_month", "u", unique.format("month")),
    ]
    required = ask(
        "select attname from pg_attribute where attrelid = 'footfall.fct_visits'::regclass"
        " and attnotnull and attnum > 0 order by attnum"
    )
    assert required == [("store_name",), ("visit_id",), ("visited_date",)]
    # The key begins with the store; the day is what the files are divided by.
    indexes = ask("select indexdef from pg_indexes where tablename = 'fct_visits' order by 1")
    assert [index.partition(" USING btree ")[2] for (index,) in indexes] == [
        "(visited_date)",
        "(store_name, visit_id)",
    ]


def test_descriptions_are_there_and_follow_a_change(
    marts: SmallMarts, land: Land, ask: Ask
) -> None:
    described = """
        select
            obj_description('footfall.fct_visits'::regclass),
            col_description('footfall.fct_visits'::regclass, 4),
            obj_description('footfall.dim_store'::regclass)
    """
    marts.publish(EVERY)
    land()
    assert ask(described) == [("Visits. It's 100 % of them.", "How many came.", None)]
    marts.publish("comment on column footfall.fct_visits.visitors is 'Who came, %s.'")
    assert land().rows == 0
    assert ask(described) == [("Visits. It's 100 % of them.", "Who came, %s.", None)]


def test_no_value_of_any_type_changes(marts: SmallMarts, land: Land, ask: Ask) -> None:
    columns = ", ".join(f"{sql} as {name}" for name, (sql, *_) in VALUES.items())
    marts.publish(f"create schema odd; create table odd.one as select 1 as n, {columns}")
    for _ in range(2):
        land(everything=True)
        types = ask(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'odd.one'::regclass and attnum > 1 order by attnum"
        )
        assert dict(types) == {name: kind for name, (_, kind, _) in VALUES.items()}
        ask("set time zone 'UTC'")
        texts = ", ".join(f"{name}::text" for name in VALUES)
        (row,) = ask(f"select {texts} from odd.one")
        assert dict(zip(VALUES, row, strict=True)) == {
            name: text for name, (_, _, text) in VALUES.items()
        }


def test_a_moment_before_postgresqls_first_is_refused_not_changed(
    marts: SmallMarts, land: Land, ask: Ask
) -> None:
    marts.publish(
        "create schema odd; create table odd.one as"
        " select cast('290000-01-01 (BC) 00:00:00' as timestamp) as began"
    )
    with pytest.raises(ServerError, match="began has a time before 4713-01-01"):
        land()
    assert ask("select to_regclass('odd.one')") == [(None,)]


def test_no_lone_surrogate_can_be_in_a_mart() -> None:
    """So none has to be handled: DuckDB's files hold valid UTF-8 only."""
    with duckdb.connect() as connection:
        with pytest.raises(duckdb.Error, match="Invalid UTF8"):
            connection.execute("create table t as select chr(55296) as lone")
        with pytest.raises(duckdb.Error, match="surrogate"):
            connection.execute("""create table t as select json '"\\ud800"' ->> '$' as lone""")


def test_text_that_differs_by_a_nul_keeps_its_row(marts: SmallMarts, land: Land, ask: Ask) -> None:
    marts.publish(
        "create schema odd; create table odd.texts as select * from"
        " (values (1, 'a'), (2, 'a' || chr(0)), (3, chr(0)), (4, null)) as t (n, words)"
    )
    land()
    assert ask("select * from odd.texts order by n") == [
        (1, "a"),
        (2, "a\u2400"),
        (3, "\u2400"),
        (4, None),
    ]


def test_a_key_that_may_be_null_is_not_referred_to(
    marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    marts.publish(
        EVERY.replace("primary key (store_name)", "unique (store_name)").replace(
            "store_name varchar not null, opened_as", "store_name varchar, opened_as"
        )
    )
    land()
    assert ("f",) not in ask("select contype from pg_constraint")
    assert differences(marts.paths.published, url, TABLES) == {}
