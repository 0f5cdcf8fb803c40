"""How soon a submission is in the API while `watch` runs, with many in the warehouse."""

import json
import logging
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import httpx

from ingestion.simulators.process import running
from tests.benchmarks.harness import ROOT, BenchmarkError, clocked, python, survey
from tests.benchmarks.report import Line, Section
from tests.support.postgres import NOT_CHECKED, binaries

INSERTS_A_SECOND, MAX_SECONDS = 50, 3
SECONDS_BETWEEN_LOOKS = 0.1
STEPS = ("load", "build", "audit", "publish")
logger = logging.getLogger(__name__)


def bench_watch(workdir: Path, *, submissions: int, seconds: int) -> Section:
    """Insert at a rate into twenty databases, and look when each submission is to be seen."""
    data = workdir / "watch"
    found = binaries()
    if found is None:
        return Section(f"watch: not measured. {NOT_CHECKED}", [])
    with survey(workdir, found, submissions) as (server, databases):
        env = {"WAREHOUSE_DATA_DIR": str(data), "SOURCES__PISA__DATABASES": databases}
        with clocked("warehouse run pisa, and two increments: the second is recorded"):
            python("-m", "dbt_project", "run", "pisa", env=env)
            for _ in range(2):
                with running("pisa", rate=float(INSERTS_A_SECOND), postgres=server.url):
                    time.sleep(1)
                python("-m", "dbt_project", "run", "pisa", env=env)
        with (
            _started("watch", "pisa", "--every", "1s", env=env),
            _started("serve", "--port", "0", env=env) as serving,
        ):
            _until(lambda: " at http" in serving.read_text())
            (url,) = re.findall(r" at (http://\S+),", serving.read_text())
            with running("pisa", rate=float(INSERTS_A_SECOND), postgres=server.url):
                delays = [*_delays(data, url, seconds)]
    hundredths = statistics.quantiles(delays, n=100)
    logger.info("%d submissions, at most %.1f s", len(delays), max(delays))
    return Section(
        f"watch: {submissions:,} submissions, {INSERTS_A_SECOND} more a second",
        [
            Line("insert to visible in the API, p50", hundredths[49], "s"),
            Line("  p95", hundredths[94], "s", at_most=MAX_SECONDS),
            *(Line(f"  {step}, of an iteration", _median_of(data, step), "s") for step in STEPS),
        ],
    )


def _delays(data: Path, url: str, seconds: int) -> Iterator[float]:
    """Yield how long each submission took that became visible, in seconds.

    The time of a submission is that of its row; one that is committed late counts from there too.
    """
    begun, began, known = time.monotonic(), datetime.now(UTC), ""
    visible: set[tuple[str, str]] = set()
    with httpx.Client(base_url=url) as client:
        while time.monotonic() < begun + seconds:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            build, seen = client.get("/health").json()["build_id"], datetime.now(UTC)
            if build == known:
                continue
            known = build
            for country, submission, at in _since(data / "builds" / build, began):
                if (country, submission) not in visible:
                    visible.add((country, submission))
                    yield (seen - at).total_seconds()


def _since(build: Path, moment: datetime) -> list[tuple[str, str, datetime]]:
    with duckdb.connect(build / "marts.duckdb", read_only=True) as connection:
        return connection.execute(
            "select country_code, submission_id, submitted_at"
            " from education.fct_student_submissions where submitted_at > ?",
            [moment],
        ).fetchall()


def _median_of(data: Path, step: str) -> float:
    lines = (data / "runs.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    seconds: list[float] = [
        one["steps"][step]
        for one in records
        if one["command"] == "watch" and "publish" in one["steps"]
    ]
    # The first iteration parses the project.
    return statistics.median(seconds[1:])


@contextmanager
def _started(*arguments: str, env: Mapping[str, str]) -> Iterator[Path]:
    """Run a command beside us, and end it; yields the file of what it says."""
    log = Path(env["WAREHOUSE_DATA_DIR"]) / f"{arguments[0]}.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "dbt_project", *arguments]
        child = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | env, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield log
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(60)


def _until(holds: Callable[[], bool], most: float = 60.0) -> None:
    deadline = time.monotonic() + most
    while not holds():
        if time.monotonic() > deadline:
            msg = f"nothing happened for {most:.0f} s"
            raise BenchmarkError(msg)
        time.sleep(SECONDS_BETWEEN_LOOKS)
