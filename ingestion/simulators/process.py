"""A simulated source as a child process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.errors import WarehouseError
from ingestion.simulators.serving import READY
from ingestion.simulators.sources import DEFAULT_SEED, Routes

_PACKAGE_ROOT = Path(__file__).parents[2]


@contextmanager
def running(
    source: str,
    *,
    port: int = 0,
    data: Path | None = None,
    rows: int | None = None,
    seed: int = DEFAULT_SEED,
    routes: Routes = "all",
) -> Iterator[str]:
    """Start a source as a child process, yield its base URL once it listens, and end it.

    Args:
        source: for example `chicago-crime`.
        port: on 127.0.0.1; 0 takes a free one.
        data: a file whose rows are served; None makes rows.
        rows: how many rows to make; None: the simulator's default.
        seed: decides every made value.
        routes: `one` serves only `GET /`, as an old API of a client does.

    Raises:
        WarehouseError: it ended before it listened; the message is the child's own.
    """
    command = [sys.executable, "-m", "ingestion.simulators", source, "--exit-with-stdin"]
    command += ["--port", str(port), "--seed", str(seed)]
    command += ["--data", str(data.resolve())] if data else []
    command += ["--rows", str(rows)] if rows is not None else []
    command += ["--routes", routes] if routes != "all" else []
    # The child holds our pipe: when we die, however we die, its standard input ends.
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=_PACKAGE_ROOT,
    )
    try:
        yield _wait_until_ready(child, source)
    finally:
        _end(child)


def _wait_until_ready(child: "subprocess.Popen[str]", source: str) -> str:
    assert child.stdout is not None and child.stderr is not None  # noqa: S101
    for line in child.stdout:
        if line.startswith(READY):
            return line.removeprefix(READY).strip()
    last = (child.stderr.read().strip().splitlines() or ["it said nothing"])[-1]
    message = f"the simulator of {source} did not start: {last}"
    raise WarehouseError(message)


def _end(child: "subprocess.Popen[str]") -> None:
    child.terminate()
    try:
        child.wait(timeout=5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            stream.close()
