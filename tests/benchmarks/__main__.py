"""Time the warehouse side by side with its alternatives: `make bench`.

Nothing fails when a target is missed; the table says so. Each part starts simulated portals and
works in a folder of its own; rounds take turns, and the table shows medians.
"""

import argparse
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

from tests.benchmarks.bench_api import bench_api
from tests.benchmarks.bench_build import bench_build
from tests.benchmarks.bench_history import bench_history
from tests.benchmarks.bench_increment import bench_increment
from tests.benchmarks.bench_load import bench_load
from tests.benchmarks.bench_pisa import bench_pisa
from tests.benchmarks.bench_sensors import bench_sensors
from tests.benchmarks.bench_site import bench_site
from tests.benchmarks.bench_watch import bench_watch
from tests.benchmarks.harness import ROOT
from tests.benchmarks.inputs.crimes import ROWS, ROWS_PER_YEAR, real_crimes
from tests.benchmarks.inputs.survey_file import STUDENTS
from tests.benchmarks.report import Section, table

DEMO_ROWS = 260_000
PARTS = ("load", "build", "history", "increment", "sensors", "pisa", "api", "watch", "site")
QUICK = {
    **{"rows": 100_000, "demo": 100_000, "history": 300_000, "base": 100_000, "rounds": 1},
    **{"days": 1, "sensors_since": date(2026, 1, 1)},
    **{
        "responses": 40_000,
        "students": 20_000,
        "submissions": 100_000,
        "seconds": 4,
        "watched": 60,
    },
}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    add = parser.add_argument
    add("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without one")
    add("--rounds", type=int, default=3, help="runs of each way (3)")
    add("--rows", type=int, default=ROWS_PER_YEAR, help="crimes to load")
    add("--data", type=Path, help="load this file's crimes; by default the real ones of 2012")
    add("--demo", type=int, default=DEMO_ROWS, help="crimes of the demo to build")
    add("--history", type=int, default=ROWS, help="crimes of the long history")
    add("--base", type=int, default=300_000, help="crimes of the short one")
    add("--changed", type=int, default=4_000, help="rows that a day changes")
    add("--days", type=int, default=120, help="days to read by the sensors' old API")
    add("--sensors-since", type=date.fromisoformat, help="first day of the sensors' history")
    add("--responses", type=int, default=600_000, help="responses of the survey to load")
    add("--students", type=int, default=STUDENTS, help="students of the survey's file to load")
    add("--submissions", type=int, default=600_000, help="submissions that the API is asked about")
    add("--seconds", type=int, default=20, help="how long the API is polled")
    add("--watched", type=int, default=240, help="how long submissions are watched")
    add("--quick", action="store_true", help="small sizes, each measured once: does it all work?")
    add("--workdir", type=Path, default=ROOT / "data" / "bench", help="removed at the end")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; choose of {', '.join(PARTS)}")
    if options.quick:
        vars(options).update(QUICK)
    elif options.data is None and options.rows == ROWS_PER_YEAR:
        options.data = real_crimes()
    return options


@contextmanager
def scratch(workdir: Path) -> Iterator[Path]:
    """Yield a new folder in `workdir`; it goes at the end, however that comes."""
    workdir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=workdir))
    # The portals' temporary files lie there too.
    os.environ["TMPDIR"] = str(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not any(workdir.iterdir()):
            workdir.rmdir()


def main() -> None:
    """Measure and write the table to standard output."""
    options = arguments()
    logging.basicConfig(
        format="%(asctime)s %(message)s", datefmt="%H:%M:%S", level=logging.INFO, force=True
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    rounds = options.rounds
    benches: dict[str, Callable[[Path], Section]] = {
        "load": partial(bench_load, rows=options.rows, data=options.data, rounds=rounds),
        "build": partial(bench_build, rows=options.demo, changed=options.changed, rounds=rounds),
        "history": partial(bench_history, rows=options.history),
        "increment": partial(
            bench_increment,
            history=options.history,
            base=options.base,
            changed=options.changed,
            rounds=rounds,
        ),
        "sensors": partial(
            bench_sensors, days=options.days, since=options.sensors_since, rounds=rounds
        ),
        "site": partial(bench_site, history=options.history, rounds=rounds),
        "pisa": partial(
            bench_pisa, rows=options.responses, students=options.students, rounds=rounds
        ),
        "api": partial(
            bench_api, submissions=options.submissions, seconds=options.seconds, rounds=rounds
        ),
        "watch": partial(bench_watch, submissions=options.submissions, seconds=options.watched),
    }
    with scratch(options.workdir) as folder:
        sections = [benches[part](folder) for part in options.parts or PARTS]
    for line in table(sections):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
