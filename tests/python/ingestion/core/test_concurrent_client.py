"""The client that requests readings one by one, against servers that behave differently."""

import os
import shutil
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ingestion.core.fetching import concurrent_client
from ingestion.core.fetching.concurrent_client import ConcurrentFetcher, FailedRequest
from ingestion.core.fetching.http import TransientError

MEASURED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SILENCE = b"-"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try once, with no proxy, whatever the developer's environment says."""
    monkeypatch.setattr(concurrent_client, "WAITS", ())
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Server:
    """Gives each request the answer that a function of its head returns."""

    def __init__(self, answer: Callable[[bytes], bytes], context: ssl.SSLContext | None) -> None:
        self.heads: list[bytes] = []
        self.connections = 0
        self.stop = threading.Event()
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                server.connections += 1
                with suppress(OSError):
                    wire = (
                        context.wrap_socket(self.request, server_side=True)
                        if context
                        else self.request
                    )
                    while head := wire.recv(4096):
                        server.heads.append(head)
                        given = answer(head)
                        if given == SILENCE:
                            server.stop.wait(5)
                            return
                        wire.sendall(given)
                        if not any(word in given for word in (b"Content-Length", b"chunked")):
                            return
                        if b"close" in given:
                            return

        self.tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.tcp.daemon_threads = True
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.tcp.server_address[1]}"


@contextmanager
def serving(
    answer: Callable[[bytes], bytes], context: ssl.SSLContext | None = None
) -> Iterator[Server]:
    server = Server(answer, context)
    thread = threading.Thread(target=server.tcp.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        server.tcp.shutdown()
        thread.join()
        server.tcp.server_close()


def whole(status: int, body: bytes) -> tuple[int, bytes]:
    if status == 503:
        raise TransientError("503 busy")
    return status, body


Answer = tuple[int, bytes] | FailedRequest


def ask(
    url: str, targets: Iterable[str] = ("/?hour=1",), *, connections: int = 1, timeout: float = 5
) -> list[tuple[int, Answer]]:
    with ConcurrentFetcher(url, whole, timeout=timeout, connections=connections) as fetcher:
        return list(fetcher.fetch(targets))


def why_not(url: str, timeout: float = 5) -> str:
    ((_, answer),) = ask(url, timeout=timeout)
    assert isinstance(answer, FailedRequest)
    return answer.reason


def test_one_connection_serves_many_requests() -> None:
    with serving(lambda head: MEASURED) as server:
        got = ask(f"{server.url}/api", ["/?hour=1"] * 3)
    assert got == [(n, (200, b"42")) for n in range(3)]
    assert server.connections == 1
    assert server.heads[0].startswith(b"GET /api/?hour=1 HTTP/1.1\r\nHost: 127.0.0.1:")


def test_no_more_connections_than_allowed_and_every_answer_in_its_place() -> None:
    def answer(head: bytes) -> bytes:
        n = head.split()[1].rpartition(b"=")[2]
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(n), n)

    with serving(answer) as server:
        got = ask(server.url, (f"/?n={n}" for n in range(300)), connections=4)
    assert sorted(got) == [(n, (200, str(n).encode())) for n in range(300)]
    assert server.connections <= 4


@pytest.mark.parametrize(
    "answer",
    [
        CHUNKED + b"1\r\n4\r\n1\r\n2\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n42",
        b"HTTP/1.0 200 OK\r\n\r\n42",
    ],
)
def test_an_answer_ends_as_its_server_says(answer: bytes) -> None:
    with serving(lambda head: answer) as server:
        assert ask(server.url, ["/", "/"]) == [(0, (200, b"42")), (1, (200, b"42"))]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "Empty reply from server"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n42", "missing"),
        (b"SSH-2.0-x\r\n", "HTTP/0.9"),
        (SILENCE, "no whole answer in 0.3 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n", "an answer of more than 64 KiB"),
        (CHUNKED + b"11170\r\n" + b"4" * 70_000, "an answer of more than 64 KiB"),
    ],
)
def test_an_incomplete_or_missing_answer_gives_one_line(answer: bytes, why: str) -> None:
    with serving(lambda head: answer) as server:
        reason = why_not(server.url, timeout=0.3)
    assert why in reason
    assert "\n" not in reason


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    with serving(lambda head: moved) as server:
        assert ask(server.url) == [(0, (302, b""))]
    assert len(server.heads) == 1


def test_a_failed_request_is_retried_while_the_others_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(concurrent_client, "WAITS", (0.2, 0.2))
    fails = iter([True, True])

    def answer(head: bytes) -> bytes:
        if b"n=0 " in head and next(fails, False):
            return b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
        return MEASURED

    with serving(answer) as server:
        got = ask(server.url, [f"/?n={n}" for n in range(20)])
    assert [n for n, _ in got] == [*range(1, 20), 0]
    assert got[-1] == (0, (200, b"42"))


def test_a_request_that_keeps_failing_is_given_up_after_the_allowed_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(concurrent_client, "WAITS", (0.01, 0.01, 0.01))
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    with serving(lambda head: busy) as server:
        assert ask(server.url) == [(0, FailedRequest("/?hour=1", "503 busy"))]
    assert len(server.heads) == 4


def test_an_abandoned_fetch_leaves_the_client_as_new() -> None:
    with (
        serving(lambda head: MEASURED) as server,
        ConcurrentFetcher(server.url, whole, timeout=5, connections=4) as fetcher,
    ):
        next(fetcher.fetch(["/"] * 40))
        assert len(list(fetcher.fetch(["/"] * 40))) == 40


def test_an_unreachable_server_is_reported_without_the_secrets_of_its_address() -> None:
    reason = why_not("http://someone:secret@127.0.0.1:9")
    assert "127.0.0.1" in reason
    assert "secret" not in reason


def test_proxies_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda head: MEASURED) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert ask("http://sensors.invalid") == [(0, (200, b"42"))]
        assert proxy.heads[0].startswith(b"GET http://sensors.invalid/?hour=1 ")
        monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
        with serving(lambda head: MEASURED) as server:
            ask(server.url)
        assert (len(proxy.heads), len(server.heads)) == (1, 1)


@pytest.mark.parametrize(
    ("proxy", "why"),
    [
        ("foo://a:secret@127.0.0.1", "the proxy of http_proxy cannot be used"),
        ("http://a:secret@127.0.0.1:port", "the proxy of http_proxy cannot be used"),
        ("http://a:secret@127.0.0.1:9", "127.0.0.1"),
        ("http://a:secret@nobody.invalid:9", "nobody.invalid"),
    ],
)
def test_a_proxy_that_cannot_be_used_keeps_its_password(
    proxy: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    reason = why_not("http://sensors.invalid")
    assert why in reason
    assert "secret" not in reason


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_server_whose_certificate_is_not_trusted_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    making = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test"
    command = [*making.split(), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [*command, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
        env=dict(os.environ),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serving(lambda head: MEASURED, context) as server:
        assert "certificate" in why_not(server.url)
        assert server.heads == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert ask(server.url) == [(0, (200, b"42"))]


@pytest.mark.parametrize("url", ["http://münchen.invalid", "http://127.0.0.1:port"])
def test_an_invalid_address_gives_one_line(url: str) -> None:
    assert "\n" not in why_not(url)
