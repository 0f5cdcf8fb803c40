"""How fast readings of door sensors are loaded and published, by the old API and by the new."""

import json
import logging
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.benchmarks.harness import Cost, Server, Warehouse, clocked, median, python, server
from tests.benchmarks.report import Line, Section

SOURCE = "store-sensors"
FIRST_DAY = date(2014, 1, 1)
MAX_SECONDS, MAX_MEGABYTES, MAX_SECONDS_INCREMENT = 60, 1536, 6
MAX_SECONDS_LOAD = 1.5
MIN_READINGS_PER_SECOND, MIN_TIMES = 100_000, 4
logger = logging.getLogger(__name__)


@dataclass
class History:
    """What loading and publishing the whole history cost, and then single days."""

    whole: Cost | None = None
    readings: int = 0
    load_seconds: float = 0.0
    days: list[Cost] = field(default_factory=list)
    loads: list[float] = field(default_factory=list)
    at_source: list[float] = field(default_factory=list)


def bench_sensors(workdir: Path, *, days: int, since: date | None, rounds: int) -> Section:
    """Read days one by one and all at once, then the history since a day, then day after day."""
    rates = {way: _old_api(workdir, way, days, rounds) for way in ("warehouse", "one-by-one")}
    history = _history(workdir, since or FIRST_DAY, rounds)
    assert history.whole
    return Section(
        f"Footfall: {history.readings:,} readings",
        [
            Line(
                "GET / alone, many at once",
                rates["warehouse"],
                "rows/s",
                rates["one-by-one"],
                "one by one, new connections",
                at_least=MIN_TIMES,
            ),
            Line(
                "/readings into raw",
                history.readings / history.load_seconds,
                "rows/s",
                at_least=MIN_READINGS_PER_SECOND,
            ),
            Line("load to published marts", history.whole.seconds, "s", at_most=MAX_SECONDS),
            Line("  peak memory", history.whole.megabytes, "MB", at_most=MAX_MEGABYTES),
            Line(
                "a day's increment, load to published marts",
                median(history.days, lambda cost: cost.seconds),
                "s",
                at_most=MAX_SECONDS_INCREMENT,
            ),
            Line(
                "  of which the load",
                median(history.loads, float),
                "s",
                at_most=MAX_SECONDS_LOAD,
            ),
            Line("  CPU of the source in that", median(history.at_source, float), "s"),
        ],
    )


def _old_api(workdir: Path, way: str, days: int, rounds: int) -> float:
    """Return the median rate of a way to read `GET /`, in readings a second."""
    since = date(2025, 3, 3)
    rates = []
    with server(SOURCE, routes="one") as source:
        for number in range(rounds):
            with tempfile.TemporaryDirectory(dir=workdir) as folder:
                span = (str(since), str(since + timedelta(days=days)))
                cost = python(
                    "-m",
                    "tests.benchmarks.alternatives.sensor_loads",
                    way,
                    source.url,
                    folder,
                    *span,
                )
            output = json.loads(cost.out.splitlines()[-1])
            rates.append(output["readings"] / output["seconds"])
            logger.info("GET / %d, %s: %.0f readings/s", number + 1, way, rates[-1])
    return median(rates, float)


def _history(workdir: Path, since: date, rounds: int) -> History:
    history, today = History(), datetime.now(UTC).date()
    with server(SOURCE) as source:
        warehouse = Warehouse(workdir / "footfall", source.url, SOURCE)
        first = today - timedelta(days=rounds)
        with clocked(f"readings since {since}, warehouse run"):
            history.whole = _run(warehouse, "--since", str(since), "--until", str(first))
        record = _last_run(warehouse)
        history.readings = record["rows"][SOURCE]["readings"]
        history.load_seconds = record["steps"]["load"]
        logger.info("%s readings, %s", f"{history.readings:,}", record["steps"])
        for day in range(1, rounds + 1):
            _add_a_day(warehouse, source, first + timedelta(days=day), history)
    return history


def _add_a_day(warehouse: Warehouse, source: Server, until: date, history: History) -> None:
    before = source.cpu_seconds()
    history.days.append(_run(warehouse, "--until", str(until)))
    history.at_source.append(source.cpu_seconds() - before)
    record = _last_run(warehouse)
    history.loads.append(record["steps"]["load"])
    logger.info("up to %s: %.1f s, %s", until, history.days[-1].seconds, record["steps"])


def _run(warehouse: Warehouse, *arguments: str) -> Cost:
    return warehouse("run", SOURCE, *arguments)


def _last_run(warehouse: Warehouse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((warehouse.data / "runs.jsonl").read_text().splitlines()[-1])
    return found
