"""Serving a simulator on loopback: one ready line, and an end with its parent."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from typing import TYPE_CHECKING, Unpack

from ingestion.errors import WarehouseError
from ingestion.simulators.sources import Choices, Options, simulator_of

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

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
    """Serve a simulated source until interrupted.

    Args:
        source: one of `SOURCES`.
        port: on 127.0.0.1; 0 takes a free one.
        exit_with_stdin: end when standard input ends, as it does when the parent dies.
        ready: called with the base URL when it listens; by default one line on standard output.
        choices: the fields of `Options`.

    Raises:
        WarehouseError: the source is unknown, does not take an option, its file cannot be served,
            or the port is taken.
    """
    options = Options(**choices)
    simulator = simulator_of(source, options)
    _end_orderly_on_sigterm()
    if exit_with_stdin:
        threading.Thread(target=_exit_at_end_of_stdin, daemon=True).start()
    with _listen(port) as listener, simulator.application(options) as app:
        _server(app, listener, ready or _say_ready).run([listener])


@contextmanager
def serving(source: str, **choices: Unpack[Choices]) -> Iterator[str]:
    """Serve a source from a thread of this process and yield its base URL; for tests.

    Arguments and errors are those of `serve`.
    """
    options = Options(**choices)
    simulator = simulator_of(source, options)
    urls: Queue[str] = Queue()
    with _listen(0) as listener, simulator.application(options) as app:
        server = _server(app, listener, urls.put)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield urls.get(timeout=30)
        finally:
            server.should_exit = True
            thread.join(10)


def _listen(port: int) -> socket.socket:
    # Named TCP, or asyncio does not see that it is, and small answers wait 40 ms for an echo.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        message = f"port {port} cannot be used ({error}); choose another or 0 for a free one"
        raise WarehouseError(message) from None
    return listener


def _server(
    app: "ASGIApp", listener: socket.socket, ready: Callable[[str], None]
) -> "uvicorn.Server":
    import uvicorn  # noqa: PLC0415

    class Server(uvicorn.Server):
        """Says where it listens once it does."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(f"http://127.0.0.1:{listener.getsockname()[1]}")

    config = uvicorn.Config(
        app,
        http="httptools",
        access_log=False,
        # A connection cut on purpose is no error worth a line.
        log_level="critical",
        lifespan="off",
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
    return Server(config)


def _say_ready(url: str) -> None:
    sys.stdout.write(f"{READY}{url}\n")
    sys.stdout.flush()


def _exit_at_end_of_stdin() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    # Whoever asked for us is gone. Ending in order removes the temporary file; if that hangs, end.
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_SECONDS_TO_END)
    os._exit(1)


def _end_orderly_on_sigterm() -> None:
    """Leave by an exception, so that what was opened is closed; the server passes signals on."""

    def leave(_signal: int, _frame: object) -> None:
        sys.exit(0)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)
