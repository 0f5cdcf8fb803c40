"""Ctrl-C, SIGTERM and SIGHUP end a command: it starts nothing else, and publishes nothing.

The first of them raises `Stopped` in the main thread. Libraries may turn that into an error of
theirs, or lose it: what begins a step asks `raise_if_stopped`.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# Seconds after which another signal ends the process at once, as a kill does; and after which it
# ends without one: a library may have lost `Stopped`, or a lock that it was taking just then.
PATIENCE, MAX_SECONDS = 5.0, 10
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """A signal asked the command to end."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number


class _Received:
    number: int | None = None
    at: float = 0.0
    is_uninterrupted: bool = False


_received = _Received()


def stop_on_signals() -> None:
    """Let the signals end the command; one that is ignored, as nohup does, stays ignored."""
    _received.number = None
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def end_at_once_on_signals() -> None:
    """Let a signal end the process where it stands: its work is done, or was not begun."""
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda number, _frame: os._exit(128 + number))


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let what cannot be left halfway, such as the start of a child process, end first.

    `Stopped` is not raised within; what comes next asks `raise_if_stopped`.
    """
    _received.is_uninterrupted = True
    try:
        yield
    finally:
        _received.is_uninterrupted = False


def raise_if_stopped() -> None:
    """End the command here if a signal came, whatever became of it.

    Raises:
        Stopped: one came.
    """
    if _received.number is not None:
        raise Stopped(_received.number)


def is_stopped() -> bool:
    """Whether a signal came."""
    return _received.number is not None


def exit_code() -> int | None:
    """Return the exit code of a command that a signal stopped; None where none came.

    As shells count it: 130 for Ctrl-C, 143 for SIGTERM.
    """
    return None if _received.number is None else 128 + _received.number


def _stop(number: int, _frame: object) -> None:
    if _received.number is None:
        _received.number, _received.at = number, time.monotonic()
        _silence_libraries()
        signal.signal(signal.SIGALRM, _end)
        signal.alarm(MAX_SECONDS)
        if _received.is_uninterrupted:
            return
        raise Stopped(number)
    # What the first one began is under way; only if it does not end, this one ends it.
    if time.monotonic() - _received.at > PATIENCE:
        _end()


def _silence_libraries() -> None:
    """Print nothing of what libraries say of being interrupted, with tracebacks."""
    logging.disable()
    sys.unraisablehook = lambda _: None
    threading.excepthook = lambda _: None


def _end(*_: object) -> None:
    """End as a kill does, which the next run survives; says so."""
    stopped = Stopped(_received.number or signal.SIGTERM)
    with suppress(OSError):
        os.write(2, f"warehouse: {stopped}; run it again to go on\n".encode())
    os._exit(128 + stopped.number)
