"""Run a command of `warehouse` in a step of Dagster, and give what it reported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dagster as dg
from dagster import DagsterExecutionInterruptedError

from dbt_project.files import read_json
from dbt_project.orchestration.reporting import ANSWER, PARENT

# Seconds that a run waits for another command that works on the data folder, and that a command
# which is asked to end may take.
MAX_WAIT, SECONDS_TO_END = 7_200, 15
TRIES_AGAIN = dg.RetryPolicy(max_retries=2, delay=30, backoff=dg.Backoff.EXPONENTIAL)


@dataclass(frozen=True)
class Outcome:
    """How a command ended.

    Attributes:
        record: what the run reported (see `reporting.describe`); empty where none began.
        error: the line that says why it failed; None where it succeeded.
    """

    record: Mapping[str, Any]
    error: str | None

    @property
    def is_final(self) -> bool:
        """Whether trying again would fail likewise: a model or a test failed."""
        return bool((self.record.get("audit") or {}).get("failures"))

    def require_success(self) -> None:
        """Fail the step if the command failed.

        Raises:
            dg.Failure: it did.
        """
        if self.error is not None:
            raise dg.Failure(self.error, allow_retries=not self.is_final)


def run_command(context: Any, arguments: Sequence[str]) -> Outcome:
    """Run `warehouse` with these arguments, in a process of its own that ends with this one.

    What it prints is in the step's output.

    Args:
        context: of the step.
        arguments: of the command line.
    """
    context.log.info(f"warehouse {' '.join(arguments)}")
    last = ""
    with TemporaryDirectory(dir=os.environ["DAGSTER_HOME"]) as folder:
        answer = Path(folder, "run.json")
        process = subprocess.Popen(  # noqa: S603 - no shell, and no user input
            [sys.executable, "-m", "dbt_project", *arguments],
            env={**os.environ, ANSWER: str(answer), PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        try:
            for line in _lines(process):
                last = line.strip() or last
            process.wait()
        except DagsterExecutionInterruptedError:
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS_TO_END)
            raise
        record = read_json(answer) or {}
    for note in record.get("notes", ()):
        context.log.info(note)
    return Outcome(record, _error(process.returncode, record, last))


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """The lines of the command's errors, which go to those of the step."""
    if process.stderr:
        for line in process.stderr:
            sys.stderr.write(line)
            yield line


def _error(code: int, record: Mapping[str, Any], last: str) -> str | None:
    if code == 0:
        return None
    if code < 0:
        return f"the command was ended by {signal.Signals(-code).name}"
    return record.get("error") or last.removeprefix("warehouse: ") or f"exit code {code}"
