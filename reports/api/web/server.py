"""Serve the API: socket, TLS, signals, and limits on what a connection may send."""

import asyncio
import ipaddress
import json
import logging
import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from reports.api.errors import ServeError
from reports.api.settings import Settings
from reports.api.web.app import create_app
from reports.api.web.middleware import Log

GRACE_SECONDS = 5
KEEP_ALIVE_SECONDS = 60
HEAD_SECONDS = 10.0
HEAD_BYTES = 65_536
CONNECTIONS = 1_000
BACKLOG = 512
logger = logging.getLogger(__name__)


def serve(
    data_dir: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    certfile: Path | None = None,
    keyfile: Path | None = None,
    insecure: bool | None = None,
    cors_origins: Iterable[str] | None = None,
    env: Mapping[str, str] = os.environ,
    ready: Callable[[str], None] | None = None,
    access_log: TextIO = sys.stdout,
) -> None:
    """Serve what is published until SIGTERM or SIGINT; current requests are answered first.

    The signal is raised again at the end, for the handler that the process has.

    Args:
        data_dir: contains `published`, now or later.
        host: address to listen on.
        port: 0 takes a free one.
        certfile: PEM; with `keyfile`, serves HTTPS.
        keyfile: PEM.
        insecure: whether other machines may be let in without TLS.
        cors_origins: origins whose pages may read.
        env: WAREHOUSE_API_*, for options not given.
        ready: called with the base URL once it listens.
        access_log: gets a line of JSON for each request.

    Raises:
        ServeError: a setting is wrong, the certificate cannot be used, the port is taken, other
            machines would be let in without TLS.
    """
    given: dict[str, Any] = {"host": host, "port": port, "certfile": certfile, "keyfile": keyfile}
    given["insecure"] = insecure
    if cors_origins is not None:
        given["cors_origins"] = tuple(cors_origins)
    settings = Settings.from_env(env, **given)
    with listening(settings) as listener:
        make_server(data_dir, settings, listener, ready=ready, access_log=access_log).run(
            [listener]
        )


def make_server(
    data_dir: Path,
    settings: Settings,
    listener: socket.socket,
    *,
    ready: Callable[[str], None] | None = None,
    access_log: TextIO | None = None,
) -> "ApiServer":
    """The server of a data folder, to be run on a bound socket.

    Raises:
        ServeError: the certificate cannot be used.
    """
    log = _writer(access_log) if access_log and settings.access_log else None
    closing = asyncio.Event()
    app = create_app(data_dir / "published", settings, log=log, closing=closing)
    config = uvicorn.Config(
        app,
        http=LimitedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=settings.certfile,
        ssl_keyfile=str(settings.keyfile) if settings.keyfile else None,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        msg = f"{settings.certfile} and {settings.keyfile} cannot be used for TLS: {error}"
        raise ServeError(msg) from None
    return ApiServer(config, _address(listener, tls=config.is_ssl), ready, closing)


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Yield a bound socket.

    Raises:
        ServeError: the address is unknown or taken, or lets other machines in without TLS.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        # TCP is explicit: otherwise asyncio does not set TCP_NODELAY, and small responses wait.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        msg = f"cannot listen on {settings.host}: {error.strerror}; choose another --host"
        raise ServeError(msg) from None
    with listener:
        _require_protection(settings, str(address[0]))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            msg = (
                f"port {settings.port} of {settings.host} cannot be used ({error.strerror}): "
                "choose another with --port, or 0 for a free one"
            )
            raise ServeError(msg) from None
        yield listener


def _require_protection(settings: Settings, address: str) -> None:
    """Refuse to let other machines in without TLS, unless that was asked for."""
    if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return
    if settings.certfile is None and not settings.insecure:
        msg = (
            f"{settings.host} lets other machines in, without TLS: give --certfile and --keyfile, "
            "or --insecure where what passes requests on to it does TLS"
        )
        raise ServeError(msg)


class LimitedProtocol(HttpToolsProtocol):
    """Closes a connection whose request head is too large or too slow."""

    _head_bytes = 0
    _head_timer: Any = None

    def connection_made(self, transport: Any) -> None:
        """Start the timer for the first head."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timer."""
        self._head_timer.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Start to count, and the timer for the head."""
        self._head_bytes = 0
        self._head_timer.cancel()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count the bytes."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count the bytes."""
        super().on_header(name, value)
        self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._head_timer.cancel()
        super().on_headers_complete()

    def _count(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES:
            self.transport.abort()


class ApiServer(uvicorn.Server):
    """Reports its URL once it listens, and ends streams when it stops.

    Args:
        config: of the server.
        url: its base URL.
        ready: gets the URL; it is logged otherwise.
        closing: set when the server stops.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        url: str,
        ready: Callable[[str], None] | None,
        closing: asyncio.Event,
    ) -> None:
        super().__init__(config)
        self.url = url
        self._ready = ready or (lambda url: logger.info("listening on %s", url))
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then report the URL."""
        await super().startup(sockets)
        self._ready(self.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams, which would not end by themselves, then answer what is left."""
        self._closing.set()
        await super().shutdown(sockets)


def _writer(stream: TextIO) -> Log:
    def write(line: Mapping[str, Any]) -> None:
        stream.write(json.dumps(line) + "\n")
        stream.flush()

    return write


def _address(listener: socket.socket, *, tls: bool) -> str:
    host, port = listener.getsockname()[:2]
    return f"http{'s' * tls}://{f'[{host}]' if ':' in host else host}:{port}"
