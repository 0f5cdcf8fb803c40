"""The ways to load that are compared; each is timed in a process of its own.

Run: python -m tests.benchmarks.alternatives.crime_loads WAY URL FOLDER SINCE UNTIL. Writes one
line of JSON: the rows, and the seconds without the start of the process and its imports.
"""

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import dlt
import duckdb
import httpx

from ingestion.core.loading import load
from ingestion.core.progress import LineProgress
from ingestion.core.source import LoadOptions

DICT_WEEKS = 3
WEEK = timedelta(days=7)


def pages(url: str, since: date, until: date, form: str) -> Iterator[httpx.Response]:
    """Yield the weekly pages of the days, as the load asks for them."""
    with httpx.Client(base_url=url, timeout=60) as client:
        while since < until:
            end = min(since + WEEK, until)
            params = {
                "$select": "*,:id,:created_at,:updated_at,:version",
                "$where": f"date >= '{since}T00:00:00.000' and date < '{end}T00:00:00.000'",
                "$order": ":id",
                "$limit": "50000",
            }
            yield client.get(f"/resource/ijzp-q8t2.{form}", params=params).raise_for_status()
            since = end


def duckdb_alone(url: str, folder: Path, since: date, until: date) -> int:
    """Read the pages straight into a table, with the format given so that nothing is guessed."""
    connection = duckdb.connect(str(folder / "alone.duckdb"))
    connection.execute("begin")
    page = folder / "page.csv"
    for number, answer in enumerate(pages(url, since, until, "csv")):
        page.write_bytes(answer.content)
        (names,) = csv.reader([answer.content.partition(b"\n")[0].decode()])
        columns = dict.fromkeys(names, "varchar")
        form = f"auto_detect = false, header = true, delim = ',', quote = '\"', columns = {columns}"
        into = "create table crimes as" if number == 0 else "insert into crimes"
        connection.execute(f"{into} select * from read_csv('{page}', {form})")
    connection.execute("commit")
    rows = connection.execute("select count(*) from crimes").fetchall()[0][0]
    connection.close()
    return int(rows)


def warehouse(url: str, folder: Path, since: date, until: date) -> int:
    """Load as the command does."""
    os.environ["SOURCES__CHICAGO_CRIME__BASE_URL"] = url
    days = LoadOptions(since, until)
    report = load("chicago-crime", days, data_dir=folder, progress=LineProgress())
    return report.rows["crimes"]


def dicts(url: str, folder: Path, since: date, until: date) -> int:
    """Load some weeks through dlt's default path: JSON, a dict a row."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    rows = 0

    def received() -> Iterator[list[dict[str, object]]]:
        nonlocal rows
        for answer in pages(url, since, min(until, since + DICT_WEEKS * WEEK), "json"):
            page = answer.json()
            rows += len(page)
            yield page

    pipeline = dlt.pipeline(
        "dicts",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / "dicts.duckdb")),
        dataset_name="raw",
    )
    key = [":id", ":version"]
    pipeline.run(
        dlt.resource(received(), name="crimes", write_disposition="merge", primary_key=key)
    )
    return rows


WAYS: dict[str, Callable[[str, Path, date, date], int]] = {
    "warehouse": warehouse,
    "duckdb-alone": duckdb_alone,
    "dicts": dicts,
}


def main() -> None:
    """Time one way, and write what it took."""
    way, url, folder, since, until = sys.argv[1:]
    began = time.perf_counter()
    rows = WAYS[way](url, Path(folder), date.fromisoformat(since), date.fromisoformat(until))
    seconds = time.perf_counter() - began
    sys.stdout.write(json.dumps({"rows": rows, "seconds": seconds}) + "\n")


if __name__ == "__main__":
    main()
