"""How fast a year of crimes is loaded, compared with the alternatives."""

import json
import logging
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx

from tests.benchmarks.harness import Cost, Server, median, portal, python
from tests.benchmarks.report import Line, Section

WAYS = ("warehouse", "duckdb-alone", "dicts")
MAX_MEGABYTES = 1024
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """One way, run once: what it loaded in how many seconds, and what its process cost."""

    rows: int
    seconds: float
    cost: Cost

    @property
    def rate(self) -> float:
        """Rows a second, without the start of the process."""
        return self.rows / self.seconds


def bench_load(workdir: Path, *, rows: int, data: Path | None, rounds: int) -> Section:
    """Load the rows of a file, or made ones, by each way in turns."""
    runs: dict[str, list[Run]] = {way: [] for way in WAYS}
    with portal(rows, data) as source:
        since, until = _days(source)
        for number in range(1, rounds + 1):
            for way in WAYS:
                done = _run(way, source, workdir, since, until)
                runs[way].append(done)
                logger.info("load %d, %s: %s rows/s", number, way, f"{done.rate:,.0f}")
    ours, alone, dicts = (runs[way] for way in WAYS)
    rate = median(ours, lambda run: run.rate)
    megabytes = median(ours, lambda run: run.cost.megabytes)
    dicts_title = f"dlt's dicts, of {dicts[0].rows:,} rows"
    return Section(
        f"Load of {ours[0].rows:,} crimes over HTTP into raw",
        [
            Line("rate", rate, "rows/s", median(alone, _rate), "DuckDB alone", at_least=0.5),
            Line("rate", rate, "rows/s", median(dicts, _rate), dicts_title, at_least=10),
            Line("peak memory", megabytes, "MB", at_most=MAX_MEGABYTES),
            Line(
                "CPU of the process, its start with it",
                median(ours, lambda run: run.cost.cpu_seconds),
                "s",
                median(alone, lambda run: run.cost.cpu_seconds),
                "DuckDB alone",
            ),
        ],
    )


def _rate(run: Run) -> float:
    return run.rate


def _run(way: str, source: Server, workdir: Path, since: date, until: date) -> Run:
    with tempfile.TemporaryDirectory(dir=workdir) as folder:
        cost = python(
            "-m",
            "tests.benchmarks.alternatives.crime_loads",
            way,
            source.url,
            folder,
            str(since),
            str(until),
        )
    output = json.loads(cost.out.splitlines()[-1])
    return Run(output["rows"], output["seconds"], cost)


def _days(source: Server) -> tuple[date, date]:
    """Return the first day of the portal's crimes, and the one after the last."""
    params = {"$select": "min(date) as first, max(date) as last"}
    answer = httpx.get(f"{source.url}/resource/ijzp-q8t2.json", params=params, timeout=60)
    (found,) = answer.raise_for_status().json()
    first, last = (date.fromisoformat(found[name][:10]) for name in ("first", "last"))
    return first, last + timedelta(days=1)
