"""`warehouse status`: an answer at any time, even during a run or after a killed one."""

import json
import os
from pathlib import Path

import duckdb
import pytest

from dbt_project.monitoring.status import lines, status
from dbt_project.paths import Paths
from dbt_project.runs.lock import run_lock
from ingestion.core.memory import default_limit
from tests.support.killed_process import run_until_killed
from tests.support.projects.alerting import add_run
from tests.support.projects.publications import NOW, publish
from tests.support.projects.sample_project import Warehouse, add_orders, write_work

pytestmark = pytest.mark.usefixtures("shop_source")


def test_it_answers_before_there_is_any_data(warehouse: Warehouse, tmp_path: Path) -> None:
    ended = warehouse("status", data=tmp_path / "data")
    assert ended.returncode == 0
    assert "nothing was loaded yet" in ended.stdout
    assert not (tmp_path / "data").exists()


def test_json_gives_programs_the_same(warehouse: Warehouse, paths: Paths) -> None:
    write_work(paths, 5)
    publish(paths)
    ended = warehouse("status", "--json", data=paths.data)
    assert ended.returncode == 0
    found = json.loads(ended.stdout)
    assert found["published"]["rows"] == {"shop.orders": 5, "shop.totals": 1}
    assert found["sources"]["shop"]["rows"] == {"orders": 1}


def test_the_memory_setting_is_shown(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAREHOUSE_MEMORY_LIMIT", raising=False)
    found = status(paths, now=NOW)["memory"]
    assert found["is_default"]
    assert found["limit"] == default_limit(found["available"])
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "1.5GB")
    of = f"of {found['available'] // 10**6}MB"
    expected = f"memory     1500MB for DuckDB, {of} (WAREHOUSE_MEMORY_LIMIT)"
    assert expected in [*lines(status(paths, now=NOW))]


def test_an_invalid_memory_setting_gives_one_line(
    warehouse: Warehouse, built: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "a lot")
    output = "WAREHOUSE_MEMORY_LIMIT is 'a lot': set it to a size such as 768MB, 2GB or 1.5GiB"
    for command in ("status", "publish", "build"):
        done = warehouse(command, data=built.data, project=built.project)
        assert done.returncode == 1
        assert [output in line for line in done.stderr.splitlines()[-1:]] == [True], done.stderr


def test_loads_that_are_not_published_yet_are_pending(paths: Paths) -> None:
    write_work(paths, 5)
    publish(paths)
    assert status(paths, now=NOW)["sources"]["shop"]["pending_loads"] == 0
    add_orders(paths.raw, "values ('2', '20', '2024-01-05')", "2.1")
    shop = status(paths, now=NOW)["sources"]["shop"]
    assert (shop["pending_loads"], shop["age_seconds"]) == (1, 3600)
    assert (shop["newest_change"], shop["last_load_id"]) == ("2024-01-05", "2.1")
    assert any("loads not published yet: 1" in line for line in lines(status(paths, now=NOW)))


def test_a_run_in_progress_is_named_and_its_raw_file_is_not_opened(paths: Paths) -> None:
    write_work(paths, 5)
    with run_lock(paths), duckdb.connect(paths.raw):
        found = status(paths, now=NOW)
    assert found["run"]["pid"] == os.getpid()
    assert found["raw_in_use"]
    assert any("in progress" in line for line in lines(found))


def test_a_killed_run_and_what_it_left_are_named(paths: Paths) -> None:
    write_work(paths, 5)
    run_until_killed(
        paths.data,
        "import duckdb; from dbt_project.runs.lock import run_lock;"
        "lock = run_lock(paths); lock.__enter__(); raw = duckdb.connect(paths.raw);"
        "raw.execute('delete from raw_shop.orders');"
        "(paths.builds / '.20240101T000000Z-abcdef.partial').mkdir(parents=True)",
    )
    found = status(paths, now=NOW)
    assert found["run"] is None
    assert found["killed"]
    assert found["leftovers"] == [str(paths.builds / ".20240101T000000Z-abcdef.partial")]
    # The killed run's write-ahead log is read as well.
    assert found["sources"]["shop"]["rows"] == {"orders": 0}


def test_a_load_that_found_nothing_new_counts_as_a_check(paths: Paths) -> None:
    write_work(paths, 5)
    publish(paths)
    end = "2024-01-02T04:03:05+00:00"
    add_run(paths, "load", rows={"shop": {}}, end=end)
    shop = status(paths, now=NOW)["sources"]["shop"]
    assert (shop["last_checked_at"], shop["age_seconds"]) == (end, 60)


def test_a_failure_is_shown_until_its_source_is_loaded_again(paths: Paths) -> None:
    failures = {"survey, ALB": "no answer in 30 s", "shop": "403"}
    rows = {"survey": {"responses": 3}}
    add_run(paths, "load", "survey, ALB: no answer in 30 s", rows=rows, failures=failures)
    add_run(paths, "load", rows={"shop": {}})
    found = status(paths, now=NOW)
    assert found["failures"] == {"survey, ALB": "no answer in 30 s"}
    assert "failed     survey, ALB: no answer in 30 s" in [*lines(found)]
    add_run(paths, "load", rows={"survey": {}})
    assert status(paths, now=NOW)["failures"] == {}
