"""Commands run as child processes, and what each cost."""

import json
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil  # type: ignore[import-untyped]  # has no stubs

from ingestion.simulators.process import running
from ingestion.simulators.simulator import Routes
from tests.support.postgres import Postgres, running_postgres

ROOT = Path(__file__).parents[2]
T = TypeVar("T")
logger = logging.getLogger(__name__)


class BenchmarkError(Exception):
    """A command that is timed failed, so that its time says nothing."""


@dataclass(frozen=True)
class Cost:
    """What a child process cost.

    Attributes:
        seconds: from its start to its end.
        cpu_seconds: user and system, of itself and its children.
        megabytes: the most memory that it held at once (resident).
        out: what it wrote to standard output.
    """

    seconds: float
    cpu_seconds: float
    megabytes: float
    out: str = ""


@dataclass(frozen=True)
class Server:
    """A simulated source that runs as a process of its own.

    Attributes:
        url: its base address.
        process: to see what it costs.
    """

    url: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """What it has used so far, user and system."""
        used = self.process.cpu_times()
        return float(used.user + used.system)


@dataclass(frozen=True)
class Warehouse:
    """A data folder, and the commands that work on it.

    Attributes:
        data: the folder.
        url: of the server that it loads from.
        source: the source that it is.
        settings: further variables.
    """

    data: Path
    url: str
    source: str = "chicago-crime"
    settings: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> Cost:
        """Run `warehouse …`."""
        return python("-m", "dbt_project", *arguments, env=self.env())

    def dbt(self, *arguments: str) -> Cost:
        """Run bare `dbt …`, as a user types it in the project's root."""
        return run(str(Path(sys.executable).with_name("dbt")), *arguments, env=self.env())

    def env(self) -> dict[str, str]:
        """Where the commands work."""
        return {
            "WAREHOUSE_DATA_DIR": str(self.data),
            "DBT_TARGET_PATH": str(self.data / "target"),
            "DBT_LOG_PATH": str(self.data / "logs"),
            f"SOURCES__{self.source.replace('-', '_').upper()}__BASE_URL": self.url,
            **self.settings,
        }

    def environment(self) -> dict[str, str]:
        """The whole environment of its commands."""
        return os.environ | self.env()


def python(*arguments: str, env: Mapping[str, str] | None = None) -> Cost:
    """Run this Python on something; see `run`."""
    return run(sys.executable, *arguments, env=env or {})


def run(*command: str, env: Mapping[str, str]) -> Cost:
    """Run a command in the project's root, and return what it cost.

    Raises:
        BenchmarkError: it failed; the message ends with its last output.
    """
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        assert child.stdout is not None
        out = child.stdout.read()
        # Popen's own wait does not report what the child used.
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if child.returncode:
        output = " | ".join(out.strip().splitlines()[-5:])
        msg = f"{' '.join(command[-3:])} ended with {child.returncode}: {output}"
        raise BenchmarkError(msg)
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out)


@contextmanager
def server(
    source: str, *, data: Path | None = None, rows: int | None = None, routes: Routes = "all"
) -> Iterator[Server]:
    """Start a simulated source, and end it. Its temporary files lie where TMPDIR says."""
    others = set(psutil.Process().children())
    with running(source, data=data, rows=rows, routes=routes) as url:
        (process,) = set(psutil.Process().children()) - others
        yield Server(url, process)


@contextmanager
def portal(rows: int | None, data: Path | None = None) -> Iterator[Server]:
    """Start a simulated portal with made rows, or those of a file, and end it."""
    with ExitStack() as stack:
        with clocked(f"a portal with {data.name if data else f'{rows:,} crimes'} starts"):
            one = server("chicago-crime", data=data, rows=None if data else rows)
            started = stack.enter_context(one)
        yield started


@contextmanager
def history_portal(workdir: Path, rows: int) -> Iterator[Server]:
    """Start a simulated portal with the last `rows` crimes of the history, and end it."""
    file = workdir / f"crimes-{rows}.parquet"
    with clocked(f"{rows:,} crimes are written"):
        # In a process of its own: what this one holds would count as the memory of its children.
        python("-m", "tests.benchmarks.inputs.crimes", str(file), "--rows", str(rows))
    with portal(rows, file) as started:
        file.unlink()
        yield started


@contextmanager
def survey(workdir: Path, folder: Path, rows: int) -> Iterator[tuple[Postgres, str]]:
    """Yield a server with twenty countries' databases, and the setting that names them.

    Args:
        workdir: where the loads work.
        folder: of PostgreSQL's programs.
        rows: submissions in all.
    """
    # The server runs as another user where we are root.
    workdir.chmod(0o711)
    with running_postgres(folder) as server:
        with (
            clocked(f"{rows:,} submissions in twenty databases"),
            running("pisa", rows=rows, rate=0.0, postgres=server.url) as databases,
        ):
            # They stay when what fills them has ended.
            pass
        yield server, databases


@contextmanager
def clocked(what: str) -> Iterator[None]:
    """Say that something long begins, and how long it took."""
    logger.info("%s …", what)
    began = time.perf_counter()
    yield
    logger.info("%s: %.1f s", what, time.perf_counter() - began)


def last_steps(data: Path) -> dict[str, float]:
    """Return the seconds of each step of the last run of a data folder."""
    lines = (data / "runs.jsonl").read_text().splitlines()
    steps: dict[str, float] = json.loads(lines[-1])["steps"]
    return steps


def median(costs: Sequence[T], figure: Callable[[T], float]) -> float:
    """Return the median of one figure of several costs."""
    return statistics.median(figure(cost) for cost in costs)
