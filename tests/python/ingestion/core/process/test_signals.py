"""A signal ends a process in order; one that does not end is ended all the same."""

import signal
import subprocess
import sys

import pytest

from dbt_project.paths import ROOT

BEGIN = """
import threading
from ingestion.core.process import signals
signals.PATIENCE, signals.MAX_SECONDS = 1, 2
signals.stop_on_signals()
"""
# As where a library waits for a lock that nobody frees any more.
STUCK = """
lock = threading.Lock()
lock.acquire()
try:
    print("ready", flush=True)
    lock.acquire()
except signals.Stopped:
    lock.acquire()
"""
WHOLE = """
with signals.uninterrupted():
    print("ready", flush=True)
    threading.Event().wait(0.5)
    print("whole", flush=True)
try:
    signals.raise_if_stopped()
except signals.Stopped:
    raise SystemExit(signals.exit_code())
"""


def ended(program: str, number: int) -> tuple[int, str, str]:
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN + program],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
        return process.returncode, output, errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_stuck_ends_with_the_code_of_its_signal(number: int) -> None:
    message = f"warehouse: stopped by {signal.Signals(number).name}; run it again to go on\n"
    assert ended(STUCK, number) == (128 + number, "", message)


def test_what_cannot_be_left_halfway_ends_first() -> None:
    assert ended(WHOLE, signal.SIGINT) == (128 + signal.SIGINT, "whole\n", "")
