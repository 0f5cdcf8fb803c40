"""The connection that asks for readings one by one, against servers of many manners."""

import asyncio

import pytest

from ingestion.sources.store_sensors.link import Link, LinkError

MEASURED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42"


async def ask(answers: list[bytes], times: int = 1) -> tuple[list[tuple[int, bytes]], int, bytes]:
    """Ask a server that gives these answers, each ending the connection where it ends so."""
    waiting, connections, heard = iter(answers), 0, b""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections, heard
        connections += 1
        while head := await reader.read(4096):
            heard = head
            answer = next(waiting)
            writer.write(answer)
            await writer.drain()
            if b"Content-Length" not in answer and b"chunked" not in answer:
                break
            if b"close" in answer:
                break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    link = Link(f"http://127.0.0.1:{port}/api", timeout=2)
    try:
        got = [await link.get("/?hour=1") for _ in range(times)]
    finally:
        link.close()
        server.close()
    return got, connections, heard


def test_one_connection_serves_many_requests() -> None:
    got, connections, heard = asyncio.run(ask([MEASURED] * 3, times=3))
    assert got == [(200, b"42")] * 3
    assert connections == 1
    assert heard.startswith(b"GET /api/?hour=1 HTTP/1.1\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n4\r\n1\r\n2\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n42",
        b"HTTP/1.0 200 OK\r\n\r\n42",
    ],
)
def test_an_answer_ends_as_its_server_says(answer: bytes) -> None:
    got, _, _ = asyncio.run(ask([answer, MEASURED], times=2))
    assert got == [(200, b"42"), (200, b"42")]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "the connection was cut"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n42", "cut"),
        (b"SSH-2.0-x\r\n", "HttpParser"),
    ],
)
def test_an_answer_that_is_not_whole_is_an_error(answer: bytes, why: str) -> None:
    with pytest.raises(LinkError, match=why):
        asyncio.run(ask([answer]))


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    async def silent() -> None:
        hold = asyncio.Event()

        async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await hold.wait()

        server = await asyncio.start_server(hear, "127.0.0.1", 0)
        link = Link(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=0.2)
        try:
            await link.get("/")
        finally:
            hold.set()
            server.close()

    with pytest.raises(LinkError, match=r"no whole answer in 0\.2 s"):
        asyncio.run(silent())


def test_no_server_is_an_error() -> None:
    with pytest.raises(LinkError, match="ConnectionRefusedError"):
        asyncio.run(Link("http://127.0.0.1:9", timeout=2).get("/"))
