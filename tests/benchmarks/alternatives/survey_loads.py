"""The ways to read the survey's databases that are compared; each in a process of its own.

Run: python -m tests.benchmarks.alternatives.survey_loads WAY FOLDER, with
SOURCES__PISA__DATABASES. Writes one line of JSON: the rows, and the seconds without the start
of the process and its imports.
"""

import io
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dlt
import psycopg2
from dlt.sources.sql_database import sql_table

from ingestion.core.loading import load
from ingestion.core.progress import LineProgress
from ingestion.sources.pisa.databases.database import COLUMNS, TABLE
from ingestion.sources.pisa.settings import PisaSettings

DICT_ROWS = 10_000


class Nothing(io.RawIOBase):
    """Takes what is written to it, and keeps none."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]


def warehouse(config: PisaSettings, folder: Path) -> int:
    """Load as the command does."""
    del config
    report = load("pisa", data_dir=folder, progress=LineProgress())
    assert not report.failures, report.failures
    return report.rows["responses"]


def copy(config: PisaSettings, folder: Path) -> int:
    """Let the server send the columns, as many databases at a time as the load, and drop them."""
    del folder

    def one(url: str) -> int:
        with psycopg2.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute("set jit = off")
            query = f"copy (select {', '.join(COLUMNS)} from {TABLE}) to stdout (format csv)"
            cursor.copy_expert(query, Nothing())
            rows = int(cursor.rowcount)
        connection.close()
        return rows

    urls = [url.render_as_string(hide_password=False) for url in config.urls().values()]
    with ThreadPoolExecutor(config.workers) as threads:
        return sum(threads.map(one, urls))


def dicts(config: PisaSettings, folder: Path) -> int:
    """Load some rows of one database through dlt's default path: a dict a row."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    url = next(iter(config.urls().values())).set(drivername="postgresql+psycopg2")
    table = sql_table(
        url.render_as_string(hide_password=False),
        TABLE,
        included_columns=[*COLUMNS],
        chunk_size=DICT_ROWS,
        primary_key=["cnt", "id"],
        write_disposition="merge",
    )
    pipeline = dlt.pipeline(
        "dicts",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / "dicts.duckdb")),
        dataset_name="raw",
    )
    pipeline.run(table.add_limit(1))
    trace = pipeline.last_trace
    assert trace and trace.last_normalize_info
    return int(trace.last_normalize_info.row_counts[TABLE])


WAYS = {"warehouse": warehouse, "copy": copy, "dicts": dicts}


def main() -> None:
    """Read once and say how long it took."""
    way, folder = sys.argv[1:]
    config = PisaSettings.read_checked()
    began = time.perf_counter()
    rows = WAYS[way](config, Path(folder))
    output = {"rows": rows, "seconds": time.perf_counter() - began}
    sys.stdout.write(f"{json.dumps(output)}\n")


if __name__ == "__main__":
    main()
