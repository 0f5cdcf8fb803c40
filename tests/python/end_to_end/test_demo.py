"""The demo runs twice, and answers the queries in docs/analysts.md as printed there."""

import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/analysts.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.+?)```\n\n((?:\|[^\n]*\n)+)", PAGE, flags=re.DOTALL)
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


@pytest.mark.parametrize(("query", "answer"), QUERIES, ids=lambda text: text.split("\n")[0][:40])
def test_a_query_on_the_page_has_the_answer_printed_there(
    demo: Warehouse, query: str, answer: str
) -> None:
    header, _, *rows = answer.strip().split("\n")
    with duckdb.connect(demo.build / "marts.duckdb", read_only=True) as connection:
        found = connection.sql(query)
        assert found.columns == cells(header)
        assert [[str(value) for value in row] for row in found.fetchall()] == [
            cells(row) for row in rows
        ]


def test_the_page_has_seven_queries_in_sql_and_one_in_pandas() -> None:
    assert (len(QUERIES), len(PRINTED)) == (7, 1)


def test_the_pandas_example_prints_the_text_below_it(demo: Warehouse) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(PROGRAMS)],
        cwd=demo.data.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == PRINTED[0]


def test_a_second_demo_loads_nothing_new(demo: Warehouse) -> None:
    output = demo("demo")
    assert "chicago-crime: nothing new" in output
    assert "store-sensors: nothing new" in output
    assert "pisa: nothing new" in output
    assert "Nothing is new since the published build" in output
