"""How fast submissions come from the countries' databases into raw, compared with a bare COPY."""

import json
import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # has no stubs

from tests.benchmarks.bench_survey_file import bench_survey_file
from tests.benchmarks.harness import Cost, median, python, survey
from tests.benchmarks.report import Line, Section
from tests.support.postgres import NOT_CHECKED, Postgres, binaries

WAYS = ("warehouse", "copy", "dicts")
MIN_ROWS_PER_SECOND, MAX_MEGABYTES = 50_000, 1024
# An ended backend's time counts as the server's once the server has noticed.
SECONDS_TO_NOTICE = 0.5
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """One way, run once.

    Attributes:
        rate: rows a second, without the start of the process.
        cost: of the process that loads.
        server_seconds: CPU of the PostgreSQL server meanwhile.
    """

    rate: float
    cost: Cost
    server_seconds: float


def bench_pisa(workdir: Path, *, rows: int, students: int, rounds: int) -> Section:
    """Load all databases of a real server for the first time, and a file; the ways take turns."""
    of_file = bench_survey_file(workdir, students=students, rounds=rounds)
    folder = binaries()
    if folder is None:
        return Section(f"Survey: databases not measured. {NOT_CHECKED}", of_file)
    with survey(workdir, folder, rows) as (server, databases):
        runs: dict[str, list[Run]] = {way: [] for way in WAYS}
        for number in range(rounds):
            for way in WAYS:
                runs[way].append(_run(workdir, way, databases, server))
                logger.info("%d, %s: %s", number + 1, way, _said(runs[way][-1]))
    return Section(
        f"Survey: {rows:,} responses in {len(json.loads(databases))} PostgreSQL databases",
        [*_lines(runs), *of_file],
    )


def _lines(runs: Mapping[str, list[Run]]) -> list[Line]:
    rate = {way: median(of, lambda run: run.rate) for way, of in runs.items()}
    ours, copy = runs["warehouse"], runs["copy"]
    nothing = "COPY of the columns into nothing"
    return [
        Line("databases into raw", rate["warehouse"], "rows/s", at_least=MIN_ROWS_PER_SECOND),
        Line("  beside what the server can", rate["warehouse"], "rows/s", rate["copy"], nothing),
        Line("  beside rows", rate["warehouse"], "rows/s", rate["dicts"], "dlt, a dict a row"),
        Line(
            "  peak memory",
            median(ours, lambda run: run.cost.megabytes),
            "MB",
            at_most=MAX_MEGABYTES,
        ),
        Line("  CPU of the loader", median(ours, lambda run: run.cost.cpu_seconds), "s"),
        Line(
            "  CPU of PostgreSQL",
            median(ours, lambda run: run.server_seconds),
            "s",
            median(copy, lambda run: run.server_seconds),
            nothing,
        ),
    ]


def _run(workdir: Path, way: str, databases: str, server: Postgres) -> Run:
    before = _cpu_seconds(server)
    with tempfile.TemporaryDirectory(dir=workdir) as folder:
        env = {"SOURCES__PISA__DATABASES": databases}
        cost = python("-m", "tests.benchmarks.alternatives.survey_loads", way, folder, env=env)
    time.sleep(SECONDS_TO_NOTICE)
    output = json.loads(cost.out.splitlines()[-1])
    return Run(output["rows"] / output["seconds"], cost, _cpu_seconds(server) - before)


def _cpu_seconds(server: Postgres) -> float:
    """What the server and its ended backends have used, user and system."""
    used = psutil.Process(server.process.pid).cpu_times()
    return float(used.user + used.system + used.children_user + used.children_system)


def _said(run: Run) -> str:
    return (
        f"{run.rate:,.0f} rows/s, CPU {run.cost.cpu_seconds:.1f} s and {run.server_seconds:.1f} s "
        f"of the server, {run.cost.megabytes:,.0f} MB"
    )
