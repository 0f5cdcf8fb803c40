"""What a day's changes cost on a long history, compared with a short one."""

import logging
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.harness import (
    BenchmarkError,
    Cost,
    Server,
    Warehouse,
    clocked,
    history_portal,
    last_steps,
    median,
)
from tests.benchmarks.inputs.edits import change_a_day
from tests.benchmarks.report import Line, Section

MEMORY = "1GB"
MAX_TIMES = 1.3
MAX_SECONDS, MAX_SECONDS_PUBLISH, MAX_SECONDS_NOTHING = 15, 3, 3
MAX_MEGABYTES = 1.2 * 1024
STEPS = ("load", "build", "audit", "publish")
# The first day is recorded: dbt plans, and later days execute its plan.
DAYS_BEFORE = 2
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Day:
    """One day's changes, on their way from the portal to what is published.

    Attributes:
        run: of `warehouse run`.
        steps: its seconds by step.
        nothing: of another `warehouse run`, to which nothing is new.
        portal_seconds: CPU that the portal used to answer the first.
    """

    run: Cost
    steps: dict[str, float]
    nothing: Cost
    portal_seconds: float


@dataclass(frozen=True)
class History:
    """A portal with many crimes, and a warehouse that holds and published them.

    Attributes:
        rows: crimes that both began with.
        source: the portal.
        warehouse: loads from it.
        rng: chooses what changes.
        days: what was measured.
    """

    rows: int
    source: Server
    warehouse: Warehouse
    rng: random.Random
    days: list[Day] = field(default_factory=list)

    def begin(self) -> None:
        """Load, build and publish the history; not timed for the table."""
        with clocked(f"{self.rows:,} crimes, warehouse run"):
            cost = self.warehouse("run", "chicago-crime")
        logger.info("its most memory: %.0f MB", cost.megabytes)

    def live_a_day(self, rows: int) -> None:
        """Let rows change at the portal, and time their way."""
        change_a_day(self.source.url, rows, self.rng)
        before = self.source.cpu_seconds()
        run = self.warehouse("run", "chicago-crime")
        portal_seconds = self.source.cpu_seconds() - before
        if f"crimes {rows:,}" not in run.out:
            msg = f"{rows:,} crimes changed, and the run output: {run.out}"
            raise BenchmarkError(msg)
        steps = last_steps(self.warehouse.data)
        nothing = self.warehouse("run", "chicago-crime")
        self.days.append(Day(run, steps, nothing, portal_seconds))
        logger.info(
            "on %s crimes: run %.1f s (%s), %.0f MB; nothing new %.1f s",
            f"{self.rows:,}",
            run.seconds,
            ", ".join(f"{name} {seconds:.1f}" for name, seconds in steps.items()),
            run.megabytes,
            nothing.seconds,
        )


def bench_increment(
    workdir: Path, *, history: int, base: int, changed: int, rounds: int
) -> Section:
    """Live the same days on both histories, in turns."""
    with ExitStack() as stack:
        both = [
            History(
                rows,
                (source := stack.enter_context(history_portal(workdir, rows))),
                Warehouse(workdir / name, source.url, settings={"WAREHOUSE_MEMORY_LIMIT": MEMORY}),
                random.Random(rows),
            )
            for name, rows in (("short", base), ("long", history))
        ]
        for one in both:
            one.begin()
        for number in range(DAYS_BEFORE + rounds):
            # Neither always goes first.
            for one in both if number % 2 else reversed(both):
                one.live_a_day(changed)
    short, long = (one.days[DAYS_BEFORE:] for one in both)
    return Section(
        f"A day's {changed:,} changed rows on {history:,} crimes, beside {base:,}",
        _lines(long, short),
    )


def _seconds_of(step: str) -> Callable[[Day], float]:
    return lambda day: day.steps[step]


def _lines(long: Sequence[Day], short: Sequence[Day]) -> list[Line]:
    def line(
        what: str, figure: Callable[[Day], float], unit: str = "s", most: float | None = None
    ) -> Line:
        return Line(what, median(long, figure), unit, median(short, figure), at_most=most)

    def alone(what: str, figure: Callable[[Day], float], most: float, unit: str = "s") -> Line:
        return Line(what, median(long, figure), unit, at_most=most)

    return [
        line("warehouse run", lambda day: day.run.seconds, most=MAX_TIMES),
        alone("  in seconds", lambda day: day.run.seconds, MAX_SECONDS),
        *(line(f"  {step}", _seconds_of(step)) for step in STEPS),
        alone("  publish, in seconds", lambda day: day.steps["publish"], MAX_SECONDS_PUBLISH),
        line("CPU of the run", lambda day: day.run.cpu_seconds),
        line("CPU of the portal", lambda day: day.portal_seconds),
        alone("peak memory", lambda day: day.run.megabytes, MAX_MEGABYTES, "MB"),
        alone("nothing new", lambda day: day.nothing.seconds, MAX_SECONDS_NOTHING),
    ]
