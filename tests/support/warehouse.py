"""A warehouse as its users have it: commands in processes of their own, and the published files."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx

from dbt_project.monitoring.status import status
from dbt_project.paths import Paths
from tests.support.forking import Forked, forks

TIMEOUT_SECONDS = 600.0
# What differs from run to run; everything else depends on the source alone.
OF_THE_RUN = (
    *("load_id", "last_load_id", "loaded_at", "checked_at", "detected_at", "changed_at"),
    *("reconciled_at", "read_at"),
)
# An audit event of Python, and a pattern of the path that it is about.
Moment = tuple[str, str]
# What saves dbt time, and holds whatever the data are.
KEPT = ("target", "plans")
# Marts of loads, and the data set that a load is of.
LOADS = {
    "crime.crime_load_reconciliation": "source_dataset",
    "core.load_reconciliation": "data_set",
}
# It holds what the runs did and when, so that no two builds agree.
RUNS = "core.warehouse_runs"


@dataclass
class Command:
    """A command that runs; what it says goes to a file."""

    process: Forked
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def end(self) -> int:
        return self.process.wait(TIMEOUT_SECONDS)

    def failure(self) -> str:
        """The one line of explanation; it must end with 1."""
        assert self.end() == 1, self.output
        assert "Traceback" not in self.output, self.output
        (line,) = [
            output for output in self.output.splitlines() if output.startswith("warehouse: ")
        ]
        return line

    def kill_when(self, moment: Callable[[], bool]) -> bool:
        """Kill it and its children as soon as `moment` has come; whether it still ran then."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while not moment() and self.process.poll() is None:
            assert time.monotonic() < deadline, self.output
            time.sleep(0.001)
        was_running = self.process.poll() is None
        if was_running:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return was_running


@dataclass
class Warehouse:
    """A data folder, and the environment of the commands that work on it.

    It stays at one path, and tests put its states there: dbt parses the project anew for another.
    """

    data: Path
    env: dict[str, str] = field(default_factory=dict)
    commands: int = 0

    def start(self, *arguments: str, **env: str) -> Command:
        return self._start(arguments, env)

    def start_killed_at(
        self, *arguments: str, moment: Moment, times: int = 1, number: int = signal.SIGKILL
    ) -> Command:
        """Start a command that kills itself at a moment, given in the form of `Forks.start`.

        Another signal than that of a kill asks it to end.
        """
        return self._start(arguments, {}, killed_at=(*moment, times, number))

    def start_limited(self, size: int, *arguments: str) -> Command:
        """Start a command whose files are full at so many bytes, or that obeys modes, for 0."""
        return self._start(arguments, {}, max_bytes=size or None, obeys_modes=not size)

    def _start(self, arguments: Sequence[str], env: Mapping[str, str], **limits: Any) -> Command:
        self.commands += 1
        logs = self.data.parent / "output"
        logs.mkdir(exist_ok=True)
        log = logs / f"{self.commands}.log"
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SOURCES__", "WAREHOUSE_", "DBT_"))
        }
        own = {"WAREHOUSE_DATA_DIR": str(self.data)}
        log.write_bytes(b"")
        process = forks().start(
            arguments,
            env=clean | own | self.env | dict(env),
            cwd=self.data.parent,
            out=log,
            **limits,
        )
        return Command(process, log)

    def __call__(self, *arguments: str, **env: str) -> str:
        """Run a command successfully; returns its output."""
        command = self.start(*arguments, **env)
        assert command.end() == 0, command.output
        return command.output

    def fails(self, *arguments: str, **env: str) -> str:
        """Run a command that must end with 1; returns its one line of explanation."""
        return self.start(*arguments, **env).failure()

    def use(self, url: str, source: str = "chicago-crime", **settings: str) -> None:
        """Point a source at a server."""
        prefix = f"SOURCES__{source.replace('-', '_').upper()}__"
        others = {name: value for name, value in self.env.items() if not name.startswith(prefix)}
        settings |= {"BASE_URL": url}
        self.env = others | {prefix + name: value for name, value in settings.items()}

    def status(self) -> dict[str, Any]:
        """What `warehouse status --json` says."""
        return status(Paths(self.data), now=datetime.now(UTC))

    @property
    def build(self) -> Path:
        """The build that readers see now."""
        return (self.data / "published").resolve(strict=True)

    def empty(self) -> None:
        """Throw everything away but what dbt has parsed, and the plans of its builds."""
        for path in self.data.glob("*"):
            if path.name not in KEPT:
                _remove(path)
        for path in self.data.glob(".*"):
            _remove(path)

    def save(self, state: Path) -> Path:
        """Keep a copy of the data folder, without what `empty` keeps; returns it."""
        shutil.copytree(
            self.data, state, symlinks=True, ignore=shutil.ignore_patterns(*KEPT, "logs")
        )
        return state

    def restore(self, state: Path) -> None:
        self.empty()
        kept = shutil.ignore_patterns(*KEPT)
        shutil.copytree(state, self.data, symlinks=True, dirs_exist_ok=True, ignore=kept)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def query(build: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the published file of a build."""
    with duckdb.connect(build / "marts.duckdb", read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


def manifest(build: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((build / "manifest.json").read_text())
    return found


def hashes(build: Path) -> dict[str, str]:
    """The content hash of each mart, as the manifest says it."""
    tables = manifest(build)["tables"].items()
    return {name: table["content_hash"] for name, table in tables if name != RUNS}


def contents(build: Path) -> dict[str, tuple[Any, ...]]:
    """Rows and a hash of each mart, without what differs from run to run."""
    found = {}
    with duckdb.connect(build / "marts.duckdb", read_only=True) as connection:
        for name, table in manifest(build)["tables"].items():
            if name == RUNS:
                continue
            columns = [
                column["name"] for column in table["columns"] if column["name"] not in OF_THE_RUN
            ]
            # How the rows came in packages is the run's own affair; how many there are is not.
            if name in LOADS:
                states = ("received", "rejected", "superseded", "deleted")
                sums = ", ".join(f"sum(rows_{state})" for state in states)
                sql = (
                    f"select {LOADS[name]}, {sums} from {name} where rows_received > 0 group by all"
                )
            else:
                sql = f"select count(*), sum(hash({', '.join(columns)})) from {name}"
            found[name] = tuple(connection.execute(f"{sql} order by all").fetchall())
    return found


def sum_rule(build: Path) -> tuple[int, int, int, int, int]:
    """Rows received, in the fact, rejected, superseded and deleted, by the published file."""
    marts = ("fct_crimes", "rejected_crimes", "superseded_crimes", "deleted_crimes")
    counts = [query(build, f"select count(*) from crime.{mart}")[0][0] for mart in marts]
    received = query(
        build, "select cast(sum(rows_received) as bigint) from crime.crime_load_reconciliation"
    )
    return int(received[0][0]), counts[0], counts[1], counts[2], counts[3]


@dataclass
class Portal:
    """The control routes of a simulated portal."""

    url: str

    def control(self, verb: str, **body: Any) -> int:
        answer = httpx.post(f"{self.url}/control/{verb}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return int(answer.json().get("rows", 0))

    def asked(self) -> list[str]:
        """The queries that were answered since the last reset."""
        answer = httpx.get(f"{self.url}/control/requests", timeout=30).json()
        return [f"{request['path']}?{request['query']}" for request in answer["requests"]]

    def rows(self, select: str, where: str = "", dataset: str = "ijzp-q8t2") -> list[Any]:
        """Rows as a client of the portal sees them, in the order of `:id`."""
        params = {"$select": select, "$order": ":id", "$limit": "100000"}
        params |= {"$where": where} if where else {}
        answer = httpx.get(f"{self.url}/resource/{dataset}.json", params=params, timeout=30)
        rows: list[Any] = answer.json()
        return rows
