"""The command line in a process of its own, without waiting for its imports.

A process that has imported everything forks for each command: imports take seconds, which hundreds
of commands would wait for. What it forks is a process like any other: it has its own environment,
folder, output and process group, and can be killed.
"""

import ctypes
import functools
import itertools
import json
import os
import random
import resource
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import duckdb
from filelock import FileLock

from dbt_project.build import dbt_runner as runner
from dbt_project.cli.main import main
from dbt_project.paths import Paths
from ingestion import sources

ROOT = Path(__file__).parents[2]
STARTED, ENDED = "started", "ended"
CHUNK = 65_536
MODULES = (
    "dbt.adapters.duckdb",
    "dbt.task.build",
    "dlt",
    "dbt_project.documentation.documentation",
    "dbt_project.runs.run",
    "dbt_project.monitoring.status",
    "dbt_project.runs.watch",
    *(f"{found.name}.load" for found in iter_modules(sources.__path__, "ingestion.sources.")),
)
MAX_PATHS = 2
CAPABILITY_VERSION, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 0x20080522, 1, 2


class Forked:
    """A command that was started; the part of subprocess.Popen that tests need."""

    def __init__(self, forks: "Forks", pid: int) -> None:
        self._forks = forks
        self.pid = pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._forks.ended.get(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; the exit code.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        with self._forks.changed:
            if not self._forks.changed.wait_for(lambda: self.pid in self._forks.ended, timeout):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self._forks.ended[self.pid]

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, unless it ended."""
        self.send_signal(signal.SIGKILL)


class Forks:
    """The process that forks, from the side of the tests."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forking"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        self.ended: dict[int, int] = {}
        self.changed = threading.Condition()
        self._started: list[int] = []
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def start(
        self,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        out: Path,
        err: Path | None = None,
        max_bytes: int | None = None,
        obeys_modes: bool = False,
        mask: int = 0o022,
        killed_at: tuple[str, str, int, int] | None = None,
    ) -> Forked:
        """Start a command.

        Args:
            arguments: of `warehouse`.
            env: its whole environment.
            cwd: the folder that it runs in.
            out: where its output goes.
            err: where its errors go; into its output without one.
            max_bytes: the size at which a file is full, as a full disk bounds it.
            obeys_modes: it cannot write where modes forbid it, though it is root's.
            mask: its umask.
            killed_at: one of Python's audit events, for example os.rename, a pattern of the path
                that it is about, how many times that happens until it sends itself a signal there,
                and which one: no race decides.
        """
        request = {
            "arguments": list(arguments),
            "env": dict(env),
            "cwd": str(cwd),
            "out": str(out),
            "err": str(err or out),
            "max_bytes": max_bytes,
            "obeys_modes": obeys_modes,
            "mask": mask,
            "killed_at": killed_at,
        }
        assert self._process.stdin is not None
        with self._one_at_a_time:
            self._process.stdin.write(f"{json.dumps(request)}\n".encode())
            self._process.stdin.flush()
            with self.changed:
                assert self.changed.wait_for(lambda: bool(self._started), timeout=300)
                return Forked(self, self._started.pop())

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            word, pid, code = json.loads(line)
            with self.changed:
                if word == STARTED:
                    # The system may give a number again.
                    self.ended.pop(pid, None)
                    self._started.append(pid)
                else:
                    self.ended[pid] = code
                self.changed.notify_all()


@functools.cache
def forks() -> Forks:
    """The one process that forks for the tests of this process."""
    return Forks()


def _warm_up() -> None:
    """Import everything, and parse the project, which takes longer than most commands."""
    for name in MODULES:
        import_module(name)
    # Forks would wait for the static parser's threads, which they do not have.
    os.environ["DBT_STATIC_PARSER"] = "False"
    parse()
    # Its threads would not be in the forks, which wait for them as they end.
    duckdb.default_connection().close()


def parse() -> None:
    """Let this process know the parsed project; of all processes the first one parses it."""
    folder = ROOT / "data" / "cache" / "parsed"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        runner.parsed.manifest(Paths(folder))


def serve() -> dict[str, Any] | None:
    """Fork for each line that comes; returns what is asked of the process that is the fork."""
    wakeup, notify = os.pipe()
    for end in (wakeup, notify):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(notify)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: set[int] = set()
    waiting = b""
    with selectors.DefaultSelector() as both:
        for end in (0, wakeup):
            both.register(end, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in both.select()}
            if wakeup in ready:
                os.read(wakeup, CHUNK)
                _reap(running)
            if 0 in ready:
                read = os.read(0, CHUNK)
                if not read:
                    break
                *lines, waiting = (waiting + read).split(b"\n")
                for line in lines:
                    if (pid := os.fork()) == 0:
                        return json.loads(line)  # type: ignore[no-any-return]
                    running.add(pid)
                    _say(STARTED, pid, 0)
    for pid in running:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    return None


def _reap(running: set[int]) -> None:
    for pid in list(running):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            running.remove(pid)
            _say(ENDED, pid, os.waitstatus_to_exitcode(status))


def _say(word: str, pid: int, code: int) -> None:
    os.write(1, f"{json.dumps([word, pid, code])}\n".encode())


def become(request: Mapping[str, Any]) -> None:
    """Be the command that was asked for."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # A shell's background jobs ignore it, and so would all that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    random.seed()
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    for number, path in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644), number)
    os.umask(request["mask"])
    if request["obeys_modes"]:
        _obey_modes()
    if request["max_bytes"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["max_bytes"],) * 2)
    if request["killed_at"]:
        sys.addaudithook(_killed_at(*request["killed_at"]))
    sys.argv = ["warehouse", *request["arguments"]]
    main(request["arguments"])


def _obey_modes() -> None:
    """Drop root's right to pass over modes, from here on; others do not have it."""
    libc = ctypes.CDLL(None, use_errno=True)

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    class Data(ctypes.Structure):
        _fields_ = tuple(
            (name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")
        )

    header, data = Header(CAPABILITY_VERSION, 0), (Data * 2)()
    libc.capget(ctypes.byref(header), data)
    data[0].effective &= ~((1 << CAP_DAC_OVERRIDE) | (1 << CAP_DAC_READ_SEARCH))
    if libc.capset(ctypes.byref(header), data):
        raise OSError(ctypes.get_errno(), "capset")


def _killed_at(wanted: str, pattern: str, times: int, number: int) -> Any:
    seen = itertools.count(1)

    def look(event: str, args: tuple[object, ...]) -> None:
        is_meant = event == wanted and any(fnmatch(str(arg), pattern) for arg in args[:MAX_PATHS])
        if is_meant and next(seen) == times:
            os.kill(os.getpid(), number)

    return look


if __name__ == "__main__":
    _warm_up()
    asked = serve()
    if asked is not None:
        become(asked)
