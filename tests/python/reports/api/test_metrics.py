"""`/health` and `/metrics` over real HTTP: how fresh the data is, how runs ended, requests."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from dbt_project.paths import ROOT
from tests.support.reports.api_builds import PUBLISHED_AT, Publisher
from tests.support.reports.api_server import client_of

LOADS = """
    select
        'pisa' as source_name, 10 as rows_received, 6 as rows_in_warehouse, 2 as rows_rejected,
        1 as rows_superseded, 1 as rows_deleted, 0 as rows_unaccounted
    from range(2)
"""
SOURCE = {
    "domain": "education",
    "made_up": "none",
    "data_through_date": "2026-11-21",
    "newest_date": "2026-11-22",
    "time_zone": "UTC",
    "read_at": "2026-11-22T07:59:00Z",
}
RUN = {
    "command": "run",
    "start": "2026-11-22T07:58:00+00:00",
    "end": "2026-11-22T08:00:01+00:00",
    "seconds": 121.0,
    "steps": {"load": 60.0, "build": 40.0, "publish": 1.5},
    "outcome": "done",
}
LABELS = ("command", "step", "source", "outcome", "route", "code", "le")
Samples = dict[tuple[str, ...], float]


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    publisher = Publisher(tmp_path, {"core.load_reconciliation": LOADS})
    publisher.about = {"sources": {"pisa": SOURCE}}
    publisher.publish()
    return publisher


def note(publisher: Publisher, hours: float, **differing: Any) -> None:
    """Leave what a run leaves that ended now, after a source was last read so long ago."""
    read_at = datetime.now(UTC) - timedelta(hours=hours)
    history = {
        "runs": [RUN],
        "sources": {"pisa": {"last_read_at": read_at.isoformat(), "max_age_hours": 48}},
        "failures": [],
        "rolled_back": None,
    }
    beside = publisher.data / "runs.new"
    beside.write_text(json.dumps(history | differing))
    beside.replace(publisher.data / "published" / "runs.json")


def samples(client: httpx.Client) -> Samples:
    """The samples of a scrape, by name and values of labels, in the order of LABELS."""
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *(sample.labels[one] for one in LABELS if one in sample.labels)): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_stale_source_is_neither_ok_nor_200(publisher: Publisher) -> None:
    with client_of(publisher.data) as client:
        note(publisher, hours=47)
        answer = client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert answer.json()["reasons"] == []
        note(publisher, hours=49)
        answer = client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "stale")
        assert answer.json()["reasons"] == ["pisa was last read 49 hours ago, the limit is 48"]
        (source,) = answer.json()["sources"]
        assert (source["is_stale"], source["max_age_hours"]) == (True, 48)
        assert 49 * 3600 <= source["last_read_age_seconds"] < 49 * 3600 + 60
        # The figures are still served, and the server needs no restart.
        assert client.get("/submissions").status_code == 200
        assert client.get("/health/live").json() == {"status": "ok"}


def test_what_failed_since_is_a_reason(publisher: Publisher) -> None:
    later = (PUBLISHED_AT + timedelta(hours=1)).isoformat()
    failures = [
        {"step": "load", "source": "pisa", "command": "run", "at": later},
        {"step": "audit", "source": None, "command": "run", "at": later},
        {"step": "postgres", "source": None, "command": "run", "at": later},
    ]
    rolled_back = {"build_id": "newer", "published_at": later, "at": later}
    note(publisher, 1, failures=failures, rolled_back=rolled_back)
    with client_of(publisher.data) as client:
        answer = client.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        served = "what is served is of 2026-11-22 08:00 UTC"
        assert answer.json()["reasons"] == [
            f"the last load of pisa failed at {later}",
            f"the newest build failed at {later}; {served}",
            f"postgres failed at {later}",
            f"the newest publication was rolled back at {later}; {served}",
        ]
        found = samples(client)
    assert found["warehouse_failures",] == 3
    assert found["warehouse_failure", "audit", ""] == 1
    assert found["warehouse_failure", "load", "pisa"] == 1
    assert found["warehouse_rolled_back",] == 1


def test_a_build_that_failed_before_the_publication_is_no_reason(publisher: Publisher) -> None:
    before = (PUBLISHED_AT - timedelta(hours=1)).isoformat()
    note(publisher, 1, failures=[{"step": "audit", "source": None, "command": "b", "at": before}])
    with client_of(publisher.data) as client:
        assert client.get("/health").json()["status"] == "ok"


def test_metrics_say_what_is_published_and_how_runs_went(publisher: Publisher) -> None:
    note(publisher, hours=50)
    with client_of(publisher.data) as client:
        found = samples(client)
    assert found["warehouse_build_published",] == 1
    assert found["warehouse_build_published_timestamp_seconds",] == PUBLISHED_AT.timestamp()
    age = datetime.now(UTC).timestamp() - PUBLISHED_AT.timestamp()
    assert found["warehouse_build_age_seconds",] == pytest.approx(age, abs=60)
    outcomes = {name[2]: value for name, value in found.items() if name[0] == "warehouse_rows"}
    assert outcomes == {
        **{"received": 20, "kept": 12, "rejected": 4, "superseded": 2, "deleted": 2},
        "unaccounted": 0,
    }
    assert found["warehouse_source_age_seconds", "pisa"] == pytest.approx(50 * 3600, abs=60)
    assert found["warehouse_source_max_age_seconds", "pisa"] == 48 * 3600
    assert found["warehouse_source_stale", "pisa"] == 1
    assert found["warehouse_run_seconds", "run"] == 121
    assert found["warehouse_run_succeeded", "run"] == 1
    assert found["warehouse_run_step_seconds", "run", "build"] == 40
    assert found["warehouse_run_end_timestamp_seconds", "run"] == (
        datetime.fromisoformat(str(RUN["end"])).timestamp()
    )
    assert found["warehouse_failures",] == 0


def test_requests_are_counted_by_route_and_code_and_by_nothing_that_clients_choose(
    publisher: Publisher,
) -> None:
    with client_of(publisher.data, max_url_bytes=256) as client:
        for path in (
            *("/submissions", "/submissions", "/submissions?countries=GBR"),
            *("/submissions?countries=XYZ", "/marts/education/escs_by_country"),
            *("/marts/a/b", "/nothing/of/the/kind", "/wp-login.php", f"/{'x' * 300}"),
        ):
            client.get(path)
        client.head("/escs")
        before = samples(client)
        for number in range(50):
            client.get(f"/secret-{number}/private", headers={"Host": f"host-{number}.example"})
        found, text = samples(client), client.get("/metrics").text
    requests = {
        name[1:]: value
        for name, value in found.items()
        if name[0] == "warehouse_http_requests_total"
    }
    assert requests == {
        ("/submissions", "200"): 3,
        ("/submissions", "422"): 1,
        ("/marts/{domain}/{mart}", "200"): 1,
        ("/marts/{domain}/{mart}", "404"): 1,
        ("other", "404"): 52,
        ("other", "414"): 1,
        ("/escs", "200"): 1,
        ("/metrics", "200"): 1,
    }
    assert found["warehouse_http_request_seconds_count", "/submissions"] == 4
    # No series more than there were, apart from the scrape's own.
    assert {name for name in found if "/metrics" not in name} == {
        name for name in before if "/metrics" not in name
    }
    for word in ("secret", "host-", "wp-login", str(publisher.data), "XYZ"):
        assert word not in text


def expressions(part: Any) -> Iterator[str]:
    """The queries of a dashboard, wherever they are."""
    if isinstance(part, dict):
        yield from (part[name] for name in ("expr", "query") if isinstance(part.get(name), str))
        part = [*part.values()]
    if isinstance(part, list):
        for one in part:
            yield from expressions(one)


def test_the_dashboard_shows_every_metric_and_no_other(publisher: Publisher) -> None:
    failure = {"step": "load", "source": "pisa", "command": "run", "at": RUN["end"]}
    note(publisher, 1, failures=[failure])
    dashboard = json.loads((ROOT / "deploy/grafana/warehouse.json").read_text())
    used = {name for text in expressions(dashboard) for name in re.findall(r"warehouse_\w+", text)}
    with client_of(publisher.data) as client:
        client.get("/submissions")
        there = {name for name, *_ in samples(client)}
    assert used <= there
    of_prometheus = {name for name in there if name.endswith(("_created", "_sum", "_count"))}
    assert there - of_prometheus - used == set()
    panels = [panel["id"] for panel in dashboard["panels"]]
    assert len(panels) == len(set(panels))


def test_before_the_first_publication_there_are_metrics_too(tmp_path: Path) -> None:
    with client_of(tmp_path) as client:
        assert client.get("/health").status_code == 503
        assert client.get("/health/live").status_code == 200
        found = samples(client)
    assert found["warehouse_build_published",] == 0
    assert found["warehouse_http_requests_total", "/health", "503"] == 1
    assert "warehouse_build_age_seconds" not in {name for name, *_ in found}
