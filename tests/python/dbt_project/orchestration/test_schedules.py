"""Dagster, started by one command: each schedule through its own interface, and what it shows."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psutil  # type: ignore[import-untyped]
import pytest

from dbt_project.paths import Paths
from dbt_project.run_records import records
from ingestion.core.registry import find_source
from ingestion.simulators.pisa.survey import Survey
from ingestion.simulators.serving import serving
from tests.support.orchestration.dagster import Dagster, orchestrating, processes, written
from tests.support.projects.alerting import Receiver, receiving
from tests.support.reports.site_server import CACHE
from tests.support.survey_fixture import COUNTRIES, FACT, ROWS_PER_COUNTRY, survey_in
from tests.support.warehouse import Warehouse, hashes, manifest, query

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("dagster_installed")]

SCHEDULES = {
    "alerts_every_quarter": "*/15 * * * *",
    "chicago_crime_daily": "17 6 * * *",
    "pisa_hourly": "5 * * * *",
    "reconciliation_nightly": "40 1 * * *",
    "store_sensors_hourly": "5 * * * *",
}
YESTERDAY = datetime.now(UTC).date() - timedelta(days=1)
FIRST_DAY, BACKFILLED_DAY = (str(YESTERDAY - timedelta(days=days)) for days in (0, 1))
ACCOUNTED = "submission_load_reconciliation__every_row_received_is_accounted_for"
RECONCILIATION = ("education", "submission_load_reconciliation")


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survey]:
    survey = survey_in(tmp_path_factory.mktemp("survey"))
    for country in COUNTRIES:
        survey.add_country(country, ROWS_PER_COUNTRY)
    yield survey
    survey.close()


@pytest.fixture(scope="module")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory, receiver: Receiver, survey: Survey
) -> Iterator[Warehouse]:
    """An empty data folder whose three sources are served."""
    warehouse = Warehouse(tmp_path_factory.mktemp("scheduled") / "data")
    with (
        serving("chicago-crime", rows=1_500, seed=5) as portal,
        serving("store-sensors") as sensors,
    ):
        warehouse.use(portal)
        warehouse.use(sensors, "store-sensors", SINCE=FIRST_DAY)
        warehouse.env |= {
            "WAREHOUSE_ALERT_URLS": receiver.url,
            "WAREHOUSE_CACHE_DIR": str(CACHE),
            find_source("pisa").address_variable: json.dumps(survey.databases()),
        }
        yield warehouse


@pytest.fixture(scope="module")
def dagster(warehouse: Warehouse) -> Iterator[Dagster]:
    with orchestrating(warehouse) as dagster:
        # It takes minutes, and has a test of its own.
        dagster.switch_sensor("report_after_publication", on=False)
        yield dagster


def rows(warehouse: Warehouse, mart: str) -> int:
    return int(manifest(warehouse.build)["tables"][mart]["rows"])


def link(warehouse: Warehouse) -> Path:
    return (warehouse.data / "published").readlink()


def test_every_configured_source_has_a_schedule_that_runs(dagster: Dagster) -> None:
    found = dagster.schedules()
    assert {name: one["cronSchedule"] for name, one in found.items()} == SCHEDULES
    assert {one["scheduleState"]["status"] for one in found.values()} == {"RUNNING"}


def test_a_schedule_publishes_and_shows_what_was_written(
    dagster: Dagster, warehouse: Warehouse
) -> None:
    run = dagster.succeeded(dagster.trigger("chicago_crime_daily"))
    assert {"raw_chicago_crime.crimes", "crime.fct_crimes", "core.dim_date"} <= written(run)
    assert written(run) == {
        *(f"raw_chicago_crime.{one}" for one in ("crimes", "iucr_codes", "outlines", "residents")),
        *manifest(warehouse.build)["tables"],
    }
    fact = dagster.asset("crime", "fct_crimes")
    assert fact["assetMaterializations"][0]["runId"] == run["runId"]
    figures = {one["label"]: one for one in fact["assetMaterializations"][0]["metadataEntries"]}
    assert figures["dagster/row_count"]["intValue"] == rows(warehouse, "crime.fct_crimes")
    assert figures["build_id"]["text"] == link(warehouse).name
    checks = dagster.checks("crime", "fct_crimes")
    assert {"fct_crimes__one_row_per_crime", "fct_crimes__ward_is_known"} <= checks.keys()
    assert set(checks.values()) == {True}
    raw = dagster.asset("raw_chicago_crime", "crimes")
    dagster.wait(
        lambda: (
            dagster.asset("raw_chicago_crime", "crimes")["freshnessStatusInfo"]["freshnessStatus"]
            == "HEALTHY"
        )
    )
    assert raw["assetMaterializations"][0]["runId"] == run["runId"]
    # A load that finds nothing new does not make the marts look behind.
    again = dagster.succeeded(dagster.trigger("chicago_crime_daily"))
    assert written(again) == {"raw_chicago_crime.crimes"}
    assert dagster.asset("crime", "fct_crimes")["staleStatus"] == "FRESH"


def test_two_schedules_that_fall_together_both_succeed(
    dagster: Dagster, warehouse: Warehouse
) -> None:
    runs = [dagster.trigger(name) for name in ("store_sensors_hourly", "pisa_hourly")]
    first, second = sorted(
        (dagster.succeeded(run_id) for run_id in runs), key=lambda run: run["startTime"]
    )
    assert first["endTime"] <= second["startTime"]
    assert query(warehouse.build, FACT) == [(len(COUNTRIES) * ROWS_PER_COUNTRY,)]
    assert rows(warehouse, "footfall.sensor_traffic_hourly") > 0


def test_the_nightly_reconciliation_compares_every_source(
    dagster: Dagster, warehouse: Warehouse
) -> None:
    run = dagster.succeeded(dagster.trigger("reconciliation_nightly"))
    assert "core.source_reconciliation" in written(run)
    found = query(warehouse.build, "select distinct source_name from core.source_reconciliation")
    assert {name for (name,) in found} == {"chicago-crime", "pisa", "store-sensors"}


def test_a_backfill_loads_the_days_of_its_partitions(
    dagster: Dagster, warehouse: Warehouse
) -> None:
    sql = "select min(traffic_date) from footfall.store_traffic_daily"
    assert str(query(warehouse.build, sql)[0][0]) == FIRST_DAY
    dagster.backfill("backfill_store_sensors", [BACKFILLED_DAY])
    dagster.backfill("backfill_chicago_crime", ["2024-02-01"])
    for job in ("backfill_store_sensors", "backfill_chicago_crime"):
        dagster.wait(lambda job=job: dagster.runs(pipelineName=job))  # type: ignore[misc]
        (run,) = dagster.runs(pipelineName=job)
        dagster.succeeded(run["runId"])
    assert str(query(warehouse.build, sql)[0][0]) == BACKFILLED_DAY
    assert "--since 2024-02-01 --until 2024-03-01" in dagster.messages(run["runId"])


def test_a_failed_audit_is_red_at_its_check_publishes_nothing_and_alerts_once(
    dagster: Dagster, warehouse: Warehouse, survey: Survey, receiver: Receiver
) -> None:
    before, published = link(warehouse), hashes(warehouse.build)
    receiver.received.clear()
    survey.insert("BEL", 5)
    one = "database_country = 'AUT' and id = (select min(id) from raw_pisa.responses)"
    with duckdb.connect(warehouse.data / "raw.duckdb") as raw:
        raw.execute(f"insert into raw_pisa.responses select * from raw_pisa.responses where {one}")
    run_id = dagster.trigger("pisa_hourly")
    assert dagster.end_of(run_id)["status"] == "FAILURE"
    checks = dagster.checks(*RECONCILIATION)
    assert checks.pop(ACCOUNTED) is False
    assert set(checks.values()) == {True}
    assert (link(warehouse), hashes(warehouse.build)) == (before, published)
    assert "StepUpForRetry" not in str(dagster.events(run_id))
    assert "the audit failed and nothing new was published" in dagster.messages(run_id)

    dagster.wait(lambda: "The audit failed" in [one["title"] for one in receiver.received])
    dagster.succeeded(dagster.trigger("alerts_every_quarter"))
    titles = [one["title"] for one in receiver.received]
    assert titles.count("The audit failed") == 1

    with duckdb.connect(warehouse.data / "raw.duckdb") as raw:
        raw.execute(
            "delete from raw_pisa.responses where rowid ="
            f" (select max(rowid) from raw_pisa.responses where {one})"
        )
    dagster.succeeded(dagster.trigger("pisa_hourly"))
    assert dagster.checks(*RECONCILIATION)[ACCOUNTED] is True
    assert link(warehouse) != before


def test_a_killed_worker_is_retried(dagster: Dagster, warehouse: Warehouse, survey: Survey) -> None:
    survey.insert("CHL", 5)
    (before,) = query(warehouse.build, FACT)
    run_id = dagster.trigger("pisa_hourly")
    dagster.wait(lambda: processes(warehouse.data, "dbt_project run pisa"))
    (command,) = processes(warehouse.data, "dbt_project run pisa")
    # At once: the command has not begun, and must not, for another try is about to come.
    os.kill(psutil.Process(command).ppid(), signal.SIGKILL)
    assert dagster.end_of(run_id)["status"] == "FAILURE"
    dagster.wait(lambda: dagster.retries(run_id))
    dagster.succeeded(dagster.retries(run_id)[0])
    assert command not in processes(warehouse.data, "dbt_project run pisa")
    done = [run["run_id"] for run in records(Paths(warehouse.data)) if run["outcome"] == "done"]
    assert not done[-1].endswith(f"-{command}")
    assert query(warehouse.build, FACT) == [(before[0] + 5,)]


def test_watch_reports_what_it_publishes(
    dagster: Dagster, warehouse: Warehouse, survey: Survey
) -> None:
    survey.insert("BEL", 5)
    (before,) = query(warehouse.build, FACT)
    watch = warehouse.start("watch", "pisa", WAREHOUSE_DAGSTER_URL=dagster.url)

    def reported() -> dict[str, Any]:
        newest = dagster.asset("education", "fct_student_submissions")["assetMaterializations"][0]
        return {
            one["label"]: one.get("text", one.get("intValue")) for one in newest["metadataEntries"]
        }

    try:
        dagster.wait(lambda: reported().get("command") == "watch")
    finally:
        watch.process.send_signal(signal.SIGTERM)
    assert watch.end() == 143
    assert reported()["dagster/row_count"] == before[0] + 5


@pytest.mark.slow
def test_pages_are_written_after_a_publication(dagster: Dagster, warehouse: Warehouse) -> None:
    dagster.switch_sensor("report_after_publication", on=True)
    dagster.wait(lambda: dagster.runs(pipelineName="report"))
    (run,) = dagster.runs(pipelineName="report")
    assert "report_site.site_quality" in written(dagster.succeeded(run["runId"]))
    assert (warehouse.build / "site" / "index.html").exists()


def test_ctrl_c_ends_everything_and_it_starts_again(
    dagster: Dagster, warehouse: Warehouse, survey: Survey
) -> None:
    assert "Dagster runs on" in warehouse.fails("orchestrate", "--port", "0")
    survey.insert("AUT", 5)
    (before,) = query(warehouse.build, FACT)
    dagster.trigger("pisa_hourly")
    dagster.wait(lambda: processes(warehouse.data, "dbt_project run pisa"))
    assert dagster.stop() == 130
    assert "Traceback" not in dagster.command.output
    assert processes(warehouse.data, "dagster") == []
    assert processes(warehouse.data, "dbt_project") == []
    with orchestrating(warehouse) as again:
        again.succeeded(again.trigger("pisa_hourly"))
    assert query(warehouse.build, FACT) == [(before[0] + 5,)]
