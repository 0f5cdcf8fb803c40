"""Dagster as its users have it: `warehouse orchestrate`, and its web server's own interface."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]
import yaml  # type: ignore[import-untyped]

from tests.support.warehouse import Command, Warehouse

NOT_CHECKED = (
    "NO DAGSTER: schedules and its pages were NOT checked. Install it: `make install-dagster`."
)
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
PATIENCE = 420.0
REPOSITORY = {"repositoryLocationName": "warehouse", "repositoryName": "__repository__"}
TICK = """
evaluationResult { skipReason error { message } runRequests { runConfigYaml tags { key value } } }
"""
DRY_RUN = f"""mutation($of: ScheduleSelector!, $at: Float) {{
  scheduleDryRun(selectorData: $of, timestamp: $at) {{
    __typename ... on DryRunInstigationTick {{ {TICK} }} ... on PythonError {{ message }} }} }}"""
SCHEDULES = """query($of: RepositorySelector!) { repositoryOrError(repositorySelector: $of) {
  __typename ... on Repository {
    schedules { name cronSchedule pipelineName scheduleState { status } }
    sensors { name sensorState { status } } } ... on PythonError { message } } }"""
LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  ... on RunConfigValidationInvalid { errors { message } } } }"""
BACKFILL = """mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
  __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
SENSOR = """query($of: SensorSelector!) { sensorOrError(sensorSelector: $of) {
  __typename ... on Sensor { sensorState { id status } } ... on PythonError { message } } }"""
START_SENSOR = """mutation($of: SensorSelector!) { startSensor(sensorSelector: $of) {
  __typename ... on PythonError { message } } }"""
STOP_SENSOR = """mutation($id: String!) { stopSensor(id: $id) {
  __typename ... on PythonError { message } } }"""
RUNS = """query($filter: RunsFilter) { runsOrError(filter: $filter) { ... on Runs { results {
  runId status jobName startTime endTime tags { key value }
  assetMaterializations { assetKey { path } } } } } }"""
CHECKS = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  assetMaterializations(limit: 1) { runId metadataEntries { label
    ... on IntMetadataEntry { intValue } ... on TextMetadataEntry { text } } }
  assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization {
    runId status evaluation { success severity } } } } }
  staleStatus freshnessStatusInfo { freshnessStatus } } } }"""
EVENTS = """query($id: ID!) { logsForRun(runId: $id, limit: 1000) {
  ... on EventConnection { events {
  __typename ... on MessageEvent { message }
  ... on ExecutionStepFailureEvent { error { message } }
  ... on AssetCheckEvaluationEvent { evaluation { checkName success severity } } } } } }"""


@dataclass
class Dagster:
    """A Dagster that runs.

    Attributes:
        url: of its web server.
        command: that runs it.
    """

    url: str
    command: Command

    def ask(self, query: str, **variables: Any) -> Any:
        """What its GraphQL interface answers; there is one field."""
        body = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.url}/graphql", json=body, timeout=120).json()
        assert "errors" not in answer, answer
        (found,) = answer["data"].values()
        assert "Error" not in found.get("__typename", ""), found
        return found

    def schedules(self) -> dict[str, dict[str, Any]]:
        found = self.ask(SCHEDULES, of=REPOSITORY)["schedules"]
        return {one["name"]: one for one in found}

    def trigger(self, schedule: str) -> str:
        """Evaluate a schedule now and launch what it asks for, as its page does; the run's id."""
        of = REPOSITORY | {"scheduleName": schedule}
        tick = self.ask(DRY_RUN, of=of, at=datetime.now(UTC).timestamp())["evaluationResult"]
        (request,) = tick["runRequests"]
        job = self.schedules()[schedule]["pipelineName"]
        return self.launch(job, yaml.safe_load(request["runConfigYaml"]) or {}, request["tags"])

    def launch(self, job: str, config: Mapping[str, Any], tags: list[dict[str, str]]) -> str:
        params = {
            "selector": REPOSITORY | {"jobName": job},
            "runConfigData": config,
            "executionMetadata": {"tags": tags},
        }
        run_id: str = self.ask(LAUNCH, params=params)["run"]["runId"]
        return run_id

    def backfill(self, job: str, partitions: list[str]) -> None:
        selector = {"partitionSetName": f"{job}_partition_set", "repositorySelector": REPOSITORY}
        self.ask(BACKFILL, params={"selector": selector, "partitionNames": partitions})

    def runs(self, **filters: Any) -> list[dict[str, Any]]:
        """Runs, the newest first."""
        found: list[dict[str, Any]] = self.ask(RUNS, filter=filters)["results"]
        return found

    def run(self, run_id: str) -> dict[str, Any]:
        (found,) = self.runs(runIds=[run_id])
        return found

    def end_of(self, run_id: str) -> dict[str, Any]:
        """The run once it has ended."""
        self.wait(lambda: self.run(run_id)["status"] in ENDED)
        return self.run(run_id)

    def succeeded(self, run_id: str) -> dict[str, Any]:
        """The run, which must succeed."""
        run = self.end_of(run_id)
        assert run["status"] == "SUCCESS", self.messages(run_id)
        return run

    def wait(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self.command.process.poll() is None, self.command.output
            assert time.monotonic() < deadline, self.runs()
            time.sleep(0.5)

    def asset(self, *key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(CHECKS, key={"path": list(key)})
        return found

    def checks(self, *key: str) -> dict[str, bool | None]:
        """Whether each check of an asset passed when it was executed last; None before."""
        found = self.asset(*key)["assetChecksOrError"]["checks"]
        return {
            one["name"]: done and bool(done["evaluation"]["success"])
            for one in found
            for done in [one["executionForLatestMaterialization"]]
        }

    def events(self, run_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(EVENTS, id=run_id)["events"]
        return found

    def messages(self, run_id: str) -> str:
        """What went wrong in a run, and what it said."""
        said = [(one.get("error") or one).get("message", "") for one in self.events(run_id)]
        return "\n".join(line for line in said if "intends to" not in line)

    def switch_sensor(self, name: str, *, on: bool) -> None:
        """Switch a sensor on or off."""
        state = self.ask(SENSOR, of=REPOSITORY | {"sensorName": name})["sensorState"]
        if on:
            self.ask(START_SENSOR, of=REPOSITORY | {"sensorName": name})
        else:
            self.ask(STOP_SENSOR, id=state["id"])

    def retries(self, run_id: str) -> list[str]:
        """The runs that repeat a run."""
        tag = {"key": "dagster/parent_run_id", "value": run_id}
        return [run["runId"] for run in self.runs(tags=[tag])]

    def stop(self) -> int:
        """Stop it by Ctrl-C; the exit code."""
        self.command.process.send_signal(signal.SIGINT)
        return self.command.end()


def written(run: Mapping[str, Any]) -> set[str]:
    """The assets that a run materialized, as `schema.table`."""
    return {".".join(one["assetKey"]["path"]) for one in run["assetMaterializations"]}


def processes(data: Path, word: str) -> list[int]:
    """Processes of a data folder whose command line has a word."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        line = " ".join(process.info["cmdline"] or ())
        if word in line and (process.info["environ"] or {}).get("WAREHOUSE_DATA_DIR") == str(data):
            found.append(process.pid)
    return found


@contextmanager
def orchestrating(warehouse: Warehouse, **env: str) -> Iterator[Dagster]:
    """Start Dagster on a data folder by the one command, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = warehouse.start("orchestrate", "--port", str(port), **env)
    dagster = Dagster(f"http://127.0.0.1:{port}", command)
    try:
        dagster.wait(lambda: "press Ctrl-C" in command.output)
        yield dagster
    finally:
        if command.process.poll() is None:
            os.kill(command.process.pid, signal.SIGTERM)
        command.process.wait(60)
