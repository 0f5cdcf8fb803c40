"""Dagster's web server and daemon, as one command that ends both."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import httpx

from dbt_project.files import file_lock
from dbt_project.orchestration.environment import dagster_environment
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError
from ingestion.core.process.signals import raise_if_stopped, uninterrupted

HOST = "127.0.0.1"
PREPARING = "dbt_project.orchestration.instance"
LOCK, LOG = ".lock", "dagster.log"
# Seconds for the web server to answer, and for everything to end: a signal ends this process after
# ten (`ingestion.core.process.signals`).
MAX_START, MAX_END = 180.0, 7.0


def orchestrate(
    paths: Paths, env: Mapping[str, str], *, port: int, ready: Callable[[str], None]
) -> None:
    """Run the web server and the daemon until a signal comes.

    Args:
        paths: of the warehouse.
        env: the environment.
        port: of the web server, on loopback.
        ready: is given its address once it answers.

    Raises:
        WarehouseError: Dagster runs on this data folder already, the port is taken, or one of the
            processes ended.
    """
    paths.dagster.mkdir(parents=True, exist_ok=True)
    busy = f"Dagster runs on {paths.data} already: stop it first"
    with file_lock(paths.dagster / LOCK, busy=lambda: busy, wait=0):
        _require_free(port)
        env = dagster_environment(paths, env)
        _prepare(paths, env)
        with _running(paths, env, port) as started:
            url = f"http://{HOST}:{port}"
            _wait_until(lambda: _answers(url), started, paths)
            ready(url)
            while True:
                _require_alive(started, paths)
                time.sleep(0.5)


def _prepare(paths: Paths, env: Mapping[str, str]) -> None:
    """Prepare Dagster's folder, in a process whose memory is free again afterwards.

    Raises:
        WarehouseError: see `instance.prepare_instance`.
    """
    command = [sys.executable, "-m", PREPARING]
    with uninterrupted():
        done = subprocess.run(  # noqa: S603 - no shell, and no user input
            command, env=dict(env), cwd=paths.project, capture_output=True, text=True, check=False
        )
    raise_if_stopped()
    if done.returncode:
        raise WarehouseError((done.stderr.strip().splitlines() or ["Dagster cannot start"])[-1])


def _commands(paths: Paths, port: int) -> Iterator[list[str]]:
    workspace = ["--workspace", str(paths.dagster / "workspace.yaml")]
    yield [*("-m", "dagster_webserver", "--host", HOST, "--port", str(port)), *workspace]
    yield [*("-m", "dagster._daemon", "run"), *workspace]


@contextmanager
def _running(
    paths: Paths, env: Mapping[str, str], port: int
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The processes, each in a group with all that it starts; they end together."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        for command in _commands(paths, port):
            raise_if_stopped()
            with uninterrupted():
                started.append(_start(paths, env, command))
        yield started
    finally:
        _end({process.pid for process in started})


def _start(paths: Paths, env: Mapping[str, str], command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process; what it says goes to a log file."""
    with (paths.dagster / LOG).open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - no shell, and no user input
            [sys.executable, *command],
            env=dict(env),
            cwd=paths.project,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _end(groups: set[int]) -> None:
    """End groups of processes: code servers, runs and their commands are among them."""
    deadline = time.monotonic() + MAX_END
    left = {group for group in groups if _signal(group, signal.SIGTERM)}
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    """Send a signal to what is left of a group; whether anything is."""
    with suppress(ChildProcessError):
        os.waitpid(group, os.WNOHANG)
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _require_free(port: int) -> None:
    with socket.socket() as found:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, port))
        except OSError as error:
            msg = f"port {port} of {HOST} cannot be used ({error.strerror}): give another by --port"
            raise WarehouseError(msg) from None


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/server_info", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _wait_until(
    condition: Callable[[], bool], processes: Sequence[subprocess.Popen[bytes]], paths: Paths
) -> None:
    deadline = time.monotonic() + MAX_START
    while not condition():
        _require_alive(processes, paths)
        if time.monotonic() > deadline:
            msg = f"Dagster did not answer in {MAX_START:g} s; see {paths.dagster / LOG}"
            raise WarehouseError(msg)
        time.sleep(0.2)


def _require_alive(processes: Sequence[subprocess.Popen[bytes]], paths: Paths) -> None:
    raise_if_stopped()
    if any(process.poll() is not None for process in processes):
        msg = f"a process of Dagster ended; see {paths.dagster / LOG}, then start it again"
        raise WarehouseError(msg)
