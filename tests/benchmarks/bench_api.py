"""How quickly the API answers a dashboard's polls, beside a query at every request."""

import asyncio
import json
import logging
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import duckdb

from tests.benchmarks.alternatives.naive_api import FACT, QUERIES
from tests.benchmarks.harness import ROOT, BenchmarkError
from tests.benchmarks.report import Line, Section
from tests.support.reports import api_builds

POLLS_A_SECOND, POLLING_CLIENTS, BUSY_CLIENTS = 300, 25, 16
MAX_MILLISECONDS, MIN_TIMES = 10, 20
logger = logging.getLogger(__name__)

MARTS = {
    "submissions_total": f"select count(*) as submissions from {FACT}",
    "submissions_by_hour": f"""
        select date_trunc('hour', submitted_at) as hour_start, count(*) as submissions
        from {FACT} group by hour_start""",
    **{mart: api_builds.MARTS[mart] for mart in ("learning_hours_by_country", "escs_by_country")},
    "belonging_by_early_education_years": f"""
        select country_code, years_of_early_education, count(*) as submissions,
            avg(belonging) as mean_belonging_unweighted
        from {FACT} group by country_code, years_of_early_education""",
}


def bench_api(workdir: Path, *, submissions: int, seconds: int, rounds: int) -> Section:
    """Poll at a set rate, then as fast as it goes, with and without a query at each request."""
    data = workdir / "api"
    file = _published(data, submissions)
    latencies: list[float] = []
    ours, naive = [], []
    with _serving("-c", _SERVE, str(data)) as port:
        asyncio.run(_polls(port, 2))
        for number in range(rounds):
            latencies += asyncio.run(_polls(port, seconds))
            ours.append(asyncio.run(_throughput(port, seconds / 4)))
            logger.info("polls %d: %.0f requests/s at most", number + 1, ours[-1])
    with _serving("-m", "tests.benchmarks.alternatives.naive_api", str(file)) as port:
        for number in range(rounds):
            naive.append(asyncio.run(_throughput(port, seconds / 4)))
            logger.info("a query each %d: %.0f requests/s at most", number + 1, naive[-1])
    hundredths = statistics.quantiles(latencies, n=100)
    logger.info("p50 %.2f ms, p99 %.2f ms", hundredths[49] * 1000, hundredths[98] * 1000)
    return Section(
        f"API: {submissions:,} submissions, one worker",
        [
            Line(f"{POLLS_A_SECOND} polls a second, p50", hundredths[49] * 1000, "ms"),
            Line("  p99", hundredths[98] * 1000, "ms", at_most=MAX_MILLISECONDS),
            Line(
                "polls answered",
                statistics.median(ours),
                "requests/s",
                statistics.median(naive),
                "a query on the fact each",
                at_least=MIN_TIMES,
            ),
        ],
    )


_SERVE = (
    "import os, sys; from pathlib import Path; from reports.api.web.server import serve;"
    "serve(Path(sys.argv[1]), port=int(sys.argv[2]), access_log=open(os.devnull, 'w'))"
)


def _published(data: Path, submissions: int) -> Path:
    """Publish made submissions of twenty countries over 30 days; returns the file."""
    folder = data / "builds" / "one"
    folder.mkdir(parents=True)
    file = folder / "marts.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute("select setseed(0.42); create schema education")
        connection.execute(
            f"""create table {FACT} as select
                'k' || range as submission_key, 'C' || (10 + range % 20) as country_code,
                cast(range % 9 as integer) as years_of_early_education,
                cast(1000 + 1200 * random() as integer) as learning_minutes_per_week,
                random() * 4 - 2 as belonging, random() * 6 - 3 as escs,
                timestamptz '2026-11-01 00:00:00+00'
                    + to_microseconds(cast(range * 2592000000000.0 / {submissions} as bigint))
                    as submitted_at
            from range({submissions})"""
        )
        for name, query in MARTS.items():
            connection.execute(f"create table education.{name} as {query}")
    tables = {name: {"rows": 0} for name in (FACT, *(f"education.{mart}" for mart in MARTS))}
    manifest = {
        "build_id": "one",
        "published_at": datetime.now(UTC).isoformat(),
        "database": {"path": file.name},
        "tables": tables,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (data / "published").symlink_to(Path("builds") / "one")
    return file


@contextmanager
def _serving(*arguments: str) -> Iterator[int]:
    """Run a server as a process, given its port last, and yield the port once it listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    command = [sys.executable, *arguments, str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}) as child:
        try:
            _wait_for(port)
            yield port
        finally:
            child.terminate()


def _wait_for(port: int) -> None:
    ends = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
        else:
            return


async def _polls(port: int, seconds: float) -> list[float]:
    """Seconds from when a poll was due to its answer, at a set rate."""
    began = asyncio.get_running_loop().time() + 0.1
    total = int(POLLS_A_SECOND * seconds)

    async def client(number: int) -> list[float]:
        ask = await _connected(port)
        found = []
        paths = cycle(QUERIES)
        for turn in range(number, total, POLLING_CLIENTS):
            due = began + turn / POLLS_A_SECOND
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            await ask(next(paths))
            found.append(asyncio.get_running_loop().time() - due)
        return found

    clients = await asyncio.gather(*(client(number) for number in range(POLLING_CLIENTS)))
    return [latency for found in clients for latency in found]


async def _throughput(port: int, seconds: float) -> float:
    """Answers a second to clients that ask again at once."""
    clock = asyncio.get_running_loop().time
    ends = clock() + seconds

    async def client() -> int:
        ask = await _connected(port)
        answered = 0
        for path in cycle(QUERIES):
            if clock() > ends:
                break
            await ask(path)
            answered += 1
        return answered

    began = clock()
    counts: Sequence[int] = await asyncio.gather(*(client() for _ in range(BUSY_CLIENTS)))
    return sum(counts) / (clock() - began)


async def _connected(port: int) -> Callable[[str], Awaitable[None]]:
    """Open a kept-alive connection; returns what asks it for a path and reads the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask(path: str) -> None:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            msg = f"{path} was answered by {head.splitlines()[0].decode()}"
            raise BenchmarkError(msg)
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))

    return ask
