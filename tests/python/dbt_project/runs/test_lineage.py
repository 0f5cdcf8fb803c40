"""OpenLineage events reach a receiver, and an unreachable one delays nothing."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest

from dbt_project.paths import Paths
from dbt_project.runs import lineage
from dbt_project.runs.lineage import is_wanted
from dbt_project.runs.run import running
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Silent
from tests.support.projects.sample_project import write_work

KEY = "planted-key-7d1f"


@dataclass
class Receiver:
    """What was posted, and with which key."""

    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)


@contextmanager
def receiving(status: int = 200, waits: float = 0.0) -> Iterator[Receiver]:
    """A receiver on this machine that answers with a status, after so many seconds."""
    receiver = Receiver()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ended.wait(waits)
            receiver.keys.add(self.headers["Authorization"])
            receiver.events.append(json.loads(body) | {"path": self.path})
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OPENLINEAGE_URL", url)
    monkeypatch.setenv("OPENLINEAGE_API_KEY", KEY)


def test_a_run_reports_what_it_read_and_what_it_built(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_work(paths, 5)
    with receiving() as receiver:
        use(monkeypatch, receiver.url)
        with running(paths, "publish", Silent()) as run:
            run.publish()
            run.rows_out = {"shop.orders": 5}
        start, end = receiver.events
    assert receiver.keys == {f"Bearer {KEY}"}
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"] == str(UUID(end["run"]["runId"]))
    assert end["job"] == {"namespace": "warehouse", "name": "warehouse.publish", "facets": {}}
    assert end["path"] == "/api/v1/lineage"
    (made,) = end["outputs"]
    assert made["name"] == "shop.orders"
    fields = made["facets"]["schema"]["fields"]
    assert [(one["name"], one["type"]) for one in fields] == [("order_id", "BIGINT")]
    assert made["outputFacets"]["outputStatistics"]["rowCount"] == 5
    (read,) = end["inputs"]
    assert (read["namespace"], read["name"]) == (f"duckdb://{paths.raw}", "raw_shop.orders")
    names = [one["name"] for one in read["facets"]["schema"]["fields"]]
    assert names == ["order_id", "amount", "socrata_updated_at"]


def test_a_run_that_fails_says_why(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        use(monkeypatch, receiver.url)
        with pytest.raises(WarehouseError), running(paths, "publish", Silent()) as run:
            run.publish()
    assert [event["eventType"] for event in receiver.events] == ["START", "FAIL"]
    facet = receiver.events[1]["run"]["facets"]["errorMessage"]
    assert "there is no audited build to publish" in facet["message"]


@pytest.mark.parametrize("receiver", ["unreachable", "refuses", "stuck"])
def test_a_receiver_that_refuses_events_is_a_warning(
    paths: Paths,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    receiver: str,
) -> None:
    write_work(paths, 5)
    monkeypatch.setattr(lineage, "TIMEOUT", 1.0)
    status, waits = (500, 0.0) if receiver == "refuses" else (200, 60.0)
    with receiving(status, waits) as found:
        use(monkeypatch, "http://127.0.0.1:1" if receiver == "unreachable" else found.url)
        began = time.monotonic()
        with running(paths, "publish", Silent()) as run:
            run.publish()
        seconds = time.monotonic() - began
    assert "OpenLineage did not receive this run: " in caplog.text
    assert KEY not in caplog.text
    assert paths.published.exists()
    record = json.loads(paths.runs.read_text())
    assert (record["outcome"], record["error"]) == ("done", None)
    assert seconds < waits + 30


def test_nothing_is_sent_where_no_receiver_is_set(
    monkeypatch: pytest.MonkeyPatch, paths: Paths
) -> None:
    monkeypatch.chdir(paths.data)
    monkeypatch.setenv("HOME", str(paths.data))
    assert not is_wanted({})
    assert is_wanted({"OPENLINEAGE_URL": "http://lineage.example"})
    assert not is_wanted({"OPENLINEAGE_URL": "http://x", "OPENLINEAGE_DISABLED": "true"})
    (paths.data / "openlineage.yml").write_text("transport: {type: console}\n")
    assert is_wanted({})
