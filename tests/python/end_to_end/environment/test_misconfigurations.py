"""What is set up wrongly ends in one line that says what to do, and changes nothing."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from dbt_project.paths import ROOT, Paths
from dbt_project.publishing import publish as publication
from ingestion.core.clock import utc_now
from ingestion.core.progress import Silent
from tests.support.projects.sample_project import write_work
from tests.support.warehouse import Warehouse

READINGS = "date,hour,shop,sensor_id,count,units\n2025-11-01,10,Paris,1,5,visits\n"
LOAD = ("load", "store-sensors", "--file", "readings.csv")


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    (tmp_path / "readings.csv").write_text(READINGS)
    return Warehouse(tmp_path / "data")


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every file of the data folder and its content, without locks and logs."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.name[0] != "." and "logs" not in path.parts
    }


def put_text_for_raw(data: Path) -> None:
    data.mkdir()
    (data / "raw.duckdb").write_text("crimes,of,2024\n" * 10)


def put_folder_for_published(data: Path) -> None:
    (data / "published").mkdir(parents=True)


def put_file_for_data(data: Path) -> None:
    data.write_text("x")


def put_newer_stamp(data: Path) -> None:
    data.mkdir()
    (data / "warehouse.json").write_text(json.dumps({"version": 99, "id": "x"}))


def publish_in_the_future(data: Path) -> None:
    data.mkdir()
    write_work(Paths(data), 1)
    publication.publish(Paths(data), now=utc_now() + timedelta(days=2), progress=Silent())


# By what is wrong: how it came about, the environment, and the line.
WRONG: dict[str, tuple[Callable[[Path], None] | None, dict[str, str], str]] = {
    "a mistyped setting": (
        None,
        {"WAREHOUSE_DATADIR": "x"},
        "WAREHOUSE_DATADIR is not a setting: did you mean WAREHOUSE_DATA_DIR?",
    ),
    "a mistyped setting of a source": (
        None,
        {"SOURCES__STORE_SENSOR__SINCE": "x"},
        "is not a setting: did you mean SOURCES__STORE_SENSORS__SINCE?",
    ),
    "a value that cannot be used": (
        None,
        {"WAREHOUSE_MEMORY_LIMIT": "lots"},
        "WAREHOUSE_MEMORY_LIMIT is 'lots': set it to a size such as 768MB",
    ),
    "a foreign file for raw": (put_text_for_raw, {}, "is not a DuckDB database: move it away"),
    "a foreign folder for the link": (
        put_folder_for_published,
        {},
        "is not a publication's link: move it away",
    ),
    "a file for the data folder": (
        put_file_for_data,
        {},
        "it is not a folder; set WAREHOUSE_DATA_DIR to one",
    ),
    "a folder of a newer version": (put_newer_stamp, {}, "update this installation"),
    "a wrong clock": (
        publish_in_the_future,
        {},
        "before the newest publication of .*: set the clock",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_ends_in_one_line_and_changes_nothing(wrong: str, warehouse: Warehouse) -> None:
    prepare, environment, line = WRONG[wrong]
    if prepare:
        prepare(warehouse.data)
    before = tree(warehouse.data)
    command = warehouse.start(*LOAD, **environment)
    found = command.failure()
    assert len(command.output.splitlines()) == 1, command.output
    assert re.search(line, found), found
    after = tree(warehouse.data)
    after.pop("warehouse.json", None)
    before.pop("warehouse.json", None)
    assert after == before


def test_a_folder_without_rights_is_named(warehouse: Warehouse) -> None:
    warehouse.data.mkdir()
    warehouse.data.chmod(0o500)
    found = warehouse.start_limited(0, *LOAD).failure()
    assert "cannot write to " in found
    assert "Permission denied; make the folder writable or set WAREHOUSE_DATA_DIR" in found


def mounted(folder: Path, options: str, script: str) -> "subprocess.CompletedProcess[str]":
    """Run a script while a small file system is mounted, in a namespace of its own."""
    folder.mkdir(exist_ok=True)
    mount = f"mount -t tmpfs -o {options} none {shlex.quote(str(folder))}"
    done = subprocess.run(
        ["unshare", "--mount", "/bin/sh", "-c", f"{mount} || exit 99; {script}"],
        cwd=folder.parent,
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONPATH": str(ROOT),
            "WAREHOUSE_DATA_DIR": str(folder),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("this machine mounts nothing for a test")
    return done


COMMAND = shlex.join([sys.executable, "-m", "dbt_project", *LOAD])


def test_a_read_only_mount_is_named(warehouse: Warehouse) -> None:
    done = mounted(warehouse.data, "ro", COMMAND)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "Read-only file system; make the folder writable or set WAREHOUSE_DATA_DIR" in line


def test_a_full_disk_is_named(warehouse: Warehouse) -> None:
    done = mounted(warehouse.data, "size=300k", COMMAND)
    assert done.returncode == 1
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("warehouse: ")]
    assert "No space left on device" in line or "disk is full" in line, line
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["config", "status", "doctor"])
def test_a_reader_that_has_seen_enough_is_no_failure(command: str, tmp_path: Path) -> None:
    code = tmp_path / "code"
    run = shlex.join([sys.executable, "-m", "dbt_project", command])
    done = subprocess.run(
        ["/bin/sh", "-c", f"( sleep 0.5; {run}; echo $? > {code} ) | true"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "WAREHOUSE_DATA_DIR": str(tmp_path / "data"),
            "SOURCES__CHICAGO_CRIME__BASE_URL": "http://127.0.0.1:1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert code.read_text() == ("1\n" if command == "doctor" else "0\n")
    assert [line for line in done.stderr.splitlines() if "checks failed" not in line] == []
