"""`warehouse doctor` says what is wrong with a machine, and what to do."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dbt_project.monitoring.doctor import FAILED, OK, WARNING, Finding, examine
from dbt_project.paths import Paths
from ingestion.core.clock import utc_now
from ingestion.simulators.serving import serving
from tests.support.warehouse import Warehouse

TOKEN = "the-right-token"


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    with serving("chicago-crime", rows=20, app_tokens=[TOKEN]) as url:
        yield url


@pytest.fixture
def warehouse(tmp_path: Path, portal: str) -> Warehouse:
    warehouse = Warehouse(tmp_path / "data")
    warehouse.use(portal, APP_TOKEN=TOKEN)
    return warehouse


def examined(warehouse: Warehouse, **env: str) -> dict[str, Finding]:
    """What the command finds, by subject."""
    command = warehouse.start("doctor", "--json", **env)
    code = command.end()
    text = command.output
    found = [Finding(**one) for one in json.loads(text[text.index("[") : text.rindex("]") + 1])]
    assert code == int(any(one.state == FAILED for one in found)), text
    return {one.subject: one for one in found}


def test_a_machine_that_lacks_nothing(warehouse: Warehouse) -> None:
    found = examined(warehouse)
    assert {subject: one.state for subject, one in found.items() if one.state != OK} == {}
    assert {*found} == {
        *("python", "packages", "time zones", "clock", "memory", "data folder", "disk", "files"),
        "chicago-crime",
    }
    assert found["chicago-crime"].text.endswith("answers (200)")
    # It changes nothing.
    assert not warehouse.data.exists()
    assert "ok       python: 3." in warehouse("doctor")


def test_a_source_that_cannot_be_reached_or_refuses_is_named(warehouse: Warehouse) -> None:
    env = {
        "SOURCES__CHICAGO_CRIME__APP_TOKEN": "another-token",
        "SOURCES__STORE_SENSORS__BASE_URL": "http://127.0.0.1:1",
        "SOURCES__PISA__DATABASES": '{"alb": "postgresql://u:hidden-word@127.0.0.1:1/x"}',
    }
    found = examined(warehouse, **env)
    texts = {subject: one.text for subject, one in found.items() if one.state == FAILED}
    assert texts.keys() == {"chicago-crime", "store-sensors", "pisa"}
    assert texts["chicago-crime"].endswith("answered 403: check the token of chicago-crime")
    assert "check SOURCES__STORE_SENSORS__BASE_URL" in texts["store-sensors"]
    assert "127.0.0.1:1 cannot be reached (Connection refused)" in texts["pisa"]
    assert "hidden-word" not in str(texts)
    line = warehouse.fails("doctor", **env)
    assert line == "warehouse: 3 of 11 checks failed: chicago-crime, pisa, store-sensors"


def test_a_setting_of_a_source_that_cannot_be_right_is_named(warehouse: Warehouse) -> None:
    found = examined(warehouse, SOURCES__CHICAGO_CRIME__DATASET="crimes")
    assert found["chicago-crime"].state == FAILED
    assert "SOURCES__CHICAGO_CRIME__DATASET is 'crimes'" in found["chicago-crime"].text


def find(paths: Paths, subject: str) -> Finding:
    return next(one for one in examine(paths, utc_now()) if one.subject == subject)


def test_a_wrong_clock_is_named(tmp_path: Path) -> None:
    long_ago = utc_now() - timedelta(days=20_000)
    found = next(
        one for one in examine(Paths(tmp_path / "data"), long_ago) if one.subject == "clock"
    )
    assert found.state == FAILED
    assert found.text.startswith(f"the clock of this machine shows {long_ago:%Y-%m-%d}")
    assert found.text.endswith("set the clock, then run again")


def test_a_disk_that_is_nearly_full_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    # A file of a size that no disk here has, and of no content.
    with (data / "raw.duckdb").open("wb") as raw:
        raw.truncate(shutil.disk_usage(data).free * 2)
    found = find(Paths(data), "disk")
    assert (found.state, found.text.endswith(": free some")) == (FAILED, True)


def test_files_of_another_user_are_a_warning(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("needs the right to give a folder away")
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 12345, -1)
    found = find(Paths(data), "data folder")
    assert found.state == WARNING
    assert found.text.endswith("run every command as one user")
