"""The demo runs twice, and answers the queries in docs/analysts.md as printed there."""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.simulators.chicago_crime.rows.calmer_district import DISTRICT
from ingestion.simulators.pisa.survey_file import SCHOOLS_DIFFER
from tests.support.examples import example_of, marts
from tests.support.warehouse import Warehouse, query

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/analysts.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n((?:(?!```).)+)```\n\n((?:\|[^\n]*\n)+)", PAGE, flags=re.DOTALL)
PROGRAMS = re.findall(r"```python\n(.+?)```", PAGE, flags=re.DOTALL)
PRINTED = re.findall(r"```text\n(.+?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse that `warehouse demo` made; the pages are built once for all tests."""
    folder = tmp_path_factory.mktemp("demo")
    warehouse = Warehouse(folder / "data", {"WAREHOUSE_CACHE_DIR": str(ROOT / "data" / "cache")})
    warehouse("demo")
    return warehouse


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


@pytest.mark.parametrize(("sql", "answer"), QUERIES, ids=lambda text: text.split("\n")[0][:40])
def test_a_query_on_the_page_has_the_answer_printed_there(
    demo: Warehouse, sql: str, answer: str
) -> None:
    header, _, *rows = answer.strip().split("\n")
    with duckdb.connect(demo.build / "marts.duckdb", read_only=True) as connection:
        found = connection.sql(sql)
        assert found.columns == cells(header)
        assert [[str(value) for value in row] for row in found.fetchall()] == [
            cells(row) for row in rows
        ]


@pytest.mark.parametrize("mart", marts())
def test_the_example_of_a_mart_has_an_answer_or_says_when_it_has_none(
    demo: Warehouse, mart: str
) -> None:
    example = example_of(mart)
    with duckdb.connect(demo.build / "marts.duckdb", read_only=True) as connection:
        rows = connection.sql(example.sql).fetchall()
    assert rows or example.note.startswith("No row "), example


def test_the_page_has_ten_queries_in_sql_and_one_in_pandas() -> None:
    assert (len(QUERIES), len(PRINTED)) == (10, 1)


def test_the_pandas_example_prints_the_text_below_it(demo: Warehouse) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(PROGRAMS)],
        cwd=demo.data.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == PRINTED[0]


def test_one_district_has_far_fewer_thefts_from_a_day_on(demo: Warehouse) -> None:
    thefts = """
        select district_id, count_if(occurred_date >= date '2025-05-01') / count(*)
        from crime.fct_crimes
        where primary_type = 'THEFT' and district_id <> '000' and month(occurred_date) >= 5
        group by 1 order by 2
    """
    (district, least), (_, second), *_ = query(demo.build, thefts)
    assert district == f"{DISTRICT:03}"
    assert least < 0.4
    assert second > 0.45


def test_one_door_ages(demo: Warehouse) -> None:
    rates = """
        select sum(readings_failed) / sum(readings_expected) from footfall.sensor_traffic_daily
        where store_name = 'London' and sensor_id = 2
        group by year(traffic_date)
        order by year(traffic_date)
    """
    (first,), (second,) = query(demo.build, rates)
    assert first < 0.1 < second


def test_the_schools_of_one_country_differ_more_than_those_of_others(demo: Warehouse) -> None:
    errors = """
        select country_code, mean_escs_weighted_se from education.escs_by_country
        where mean_escs_weighted_se is not null order by 2 desc
    """
    (country, largest), (_, second), *others = query(demo.build, errors)
    assert country == SCHOOLS_DIFFER
    assert largest > 1.3 * second
    # Most countries have replicate weights.
    assert len(others) >= 18


def test_every_source_was_reconciled_and_is_called_made_up(demo: Warehouse) -> None:
    answer = query(demo.build, "select made_up, data_through_date from core.data_status")
    assert answer == 3 * [("all", date(2025, 12, 31))]
    reconciled = (
        "select count(*), count_if(periods_that_differ > 0) from core.source_reconciliation"
    )
    assert query(demo.build, f"{reconciled} where reconciled_at is not null") == [(16, 0)]
    docs = (demo.build / "docs/index.html").read_text(encoding="utf-8")
    assert "Made-up data: every row comes from a simulator" in docs


def test_a_second_demo_loads_nothing_new(demo: Warehouse) -> None:
    output = demo("demo")
    assert "chicago-crime: nothing new" in output
    assert "store-sensors: nothing new" in output
    assert "pisa: nothing new" in output
    assert "Nothing is new since the published build" in output
