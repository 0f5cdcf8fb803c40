"""The docs of what is published: complete, beside the build, and written from the build."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_project.documentation.documentation import PROJECT, update_docs
from dbt_project.documentation.erd import diagram, read_tables
from dbt_project.paths import Paths
from ingestion.core.progress import LineProgress
from tests.support.projects.sample_project import Warehouse

PAGES = ["diagram.html", "index.html", "lineage.html"]


def node(schema: str, name: str, *columns: str, path: str = "marts/x.sql") -> dict[str, Any]:
    return {
        "unique_id": f"model.w.{name}",
        "resource_type": "model",
        "path": path,
        "schema": schema,
        "name": name,
        "columns": {column: {"data_type": "varchar"} for column in columns},
    }


def check(table: str, kind: str, column: str, to: str = "", key: str = "") -> dict[str, Any]:
    others = [f"model.w.{to}"] if to else []
    # What a test of affected rows reads as well.
    others += ["model.w.int_affected"] if kind == "relationships" else []
    kwargs = {"column_name": column, "field": key, "to": f"ref('{to or table}')"}
    return {
        "resource_type": "test",
        "attached_node": f"model.w.{table}",
        "test_metadata": {"name": kind, "kwargs": kwargs},
        "depends_on": {"nodes": [*others, f"model.w.{table}"]},
    }


def manifest(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": {str(number): one for number, one in enumerate(nodes)}}


def test_the_diagram_draws_each_tested_reference_and_marks_the_keys() -> None:
    made = manifest(
        node("core", "dim_day", "day", "name"),
        node("crime", "fct", "crime_id", "day", "place_id"),
        node("crime", "dim_place", "place_id", "street"),
        node("staging", "stg_crimes", "crime_id", path="staging/stg_crimes.sql"),
        check("dim_day", "unique", "day"),
        check("dim_place", "unique", "place_id"),
        check("fct", "unique", "crime_id"),
        check("fct", "relationships", "day", "dim_day", "day"),
        check("fct", "relationships", "place_id", "dim_place", "place_id"),
    )
    tables = read_tables(made)
    assert sorted(tables) == ["model.w.dim_day", "model.w.dim_place", "model.w.fct"]
    assert tables["model.w.fct"].keys == {"crime_id"}
    assert tables["model.w.fct"].refers_to == {
        "day": ("model.w.dim_day", "day"),
        "place_id": ("model.w.dim_place", "place_id"),
    }
    page = diagram(made, "a-build")
    assert page.count("<path ") == 2
    assert page.count("&#9670; crime_id") == 1
    assert "stg_crimes" not in page
    assert "build a-build" in page
    # The calendar is drawn by itself, and again beside what refers to it.
    assert page.count("core.dim_day") == 2
    assert "index.html#!/model/model.w.fct" in page


def test_a_table_may_refer_to_itself_or_in_a_circle() -> None:
    made = manifest(
        node("core", "one", "id", "other_id", "parent_id"),
        node("core", "two", "id", "other_id"),
        check("one", "relationships", "other_id", "two", "id"),
        check("one", "relationships", "parent_id", "", "id"),
        check("two", "relationships", "other_id", "one", "id"),
    )
    assert diagram(made, "a-build").count("<path ") == 3


@pytest.mark.slow
def test_docs_are_complete_beside_the_build_and_stay_when_new_ones_fail(
    built: Paths, warehouse: Warehouse
) -> None:
    arguments = {"data": built.data, "project": built.project}
    nothing = warehouse("docs", **arguments)
    assert nothing.returncode == 1
    assert "there is nothing to document" in nothing.stderr
    assert warehouse("publish", **arguments).returncode == 0
    before = databases(built)
    written = warehouse("docs", **arguments)
    assert written.returncode == 0, written.stderr
    docs = built.published / "docs"
    assert sorted(path.name for path in docs.iterdir()) == [*PAGES, PROJECT]
    first = docs.resolve()
    update_docs(built, progress=LineProgress())
    assert docs.resolve() == first  # they are of this project
    pages = [docs / name for name in PAGES]
    assert all("orders" in page.read_text(encoding="utf-8") for page in pages)
    assert all(foreign_scripts(page) == [] for page in pages)
    assert databases(built) == before
    assert not (built.work / "docs").exists()

    with duckdb.connect(built.raw) as raw:
        raw.execute("drop schema staging cascade")
    failed = warehouse("docs", **arguments)
    assert failed.returncode == 1
    assert "the column lineage is incomplete" in failed.stderr.splitlines()[-1]
    built.raw.unlink()
    failed = warehouse("docs", **arguments)
    assert failed.returncode == 1
    assert f"{built.raw} is missing" in failed.stderr
    assert not built.raw.exists()
    assert docs.resolve() == first
    assert [path.name for path in built.published.resolve().glob("docs-*")] == [first.name]


def databases(paths: Paths) -> dict[Path, bytes]:
    """What is published, and the working file, which a publication takes over."""
    files = [*paths.published.resolve().glob("*.duckdb"), *paths.work.glob("*.duckdb")]
    return {path: path.read_bytes() for path in files}


def foreign_scripts(page: Path) -> list[str]:
    """Scripts, styles and pictures that a page would load from elsewhere when it is opened."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"'](?:https?:)?//[^\"']+", text)
    # What dbt's page loads only if usage statistics are on.
    return [one for one in found if "sp.js" not in one]
