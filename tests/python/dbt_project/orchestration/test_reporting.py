"""What Dagster is given: by any run, and of dbt's graph. Needs no Dagster."""

import json
import logging
import os
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dbt_project.build.audit import DbtReport
from dbt_project.orchestration import installed
from dbt_project.orchestration.graph import contract
from dbt_project.orchestration.reporting import ANSWER, PARENT, create_reporter
from dbt_project.paths import Paths
from dbt_project.runs.run import Run
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Silent
from tests.support.projects.alerting import receiving

SETTING = "WAREHOUSE_DAGSTER_URL"


def finished_run(data: Path) -> Run:
    run = Run(Paths(data), Silent(), "watch")
    run.rows = {"pisa": {"responses": 0}, "store-sensors": {"sensors": 2}}
    run.rows_out, run.build_id = {"education.escs_by_country": 7}, "b1"
    return run


def test_a_run_reports_the_tables_that_it_wrote_to_the_web_server(tmp_path: Path) -> None:
    with receiving() as server:
        report = create_reporter({SETTING: f"http://127.0.0.1:{server.port}/"})
        assert report is not None
        report(finished_run(tmp_path))
    start = "/report_asset_materialization"
    # A source that was read to its end is fresh, also without new rows.
    assert server.paths == [
        f"{start}/raw_pisa/responses",
        f"{start}/raw_store_sensors/readings",
        f"{start}/raw_store_sensors/sensors",
        f"{start}/education/escs_by_country",
    ]
    figures = [message["metadata"] for message in server.received]
    assert [one.get("rows_received") for one in figures] == [0, 0, 2, None]
    assert (figures[3]["dagster/row_count"], figures[3]["build_id"]) == (7, "b1")


def test_a_web_server_that_cannot_be_reached_is_a_warning_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        report = create_reporter({SETTING: f"http://127.0.0.1:{taken.getsockname()[1]}"})
        assert report is not None
        logger = logging.getLogger("dbt_project")
        logger.addHandler(caplog.handler)
        try:
            report(finished_run(tmp_path))
        finally:
            logger.removeHandler(caplog.handler)
    (line,) = {record.getMessage() for record in caplog.records}
    assert "did not receive this run: ConnectError" in line


@pytest.mark.parametrize("address", ["dagster", "http://user:secret@host", "ftp://host"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(WarehouseError, match=f"{SETTING} is .*: set it to an address such as"):
        create_reporter({SETTING: address})


def test_without_a_setting_nothing_is_reported() -> None:
    assert create_reporter({}) is None


def test_a_run_of_dagster_answers_with_its_record_and_the_verdicts(tmp_path: Path) -> None:
    answer = tmp_path / "answer.json"
    report = create_reporter({ANSWER: str(answer), PARENT: str(os.getppid())})
    assert report is not None
    run = finished_run(tmp_path)
    run.audit = DbtReport("i", [], verdicts={"warehouse.marts.t": "passed"})
    report(run)
    found = json.loads(answer.read_text())
    assert found["audit"]["verdicts"] == {"warehouse.marts.t": "passed"}
    assert (found["rows"], found["build_id"]) == (run.rows, "b1")


def node(kind: str, name: str, *above: str, **more: Any) -> dict[str, Any]:
    is_mart = name.startswith("mart")
    return {
        "resource_type": kind,
        "name": name,
        "database": "marts" if is_mart else "raw",
        "config": {"materialized": "table" if is_mart else "view"},
        "depends_on": {"nodes": list(above)},
    } | more


def test_marts_are_connected_through_what_lies_between_and_keep_its_tests() -> None:
    raw: dict[str, Any] = {"resource_type": "source", "name": "t", "columns": {"a": {}}}
    nodes = {
        "stg": node("model", "stg", "raw.t", "previous.t"),
        "seed": {"resource_type": "seed", "name": "s", "database": "raw"}
        | {"config": {"materialized": "seed"}},
        "mart_1": node("model", "mart_1", "stg", "seed"),
        "mart_2": node("model", "mart_2", "mart_1", "stg"),
        "t_seed": node("test", "t_seed", "seed", attached_node="seed"),
        "t_stg": node("test", "t_stg", "stg", "mart_2", attached_node="stg"),
        "t_two": node("test", "t_two", "mart_2", "mart_1"),
    }
    found = contract(
        {
            "metadata": {},
            "nodes": nodes,
            "sources": {
                "raw.t": raw | {"schema": "raw_shop"},
                "previous.t": raw | {"schema": "shop"},
            },
            "exposures": {"page": node("exposure", "page", "mart_2", "stg")},
        },
        {"raw_shop"},
    )
    assert found["nodes"].keys() == {"mart_1", "mart_2", "t_seed", "t_stg", "t_two"}
    assert found["sources"].keys() == {"raw.t"}
    assert found["sources"]["raw.t"]["columns"]["a"]["data_type"] == "varchar"
    above = {key: one["depends_on"]["nodes"] for key, one in found["nodes"].items()}
    assert above == {
        "mart_1": ["raw.t"],
        "mart_2": ["mart_1", "raw.t"],
        "t_seed": ["mart_1"],
        "t_stg": ["mart_1"],
        "t_two": ["mart_1"],
    }
    assert found["exposures"]["page"]["depends_on"]["nodes"] == ["mart_2", "raw.t"]


def test_without_the_extra_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        installed, "find_spec", lambda name: None if "dagster" in name else find_spec(name)
    )
    with pytest.raises(WarehouseError, match="make install-dagster"):
        installed.require_installed()
