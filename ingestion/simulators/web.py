"""A simulated source that is a web server on loopback."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from ingestion.core.errors import WarehouseError
from ingestion.core.simulated import HEADER

if TYPE_CHECKING:
    from starlette.types import ASGIApp


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Take a port of 127.0.0.1, 0 for a free one, until the block ends.

    Raises:
        WarehouseError: the port is taken.
    """
    # Named TCP, or asyncio does not see that it is, and small answers wait 40 ms for an echo.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            message = f"port {port} cannot be used ({error}); choose another or 0 for a free one"
            raise WarehouseError(message) from None
        yield listener


class WebService:
    """Serves an application; its address is the base URL."""

    def __init__(self, app: "ASGIApp", listener: socket.socket) -> None:
        self._listener = listener
        self._url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(
            app,
            http="httptools",
            access_log=False,
            # A connection cut on purpose is not an error worth a line.
            log_level="critical",
            lifespan="off",
            headers=[(HEADER, "true")],
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)

    def run(self, ready: Callable[[str], None]) -> None:
        """Serve until stopped or interrupted."""
        self._server.started_at = lambda: ready(self._url)
        self._server.run([self._listener])

    def stop(self) -> None:
        """Make `run` return."""
        self._server.should_exit = True


class _Server(uvicorn.Server):
    """A server that says when it listens."""

    started_at: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.started_at()
