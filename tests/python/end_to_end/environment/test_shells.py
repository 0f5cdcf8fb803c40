"""What a shell can do to a command: streams that are closed, a folder that was deleted."""

import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dbt_project.paths import ROOT

LINES = "date,hour,shop,sensor_id,count,units\n2025-11-01,10,Paris,1,5,visits\n"


def shell(folder: Path, script: str) -> "subprocess.CompletedProcess[str]":
    """Run a script, in which LOAD loads one reading."""
    (folder / "readings.csv").write_text(LINES)
    load = [sys.executable, "-m", "dbt_project", "load", "store-sensors", "--file"]
    return subprocess.run(
        ["/bin/sh", "-c", script.replace("LOAD", shlex.join([*load, f"{folder}/readings.csv"]))],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "WAREHOUSE_DATA_DIR": f"{folder}/d"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_change_nothing(closed: str, tmp_path: Path) -> None:
    ended = shell(tmp_path, f"LOAD {closed}")
    assert ended.returncode == 0, ended.stderr
    with duckdb.connect(tmp_path / "d" / "raw.duckdb", read_only=True) as raw:
        rows = raw.execute("select count(*) from raw_store_sensors.file_readings").fetchall()
    assert rows == [(1,)]


def test_a_folder_that_was_deleted_is_named(tmp_path: Path) -> None:
    ended = shell(tmp_path, "mkdir here && cd here && rmdir ../here && LOAD")
    assert ended.returncode == 1
    assert ended.stderr == (
        "warehouse: the current folder was deleted: change to another one,"
        " and run the command again\n"
    )
    assert not (tmp_path / "d").exists()
