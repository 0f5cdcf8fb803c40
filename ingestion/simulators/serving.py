"""Running a simulator on this machine: one ready line, and an end with its parent."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Unpack

from ingestion.simulators.simulator import Choices, Options, find_simulator

READY = "ready: "
_SECONDS_TO_END = 5


def serve(
    source: str,
    *,
    port: int = 0,
    exit_with_stdin: bool = False,
    ready: Callable[[str], None] | None = None,
    **choices: Unpack[Choices],
) -> None:
    """Run a simulated source until a signal comes.

    Args:
        source: the name of one with a simulator.
        port: on 127.0.0.1; 0 takes a free one. Databases have none.
        exit_with_stdin: end when standard input ends, as it does when the parent dies.
        ready: called with the address once there is something to load: a base URL, or the JSON of
            the databases; by default one line on standard output.
        choices: the fields of `Options`.

    Raises:
        WarehouseError: the source is unknown, does not take an option, its file cannot be served,
            the port is taken, or the database server refuses.
    """
    options = Options(**choices)
    simulator = find_simulator(source, options)
    if exit_with_stdin:
        threading.Thread(target=_exit_at_end_of_stdin, daemon=True).start()
    with simulator.open(options, port) as service:
        service.run(ready or _say_ready)


@contextmanager
def serving(source: str, **choices: Unpack[Choices]) -> Iterator[str]:
    """Run a source in a thread of this process and yield its address; for tests.

    Arguments and errors are those of `serve`.
    """
    options = Options(**choices)
    simulator = find_simulator(source, options)
    addresses: Queue[str] = Queue()
    with simulator.open(options, 0) as service:
        thread = threading.Thread(target=service.run, args=(addresses.put,), daemon=True)
        thread.start()
        try:
            yield addresses.get(timeout=30)
        finally:
            service.stop()
            thread.join(10)


def _say_ready(url: str) -> None:
    sys.stdout.write(f"{READY}{url}\n")
    sys.stdout.flush()


def _exit_at_end_of_stdin() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    # The parent process has ended. Ending in order removes the temporary file; if that hangs, end.
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_SECONDS_TO_END)
    os._exit(1)
