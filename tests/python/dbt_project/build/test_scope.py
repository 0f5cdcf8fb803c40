"""What a build covers: only what depends on the sources with new rows."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_project.build.build import build
from dbt_project.build.scope import changed_sources
from dbt_project.paths import Paths
from dbt_project.publishing import publish as publication
from ingestion.core.progress import LineProgress
from tests.support.projects.sample_project import add_orders, write_project

TOYS = """
version: 2
sources:
  - {name: toys, database: raw, schema: raw_toys, tables: [{name: toys}]}
"""


def add_toy(raw: Path, toy: str, load_id: str) -> None:
    with duckdb.connect(raw) as connection:
        connection.execute("create schema if not exists raw_toys")
        connection.execute(
            "create table if not exists raw_toys.toys (toy varchar, _dlt_load_id varchar)"
        )
        connection.execute(
            "create table if not exists raw_toys._dlt_loads"
            " (load_id varchar, schema_name varchar, status bigint, inserted_at timestamptz)"
        )
        connection.execute("insert into raw_toys.toys values (?, ?)", [toy, load_id])
        connection.execute(
            "insert into raw_toys._dlt_loads values (?, 'toys', 0, now())", [load_id]
        )


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of two sources, published, and its project."""
    folder = tmp_path_factory.mktemp("two_sources")
    project = folder / "project"
    write_project(project)
    (project / "models/toys.yml").write_text(TOYS)
    (project / "models/marts/toys.sql").write_text("select toy from {{ source('toys', 'toys') }}")
    paths = Paths(data=folder / "data", project=project)
    paths.data.mkdir()
    add_orders(paths.raw, "values ('1', '10', '2024-01-01')", "1.1")
    add_toy(paths.raw, "bear", "1.2")
    run(paths, second=1)
    return folder


@pytest.fixture
def two_sources(once: Path, tmp_path: Path) -> Paths:
    """A copy of it, of one test's own."""
    shutil.copytree(once, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Paths(data=tmp_path / "data", project=tmp_path / "project")


def run(paths: Paths, *, second: int) -> dict[str, Any]:
    build(paths, full_refresh=False, select=(), sources=(), progress=LineProgress())
    now = datetime(2024, 1, 1, 0, 0, second, tzinfo=UTC)
    return publication.publish(paths, now=now, progress=LineProgress())


def published(paths: Paths, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(paths.published / "marts.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_everything_is_new_before_a_publication_and_nothing_after_it(two_sources: Paths) -> None:
    assert changed_sources(two_sources) == []
    assert changed_sources(Paths(data=two_sources.data / "other")) is None


def test_what_depends_on_a_new_load_is_built_and_the_rest_is_kept(two_sources: Paths) -> None:
    with duckdb.connect(two_sources.raw) as raw:
        # No load says so: were toys built, this would show.
        raw.execute("insert into raw_toys.toys values ('unseen', '1.2')")
    add_orders(two_sources.raw, "values ('2', '20', '2024-01-02')", "2.1")
    assert changed_sources(two_sources) == ["shop"]
    before = json.loads((two_sources.published / "manifest.json").read_text())["tables"]
    manifest = run(two_sources, second=2)
    assert manifest["audit"]["scope"] == ["shop"]
    assert sorted(manifest["tables"]) == ["shop.orders", "shop.totals", "shop.toys"]
    assert published(two_sources, "select orders from shop.totals") == [(2,)]
    assert published(two_sources, "select toy from shop.toys") == [("bear",)]
    assert manifest["tables"]["shop.toys"] == before["shop.toys"]
    assert manifest["tables"]["shop.orders"] != before["shop.orders"]
    assert changed_sources(two_sources) == []


def test_rows_of_a_load_that_was_killed_before_it_ended_are_new(two_sources: Paths) -> None:
    with duckdb.connect(two_sources.raw) as raw:
        raw.execute("insert into raw_toys.toys values ('hare', '1.3')")
    assert changed_sources(two_sources) == ["toys"]
    run(two_sources, second=2)
    assert published(two_sources, "select toy from shop.toys order by toy") == [
        ("bear",),
        ("hare",),
    ]
    assert changed_sources(two_sources) == []


def test_a_failed_audit_leaves_the_load_to_the_next_build(two_sources: Paths) -> None:
    add_orders(two_sources.raw, "values ('2', null, '2024-01-02')", "2.1")
    audit = build(two_sources, full_refresh=False, select=(), sources=(), progress=LineProgress())
    assert not audit.succeeded
    assert changed_sources(two_sources) == ["shop"]


def test_a_changed_project_is_built_completely(two_sources: Paths) -> None:
    (two_sources.project / "models/marts/toys.sql").write_text(
        "select upper(toy) as toy from {{ source('toys', 'toys') }}"
    )
    assert changed_sources(two_sources) is None
    manifest = run(two_sources, second=2)
    assert manifest["audit"]["scope"] is None
    assert published(two_sources, "select toy from shop.toys") == [("BEAR",)]
