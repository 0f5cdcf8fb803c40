"""Middleware: limits, headers, the access log, and cached answers.

Plain ASGI, since it runs for every request.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reports.api.data.builds import Builds
from reports.api.data.etag import is_current
from reports.api.errors import RefusedError
from reports.api.web.docs import STYLE
from reports.api.web.metrics import Metrics

MAX_BODY_BYTES = 1024  # no route accepts a body
LOGGED_PARAMETERS = {"countries", "by", "hours", "limit", "format", "count"}
LOGGED_CHARACTERS = 200
YEAR = 31_536_000

Log = Callable[[Mapping[str, Any]], None]


def security_headers(*, tls: bool) -> list[tuple[bytes, bytes]]:
    """Headers of every response: data and one page without scripts, never in a frame."""
    style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    headers = {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{style}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    }
    if tls:
        headers["strict-transport-security"] = f"max-age={YEAR}"
    return [(name.encode(), value.encode()) for name, value in headers.items()]


class RequestLimits:
    """Limits requests, adds headers to responses, and logs both.

    Args:
        app: answers.
        tls: whether it is served over TLS.
        max_url_bytes: longest path and query string, in bytes.
        metrics: counts requests.
        log: takes a line for each request; None for no log.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        tls: bool,
        max_url_bytes: int,
        metrics: Metrics,
        log: Log | None = None,
    ) -> None:
        self._app = app
        self._headers = security_headers(tls=tls)
        self._max_url_bytes = max_url_bytes
        self._metrics = metrics
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status, size = 500, 0
        is_head = scope["method"] == "HEAD"
        asked = {**scope, "method": "GET"} if is_head else scope

        async def complete(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = _weakened(message.get("headers", ()))
                message = {**message, "headers": [*headers, *self._headers]}
            elif is_head:
                message = {**message, "body": b""}
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            refusal = self._refusal(scope)
            if refusal:
                await problem(complete, *refusal)
            else:
                await self._app(asked, receive, complete)
        finally:
            seconds = time.perf_counter() - began
            self._metrics.count(asked, status, seconds)
            if self._log is not None:
                self._log(entry(scope, status, size, seconds))

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        length = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
        if length > self._max_url_bytes:
            return 414, f"the address has {length} bytes: use at most {self._max_url_bytes}"
        for name, value in scope["headers"]:
            if name == b"transfer-encoding" or (
                name == b"content-length" and _number(value) > MAX_BODY_BYTES
            ):
                return 413, "no route accepts a body: send none"
        return None


class ResponseCache:
    """Answers cached charts, without parsing the request.

    Args:
        app: answers everything else.
        builds: have the cached answers.
    """

    def __init__(self, app: ASGIApp, builds: Builds) -> None:
        self._app = app
        self._builds = builds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        answer = None
        if scope["type"] == "http" and scope["method"] == "GET":
            try:
                build = self._builds.current()
            except RefusedError:
                pass
            else:
                answer = build.requests.get((scope["path"], scope["query_string"]))
        if answer is None:
            await self._app(scope, receive, send)
            return
        tags = [value for name, value in scope["headers"] if name == b"if-none-match"]
        fresh = bool(tags) and is_current(b",".join(tags).decode("latin-1"), answer.etag)
        status, headers = (304, answer.not_modified) if fresh else (200, answer.headers)
        # A copy: what compresses the body changes its headers.
        await send({"type": "http.response.start", "status": status, "headers": [*headers]})
        await send({"type": "http.response.body", "body": b"" if fresh else answer.body})


async def problem(send: Send, status: int, detail: str) -> None:
    """Send a problem and close the connection, whose request may not have been read."""
    body = json.dumps({"detail": detail}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def entry(scope: Scope, status: int, size: int, seconds: float) -> dict[str, Any]:
    """The line of a request in the access log.

    Of the query string only the values of known parameters: others may contain anything.
    """
    line: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "client": scope["client"][0] if scope.get("client") else None,
        "method": scope["method"],
        "path": scope["path"][:LOGGED_CHARACTERS],
        "status": status,
        "bytes": size,
        "ms": round(seconds * 1000, 2),
    }
    if scope["query_string"]:
        parameters = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        known = [(name, value) for name, value in parameters if name in LOGGED_PARAMETERS]
        line |= {name: value[:LOGGED_CHARACTERS] for name, value in known}
        if others := len(parameters) - len(known):
            line["other_parameters"] = others
    return line


def _weakened(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers whose entity tag is weak if the body is compressed: other bytes, the same answer."""
    headers = list(headers)
    if not any(name == b"content-encoding" for name, _ in headers):
        return headers
    return [(name, b"W/" + value if name == b"etag" else value) for name, value in headers]


def _number(value: bytes) -> int:
    return int(value) if value.isdigit() else 0
