"""The demo does what the README says, and answers its queries as printed there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.+?)```\n\n((?:\|[^\n]*\n)+)", README, flags=re.DOTALL)
PROGRAMS = re.findall(r"```python\n(.+?)```", README, flags=re.DOTALL)
PRINTED = re.findall(r"```text\n(.+?)```", README, flags=re.DOTALL)


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dbt_project", "demo"],
        env=os.environ
        | {
            "WAREHOUSE_DATA_DIR": str(folder / "data"),
            # The pages are built once for all tests.
            "WAREHOUSE_CACHE_DIR": str(ROOT / "data" / "cache"),
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = demo(folder)
    assert done.returncode == 0, done.stderr
    return folder


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


@pytest.mark.parametrize(("query", "answer"), QUERIES, ids=lambda text: text.split("\n")[0][:40])
def test_a_query_of_the_readme_has_the_answer_printed_there(
    demo_folder: Path, query: str, answer: str
) -> None:
    header, _, *rows = answer.strip().split("\n")
    with duckdb.connect(demo_folder / "data/published/marts.duckdb", read_only=True) as connection:
        found = connection.sql(query)
        assert found.columns == cells(header)
        assert [[str(value) for value in row] for row in found.fetchall()] == [
            cells(row) for row in rows
        ]


def test_the_readme_has_seven_queries_in_sql_and_one_in_pandas() -> None:
    assert (len(QUERIES), len(PRINTED)) == (7, 1)


def test_the_pandas_example_prints_what_stands_below_it(demo_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(PROGRAMS)],
        cwd=demo_folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == PRINTED[0]


def test_a_second_demo_brings_nothing_new(demo_folder: Path) -> None:
    done = demo(demo_folder)
    assert done.returncode == 0, done.stderr
    assert "chicago-crime: nothing new" in done.stdout
    assert "store-sensors: nothing new" in done.stdout
    assert "pisa: nothing new" in done.stdout
    assert "Nothing is new since the published build" in done.stdout
