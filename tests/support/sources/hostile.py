"""A hostile source: a real HTTP server, what is done to its answers, and what is requested.

Each input that is tried is counted; the number is printed at the end of the tests.
"""

import csv
import io
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import settings
from hypothesis import strategies as st

from ingestion.core.errors import LoadError
from tests.support.fuzzing.drafts import LINE_ENDS

HTML = b'<!DOCTYPE html>\n<html><body><h1>We are down, "for now".</h1></body></html>\n'
Header = Sequence[str]
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """What is served; `cut` breaks the connection after so many bytes of the body."""

    body: bytes
    kind: str = "text/csv; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


@contextmanager
def hostile_server(answer: Callable[[str], Answer]) -> Iterator[str]:
    """Serve what `answer` says to each path and query, still encoded; yields the base URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_GET(self) -> None:
            given = answer(self.path)
            self.send_response(given.status)
            if given.kind:
                self.send_header("Content-Type", given.kind)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            self.wfile.write(given.body if given.cut is None else given.body[: given.cut])
            self.wfile.flush()
            self.close_connection = given.cut is not None

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing about clients that disconnected."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def one_in(share: int) -> settings:
    """Of dear examples a part of what the profile asks for."""
    return settings(max_examples=max(2, settings().max_examples // share))


def ends_in_one_line(error: LoadError) -> None:
    """The message is one line that says what to do, and no other error's words alone."""
    text = str(error)
    assert "\n" not in text and "\r" not in text, text
    assert len(text) < 1_000, text
    words = ("load again", "fix", "needs an update", "check", "leave", "give", "see", "move")
    assert any(word in text for word in words), text


def csv_of(header: Header, rows: Rows) -> bytes:
    """Return rows as CSV, as servers write it."""
    out = io.StringIO()
    # All in quotes: Python's own choice leaves a lone carriage return without.
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def read_back(body: bytes) -> tuple[list[str], list[list[str]]]:
    """Read CSV with Python's own reader: the header, and the rows."""
    csv.field_size_limit(100_000_000)
    # Two byte order marks are not text, just as one is not.
    text = body.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xef\xbb\xbf").decode()
    header, *rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    return header, rows


def rows_in(file: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask a raw database; none where it was not made."""
    if not file.is_file():
        return []
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


# Cells that numbers, times and texts are not supposed to be.
ODD = (
    *("NaN", "Infinity", "-Infinity", "1e30", "1" + "0" * 30, "-7", "-1", "-2", "007", "2.0"),
    *(
        "1.5",
        "true",
        "null",
        "NULL",
        "NA",
        "\x00",
        "a\x00b",
        "x\ny",
        'say "no"',
        ",",
        "'",
        "'' or 1",
    ),
    *("2023-01-01", "01/02/2023", "2023-01-01T00:00:00", "9999-12-31T23:00:00.000", "\r", " "),
    *("0000-00-00T00:00:00", "2023-02-30T10:00:00.000", "12023-01-01", "infinity", "-infinity"),
    *("\ufeff", "é", "\U0001f600", "\u2028", "x" * 300, "<html>", "1,5", "${jndi}", "=1+1"),
)
CELLS = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), max_size=6)


@dataclass(frozen=True)
class Served:
    """An answer of rows on its way out: mutations change one part or the other."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    body: bytes | None = None
    kind: str = "text/csv; charset=utf-8"
    cut: int | None = None

    def answer(self) -> Answer:
        body = csv_of(self.header, self.rows) if self.body is None else self.body
        return Answer(body, kind=self.kind, cut=self.cut)


Mutation = Callable[[Served], Served]


def _bytes(change: Callable[[bytes], bytes]) -> Mutation:
    return lambda served: replace(served, body=change(served.answer().body))


def _column(n: int, change: Callable[[list[str]], list[str]]) -> Mutation:
    """Change a column, header and all; `change` may give it another number of columns."""

    def mutated(served: Served) -> Served:
        if not served.header:
            return served
        at = n % len(served.header)
        lines = [served.header, *served.rows]
        new = [(*line[:at], *change([line[at]]), *line[at + 1 :]) for line in lines]
        return replace(served, header=new[0], rows=tuple(new[1:]))

    return mutated


def _renamed(n: int, name: str) -> Mutation:
    def mutated(served: Served) -> Served:
        at = n % max(1, len(served.header))
        return replace(served, header=(*served.header[:at], name, *served.header[at + 1 :]))

    return mutated


def _cell(row: int, column: int, text: str) -> Mutation:
    def mutated(served: Served) -> Served:
        if not served.rows or not served.header:
            return served
        at, place = row % len(served.rows), column % len(served.header)
        cells = served.rows[at]
        new = (*cells[:place], text, *cells[place + 1 :])
        return replace(served, rows=(*served.rows[:at], new, *served.rows[at + 1 :]))

    return mutated


def _added(name: str, text: str) -> Mutation:
    return lambda served: replace(
        served, header=(*served.header, name), rows=tuple((*row, text) for row in served.rows)
    )


NAMES = st.sampled_from(
    [
        "",
        "new",
        "ID",
        "a b",
        "x\ny",
        "_dlt_load_id",
        "VISITS",
        "é" * 70,
        "a__b",
        '"',
        "\x00",
        ":@region",
    ]
)
BODIES = st.sampled_from(
    [b"", b"\n", HTML, b"{}\n", b"\xff\xfe\n", b'"\n', b"\x00" * 50, b"a,b\n1\n"]
)
KINDS = st.sampled_from(
    ["", "text/html", "application/json", "text/csv", "text/csv; charset=latin-1"]
)
PLACES = st.integers(0, 1_000)
# What leaves the cells of those rows that it lets through as they were.
STRUCTURAL: st.SearchStrategy[Mutation] = st.one_of(
    PLACES.map(lambda n: _bytes(lambda body: body[: n % (len(body) + 1)])),
    PLACES.map(lambda n: lambda served: replace(served, cut=n)),
    PLACES.map(lambda n: _bytes(lambda body: body[: n % 97] + b"\xff\xfe" + body[n % 97 :])),
    st.just(_bytes(lambda body: b"\xef\xbb\xbf" + body)),
    BODIES.map(lambda body: _bytes(lambda _: body)),
    KINDS.map(lambda kind: lambda served: replace(served, kind=kind)),
    st.builds(_renamed, PLACES, NAMES),
    st.builds(_added, NAMES, CELLS),
    PLACES.map(lambda n: _column(n, lambda cells: [])),
    PLACES.map(lambda n: _column(n, lambda cells: cells * 2)),
    st.just(lambda served: replace(served, rows=served.rows[::-1])),
    st.just(lambda served: replace(served, rows=served.rows * 2)),
    st.just(lambda served: replace(served, rows=())),
    st.just(lambda served: replace(served, rows=served.rows[: len(served.rows) // 10])),
)
MUTATIONS: st.SearchStrategy[Mutation] = st.one_of(
    STRUCTURAL,
    st.builds(_cell, PLACES, PLACES, CELLS),
    st.just(_bytes(lambda body: body.replace(b"\n", b"\r\n"))),
)


def numbered_lines(body: bytes) -> dict[str, list[str | None]]:
    """The cells of the lines after the header that are not blank, by number; an empty one is None.

    A line is read by itself: no cell of a file has a line break.
    """
    csv.field_size_limit(100_000_000)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252")
    lines = enumerate(LINE_ENDS.split(text), start=1)
    kept = [(str(number), line) for number, line in lines if line.strip(", \t")]
    return {
        number: [cell or None for cell in next(csv.reader([line.replace("\0", "")]), [])]
        for number, line in kept[1:]
    }
