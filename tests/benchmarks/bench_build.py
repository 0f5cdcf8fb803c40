"""How long the demo's year takes to build: from nothing, after a day's changes, nothing new."""

import logging
import random
import shutil
from pathlib import Path

from tests.benchmarks.harness import Cost, Warehouse, clocked, median, portal
from tests.benchmarks.inputs.edits import change_a_day
from tests.benchmarks.report import Line, Section

MAX_SECONDS_WHOLE = 60
MAX_SECONDS_INCREMENT = 20
logger = logging.getLogger(__name__)


def bench_build(workdir: Path, *, rows: int, changed: int, rounds: int) -> Section:
    """Build a year of made crimes, again and again, as bare dbt and as the command line does."""
    costs: dict[str, list[Cost]] = {}

    def keep(what: str, cost: Cost) -> None:
        costs.setdefault(what, []).append(cost)
        logger.info("%s: %.1f s, %.0f MB", what, cost.seconds, cost.megabytes)

    rng = random.Random(rows)
    with portal(rows) as source:
        warehouse = Warehouse(workdir / "demo", source.url)
        with clocked(f"{rows:,} crimes, warehouse load and build"):
            warehouse("run")
        for _ in range(rounds):
            # A fresh checkout has not parsed the project yet.
            shutil.rmtree(warehouse.data / "target")
            keep("whole", warehouse.dbt("build", "--full-refresh"))
            change_a_day(source.url, changed, rng)
            warehouse("load")
            keep("bare increment", warehouse.dbt("build"))
            keep("increment", warehouse("build", "chicago-crime"))
            warehouse("publish")
            keep("nothing new", warehouse("run"))
    return Section(
        f"The demo: {rows:,} crimes",
        [
            _line("dbt build, whole, parsing too", costs["whole"], MAX_SECONDS_WHOLE),
            _line(
                f"warehouse build, {changed:,} rows changed",
                costs["increment"],
                MAX_SECONDS_INCREMENT,
            ),
            _line("dbt build of all, unit tests too", costs["bare increment"], None),
            _line("warehouse run, nothing new", costs["nothing new"], None),
            Line("peak memory, whole", median(costs["whole"], lambda cost: cost.megabytes), "MB"),
        ],
    )


def _line(what: str, costs: list[Cost], most: float | None) -> Line:
    return Line(what, median(costs, lambda cost: cost.seconds), "s", at_most=most)
