"""Every command ends by Ctrl-C or SIGTERM, with 130 or 143, and leaves no child and no file."""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from ingestion.simulators.pisa.survey import Survey
from tests.support.crash_points import STEPS, left_behind
from tests.support.survey_fixture import ROWS_PER_COUNTRY, SOURCE
from tests.support.warehouse import Command, Moment, Warehouse, hashes

BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
# What they do when the signal comes.
ENDING: dict[str, tuple[tuple[str, ...], Moment]] = {
    "docs, as dbt begins": (("docs",), ("os.symlink", "*/raw.duckdb")),
    "docs, as it writes a page": (("docs",), ("open", "*/docs-*/diagram.html")),
    "reconcile, as it merges": (("reconcile", SOURCE), STEPS["as it merges"]),
    "reconcile, as it names the build": (("reconcile", SOURCE), STEPS["as it names the build"]),
    "status": (("status",), ("open", "*/runs.jsonl")),
    "alerts": (("alerts",), ("open", "*/.alerts.lock")),
    "build": (("build", "--ask-dbt"), ("open", "*/target/run/*")),
    "publish": (("publish",), STEPS["as it writes parquet"]),
}
# What says that they are running, and will until a signal comes.
RUNNING: dict[str, tuple[tuple[str, ...], str]] = {
    "serve": (("serve", "--port", "0"), "routes at"),
    "watch": (("watch", SOURCE), r"published \d"),
    "demo": (("demo",), "crimes: "),
    "simulated portal": (("simulate", "chicago-crime", "--rows", "100", "--port", "0"), "BASE_URL"),
    "simulated sensors": (("simulate", "store-sensors", "--port", "0"), "BASE_URL"),
    "simulated survey": (("simulate", "pisa", "--rows", "100"), "DATABASES"),
}


def assert_ended(command: Command, number: int) -> None:
    assert command.end() == 128 + number, command.output
    name = signal.Signals(number).name
    lines = [line for line in command.output.splitlines() if line.startswith("warehouse: ")]
    assert lines == [f"warehouse: stopped by {name}; run it again to go on"]
    assert "Traceback" not in command.output
    with pytest.raises(ProcessLookupError):
        os.killpg(command.process.pid, 0)


@BOTH
@pytest.mark.parametrize("name", ENDING)
def test_a_signal_ends_a_command(
    name: str, number: int, published: Warehouse, survey: Survey
) -> None:
    arguments, moment = ENDING[name]
    survey.edit("AUT", ROWS_PER_COUNTRY, belong=f"{time.time() % 1:.4f}")
    if arguments[0] in {"build", "publish"}:
        published("load", SOURCE)
    if arguments[0] == "publish":
        published("build", SOURCE)
    before, files = hashes(published.build), sorted(published.build.iterdir())
    link = (published.data / "published").readlink()
    assert_ended(published.start_killed_at(*arguments, moment=moment, number=number), number)
    assert (published.data / "published").readlink() == link
    assert (hashes(published.build), sorted(published.build.iterdir())) == (before, files)
    published(*arguments)
    published("run", SOURCE)
    assert left_behind(published, SOURCE) == []


@BOTH
@pytest.mark.parametrize("name", RUNNING)
def test_a_signal_ends_what_runs_until_it_comes(
    name: str, number: int, published: Warehouse, survey: Survey, tmp_path: Path
) -> None:
    arguments, sign = RUNNING[name]
    survey.insert("AUT", 1)
    data = tmp_path / "data"
    own = {"WAREHOUSE_DATA_DIR": str(data)} if name == "demo" else {}
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = published.start(*arguments, TMPDIR=str(temporary), **own)
    wait_for(sign, command)
    command.process.send_signal(number)
    assert_ended(command, number)
    assert not (data / "published").exists()
    assert list(temporary.iterdir()) == []


@BOTH
def test_a_signal_ends_the_report_and_what_node_started(
    number: int, published: Warehouse, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    node.mkdir()
    # Like npm, which starts a shell that starts Node.
    for name, script in (
        ("node", "echo v22.0.0"),
        ("npm", f"(sleep 300 & sleep 300) & echo $$ > {tmp_path}/npm.pid; wait"),
    ):
        (node / name).write_text(f"#!/bin/sh\n{script}\n")
        (node / name).chmod(0o755)
    environment = {"PATH": f"{node}:{os.environ['PATH']}", "WAREHOUSE_CACHE_DIR": str(tmp_path)}
    command = published.start("report", **environment)
    pid = tmp_path / "npm.pid"
    wait_until(lambda: pid.exists() and pid.read_text().endswith("\n"), command)
    command.process.send_signal(number)
    assert_ended(command, number)
    # Those that nobody has waited for yet have no folder.
    assert [one for one in psutil.process_iter(["cwd"]) if is_in(tmp_path, one)] == []
    assert not (published.build / "site").exists()


def is_in(folder: Path, process: psutil.Process) -> bool:
    return str(process.info["cwd"] or "").startswith(str(folder))


def wait_for(sign: str, command: Command) -> None:
    wait_until(lambda: bool(re.search(sign, command.output)), command)


def wait_until(moment: Callable[[], bool], command: Command) -> None:
    deadline = time.monotonic() + 120
    while not moment():
        assert command.process.poll() is None, command.output
        assert time.monotonic() < deadline, command.output
        time.sleep(0.01)
