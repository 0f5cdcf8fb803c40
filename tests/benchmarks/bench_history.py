"""The first run on a long history: with default settings, with little memory, and killed."""

import json
import logging
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from tests.benchmarks.harness import (
    ROOT,
    BenchmarkError,
    Cost,
    Warehouse,
    clocked,
    history_portal,
    last_steps,
)
from tests.benchmarks.report import Line, Section

MAX_SECONDS = 180
MAX_MEGABYTES = 1.5 * 1024
LITTLE, LEAST = "1GB", "512MB"
KILLS = 5
# Marts of the run itself differ from run to run.
OF_THE_RUN = ("core.warehouse_runs",)
logger = logging.getLogger(__name__)


def bench_history(workdir: Path, *, rows: int) -> Section:
    """Load a history once, and build and publish it in each of the ways, from the same raw file."""
    with history_portal(workdir, rows) as source:
        first = Warehouse(workdir / "first", source.url)
        with clocked(f"{rows:,} crimes, warehouse load"):
            load = first("load", "chicago-crime")
    saved = workdir / "raw"
    saved.mkdir()
    for name in ("raw.duckdb", "origin.json"):
        shutil.copyfile(first.data / name, saved / name)
    build, publish, seconds = _built(first)
    _require_every_row(first, rows)
    expected = _content(first.data)
    lines = [
        Line("load", load.seconds, "s"),
        Line("  peak memory", load.megabytes, "MB", at_most=1024),
        Line("build, audit and publication, default settings", seconds, "s", at_most=MAX_SECONDS),
        Line("  peak memory", max(build.megabytes, publish.megabytes), "MB"),
    ]
    shutil.rmtree(first.data)
    for memory, most in ((LITTLE, MAX_MEGABYTES), (LEAST, None)):
        other = _restored(saved, workdir / memory, memory)
        build, publish, seconds = _built(other)
        _require_same(other, expected)
        peak = max(build.megabytes, publish.megabytes)
        lines += [
            Line(f"the same at {memory}", seconds, "s"),
            Line("  peak memory", peak, "MB", at_most=most),
        ]
        shutil.rmtree(other.data)
    killed = _restored(saved, workdir / "killed", LITTLE)
    survived = _kill(killed, seconds)
    _built(killed)
    _require_same(killed, expected)
    lines.append(Line("kills survived, with the same content", survived, "", at_least=KILLS))
    return Section(f"The first run on {rows:,} crimes", lines)


def _built(warehouse: Warehouse) -> tuple[Cost, Cost, float]:
    """Build and publish; both costs, and the seconds of all steps."""
    with clocked(f"{warehouse.data.name}: warehouse build"):
        build = warehouse("build")
    seconds = sum(last_steps(warehouse.data).values())
    publish = warehouse("publish")
    seconds += sum(last_steps(warehouse.data).values())
    logger.info("build %.0f MB, publish %.0f MB", build.megabytes, publish.megabytes)
    return build, publish, seconds


def _restored(saved: Path, data: Path, memory: str) -> Warehouse:
    shutil.copytree(saved, data)
    return Warehouse(data, "http://127.0.0.1:9", settings={"WAREHOUSE_MEMORY_LIMIT": memory})


def _kill(warehouse: Warehouse, seconds: float) -> int:
    """Kill builds at random moments, each of which goes on where the last one was."""
    chosen = random.Random(seconds)
    survived = 0
    for number in range(KILLS):
        command = [sys.executable, "-m", "dbt_project", "build"]
        environment = warehouse.environment()
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as child:
            time.sleep(chosen.uniform(0.05, 0.25) * seconds)
            child.send_signal(signal.SIGKILL)
            survived += child.wait() == -signal.SIGKILL
        logger.info("kill %d of %d", number + 1, KILLS)
    return survived


def _content(data: Path) -> dict[str, str]:
    manifest = json.loads((data / "published/manifest.json").read_text())
    return {
        name: table["content_hash"]
        for name, table in manifest["tables"].items()
        if name not in OF_THE_RUN
    }


def _require_same(warehouse: Warehouse, expected: dict[str, str]) -> None:
    found = _content(warehouse.data)
    if different := [name for name in expected if found.get(name) != expected[name]]:
        msg = f"{warehouse.data.name}: other content in {', '.join(different)}"
        raise BenchmarkError(msg)


def _require_every_row(warehouse: Warehouse, rows: int) -> None:
    with duckdb.connect(warehouse.data / "published/marts.duckdb", read_only=True) as connection:
        counted = connection.execute(
            "select sum(rows_received),"
            " sum(rows_in_warehouse + rows_rejected + rows_superseded + rows_deleted),"
            " sum(abs(rows_unaccounted)) from crime.crime_load_reconciliation"
        ).fetchone()
    if counted != (rows, rows, 0):
        msg = f"of {rows:,} crimes received, in marts and unaccounted for are {counted}"
        raise BenchmarkError(msg)
