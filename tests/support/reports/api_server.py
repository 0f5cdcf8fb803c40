"""The API over real HTTP, from a thread of the test's process."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import httpx

from reports.api.settings import Settings
from reports.api.web.server import listening, make_server


@contextmanager
def serving(data: Path, log: StringIO | None = None, **settings: Any) -> Iterator[str]:
    """Serve a data folder and yield the base URL."""
    chosen = Settings(port=0, **settings)
    started = threading.Event()
    with listening(chosen) as listener:
        server = make_server(data, chosen, listener, ready=lambda _: started.set(), access_log=log)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        assert started.wait(30)
        try:
            yield server.url
        finally:
            server.should_exit = True
            thread.join(15)
            assert not thread.is_alive()


@contextmanager
def client_of(data: Path, **settings: Any) -> Iterator[httpx.Client]:
    """Serve a data folder and yield a client of it."""
    with serving(data, **settings) as url, httpx.Client(base_url=url, timeout=20) as client:
        yield client


def until(is_so: Callable[[], bool], seconds: float) -> None:
    """Wait for something, at most so long."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, f"not so after {seconds} s"
        time.sleep(0.02)


def raw_answer(url: str, request: bytes) -> bytes:
    """Send bytes as they are, and read until the server ends the connection."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request)
        return read_to_the_end(connection)


def read_to_the_end(connection: socket.socket) -> bytes:
    """All that comes until the server ends the connection, which is then closed."""
    with connection:
        found = b""
        while part := connection.recv(65_536):
            found += part
    return found
