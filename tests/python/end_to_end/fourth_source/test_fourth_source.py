"""A fourth source, made of one folder, without changing a file of the project.

docs/adding-a-source.md is this test as a checklist.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dbt_project.paths import ROOT
from tests.support.sources.hostile import Answer, hostile_server
from tests.support.warehouse import Warehouse, query

FOLDER = Path(__file__).parent / "library_loans"
PROJECT = (
    *("dbt_project.yml", "profiles.yml", "models", "seeds", "macros", "tests/generic"),
    *("tests/singular", "dbt_project/docs"),
)
MART = "select branch, loans from libraries.loans_by_branch order by branch"
FIRST, LATER = "2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z"


class Library:
    """The API: the loans that changed after a moment."""

    def __init__(self) -> None:
        self.loans = [
            {"loan_id": n, "branch": "North" if n % 3 else "South", "lent_on": "2026-01-01"}
            | {"changed_at": FIRST}
            for n in range(30)
        ]

    def answer(self, path: str) -> Answer:
        since = parse_qs(urlsplit(path).query).get("since", [""])[0]
        found = [loan for loan in self.loans if str(loan["changed_at"]) > since]
        return Answer(json.dumps(found).encode(), "application/json")


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


@pytest.fixture(scope="module")
def warehouse(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A copy of the project with the folder's models, and the source by its module's name."""
    home = tmp_path_factory.mktemp("fourth")
    for name in PROJECT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (home / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, home / "project" / name)
    shutil.copytree(FOLDER / "models", home / "project/models", dirs_exist_ok=True)
    with hostile_server(library.answer) as url:
        env = {
            "WAREHOUSE_SOURCES": "tests.python.end_to_end.fourth_source.library_loans.source",
            "WAREHOUSE_PROJECT_DIR": str(home / "project"),
            "SOURCES__LIBRARY_LOANS__BASE_URL": url,
        }
        yield Warehouse(home / "data", env)


def test_its_folder_is_small() -> None:
    files = [path for path in FOLDER.rglob("*") if path.suffix in {".py", ".sql", ".yml"}]
    assert sum(len(path.read_text().splitlines()) for path in files) <= 150


def test_every_command_knows_it(warehouse: Warehouse, library: Library) -> None:
    assert "library-loans: loans 30" in warehouse("load", "library-loans")
    assert "tests passed" in warehouse("build")
    warehouse("publish")
    assert query(warehouse.build, MART) == [("North", 20), ("South", 10)]

    status = json.loads(warehouse("status", "--json"))["sources"]["library-loans"]
    assert (status["newest_change"], status["pending_loads"]) == (FIRST, 0)
    assert status["rows"]["loans"] == 30
    # Its newest change is older than its limit; nothing says that its rows are made up.
    assert "library-loans: no change at the source" in warehouse("alerts")

    library.loans[1] |= {"branch": "South", "changed_at": LATER}
    assert "library-loans: loans 1" in warehouse("run", "library-loans")
    assert query(warehouse.build, MART) == [("North", 19), ("South", 11)]

    del library.loans[2]
    assert "loan_deletions 1" in warehouse("reconcile", "library-loans")
    assert query(warehouse.build, MART) == [("North", 18), ("South", 11)]

    del library.loans[5:]
    assert "--accept-shrink" in warehouse.fails("reconcile", "library-loans")
    refused = warehouse.fails("load", "library-loans", "--since", "2026-01-01")
    assert "`warehouse load library-loans` takes no --since" in refused
