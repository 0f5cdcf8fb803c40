"""The ways to read a client's old API that are compared; each in a process of its own.

Run: python -m tests.benchmarks.alternatives.sensor_loads WAY URL FOLDER SINCE UNTIL. Writes one
line of JSON: the readings, and the seconds without the start of the process and its imports.
"""

import http.client
import json
import os
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from ingestion.core.loading import load
from ingestion.core.progress import LineProgress
from ingestion.core.source import LoadOptions

HOURS = 24
DOORS = {"Paris": 20, "London": 8}


def warehouse(url: str, folder: Path, since: date, until: date) -> int:
    """Load as the command does."""
    os.environ["SOURCES__STORE_SENSORS__BASE_URL"] = url
    days = LoadOptions(since, until)
    report = load("store-sensors", days, data_dir=folder, progress=LineProgress())
    return report.rows["readings"]


def one_by_one(url: str, folder: Path, since: date, until: date) -> int:
    """Ask for a day of some doors, one reading after the other, each by a new connection."""
    del folder, until
    host = urlsplit(url).netloc
    readings = 0
    for store, doors in DOORS.items():
        for door in range(doors):
            for hour in range(HOURS):
                when = {"year": since.year, "month": since.month, "day": since.day, "hour": hour}
                asked = urlencode({"store_name": store, "sensor_id": door} | when)
                connection = http.client.HTTPConnection(host)
                connection.request("GET", f"/?{asked}")
                int(json.loads(connection.getresponse().read()))
                connection.close()
                readings += 1
    return readings


WAYS = {"warehouse": warehouse, "one-by-one": one_by_one}


def main() -> None:
    """Read once and say how long it took."""
    way, url, folder, since, until = sys.argv[1:]
    days = date.fromisoformat(since), date.fromisoformat(until)
    assert days[1] - days[0] >= timedelta(days=1)
    began = time.perf_counter()
    readings = WAYS[way](url, Path(folder), *days)
    output = {"readings": readings, "seconds": time.perf_counter() - began}
    sys.stdout.write(f"{json.dumps(output)}\n")


if __name__ == "__main__":
    main()
