"""What a day's changes cost on a long history, beside what they cost on a short one."""

import json
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.edits import change_a_day
from tests.benchmarks.harness import (
    BenchmarkError,
    Cost,
    Server,
    Warehouse,
    clocked,
    history_portal,
    median,
)
from tests.benchmarks.report import Line, Section

MOST_TIMES = 2.0
NODES_SHOWN = 10
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Day:
    """One day's changes, on their way from the portal to what is published.

    Attributes:
        load: of `warehouse load`.
        build: of `warehouse build`.
        publish: of `warehouse publish`.
        portal_seconds: CPU that the portal used to answer the load.
        nodes: seconds of each of dbt's nodes, by name.
    """

    load: Cost
    build: Cost
    publish: Cost
    portal_seconds: float
    nodes: dict[str, float]

    @property
    def seconds(self) -> float:
        """Load and build together."""
        return self.load.seconds + self.build.seconds

    @property
    def cpu_seconds(self) -> float:
        """The same, in seconds of CPU; the portal's are not in it."""
        return self.load.cpu_seconds + self.build.cpu_seconds


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
        for command in ("load", "build", "publish"):
            with clocked(f"{self.rows:,} crimes, warehouse {command}"):
                cost = self.warehouse(command)
            logger.info("its most memory: %.0f MB", cost.megabytes)

    def live_a_day(self, rows: int) -> None:
        """Let rows change at the portal, and time their way."""
        change_a_day(self.source.url, rows, self.rng)
        before = self.source.cpu_seconds()
        load = self.warehouse("load")
        portal_seconds = self.source.cpu_seconds() - before
        if f"crimes {rows:,}" not in load.out:
            msg = f"{rows:,} crimes changed, and the load said: {load.out}"
            raise BenchmarkError(msg)
        build = self.warehouse("build")
        nodes = _nodes(self.warehouse.data)
        day = Day(load, build, self.warehouse("publish"), portal_seconds, nodes)
        self.days.append(day)
        logger.info(
            "on %s crimes: load %.1f s, build %.1f s, publish %.1f s",
            f"{self.rows:,}",
            load.seconds,
            build.seconds,
            day.publish.seconds,
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
                Warehouse(workdir / name, source.url),
                random.Random(rows),
            )
            for name, rows in (("short", base), ("long", history))
        ]
        for one in both:
            one.begin()
        for number in range(rounds):
            # Neither always goes first.
            for one in both if number % 2 else reversed(both):
                one.live_a_day(changed)
    short, long = both
    return Section(
        f"A day's {changed:,} changed rows on {history:,} crimes, beside {base:,}",
        [*_lines(long.days, short.days), *_slowest(long.days, short.days)],
    )


def _lines(long: Sequence[Day], short: Sequence[Day]) -> list[Line]:
    def line(
        what: str, figure: Callable[[Day], float], unit: str = "s", most: float | None = None
    ) -> Line:
        return Line(what, median(long, figure), unit, median(short, figure), at_most=most)

    return [
        line("load and build", lambda day: day.seconds, most=MOST_TIMES),
        line("  load", lambda day: day.load.seconds),
        line("  build", lambda day: day.build.seconds),
        line("publish", lambda day: day.publish.seconds),
        line("CPU of load and build", lambda day: day.cpu_seconds),
        line("  load", lambda day: day.load.cpu_seconds),
        line("  build", lambda day: day.build.cpu_seconds),
        line("CPU of the portal, for the load", lambda day: day.portal_seconds),
        line("peak memory of load", lambda day: day.load.megabytes, "MB"),
        line("peak memory of build", lambda day: day.build.megabytes, "MB"),
        line("peak memory of publish", lambda day: day.publish.megabytes, "MB"),
    ]


def _slowest(long: Sequence[Day], short: Sequence[Day]) -> list[Line]:
    """Return the nodes of the build that grow most with the history, and all together."""

    def seconds(days: Sequence[Day], name: str) -> float:
        return median(days, lambda day: day.nodes.get(name, 0.0))

    names = {name for day in long for name in day.nodes}
    grow = sorted(names, key=lambda name: seconds(short, name) - seconds(long, name))
    total = Line(
        f"dbt's {len(names)} nodes, of two threads",
        median(long, lambda day: sum(day.nodes.values())),
        "s",
        median(short, lambda day: sum(day.nodes.values())),
    )
    return [
        total,
        *(
            Line(f"  {name}", seconds(long, name), "s", seconds(short, name))
            for name in grow[:NODES_SHOWN]
        ),
    ]


def _nodes(data: Path) -> dict[str, float]:
    """Return how long each node of the last build took, by name."""
    results = json.loads((data / "target" / "run_results.json").read_text())["results"]
    return {
        ".".join(result["unique_id"].split(".")[2:3]): result["execution_time"]
        for result in results
    }
