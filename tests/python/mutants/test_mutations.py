"""What `make mutants` changes in SQL, and what it leaves alone."""

from tests.mutants.mutations import mutations


def mutants(sql: str) -> set[str]:
    return {mutation.applied(sql) for mutation in mutations(sql)}


def test_operators_constants_and_joins_are_changed() -> None:
    assert mutants("select a + 1 from b left join c on b.d = c.d") == {
        "select a - 1 from b left join c on b.d = c.d",
        "select a + 2 from b left join c on b.d = c.d",
        "select a + 1 from b inner join c on b.d = c.d",
        "select a + 1 from b left join c on b.d <> c.d",
    }


def test_a_text_stays_a_text_of_its_kind() -> None:
    assert mutants("select '031', 'north', ''") == {
        "select '032', 'north', ''",
        "select '031', 'northx', ''",
    }


def test_the_and_of_between_is_no_operator() -> None:
    assert mutants("select a between b and c and d") == {"select a between b and c or d"}


def test_a_condition_is_dropped() -> None:
    sql = "select *\nfrom a\nwhere\n    b\n    and c\n"
    assert mutants(sql) == {
        "select *\nfrom a\nwhere\n    true\n    and c\n",
        "select *\nfrom a\nwhere\n    b\n",
        "select *\nfrom a\nwhere\n    b\n    or c\n",
    }


def test_comments_names_and_configuration_stay() -> None:
    assert not mutants(
        "{{ config(materialized='table') }}\n{# 1 < 2 #}\n-- 1 < 2\n"
        "select a1, count(*) from {{ ref('fct_2024') }}{% if not loop.last %},{% endif %}"
    )


def test_sql_within_jinja_is_changed() -> None:
    assert mutants("{{ ratio('a', 100) }} {% set rules = [('b', 'c is null')] %}") == {
        "{{ ratio('a', 101) }} {% set rules = [('b', 'c is null')] %}",
        "{{ ratio('a', 100) }} {% set rules = [('b', 'c is not null')] %}",
    }


def test_units_of_time_are_changed() -> None:
    assert mutants("{{ dbt.date_trunc('month', 'a') }}") == {"{{ dbt.date_trunc('year', 'a') }}"}
