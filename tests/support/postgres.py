"""A real PostgreSQL server for tests, from the machine's own binaries.

The server refuses to run as root, so as root it runs as another user. Where the binaries are
missing, tests skip, and `NOT_CHECKED` is what the end of the test run says loudly.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import psycopg2

NOT_CHECKED = (
    "NO POSTGRESQL SERVER: loads from PostgreSQL and publications to it were NOT checked. Install "
    "one (Debian: apt-get install postgresql) or put initdb, postgres and pg_ctl on PATH."
)
PASSWORD = "geheim-2018"
_SECONDS_TO_START = 30
_USERS = ("postgres", "nobody")


@dataclass
class Postgres:
    """A server that runs: it listens on a free port of loopback, and asks for a password."""

    port: int
    folder: Path
    command: Sequence[str]
    user: Mapping[str, Any]
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> None:
        """Start it, for the first time or after a kill; returns once it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, cwd=self.folder, **self.user
            )
        _wait(self)

    def kill(self) -> None:
        """End it and all of its processes where they stand, as a crash does."""
        server = psutil.Process(self.process.pid)
        for process in (server, *server.children(recursive=True)):
            process.kill()
        self.process.wait()

    @property
    def url(self) -> str:
        return f"postgresql://survey:{PASSWORD}@127.0.0.1:{self.port}/postgres"


def binaries() -> Path | None:
    """Return the folder of `initdb` and `postgres`; None where there is none."""
    found = [Path(path).resolve().parent for path in (shutil.which("initdb"),) if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if all((folder / name).is_file() for name in ("initdb", "postgres", "pg_ctl")):
            return folder
    return None


@contextmanager
def running_postgres(bin_folder: Path) -> Iterator[Postgres]:
    """Start a server in a folder of its own, and end it."""
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if user:
            shutil.chown(folder, user)
        with _started(bin_folder, folder, user) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(bin_folder: Path, folder: Path, user: str | None) -> Iterator[Postgres]:
    data, word = folder / "data", folder / "password"
    word.write_text(PASSWORD)
    if user:
        shutil.chown(word, user)
    initdb = [str(bin_folder / "initdb"), "-D", str(data), "-U", "survey", "-E", "UTF8"]
    initdb += ["--locale=C", "--auth=scram-sha-256", "--pwfile", str(word), "--no-sync"]
    drop: dict[str, Any] = {"user": user, "extra_groups": []} if user else {}
    subprocess.run(initdb, check=True, cwd=folder, capture_output=True, **drop)
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "off",
        "full_page_writes": "off",
        "max_connections": "120",
        "shared_buffers": "64MB",
        "logging_collector": "off",
    }
    port = _free_port()
    command = [str(bin_folder / "postgres"), "-D", str(data), "-p", str(port)]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    server = Postgres(port, folder, command, drop)
    try:
        server.start()
        yield server
    finally:
        # The server's fast shutdown; one that a test has stopped goes on first.
        server.process.send_signal(signal.SIGCONT)
        server.process.send_signal(signal.SIGINT)
        try:
            server.process.wait(10)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


def _wait(server: Postgres) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            psycopg2.connect(server.url).close()
        except psycopg2.OperationalError:
            if server.process.poll() is not None or time.monotonic() > until:
                log = (server.folder / "log").read_text()[-2000:]
                message = f"the PostgreSQL server did not start: {log}"
                raise RuntimeError(message) from None
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _user() -> str | None:
    """Return whom to run as; None: as we are, who are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _USERS if name in names)
