"""How fast a year of crimes is loaded, side by side with what it is measured against.

Ways: DuckDB alone (the same weekly CSV pages over HTTP, into a table), the load itself, and dlt's
default path of dicts on a part of the rows. Each run is a process of its own, in turns; medians.
Run: python -m tests.benchmarks.bench_load [--url URL | --data FILE] [--rounds 3]
"""

import argparse
import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import dlt
import duckdb
import httpx

from ingestion.loading import load
from ingestion.progress import LineProgress
from ingestion.simulators.process import running

ROOT = Path(__file__).parents[2]
SINCE, UNTIL = date(2012, 1, 1), date(2013, 1, 1)
DICT_WEEKS = 3
logger = logging.getLogger(__name__)


def pages(url: str, suffix: str, weeks: int = 53) -> Iterator[httpx.Response]:
    """Yield the weekly pages of the year, as the load asks for them."""
    with httpx.Client(base_url=url, timeout=60) as client:
        for week in range(weeks):
            since = SINCE + timedelta(days=7 * week)
            until = min(since + timedelta(days=7), UNTIL)
            params = {
                "$select": "*,:id,:created_at,:updated_at,:version",
                "$where": f"date >= '{since}T00:00:00.000' and date < '{until}T00:00:00.000'",
                "$order": ":id",
                "$limit": "50000",
            }
            yield client.get(f"/resource/ijzp-q8t2.{suffix}", params=params).raise_for_status()


def duckdb_alone(url: str, folder: Path) -> int:
    """Read the pages into a table with nothing between."""
    connection = duckdb.connect(str(folder / "alone.duckdb"))
    connection.execute("begin")
    page = folder / "page.csv"
    for number, answer in enumerate(pages(url, "csv")):
        page.write_bytes(answer.content)
        read = f"read_csv('{page}', all_varchar = true, header = true)"
        into = "create table crimes as" if number == 0 else "insert into crimes"
        connection.execute(f"{into} select * from {read}")
    connection.execute("commit")
    rows = connection.execute("select count(*) from crimes").fetchall()[0][0]
    connection.close()
    return int(rows)


def ours(url: str, folder: Path) -> int:
    """Load the year as the command does."""
    os.environ["SOURCES__CHICAGO_CRIME__BASE_URL"] = url
    report = load(
        "chicago-crime",
        data_dir=folder,
        since=SINCE,
        until=UNTIL,
        accept_shrink=False,
        progress=LineProgress(),
    )
    return report.rows.get("crimes", 0)


def again(url: str, folder: Path) -> int:
    """Load when there is nothing new, after a load that is not timed."""
    return ours(url, folder)


def dicts(url: str, folder: Path) -> int:
    """Load some weeks through dlt's default path: JSON, a dict a row."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    rows = 0

    def received() -> Iterator[list[dict[str, object]]]:
        nonlocal rows
        for answer in pages(url, "json", DICT_WEEKS):
            page = answer.json()
            rows += len(page)
            yield page

    pipeline = dlt.pipeline(
        "dicts",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / "dicts.duckdb")),
        dataset_name="raw",
    )
    pipeline.run(
        dlt.resource(
            received(), name="crimes", write_disposition="merge", primary_key=[":id", ":version"]
        )
    )
    return rows


WAYS = {"duckdb alone": duckdb_alone, "ours": ours, "nothing new": again, "dlt's dicts": dicts}


def run_one(way: str, url: str) -> None:
    """Time one way in this process, and write what it took to stdout."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if way == "nothing new":
            ours(url, folder)
        began = time.perf_counter()
        rows = WAYS[way](url, folder)
        seconds = time.perf_counter() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"rows": rows, "seconds": seconds, "megabytes": megabytes}) + "\n")


def measure(url: str, rounds: int, ways: list[str]) -> dict[str, dict[str, float]]:
    """Run every way in turns, each in a child process, and return medians by way."""
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            child = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.bench_load", "--way", way, "--url", url],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
            )
            runs[way].append(json.loads(child.stdout.splitlines()[-1]))
    return {
        way: {
            "rows": median(took, "rows"),
            "seconds": median(took, "seconds"),
            "megabytes": median(took, "megabytes"),
            "rows/s": statistics.median(run["rows"] / run["seconds"] for run in took),
        }
        for way, took in runs.items()
    }


def median(runs: list[dict[str, float]], name: str) -> float:
    """Return the median of one figure."""
    return statistics.median(run[name] for run in runs)


@contextmanager
def server(options: argparse.Namespace) -> Iterator[str]:
    """Yield the address of a portal: the one given, or the simulator's."""
    if options.url:
        yield options.url
        return
    with running("chicago-crime", data=options.data) as url:
        yield url


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("WAREHOUSE_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
        / "crime"
        / "crimes_2012_full_year.csv.gz",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--ways", nargs="*", default=list(WAYS))
    options = parser.parse_args()
    if options.way:
        run_one(options.way, options.url)
        return
    with server(options) as url:
        medians = measure(url, options.rounds, options.ways)
    out = sys.stdout
    for way, took in medians.items():
        out.write(
            f"{way:14} {took['rows']:>9,.0f} rows {took['seconds']:7.2f} s "
            f"{took['rows/s']:>9,.0f} rows/s {took['megabytes']:6,.0f} MB\n"
        )
    if "duckdb alone" in medians:
        ratio = medians["ours"]["rows/s"] / medians["duckdb alone"]["rows/s"]
        out.write(f"ours / duckdb alone: {ratio:.2f} (wanted: 0.25 or more)\n")
    if "dlt's dicts" in medians:
        ratio = medians["ours"]["rows/s"] / medians["dlt's dicts"]["rows/s"]
        out.write(f"ours / dlt's dicts: {ratio:.1f} (wanted: 10 or more)\n")


if __name__ == "__main__":
    main()
