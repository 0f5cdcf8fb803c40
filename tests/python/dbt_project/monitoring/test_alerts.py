"""`warehouse alerts`: what is wrong is reported once, and again when it comes back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dbt_project.files import write_json
from dbt_project.monitoring.alert_settings import Limits
from dbt_project.paths import Paths
from dbt_project.published import MANIFEST, read_manifest
from dbt_project.runs.lock import run_lock
from tests.support.killed_process import run_until_killed
from tests.support.projects.alerting import (
    Receiver,
    add_run,
    publish_marts,
    publish_sensors,
    receiving,
    send,
    write_work,
)
from tests.support.projects.publications import NOW

pytestmark = pytest.mark.usefixtures("shop_source")

LATER = NOW + timedelta(hours=60)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_a_worn_sensor_is_reported_once_with_its_figures(paths: Paths, receiver: Receiver) -> None:
    publish_sensors(paths, 3)
    (alert,) = send(paths, receiver.url)
    assert alert.key == "sensor/Paris/3"
    (message,) = receiver.received
    assert message["title"] == "Paris: sensor 3 needs replacement"
    assert message["message"] == "failure rate 18.2 %, age 3,210 days; fails too often"
    assert message["type"] == "warning"
    publish_sensors(paths, 3)
    assert send(paths, receiver.url) == []
    assert len(receiver.received) == 1


def test_a_condition_that_cleared_and_came_back_alerts_again(
    paths: Paths, receiver: Receiver
) -> None:
    publish_sensors(paths, 3)
    send(paths, receiver.url)
    publish_sensors(paths, 4)
    send(paths, receiver.url)
    publish_sensors(paths, 3, 4)
    send(paths, receiver.url)
    assert receiver.titles() == [
        "Paris: sensor 3 needs replacement",
        "Paris: sensor 4 needs replacement",
        "Paris: sensor 3 needs replacement",
    ]


def test_more_than_five_of_a_kind_come_in_one_message(paths: Paths, receiver: Receiver) -> None:
    publish_sensors(paths, *range(5))
    send(paths, receiver.url)
    assert len(receiver.titles()) == 5
    publish_sensors(paths, *range(30), doors=40)
    assert len(send(paths, receiver.url)) == 25
    (message,) = receiver.received
    assert message["title"] == "25 sensors need replacement"
    lines = message["message"].splitlines()
    assert lines[0].startswith("- Paris: sensor 5 needs replacement: failure rate 18.2 %")
    assert lines[20:] == ["- and 5 more"]
    assert send(paths, receiver.url) == []


def test_a_publication_without_the_mart_clears_nothing(paths: Paths, receiver: Receiver) -> None:
    publish_sensors(paths, 3)
    send(paths, receiver.url)
    publish_marts(paths, dim_store="select 'Paris' as store_name")
    assert send(paths, receiver.url) == []
    publish_sensors(paths, 3)
    assert send(paths, receiver.url) == []


def test_a_source_past_its_limit_is_reported_with_its_last_check(
    paths: Paths, receiver: Receiver
) -> None:
    publish_marts(paths)
    limits = Limits({"shop": 48})
    assert send(paths, receiver.url, limits=limits) == []
    alerts = send(paths, receiver.url, limits=limits, now=LATER)
    assert [alert.key for alert in alerts] == ["unchecked/shop", "unchanged/shop"]
    text = receiver.received[0]["message"]
    assert "last read to its end at 2024-01-02T03:04:05Z, the limit is 48 hours" in text
    assert "WAREHOUSE_FRESHNESS_HOURS__SHOP" in text
    assert receiver.titles() == [
        "shop: not loaded for 61 hours",
        "shop: no change at the source for 64 hours",
    ]
    assert send(paths, receiver.url, limits=Limits({"shop": 72}), now=LATER) == []
    alerts = send(paths, receiver.url, limits=limits, now=LATER + timedelta(hours=100))
    assert [alert.kind for alert in alerts] == ["unchecked", "unchanged"]


def test_made_up_rows_may_stay_unchanged(paths: Paths, receiver: Receiver) -> None:
    publish_marts(paths)
    build = paths.published.resolve()
    manifest = read_manifest(build) or {}
    made_up = {"made_up": "all", "data_through_date": None}
    write_json(build / MANIFEST, manifest | {"sources": {"shop": made_up}})
    (alert,) = send(paths, receiver.url, now=LATER)
    assert alert.key == "unchecked/shop"


def test_a_hanging_run_hides_no_stale_source(paths: Paths, receiver: Receiver) -> None:
    publish_marts(paths)
    with run_lock(paths):
        (alert,) = send(paths, receiver.url, now=LATER)
    assert alert.key == "unchecked/shop"
    # What the run kept from being read is reported when it can be.
    (alert,) = send(paths, receiver.url, now=LATER)
    assert alert.key == "unchanged/shop"
    with run_lock(paths):
        assert send(paths, receiver.url, now=LATER) == []
    assert send(paths, receiver.url, now=LATER) == []


def test_rejected_rows_are_reported_again_only_when_they_doubled(
    paths: Paths, receiver: Receiver
) -> None:
    def alerts(rejected: int, limits: Limits | None = None, hours: int = 20_000) -> list[str]:
        publish_marts(
            paths,
            rejected_readings=f"select * from range({rejected})",
            sensor_traffic_hourly=(
                f"select range, date '2024-01-01' as traffic_date from range({hours})"
            ),
        )
        send(paths, receiver.url, limits=limits)
        return receiver.titles()

    assert alerts(200) == []
    assert alerts(100, hours=10) == []
    assert alerts(201) == ["footfall.rejected_readings: 201 rejected rows"]
    assert alerts(401) == []
    assert alerts(402) == ["footfall.rejected_readings: 402 rejected rows"]
    assert alerts(250) == []
    assert alerts(803) == []
    assert alerts(804) == ["footfall.rejected_readings: 804 rejected rows"]
    assert alerts(200) == []
    assert alerts(201) == ["footfall.rejected_readings: 201 rejected rows"]
    assert alerts(5, Limits(rejected=4)) == []
    assert alerts(4, Limits(rejected=4)) == []
    assert alerts(5, Limits(rejected=4)) == ["footfall.rejected_readings: 5 rejected rows"]


def test_a_failed_audit_is_reported_once_until_another_test_fails(
    paths: Paths, receiver: Receiver
) -> None:
    rows = "test orders__amount_is_known found {} failing rows (kept as audit.x in raw.duckdb)"
    for count in (3, 4):
        write_work(paths, rows.format(count), f"{count} nodes that depend on these were skipped")
        steps, tests = {"load": 1, "build": 1, "audit": 1}, {"failed": 1}
        add_run(paths, "run", "the audit failed", steps=steps, tests=tests)
        send(paths, receiver.url)
    (message,) = receiver.received
    assert (message["title"], message["type"]) == ("The audit failed", "failure")
    assert "orders__amount_is_known found 3 failing rows" in message["message"]
    paths.audit.unlink()  # the next build is at work
    assert send(paths, receiver.url) == []
    write_work(paths, rows.format(4), "model orders failed: no such column")
    send(paths, receiver.url)
    assert len(receiver.titles()) == 2
    write_work(paths)
    send(paths, receiver.url)
    write_work(paths, rows.format(4))
    send(paths, receiver.url)
    assert receiver.titles() == ["The audit failed"]


def test_a_failed_run_is_reported_once_until_its_step_succeeds(
    paths: Paths, receiver: Receiver
) -> None:
    add_run(paths, "load", "the portal gave no answer (3 tries, at 04:00:10)")
    send(paths, receiver.url)
    (message,) = receiver.received
    assert message["message"].endswith("the portal gave no answer (3 tries, at 04:00:10)")
    add_run(paths, "build")
    add_run(paths, "load", "the portal gave no answer (4 tries, at 05:00:17)")
    assert send(paths, receiver.url) == []
    with paths.runs.open("a") as lines:
        lines.write('{"command": "lo\n')  # a full disk
    assert send(paths, receiver.url) == []
    add_run(paths, "run", "the token is wrong", steps={"load": 1})
    send(paths, receiver.url)
    add_run(paths, "run", steps={"load": 1, "build": 1, "publish": 1})
    send(paths, receiver.url)
    add_run(paths, "load", "the token is wrong")
    send(paths, receiver.url)
    assert receiver.titles() == [
        "`warehouse load` failed: load",
        "`warehouse run` failed: load",
        "`warehouse load` failed: load",
    ]


def test_a_source_that_failed_is_reported_though_the_others_were_published(
    paths: Paths, receiver: Receiver
) -> None:
    steps = {"load": 1, "build": 1, "publish": 1}
    failures = {"chicago-crime": "the portal: 503; try again"}
    add_run(
        paths,
        "run",
        "chicago-crime: the portal: 503; try again",
        failures=failures,
        steps=steps,
        rows={"store-sensors": {}},
        build_id="b",
    )
    send(paths, receiver.url)
    # A later run of another source says nothing of this one.
    add_run(paths, "run", steps=steps, rows={"store-sensors": {"readings": 3}})
    assert send(paths, receiver.url) == []
    (message,) = receiver.received
    assert message["title"] == "`warehouse run` failed: load of chicago-crime"
    assert message["message"].endswith(": the portal: 503; try again")
    add_run(paths, "load", rows={"chicago-crime": {}})
    send(paths, receiver.url)
    add_run(paths, "load", "chicago-crime: the portal: 503; try again", failures=failures)
    assert len(send(paths, receiver.url)) == 1


def test_a_killed_run_is_reported_once(paths: Paths, receiver: Receiver) -> None:
    lock = "from dbt_project.runs.lock import run_lock; lock = run_lock(paths); lock.__enter__()"
    for _ in range(2):
        run_until_killed(paths.data, lock)
        send(paths, receiver.url)
    assert receiver.titles() == [f"`warehouse {paths.data}` was killed"]
    with run_lock(paths):
        assert send(paths, receiver.url) == []
    assert send(paths, receiver.url) == []
