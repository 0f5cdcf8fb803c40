"""Kill a run at a moment, run it again, and compare: the harness of the tests of crash points."""

import hashlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.all_sources import RUN_CHANGED, AllSources
from tests.support.warehouse import Command, Moment, Warehouse, manifest

# Where a run kills itself: the audit event of Python, and the path that it is about.
STEPS: dict[str, Moment] = {
    "as it opens raw": ("os.mkdir", "*/work/dlt-*/schemas"),
    "as it extracts": ("open", "*/normalize/*/new_jobs/*"),
    "as it normalises": ("os.mkdir", "*/load/new/*/new_jobs"),
    "as it begins to load": ("os.rename", "*/load/normalized/*/started_jobs/*"),
    "as it merges": ("os.rename", "*/started_jobs/*.sql"),
    "as it ends the load": ("os.rename", "*/load/loaded/*"),
    "as it leaves the load": ("os.rmdir", "*/work/dlt-*"),
    "as it copies what is published": ("os.rename", "*/work/marts.duckdb.new"),
    "as it reads the plan": ("open", "*/plans/*.json"),
    "as it starts dbt": ("open", "*/logs/dbt.log"),
    "as it keeps the audit": ("os.rename", "*/work/audit.json"),
    "as it begins to publish": ("os.mkdir", "*/builds/.*.partial"),
    "as it gives the file to the build": ("os.link", "*.partial/marts.duckdb"),
    "as it writes parquet": ("os.mkdir", "*.partial/parquet/*"),
    "as it makes the files durable": ("os.chmod", "*.partial/manifest.json"),
    "as it names the build": ("os.rename", "*/builds/.*.partial"),
    "as it publishes the build": ("os.rename", "*/.published.new"),
    "as it lets go of the file": ("os.remove", "*/work/marts.duckdb"),
    "as it notes the run": ("open", "*/runs.jsonl"),
    "as it gives the folder free": ("os.remove", "*/.lock.json"),
}
# The steps of a run that come before its publication is visible.
BEFORE_PUBLICATION = tuple(STEPS)[: tuple(STEPS).index("as it publishes the build")]
SECONDS_TO_ARRIVE = 0.05
# One run is quicker than another.
NEARLY_ALL = 0.85
# Where only a run that asks dbt comes: one by plan writes nothing there.
OF_DBT = ("*/logs/dbt.log", "*/target/")
# Once in each package of rows that a load commits.
PACKAGE = STEPS["as it normalises"]


def checksums(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The path and checksum of each file that a manifest names."""
    yield found["database"]["path"], found["database"]["sha256"]
    for table in found["tables"].values():
        for name, part in table.get("parts", {"": table}).items():
            yield table["parquet"].replace("*", name), part["sha256"]


@dataclass
class Reader:
    """Has the published file open while runs are killed, and looks at what is published now."""

    warehouse: Warehouse
    first: Path = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.warehouse.build
        self._connection = duckdb.connect(self.first / "marts.duckdb", read_only=True)
        self._rows = self._counted(self._connection, self.first)

    def look(self) -> None:
        """Both the file that was open all the time and the one there now hold what they should."""
        assert self._counted(self._connection, self.first) == self._rows
        build = self.warehouse.build
        with duckdb.connect(build / "marts.duckdb", read_only=True) as connection:
            self._counted(connection, build)

    def close(self) -> None:
        """Look at every byte that is published, and go."""
        self.look()
        self._connection.close()
        build = self.warehouse.build
        for path, sha256 in checksums(manifest(build)):
            assert hashlib.sha256((build / path).read_bytes()).hexdigest() == sha256, path

    @staticmethod
    def _counted(connection: duckdb.DuckDBPyConnection, build: Path) -> dict[str, int]:
        tables = manifest(build)["tables"]
        union = " union all ".join(f"select '{name}', count(*) from {name}" for name in tables)
        rows = dict(connection.execute(union).fetchall())
        assert rows == {name: table["rows"] for name, table in tables.items()}
        return rows


@dataclass
class Killer:
    """Kills runs of one warehouse.

    Attributes:
        survived: called with the number of kills that the next run recovered from.
    """

    all_sources: AllSources
    survived: Callable[[int], None]

    def at(self, source: str, *moments: Moment) -> None:
        """Kill a run of a source at a moment, the one after it at the next, and let the last end.

        Raises:
            AssertionError: a moment never came, or something was lost, doubled or left behind.
        """
        run = self._warehouse.start_killed_at
        self._try(
            source,
            *(partial(run, *_arguments(source, moment), moment=moment) for moment in moments),
        )

    def in_package(self, source: str, number: int) -> bool:
        """The same in one of the packages that a load commits; whether it has so many."""
        return self._try(
            source,
            lambda: self._warehouse.start_killed_at(
                *RUN_CHANGED[source], moment=PACKAGE, times=number
            ),
            may_end=True,
        )

    def after(self, source: str, seconds: float) -> None:
        """The same after a while; a run that ended before was not killed, and is not counted."""

        def killed() -> Command:
            begun = time.monotonic()
            command = self._warehouse.start(*RUN_CHANGED[source])
            command.kill_when(lambda: time.monotonic() - begun > seconds)
            return command

        self._try(source, killed, may_end=True)

    def seconds(self, source: str, *, seed: int) -> Iterator[float]:
        """Yield moments of a run at random, in seconds from its start; without end."""
        chosen = random.Random(seed)
        while True:
            yield chosen.uniform(0, self.all_sources.seconds[source])

    def moments(self, source: str, *, seed: int) -> Iterator[float]:
        """The same of a run that executes a recorded plan, nearly all before its end."""
        warehouse = self._warehouse
        warehouse.restore(self.all_sources.state)
        yield from moments(lambda: warehouse(*RUN_CHANGED[source]), seed=seed)

    def stop_at(self, source: str, moment: Moment, number: int) -> None:
        """Let a run get a signal before it publishes: it ends by it, and the next run is right.

        Raises:
            AssertionError: it did not end as it should, or something was lost or left behind.
        """
        arguments = _arguments(source, moment)

        def stopped() -> Command:
            command = self._warehouse.start_killed_at(*arguments, moment=moment, number=number)
            command.end()
            assert f"warehouse: stopped by {signal.Signals(number).name}" in command.output
            return command

        self._stop(source, stopped, number)

    def stop_after(self, source: str, seconds: float, number: int) -> None:
        """The same after a while, and once more a little later, as impatient people do."""

        sent: list[float] = []

        def stopped() -> Command:
            command = self._warehouse.start(*RUN_CHANGED[source])
            with suppress(subprocess.TimeoutExpired):
                command.process.wait(seconds)
            sent.append(time.time())
            for _ in range(2):
                command.process.send_signal(number)
                time.sleep(0.05)
            return command

        self._stop(source, stopped, number, sent)

    def _stop(
        self, source: str, stop: Callable[[], Command], number: int, sent: Sequence[float] = ()
    ) -> None:
        warehouse = self._warehouse
        warehouse.restore(self.all_sources.state)
        reader = Reader(warehouse)
        command = stop()
        code = command.end()
        # Before it listens to signals it has begun nothing, and dies of one.
        is_stopped = code in {128 + number, -number}
        assert is_stopped or (sent and code == 0), command.output
        if warehouse.build != reader.first:
            # What became visible did so before the signal.
            swapped = (warehouse.data / "published").lstat().st_mtime
            assert sent and swapped <= sent[0] + SECONDS_TO_ARRIVE, command.output
        assert "Traceback" not in command.output, command.output
        with pytest.raises(ProcessLookupError):
            os.killpg(command.process.pid, 0)
        reader.look()
        warehouse(*RUN_CHANGED[source])
        reader.close()
        assert self.all_sources.published(source) == self.all_sources.expected[source]
        assert left_behind(warehouse, source) == []
        self.survived(is_stopped)

    @property
    def _warehouse(self) -> Warehouse:
        return self.all_sources.warehouse

    def _try(self, source: str, *kills: Callable[[], Command], may_end: bool = False) -> bool:
        warehouse = self._warehouse
        warehouse.restore(self.all_sources.state)
        reader = Reader(warehouse)
        killed = 0
        for kill in kills:
            command = kill()
            code = command.end()
            assert code == -signal.SIGKILL or (may_end and code == 0), command.output
            killed += code != 0
            reader.look()
        warehouse(*RUN_CHANGED[source])
        reader.close()
        assert self.all_sources.published(source) == self.all_sources.expected[source]
        assert left_behind(warehouse, source) == []
        self.survived(killed)
        return killed > 0


def moments(run: Callable[[], object], *, seed: int) -> Iterator[float]:
    """Yield moments of what runs, in seconds from its start; without end."""
    begun = time.monotonic()
    run()
    seconds = time.monotonic() - begun
    chosen = random.Random(seed)
    while True:
        yield chosen.uniform(0, NEARLY_ALL * seconds)


def _arguments(source: str, moment: Moment) -> tuple[str, ...]:
    """How to run a source so that the moment comes."""
    return (*RUN_CHANGED[source], *(("--ask-dbt",) if moment[1].startswith(OF_DBT) else ()))


def left_behind(warehouse: Warehouse, source: str) -> list[str]:
    """What is pending or was left behind, a line each."""
    status = warehouse.status()
    found = [f"{name}: {status[name]}" for name in ("run", "killed", "failures") if status[name]]
    found += [f"left over: {path}" for path in status["leftovers"]]
    if status["sources"][source]["pending_loads"]:
        found.append(f"loads of {source} are pending")
    if not status["audit"]["succeeded"]:
        found.append("the audit failed")
    if status["published"]["build_id"] != warehouse.build.name:
        found.append("the published build is not the newest")
    data = warehouse.data
    patterns = ("**/*.wal", "**/*.tmp", "**/*.new", "**/*.partial", "work/dlt-*", "work/spill/*")
    found += [f"left over: {path}" for pattern in patterns for path in data.glob(pattern)]
    return found


def nodes(warehouse: Warehouse, source: str) -> list[str]:
    """Let dbt run a source; the nodes that ran, by name, in their order."""
    since = time.time()
    warehouse(*RUN_CHANGED[source], "--ask-dbt")
    ran = [
        path
        for path in (warehouse.data / "target/run").rglob("*.sql")
        if path.stat().st_mtime > since
    ]
    return [path.name for path in sorted(ran, key=lambda path: path.stat().st_mtime)]
