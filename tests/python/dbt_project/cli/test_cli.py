"""The command line as a user types it: what it prints, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dbt_project.files import sha256
from dbt_project.paths import ROOT, Paths
from tests.support.projects.sample_project import Warehouse, add_orders, write_work


def marts(paths: Paths, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(paths.published / "marts.duckdb", read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["load", "weather"], "there is no source 'weather'"),
        (["simulate", "store-sensors", "--rows", "5"], "--rows is for chicago-crime, pisa only"),
        (["simulate", "pisa", "--rate", "often"], "--rate is 'often'"),
        (["watch", "--every", "now"], "'now' is not a time: write it as 1s"),
        (["load", "--since", "last week"], "'last week' is not a day"),
        (["run", "--since", "2024-01-02", "--until", "2024-01-02"], "is not before --until"),
        (["unload"], "No such command"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(
    warehouse: Warehouse, tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    ended = warehouse(*arguments, data=tmp_path / "data")
    assert ended.returncode == 2
    assert complaint in ended.stderr
    assert not (tmp_path / "data").exists()


def test_the_command_line_imports_nothing_that_takes_long() -> None:
    code = (
        "import sys, dbt_project.cli.main; print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    imported = set(done.stdout.split())
    assert "typer" in imported, done.stderr
    assert not imported & {"dbt", "dlt", "duckdb", "fastapi", "pandas", "pyarrow"}


def test_build_then_publish_then_nothing_new_to_publish(warehouse: Warehouse, built: Paths) -> None:
    first = warehouse("publish", data=built.data, project=built.project)
    assert first.returncode == 0, first.stderr
    assert marts(built, "select orders, amount from shop.totals") == [(2, 30)]
    again = warehouse("publish", data=built.data, project=built.project)
    assert again.returncode == 0
    assert again.stdout.splitlines()[0] == first.stdout.splitlines()[0]
    assert len(list(built.builds.iterdir())) == 1
    commands = [json.loads(line) for line in built.runs.read_text().splitlines()]
    assert [(line["command"], line["outcome"]) for line in commands] == [
        ("build", "done"),
        ("publish", "done"),
        ("publish", "done"),
    ]
    assert commands[1]["build_id"]


def test_a_failed_audit_publishes_nothing_and_says_where_the_rows_are(
    warehouse: Warehouse, built: Paths
) -> None:
    warehouse("publish", data=built.data, project=built.project)
    before = built.published.readlink()
    add_orders(built.raw, "values ('3', 'many', '2024-01-03')", "2.1")
    failed = warehouse("build", data=built.data, project=built.project)
    assert failed.returncode == 1
    (line,) = [line for line in failed.stderr.splitlines() if line.startswith("warehouse:")]
    # A text that is not a number stops the model; its tests are skipped.
    assert "orders" in line
    assert "Traceback" not in failed.stderr
    refused = warehouse("publish", data=built.data, project=built.project)
    assert refused.returncode == 1
    assert "the build failed and nothing new was published: orders: " in refused.stderr
    assert built.published.readlink() == before
    assert marts(built, "select orders, amount from shop.totals") == [(2, 30)]


def test_a_failed_test_names_the_table_of_its_failing_rows(
    warehouse: Warehouse, built: Paths
) -> None:
    add_orders(built.raw, "values ('3', null, '2024-01-03')", "2.1")
    failed = warehouse("build", data=built.data, project=built.project)
    assert failed.returncode == 1
    assert "test orders__amount_is_known found 1 failing rows" in failed.stderr
    assert "audit.orders__amount_is_known" in failed.stderr
    with duckdb.connect(built.raw, read_only=True) as raw:
        assert raw.execute("select count(*) from audit.orders__amount_is_known").fetchone() == (1,)


def test_a_build_of_selected_models_is_not_published(warehouse: Warehouse, built: Paths) -> None:
    done = warehouse("build", "--select", "totals", data=built.data, project=built.project)
    assert done.returncode == 0, done.stderr
    refused = warehouse("publish", data=built.data, project=built.project)
    assert refused.returncode == 1
    assert "without --select" in refused.stderr


def test_a_build_of_selected_models_does_not_change_the_publication(
    warehouse: Warehouse, built: Paths
) -> None:
    def run(*arguments: str) -> str:
        done = warehouse(*arguments, data=built.data, project=built.project)
        return done.stdout if done.returncode == 0 else done.stderr

    run("publish")
    published = sha256(built.published / "marts.duckdb")
    # Once from what is published, once on from there.
    for _ in range(2):
        assert "audit " in run("build", "--select", "totals")
        assert sha256(built.published / "marts.duckdb") == published
    assert "without --select" in run("publish")
    run("build")
    assert "published " in run("publish")
    assert len([*built.builds.iterdir()]) == 2


def test_a_working_file_changed_after_its_audit_is_not_published(
    warehouse: Warehouse, built: Paths
) -> None:
    with duckdb.connect(built.work_marts) as connection:
        connection.execute("delete from shop.orders")
    refused = warehouse("publish", data=built.data, project=built.project)
    assert refused.returncode == 1
    assert "was changed after its audit" in refused.stderr
    assert not built.published.exists()


def test_building_before_loading_says_what_to_do(
    warehouse: Warehouse, tmp_path: Path, project: Path
) -> None:
    ended = warehouse("build", data=tmp_path / "data", project=project)
    assert ended.returncode == 1
    assert ended.stderr.startswith("warehouse: there is nothing to build")
    assert "load a source first" in ended.stderr


def test_debug_shows_the_traceback(warehouse: Warehouse, tmp_path: Path, project: Path) -> None:
    ended = warehouse("--debug", "build", data=tmp_path / "data", project=project)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr


def test_a_data_folder_that_cannot_be_created_gives_one_clear_line(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("")
    ended = warehouse("build", data=tmp_path / "data")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "cannot write to" in line
    assert "WAREHOUSE_DATA_DIR" in line


def test_a_full_disk_leaves_what_was_published(warehouse: Warehouse, paths: Paths) -> None:
    write_work(paths, 1)
    assert warehouse("publish", data=paths.data).returncode == 0
    before = paths.published.readlink()
    write_work(paths, 200_000)
    # The audited file is on the disk already: what has no room is its Parquet file.
    ended = warehouse("publish", data=paths.data, max_bytes=50_000)
    assert ended.returncode == 1
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("warehouse:")]
    assert "File too large" in line
    assert paths.published.readlink() == before
    assert [path.name for path in paths.builds.iterdir()] == [before.name]
    assert warehouse("publish", data=paths.data).returncode == 0
    assert marts(paths, "select orders from shop.totals") == [(200_000,)]
