"""Serving a simulator on loopback: one ready line, and an end with its parent."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uvicorn

DEFAULT_ROWS = 260_000
DEFAULT_SEED = 42
DEFAULT_TOKENS = ("demo-token",)
SOURCES = ("chicago-crime",)
READY = "ready: "
_SECONDS_TO_END = 5


def serve(
    source: str,
    *,
    port: int = 0,
    data: Path | None = None,
    rows: int = DEFAULT_ROWS,
    seed: int = DEFAULT_SEED,
    app_tokens: Sequence[str] = DEFAULT_TOKENS,
    exit_with_stdin: bool = False,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve a simulated source until interrupted.

    Args:
        source: one of `SOURCES`.
        port: on 127.0.0.1; 0 takes a free one.
        data: a file whose rows are served; None makes rows.
        rows: how many rows to make.
        seed: decides every made value.
        app_tokens: the tokens that are accepted.
        exit_with_stdin: end when standard input ends, as it does when the parent dies.
        ready: called with the base URL when it listens; by default one line on standard output.

    Raises:
        WarehouseError: the source is unknown, the file cannot be served, or the port is taken.
    """
    _check(source)
    _end_orderly_on_sigterm()
    if exit_with_stdin:
        threading.Thread(target=_exit_at_end_of_stdin, daemon=True).start()
    # Imported here: DuckDB, Arrow and the web framework are not needed to print a usage line.
    from ingestion.simulators.chicago_crime.portal import portal  # noqa: PLC0415

    with _listen(port) as listener, portal(data, rows, seed, app_tokens) as app:
        _server(app, listener, ready or _say_ready).run([listener])


@contextmanager
def serving(
    source: str,
    *,
    data: Path | None = None,
    rows: int = DEFAULT_ROWS,
    seed: int = DEFAULT_SEED,
    app_tokens: Sequence[str] = DEFAULT_TOKENS,
) -> Iterator[str]:
    """Serve a source from a thread of this process and yield its base URL; for tests.

    Arguments and errors are those of `serve`.
    """
    from ingestion.simulators.chicago_crime.portal import portal  # noqa: PLC0415

    _check(source)
    urls: Queue[str] = Queue()
    with _listen(0) as listener, portal(data, rows, seed, app_tokens) as app:
        server = _server(app, listener, urls.put)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield urls.get(timeout=30)
        finally:
            server.should_exit = True
            thread.join(10)


def _check(source: str) -> None:
    from ingestion.errors import WarehouseError  # noqa: PLC0415

    if source not in SOURCES:
        message = f"no simulator of {source}; there is {', '.join(SOURCES)}"
        raise WarehouseError(message)


def _listen(port: int) -> socket.socket:
    from ingestion.errors import WarehouseError  # noqa: PLC0415

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        message = f"port {port} cannot be used ({error}); choose another or 0 for a free one"
        raise WarehouseError(message) from None
    return listener


def _server(app: object, listener: socket.socket, ready: Callable[[str], None]) -> "uvicorn.Server":
    import uvicorn  # noqa: PLC0415

    class Server(uvicorn.Server):
        """Says where it listens once it does."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(f"http://127.0.0.1:{listener.getsockname()[1]}")

    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        access_log=False,
        # A connection cut on purpose is no error worth a line.
        log_level="critical",
        lifespan="off",
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=1 << 20,
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
