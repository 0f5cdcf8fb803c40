"""Server-sent events: an open connection hears of each publication."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from reports.api.web import event_routes
from tests.support.reports.api_builds import PUBLISHED_AT, Publisher
from tests.support.reports.api_server import serving, until

Event = dict[str, str]


def events_of(lines: Iterator[str]) -> Iterator[Event]:
    """Events of a stream, without comments."""
    event: Event = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value
        elif not line and event:
            yield event
            event = {}


@contextmanager
def listening(url: str, **headers: str) -> Iterator[Iterator[Event]]:
    with httpx.stream("GET", f"{url}/events", headers=headers, timeout=20) as found:
        assert found.status_code == 200
        assert found.headers["content-type"].startswith("text/event-stream")
        yield events_of(found.iter_lines())


def publication(event: Event) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(event["data"])
    return read


def test_a_listener_hears_of_each_publication_within_a_second(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish("one")
    with serving(tmp_path) as url, listening(url) as events:
        first = next(events)
        assert (first["event"], first["id"]) == ("build", "one")
        assert publication(first)["build_id"] == "one"
        assert publication(first)["published_at"].startswith(f"{PUBLISHED_AT:%Y-%m-%dT%H:%M:%S}")
        for build_id in ("two", "three", "four"):
            publisher.publish(build_id)
            began = time.monotonic()
            event = next(events)
            assert publication(event)["build_id"] == build_id
            assert time.monotonic() - began < 1
            # Who reads after the event reads the build of the event.
            assert httpx.get(f"{url}/health").json()["build_id"] == build_id


def test_a_listener_that_was_away_hears_only_of_what_is_new(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish("one")
    with serving(tmp_path) as url:
        with listening(url, **{"Last-Event-ID": "one"}) as events:
            publisher.publish("two")
            assert next(events)["id"] == "two"
        with listening(url, **{"Last-Event-ID": "one"}) as events:
            assert next(events)["id"] == "two"


def test_a_listener_may_come_before_the_first_publication(tmp_path: Path) -> None:
    with serving(tmp_path) as url, listening(url) as events:
        Publisher(tmp_path).publish("one")
        assert next(events)["id"] == "one"


def test_a_listener_hears_of_a_rollback(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish("one")
    publisher.publish("two")
    with serving(tmp_path) as url, listening(url) as events:
        assert next(events)["id"] == "two"
        publisher.swap_published_link("one")
        assert next(events)["id"] == "one"


def test_the_server_stops_at_once_with_listeners(tmp_path: Path) -> None:
    Publisher(tmp_path).publish("one")
    with ExitStack() as listeners:
        with serving(tmp_path) as url:
            streams = [listeners.enter_context(listening(url)) for _ in range(3)]
            assert [next(events)["id"] for events in streams] == ["one"] * 3
            began = time.monotonic()
        assert time.monotonic() - began < 3
        assert [list(events) for events in streams] == [[], [], []]


def test_listeners_are_limited_and_those_that_left_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_routes, "MAX_STREAMS", 3)
    Publisher(tmp_path).publish("one")
    with serving(tmp_path) as url:
        with ExitStack() as listeners:
            streams = [listeners.enter_context(listening(url)) for _ in range(3)]
            assert [next(events)["id"] for events in streams] == ["one"] * 3
            refused = httpx.get(f"{url}/events")
            assert refused.status_code == 503
            assert "poll instead" in refused.json()["detail"]
            assert httpx.get(f"{url}/health").status_code == 200

        def is_accepted() -> bool:
            with httpx.stream("GET", f"{url}/events", timeout=20) as found:
                return found.status_code == 200

        until(is_accepted, 5)
