"""One kept-alive HTTP connection that asks for small answers, one after another.

A general client spends four times as long on a request as these answers take to make, and with
many in flight that is what bounds the load; so this is the little of HTTP/1.1 that is needed.
"""

import asyncio
import ssl
from urllib.parse import urlsplit

import httptools

AGENT = "warehouse"


class LinkError(Exception):
    """No whole answer came; the message says why. Worth another try."""


class Link:
    """A connection to the API, made when it is first needed and again when it was lost.

    Args:
        base_url: the API; a path in it goes before each request's.
        timeout: seconds for a whole answer, the connection included.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        parts = urlsplit(base_url)
        self._host = parts.hostname or ""
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        self._path = parts.path.rstrip("/")
        self._head = (
            f"Host: {parts.netloc.rpartition('@')[2]}\r\nUser-Agent: {AGENT}\r\n"
            "Accept: application/json\r\nAccept-Encoding: identity\r\n\r\n"
        )
        self._timeout = timeout
        self._exchange: _Exchange | None = None

    async def get(self, target: str) -> tuple[int, bytes]:
        """Return the status and body of an answer.

        Args:
            target: path and query, encoded.

        Raises:
            LinkError: no connection, no answer in time, or one that broke off or is no HTTP.
        """
        request = f"GET {self._path}{target} HTTP/1.1\r\n{self._head}".encode("latin-1")
        try:
            async with asyncio.timeout(self._timeout):
                exchange = self._exchange
                if exchange is None or exchange.is_over:
                    exchange = self._exchange = await self._connect()
                return await exchange.ask(request)
        except TimeoutError:
            self.close()
            reason = f"no whole answer in {self._timeout:g} s"
            raise LinkError(reason) from None
        except (OSError, httptools.HttpParserError) as error:
            self.close()
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            raise LinkError(reason) from error

    def close(self) -> None:
        """Drop the connection."""
        if self._exchange is not None:
            self._exchange.drop()
            self._exchange = None

    async def _connect(self) -> "_Exchange":
        loop = asyncio.get_running_loop()
        _, exchange = await loop.create_connection(
            lambda: _Exchange(loop), self._host, self._port, ssl=self._tls
        )
        return exchange


class _Exchange(asyncio.Protocol):
    """Questions and answers over one connection, one at a time."""

    _transport: asyncio.Transport

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._is_measured = self._ends_with_connection = False
        self.is_over = False

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        self._answer = self._loop.create_future()
        self._transport.write(request)
        return self._answer

    def drop(self) -> None:
        self.is_over = True
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream's is
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None and self._ends_with_connection:
            self.on_message_complete()
        self._fail(exc or ConnectionResetError("the connection was cut"))

    def on_message_begin(self) -> None:
        self._body = []
        self._is_measured = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() in {b"content-length", b"transfer-encoding"}:
            self._is_measured = True

    def on_headers_complete(self) -> None:
        # As old servers do: the answer ends where the connection does.
        self._ends_with_connection = not self._is_measured

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._ends_with_connection = False
        if not self._parser.should_keep_alive():
            self.is_over = True
            self._transport.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), b"".join(self._body)))

    def _fail(self, error: Exception) -> None:
        self.is_over = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
