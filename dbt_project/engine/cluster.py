"""Start and stop a standalone cluster on loopback: a master, workers, and the Thrift server.

Each is a process with a file of its own that names it. Starting again starts what is missing.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from dbt_project.engine.configuration import (
    LOOPBACK,
    Cluster,
    environment,
    write_configuration,
)
from dbt_project.engine.requirements import Installation
from dbt_project.files import read_json, remove, write_json
from dbt_project.runs.lock import Holder, holder_of
from ingestion.core.errors import WarehouseError
from ingestion.core.process.signals import raise_if_stopped

MASTER, WORKER, SERVER = "master", "worker", "thrift-server"
SECONDS_TO_START, SECONDS_TO_STOP, PAUSE = 180.0, 30.0, 0.2
WRONG = (" ERROR ", "Exception", "Error:")


def start(cluster: Cluster, installed: Installation, env: Mapping[str, str]) -> list[str]:
    """Start what does not run yet; returns the names of the processes that were started.

    It returns when the Thrift server takes connections. What was started is ended if that fails.

    Raises:
        WarehouseError: a process ended, or took too long; the message names its log.
        OSError: a folder cannot be written.
    """
    write_configuration(cluster, installed)
    started: list[str] = []
    try:
        for name, command in _commands(cluster, installed):
            if _running(cluster, name):
                continue
            port = {MASTER: cluster.port + 1, SERVER: cluster.port}.get(name)
            if port and _listens(port):
                msg = f"port {port} is taken by another program: set WAREHOUSE_SPARK_PORT"
                raise WarehouseError(msg)
            started.append(name)
            needed = environment(cluster, installed, env, is_daemon=name != SERVER)
            _spawn(cluster, name, command, needed)
            if port:
                _wait_for_port(cluster, name, port)
    except BaseException:
        for name in reversed(started):
            _end(cluster, name)
        raise
    return started


def stop(folder: Path) -> list[str]:
    """End the processes of the cluster in a folder; returns the names of those that ran."""
    cluster = _of(folder)
    names = [name for name, is_running in status(folder) if is_running]
    for name, _ in reversed(status(folder)):
        _end(cluster, name)
    return names


def status(folder: Path) -> list[tuple[str, bool]]:
    """The processes that were started and not stopped, and whether each still runs."""
    order = {MASTER: 0, SERVER: 2}
    names = [path.stem for path in sorted(_of(folder).pids.glob("*.json"))]
    names.sort(key=lambda name: order.get(name, 1))
    return [(name, _running(_of(folder), name)) for name in names]


def _of(folder: Path) -> Cluster:
    """The cluster in a folder, for what only its folder matters."""
    return Cluster(folder, lake=folder, port=0, workers=0, memory=0)


def _commands(cluster: Cluster, installed: Installation) -> Iterator[tuple[str, list[str]]]:
    """What starts each process, by its name, in the order of starting."""
    of_class = str(installed.spark / "bin/spark-class")
    deploy = "org.apache.spark.deploy"
    address = ["--host", LOOPBACK, "--port", str(cluster.port + 1), "--webui-port", "0"]
    yield MASTER, [of_class, f"{deploy}.master.Master", *address]
    for number in range(1, cluster.workers + 1):
        limits = ["--cores", "1", "--memory", cluster.worker_memory, "--webui-port", "0"]
        work = ["--work-dir", str(cluster.folder / f"work/{number}")]
        worker = [of_class, f"{deploy}.worker.Worker", "--host", LOOPBACK]
        yield f"{WORKER}-{number}", [*worker, *limits, *work, cluster.master]
    server = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
    submit = [str(installed.spark / "bin/spark-submit"), "--master", cluster.master]
    yield SERVER, [*submit, "--class", server, "--name", "warehouse", "spark-internal"]


def _spawn(cluster: Cluster, name: str, command: list[str], env: Mapping[str, str]) -> None:
    with (cluster.logs / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            cwd=cluster.folder,
            # Ctrl-C in this terminal does not reach it.
            start_new_session=True,
        )
    write_json(_pid_file(cluster, name), asdict(holder_of(process.pid, command=name)))


def _wait_for_port(cluster: Cluster, name: str, port: int) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while not _listens(port):
        raise_if_stopped()
        log = cluster.logs / f"{name}.log"
        if not _running(cluster, name):
            msg = f"{name} did not start: {_last_error(log)}; see {log}"
            raise WarehouseError(msg)
        if time.monotonic() > end:
            msg = f"{name} took more than {SECONDS_TO_START:g} seconds to start; see {log}"
            raise WarehouseError(msg)
        time.sleep(PAUSE)


def _last_error(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line for line in lines if any(word in line for word in WRONG)]
    return " ".join((errors or lines or ["it said nothing"])[-1].split())[:300]


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


def _end(cluster: Cluster, name: str) -> None:
    """End a process: kindly, and by force if it does not end."""
    process = _read(cluster, name)
    for number, patience in ((signal.SIGTERM, SECONDS_TO_STOP), (signal.SIGKILL, SECONDS_TO_STOP)):
        end = time.monotonic() + patience
        if process and process.alive():
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)
        while process and process.alive() and time.monotonic() < end:
            time.sleep(PAUSE)
    remove(_pid_file(cluster, name))


def _running(cluster: Cluster, name: str) -> bool:
    process = _read(cluster, name)
    return process is not None and process.alive()


def _read(cluster: Cluster, name: str) -> Holder | None:
    found = read_json(_pid_file(cluster, name))
    return Holder(**found) if found else None


def _pid_file(cluster: Cluster, name: str) -> Path:
    return cluster.pids / f"{name}.json"
