"""How fast a survey file of the OECD's size is loaded into raw, compared with its reader alone."""

import json
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.alternatives.survey_file_loads import WAYS
from tests.benchmarks.harness import Cost, clocked, median, python
from tests.benchmarks.inputs import survey_file
from tests.benchmarks.report import Line

MAX_TIMES, MAX_MEGABYTES = 3, 1024
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """One way, run once: seconds without the start of the process, and what that cost."""

    seconds: float
    cost: Cost


def bench_survey_file(workdir: Path, *, students: int, rounds: int) -> list[Line]:
    """Read a file in turns by each way."""
    file = workdir / "students.sav"
    with clocked(f"a survey file of {students:,} students and {survey_file.COLUMNS} columns"):
        survey_file.write(file, students)
    runs: dict[str, list[Run]] = {way: [] for way in WAYS}
    for number in range(rounds):
        for way in WAYS:
            run = _run(workdir, way, file)
            runs[way].append(run)
            logger.info(
                "%d, %s: %.1f s, CPU %.1f s, %.0f MB",
                *(number + 1, way, run.seconds, run.cost.cpu_seconds, run.cost.megabytes),
            )
    file.unlink()

    def figure(way: str, of: Callable[[Run], float]) -> float:
        return median(runs[way], of)

    alone = "pyreadstat, the same columns"
    return [
        Line(
            f"a file of {students:,} students into raw",
            figure("warehouse", lambda run: run.seconds),
            "s",
            figure("pyreadstat", lambda run: run.seconds),
            alone,
            at_most=MAX_TIMES,
        ),
        Line(
            "  CPU",
            figure("warehouse", lambda run: run.cost.cpu_seconds),
            "s",
            figure("pyreadstat", lambda run: run.cost.cpu_seconds),
            alone,
        ),
        Line(
            "  peak memory of a process",
            figure("warehouse", lambda run: run.cost.megabytes),
            "MB",
            at_most=MAX_MEGABYTES,
        ),
    ]


def _run(workdir: Path, way: str, file: Path) -> Run:
    with tempfile.TemporaryDirectory(dir=workdir) as folder:
        cost = python(
            "-m", "tests.benchmarks.alternatives.survey_file_loads", way, str(file), folder
        )
    return Run(json.loads(cost.out.splitlines()[-1])["seconds"], cost)
