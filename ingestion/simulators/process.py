"""A simulated source as a child process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Unpack

from ingestion import ROOT
from ingestion.core.errors import WarehouseError
from ingestion.core.process.signals import raise_if_stopped, uninterrupted
from ingestion.simulators.serving import READY
from ingestion.simulators.simulator import Choices, Options


@contextmanager
def running(source: str, *, port: int = 0, **choices: Unpack[Choices]) -> Iterator[str]:
    """Start a source as a child process, yield its address once it is ready, and end it.

    Args:
        source: for example `chicago-crime`.
        port: on 127.0.0.1; 0 takes a free one.
        choices: the fields of `Options`.

    Raises:
        WarehouseError: it ended before it was ready; the message is the child's own.
    """
    command = [sys.executable, "-m", "ingestion.simulators", source, "--exit-with-stdin"]
    command += ["--port", str(port), *_flags(Options(**choices))]
    # The child holds our pipe: when we die, however we die, its standard input ends.
    with uninterrupted():
        child = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
    try:
        raise_if_stopped()
        yield _wait_until_ready(child, source)
    finally:
        _end(child)


def _flags(options: Options) -> Iterator[str]:
    """Yield what the command line says of options that are not the defaults."""
    for field in fields(Options):
        value = getattr(options, field.name)
        if value == field.default:
            continue
        if field.name == "app_tokens":
            for token in value:
                yield from ("--app-token", token)
        elif field.name == "countries":
            yield from ("--countries", ",".join(value))
        else:
            text = str(value.resolve() if isinstance(value, Path) else value)
            yield from (f"--{field.name}", text)


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
