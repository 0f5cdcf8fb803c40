"""Alerts arrive once, whatever fails on the way, and no part of a URL is ever written."""

import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_project.freshness import read_max_ages
from dbt_project.monitoring.alert_settings import Limits, read_urls
from dbt_project.monitoring.alerts import send_alerts
from dbt_project.paths import ROOT, Paths
from ingestion.core.errors import WarehouseError
from ingestion.core.registry import sources
from tests.support.projects.alerting import (
    Receiver,
    publish_sensors,
    receiving,
    send,
)
from tests.support.projects.publications import NOW

TITLES = [f"Paris: sensor {number} needs replacement" for number in (1, 2, 3)]

# Sends and, after so many deliveries, is killed.
SENDER = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from dbt_project.monitoring.alert_settings import Limits
from dbt_project.monitoring.alerts import send_alerts
from dbt_project.freshness import read_max_ages
from dbt_project.paths import Paths

lines = []

def echo(line):
    lines.append(line)
    if len(lines) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

send_alerts(Paths(data=Path(sys.argv[1])), now=datetime.fromisoformat(sys.argv[2]),
            urls=sys.argv[4:], limits=Limits(), echo=echo)
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def sender(paths: Paths, *urls: str, killed_after: int = 0) -> subprocess.Popen[str]:
    arguments = [str(paths.data), NOW.isoformat(), str(killed_after), *urls]
    return subprocess.Popen(
        [sys.executable, "-c", SENDER, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def printed(paths: Paths) -> list[str]:
    lines: list[str] = []
    send_alerts(paths, now=NOW, urls=[], limits=Limits(), echo=lines.append)
    return lines


def test_without_urls_alerts_are_printed_once(paths: Paths, receiver: Receiver) -> None:
    publish_sensors(paths, 1)
    line = f"{TITLES[0]}: failure rate 18.2 %, age 3,210 days; fails too often"
    assert printed(paths) == [line]
    assert printed(paths) == []
    # Who reads the terminal is not who reads the messages.
    send(paths, receiver.url)
    assert receiver.titles() == TITLES[:1]
    assert printed(paths) == []


def test_nothing_is_reported_or_written_where_there_is_no_warehouse(tmp_path: Path) -> None:
    assert printed(Paths(data=tmp_path / "data")) == []
    assert not (tmp_path / "data").exists()


def test_a_delivery_that_failed_is_tried_again(paths: Paths, receiver: Receiver) -> None:
    publish_sensors(paths, 1, 2)
    receiver.status = 503
    with receiving() as other:
        url = f"json://keeper:hush@127.0.0.1:{receiver.port}/hidden?token=quiet"
        with pytest.raises(WarehouseError) as failed:
            send(paths, url, other.url)
        assert str(failed.value) == (
            "some alerts were not delivered, and are tried again next time:"
            " JSON (URL 1 of WAREHOUSE_ALERT_URLS): it answered 503 (2 left)"
        )
        assert other.titles() == TITLES[:2]
        receiver.status = 200
        send(paths, url, other.url)
        assert (receiver.titles(), other.titles()) == (TITLES[:2], [])
        assert send(paths, url, other.url) == []


def test_a_service_that_cannot_be_reached_is_an_error(paths: Paths) -> None:
    publish_sensors(paths, 1)
    with receiving() as stopped:
        url = stopped.url
    with pytest.raises(WarehouseError, match="it refused or could not be reached"):
        send(paths, url)
    with receiving() as back:
        send(paths, back.url)
        assert back.titles() == TITLES[:1]


def test_a_url_of_no_service_is_an_error_and_delays_no_other(
    paths: Paths, receiver: Receiver
) -> None:
    publish_sensors(paths, 1)
    for url in ("hush", "hush://hush@hush", "json://", "slack://hush"):
        with pytest.raises(WarehouseError) as failed:
            send(paths, receiver.url, url)
        assert "URL 2 of WAREHOUSE_ALERT_URLS is not for a service" in str(failed.value)
        assert "hush" not in str(failed.value)
    assert receiver.titles() == TITLES[:1]


def test_no_part_of_a_url_is_written(
    paths: Paths, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    publish_sensors(paths, 1)
    secrets = ["keeper", "hush", "hidden", "quiet", "silent"]
    url = f"127.0.0.1:{receiver.port}/hidden?-token=quiet&+X-Key=silent"
    urls = [f"json://keeper:hush@{url}", f"jsons://keeper:hush@{url}", "slack://hush/hidden"]
    with caplog.at_level(logging.DEBUG):
        caplog.set_level(logging.DEBUG, "apprise")
        for number in (1, 2):
            publish_sensors(paths, number)
            with pytest.raises(WarehouseError) as failed:
                send(paths, *urls)
    assert receiver.titles() == TITLES[:2]
    assert receiver.paths[0].startswith("/hidden?token=quiet")
    child = sender(paths, *urls)
    out, errors = child.communicate()
    assert child.returncode == 1
    files = [path.read_text() for path in paths.data.glob("*.json*")]
    assert any("sensor/Paris/2" in text for text in files)
    for text in (str(failed.value), caplog.text, out, errors, *files):
        assert not any(secret in text for secret in secrets)


def test_a_sender_killed_between_two_deliveries_leaves_the_rest_to_the_next(
    paths: Paths, receiver: Receiver
) -> None:
    publish_sensors(paths, 1, 2, 3)
    child = sender(paths, receiver.url, killed_after=1)
    assert child.wait() == -signal.SIGKILL
    assert receiver.titles() == TITLES[:1]
    send(paths, receiver.url)
    assert receiver.titles() == TITLES[1:]


def test_two_senders_at_once_send_once(paths: Paths, receiver: Receiver) -> None:
    publish_sensors(paths, 1, 2, 3)
    children: list[subprocess.Popen[str]] = []

    def start_the_other() -> None:
        if not children:
            children.append(sender(paths, receiver.url))
            # It waits for the lock now, or at the latest once it has started.
            with pytest.raises(subprocess.TimeoutExpired):
                children[0].wait(timeout=2)

    receiver.before_answer = start_the_other
    send(paths, receiver.url)
    _, errors = children[0].communicate(timeout=30)
    assert children[0].returncode == 0, errors
    assert receiver.titles() == TITLES


def test_a_damaged_state_file_is_named_and_nothing_is_sent(
    paths: Paths, receiver: Receiver
) -> None:
    publish_sensors(paths, 1)
    (paths.data / "alerts.json").write_text("{")
    with pytest.raises(WarehouseError, match=r"alerts\.json is damaged: remove it"):
        send(paths, receiver.url)
    assert receiver.titles() == []


def test_a_read_only_folder_is_named(paths: Paths, receiver: Receiver) -> None:
    publish_sensors(paths, 1)
    # For root no folder is read-only; a folder in the lock's place refuses root too.
    (paths.data / ".alerts.lock").mkdir()
    with pytest.raises(WarehouseError, match="make the folder writable"):
        send(paths, receiver.url)
    assert receiver.titles() == []


def test_urls_are_separated_by_white_space_or_commas() -> None:
    text = " json://a/?to=x,y,json://b , mailto://u:p@h?to=a@b,c@d\n\tjson://b  json://c, "
    found = ["json://a/?to=x,y", "json://b", "mailto://u:p@h?to=a@b,c@d", "json://c"]
    assert read_urls({"WAREHOUSE_ALERT_URLS": text}) == found
    assert read_urls({}) == read_urls({"WAREHOUSE_ALERT_URLS": " , "}) == []


def test_limits_come_from_sources_yml_and_the_environment() -> None:
    assert read_max_ages(ROOT) == {"chicago-crime": 72, "pisa": 48, "store-sensors": 24}
    assert set(read_max_ages(ROOT)) == set(sources())
    limits = Limits.from_env({"WAREHOUSE_FRESHNESS_HOURS__CHICAGO_CRIME": "7.5"}, ROOT)
    assert limits.hours("chicago-crime") == 7.5
    assert limits.hours("store-sensors") == 24
    assert [limits.rejected_rows(rows) for rows in (0, 10_000, 10_100)] == [100, 100, 101]
    assert Limits.from_env({"WAREHOUSE_REJECTED_LIMIT": "0"}, ROOT).rejected_rows(10**6) == 0


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "WAREHOUSE_FRESHNESS_HOURS__CHICAGO",
            "48",
            "names no source with a freshness limit: use one of",
        ),
        ("WAREHOUSE_FRESHNESS_HOURS__CHICAGO_CRIME", "two days", "a number of hours above 0"),
        ("WAREHOUSE_FRESHNESS_HOURS__CHICAGO_CRIME", "inf", "a number of hours above 0"),
        ("WAREHOUSE_REJECTED_LIMIT", "1%", "is '1%': set it to a whole number of rows"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(WarehouseError) as wrong:
        Limits.from_env({name: value}, ROOT)
    assert str(wrong.value).startswith(name)
    assert message in str(wrong.value)
