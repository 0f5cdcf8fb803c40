"""What each run leaves: a line of a file that stays bounded, a row of raw, lines of the log."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
import yaml  # type: ignore[import-untyped]

from dbt_project import log_file
from dbt_project import run_records as records
from dbt_project.build import run_record_rows
from dbt_project.build.run_record_rows import COLUMNS, TABLE, load_run_records
from dbt_project.build.scope import PREVIOUS, changed_sources, selection
from dbt_project.files import read_json
from dbt_project.log_file import logged
from dbt_project.monitoring.status import lines, status
from dbt_project.paths import ROOT, Paths
from dbt_project.run_records import append
from dbt_project.runs.run import running
from dbt_project.runs.run_history import publish_run_history
from dbt_project.runs.state import RunState
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Silent
from tests.support.killed_process import run_until_killed
from tests.support.projects.alerting import add_run
from tests.support.projects.publications import NOW, publish
from tests.support.projects.sample_project import add_orders, write_work


def a_record(number: int, **differing: Any) -> dict[str, Any]:
    return {
        "run_id": f"run-{number:05}",
        "command": "run",
        "start": "2024-01-02T04:00:00+00:00",
        "end": "2024-01-02T04:01:00+00:00",
        "rows": {"pisa": {"responses": 3, "other": 4}},
        "rows_out": {"shop.orders": 5},
        "tests": {"tests": 2, "passed": 2, "failed": 0, "warned": 0},
        "outcome": "done",
    } | differing


@pytest.fixture
def raw(paths: Paths) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(paths.raw) as connection:
        yield connection


def runs(raw: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return raw.execute(f"select run_id, outcome from {TABLE} order by line_number").fetchall()


def test_each_record_comes_once_and_the_current_run_until_it_ends(
    paths: Paths, raw: duckdb.DuckDBPyConnection
) -> None:
    append(paths, a_record(1))
    load_run_records(raw, paths, a_record(2, outcome="running", end=None))
    assert runs(raw) == [("run-00001", "done"), ("run-00002", "running")]
    append(paths, a_record(2, outcome="failed", error="no answer"))
    append(paths, a_record(3))
    load_run_records(raw, paths, a_record(4, outcome="running"))
    load_run_records(raw, paths, a_record(4, outcome="running"))
    assert [outcome for _, outcome in runs(raw)] == ["done", "failed", "done", "running"]
    row = raw.execute(
        "select rows_loaded, rows_loaded_total, rows_published_total, tests_passed, error,"
        f" public_error, public_failures from {TABLE} where run_id = 'run-00002'"
    ).fetchall()
    assert row == [
        ('{"pisa": {"responses": 3, "other": 4}}', "7", "5", "2", "no answer", "run failed", "{}")
    ]


def test_a_line_that_a_full_disk_truncated_is_skipped(
    paths: Paths, raw: duckdb.DuckDBPyConnection
) -> None:
    append(paths, a_record(1))
    with paths.runs.open("a") as file:
        file.write('{"run_id": "run-0000\n')
    append(paths, a_record(2))
    load_run_records(raw, paths, None)
    assert runs(raw) == [("run-00001", "done"), ("run-00002", "done")]


def test_files_and_tables_of_many_runs_stay_bounded_without_duplicates(
    paths: Paths, raw: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "MAX_BYTES", 3 * len(json.dumps(a_record(1))))
    monkeypatch.setattr(run_record_rows, "MAX_RUNS", 8)
    for number in range(1, 31):
        append(paths, a_record(number))
        if number % 3 == 0:
            load_run_records(raw, paths, None)
    assert runs(raw) == [(f"run-{number:05}", "done") for number in range(23, 31)]
    sizes = [path.stat().st_size for path in (paths.runs, paths.runs_before)]
    assert max(sizes) <= 5 * len(json.dumps(a_record(1)))
    assert [record["run_id"] for record in records.records(paths)][-1] == "run-00030"


def test_the_table_has_the_columns_that_its_source_lists() -> None:
    text = (ROOT / "models/staging/warehouse/_warehouse__sources.yml").read_text()
    (table,) = yaml.safe_load(text)["sources"][0]["tables"]
    assert sorted(column["name"] for column in table["columns"]) == sorted(COLUMNS)


def test_runs_are_built_with_every_source_and_require_no_build_themselves(
    paths: Paths, raw: duckdb.DuckDBPyConnection
) -> None:
    append(paths, a_record(1))
    load_run_records(raw, paths, None)
    raw.close()
    assert selection(["chicago-crime"]) == ["source:chicago_crime+", PREVIOUS, "warehouse_runs"]
    assert "warehouse" not in status(paths, now=NOW)["sources"]
    assert changed_sources(paths) is None


def test_a_run_that_was_killed_is_recorded_by_the_next(paths: Paths) -> None:
    run_until_killed(
        paths.data,
        "from dbt_project.runs.run import running; from ingestion.core.progress import Silent;"
        "run = running(paths, 'load', Silent()); run.__enter__()",
    )
    with pytest.raises(WarehouseError), running(paths, "publish", Silent()) as run:
        run.publish()
    killed, failed = records.records(paths)
    assert (killed["outcome"], killed["end"]) == ("killed", None)
    assert (failed["outcome"], failed["command"]) == ("failed", "publish")
    assert failed["versions"].keys() == {
        *("project", "dbt", "dbt_duckdb", "dlt", "duckdb", "python"),
    }
    found = status(paths, now=NOW)
    assert found["last_run"] == failed
    output = next(line for line in lines(found) if line.startswith("last run"))
    assert output.startswith(f"last run   publish of {failed['start']}: failed in ")


def test_what_pages_show_of_runs_is_published(paths: Paths) -> None:
    publish_run_history(paths)  # nothing is published yet
    write_work(paths, 2)
    publish(paths)
    steps = {"load": 1, "build": 1, "audit": 1}
    failures = {"pisa, ALB": "no answer in 30 s", "shop": "403"}
    add_run(paths, "run", "a test failed", steps=steps, rows={"pisa": {}}, failures=failures)
    add_run(paths, "load", rows={"shop": {}})
    publish_run_history(paths)
    history = read_json(paths.published / "runs.json") or {}
    assert [run["command"] for run in history["runs"]] == ["run", "load"]
    assert history["sources"].keys() == {"pisa", "shop"}
    assert all(source["last_read_at"] for source in history["sources"].values())
    failed = [(one["step"], one["source"], one["command"]) for one in history["failures"]]
    assert failed == [("load", "pisa", "run"), ("audit", None, "run")]
    assert [run["problem"] for run in history["runs"]] == [
        "load of pisa, load of shop, audit failed",
        None,
    ]
    assert history["rolled_back"] is None
    # The next publication has it until it is written again.
    write_work(paths, 3)
    publish(paths)
    assert read_json(paths.published / "runs.json") == history


def test_pages_know_what_the_run_that_writes_them_has_read(paths: Paths) -> None:
    write_work(paths, 2)
    publish(paths)
    add_run(paths, "load", "403", failures={"shop": "403"})
    current = RunState(paths, Silent(), "demo")
    current.rows["shop"] = {"orders": 2}
    current.steps["load"] = 1.0
    publish_run_history(paths, current)
    history = read_json(paths.published / "runs.json") or {}
    assert [(run["command"], run["outcome"]) for run in history["runs"]] == [
        ("load", "failed"),
        ("demo", "running"),
    ]
    assert history["sources"]["shop"]["last_read_at"]
    assert history["failures"] == []


def test_the_log_has_a_bounded_size_and_names_the_run(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_LOG_SIZE", "2KB")
    monkeypatch.setenv("WAREHOUSE_LOG_FILES", "2")
    with logged(paths) as log:
        log.run_id = "run-1"
        for number in range(100):
            logging.getLogger("ingestion.sources").info("page %d\nof many", number)
    files = sorted(paths.logs.iterdir())
    assert [path.name for path in files] == ["warehouse.jsonl"] + [
        f"warehouse.jsonl.{number}" for number in (1, 2)
    ]
    assert all(path.stat().st_size <= 2_000 for path in files)
    last = json.loads(files[0].read_text().splitlines()[-1])
    assert (last["message"], last["run_id"]) == ("page 99\nof many", "run-1")
    assert (last["level"], last["logger"]) == ("info", "ingestion.sources")


def test_a_log_that_cannot_be_written_stops_nothing(
    paths: Paths, capfd: pytest.CaptureFixture[str]
) -> None:
    (paths.logs / log_file.NAME).mkdir(parents=True)
    add_orders(paths.raw, "values ('1', '10', '2024-01-01')", "1.1")
    refused = pytest.raises(WarehouseError, match="no audited build")
    with refused, running(paths, "publish", Silent()) as run:
        run.publish()
    assert capfd.readouterr().err == ""
    (record,) = records.records(paths)
    assert record["outcome"] == "failed"
