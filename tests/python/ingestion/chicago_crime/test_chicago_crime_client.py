"""The client: what is retried, what ends at once, and what must stay secret."""

import http.server
import logging
import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

from ingestion.core.errors import LoadError
from ingestion.sources.chicago_crime.datasets import CRIMES as CRIMES_DATASET
from ingestion.sources.chicago_crime.portal.client import SocrataClient, read_csv
from ingestion.sources.chicago_crime.portal.pages import Reader
from tests.python.ingestion.conftest import CRIMES, Portal, Raw

TOKEN = "token-that-nobody-may-see"


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(portal: Portal, waits: list[float]) -> Iterator[SocrataClient]:
    with SocrataClient(portal.url, timeout=0.5, sleep=waits.append) as client:
        yield client


def first_page(client: SocrataClient) -> pa.Table:
    return client.query(CRIMES, select="*,:id", order=":id", limit=50)


@pytest.mark.parametrize(
    "fault",
    [
        {"mode": "status", "status": 500},
        {"mode": "status", "status": 503},
        {"mode": "throttle", "seconds": 7},
        {"mode": "cut"},
        {"mode": "html"},
        {"mode": "timeout", "seconds": 2},
    ],
    ids=lambda fault: str(fault.get("status", fault["mode"])),
)
def test_a_transient_fault_is_retried(
    fault: dict[str, object], portal: Portal, client: SocrataClient, waits: list[float]
) -> None:
    expected = first_page(client)
    portal.control("fail", **fault, times=2)
    assert first_page(client).equals(expected)
    assert waits == ([7.0, 7.0] if fault["mode"] == "throttle" else [1.0, 2.0])


def test_a_permanent_fault_ends_the_load_in_one_line(
    portal: Portal, client: SocrataClient, waits: list[float]
) -> None:
    portal.control("fail", mode="status", status=502, times=10)
    with pytest.raises(LoadError, match=r"in 6 tries: HTTP 502; .*load again later") as raised:
        first_page(client)
    assert len(waits) == 5
    assert "\n" not in str(raised.value)


def test_an_unreachable_portal_ends_the_load_in_one_line(waits: list[float]) -> None:
    with (
        SocrataClient("http://127.0.0.1:9", sleep=waits.append) as client,
        pytest.raises(LoadError, match=r"127\.0\.0\.1:9 did not answer"),
    ):
        first_page(client)


def test_a_bad_query_ends_at_once_with_the_portals_words(
    client: SocrataClient, waits: list[float]
) -> None:
    with pytest.raises(LoadError, match=r"refused ijzp-q8t2 with 400 query\.\S+: .*bogus"):
        client.query(CRIMES, select="bogus", limit=1)
    assert waits == []


def test_a_missing_data_set_ends_the_load_at_once(client: SocrataClient) -> None:
    with pytest.raises(LoadError, match=r"404 dataset.missing: Not found; check SOURCES__"):
        client.query("zzzz-zzzz", select="*", limit=1)


def test_the_token_is_sent_and_seen_nowhere(
    portal: Portal,
    raw: Raw,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SOURCES__CHICAGO_CRIME__APP_TOKEN", TOKEN)
    with pytest.raises(LoadError, match="403 permission_denied: Invalid app_token") as raised:
        raw.load()
    assert TOKEN not in str(raised.value)
    assert TOKEN not in caplog.text
    assert all(TOKEN not in f"{request['path']}{request['query']}" for request in portal.requests())


class _Echo(http.server.BaseHTTPRequestHandler):
    """A portal whose refusal quotes the token that it was sent."""

    def do_GET(self) -> None:
        body = f'{{"code": "x", "message": "no {self.headers["X-App-Token"]}"}}'.encode()
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_a_token_that_the_portal_quotes_is_hidden() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        with (
            SocrataClient(address, app_token=TOKEN) as client,
            pytest.raises(LoadError, match=r"403 x: no \*\*\*"),
        ):
            first_page(client)
        server.shutdown()
        thread.join()


def test_csv_is_text_with_nulls_where_empty() -> None:
    table = read_csv(b'\xef\xbb\xbf"a","b","c"\n"007","x\ny",""\n,"NULL",1.0\n')
    assert table.to_pylist() == [
        {"a": "007", "b": "x\ny", "c": None},
        {"a": None, "b": "NULL", "c": "1.0"},
    ]
    assert read_csv(b'"a","b"\n').num_rows == 0


@pytest.mark.parametrize("body", [b"", b'"a","b"\n"1","2"\n"3', b'"a","b"\n1\n', b'"a"\n"1\n'])
def test_an_incomplete_csv_is_detected(body: bytes) -> None:
    with pytest.raises(Exception, match="its answer is"):
        read_csv(body)


def test_a_missing_column_is_named_and_a_new_one_is_kept(client: SocrataClient) -> None:
    reader = Reader(client, CRIMES_DATASET, 10)
    page = client.query(CRIMES, select="*,:id,:created_at,:updated_at,:version", limit=2)
    assert reader.raw(page.append_column("extra", page.column("id"))).column_names[-1] == "extra"
    assert reader.extra_columns == {"extra"}
    with pytest.raises(LoadError, match="ijzp-q8t2 has no column iucr any more"):
        reader.raw(page.drop_columns(["iucr"]))
