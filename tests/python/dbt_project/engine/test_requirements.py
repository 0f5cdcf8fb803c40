"""What `warehouse engine` says where something is missing: one line that says what to do."""

import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from dbt_project.engine import requirements
from dbt_project.paths import ROOT
from ingestion.core.errors import WarehouseError


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the extra is not installed, folders that stand for it."""
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars/iceberg-spark-runtime-3.5_2.12-1.jar").touch()
    monkeypatch.setattr(requirements, "_package", lambda _: tmp_path)


def java(folder: Path, says: str) -> Path:
    """A program that says of itself what Java says; returns what JAVA_HOME would be."""
    program = folder / "bin/java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


def engine(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "dbt_project", "engine", *arguments]
    environment = {**os.environ, **env}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"PATH": "/nowhere"}, "there is no Java on this machine: Spark needs version 17"),
        ({"JAVA_HOME": "/nowhere"}, "there is no Java in JAVA_HOME, /nowhere"),
    ],
)
def test_without_java(env: Mapping[str, str], message: str) -> None:
    with pytest.raises(WarehouseError, match=message) as raised:
        requirements.installation(env)
    assert "apt-get install openjdk-17-jre-headless" in str(raised.value)


@pytest.mark.usefixtures("installed")
def test_a_java_of_another_version_is_refused(tmp_path: Path) -> None:
    home = java(tmp_path / "old", 'openjdk version "1.8.0_402"')
    with pytest.raises(WarehouseError, match="is version 1: Spark needs 17"):
        requirements.installation({"JAVA_HOME": str(home)})


@pytest.mark.usefixtures("installed")
def test_java_is_found(tmp_path: Path) -> None:
    home = java(tmp_path / "new", 'openjdk version "17.0.15" 2025-04-15')
    assert requirements.installation({"JAVA_HOME": str(home)}).java == home
    assert requirements.installation({"PATH": str(home / "bin")}).java == home


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "_package", lambda _: None)
    with pytest.raises(WarehouseError, match=r"pip install .*requirements-spark\.lock"):
        requirements.installation(os.environ)


@pytest.mark.parametrize(
    ("lake", "message"),
    [
        ("", "WAREHOUSE_LAKE is not set: set it to the folder of the lake"),
        ("s3://bucket/lake", "a cluster on this machine needs a folder: WAREHOUSE_LAKE is s3://"),
    ],
)
def test_without_a_folder_for_the_lake(lake: str, message: str, tmp_path: Path) -> None:
    said = engine("start", WAREHOUSE_DATA_DIR=str(tmp_path / "data"), WAREHOUSE_LAKE=lake)
    assert said.returncode == 1
    assert said.stderr.startswith(f"warehouse: {message}")
    assert len(said.stderr.splitlines()) == 1
    assert not (tmp_path / "data").exists()


def test_what_does_not_run_is_stopped(tmp_path: Path) -> None:
    data = {"WAREHOUSE_DATA_DIR": str(tmp_path / "data")}
    assert engine("status", **data).stdout == "stopped\n"
    assert engine("stop", **data).stdout == "stopped    nothing: it did not run\n"


@pytest.mark.parametrize("size", ["", "much", "0MB"])
def test_memory_that_is_no_size(size: str, tmp_path: Path) -> None:
    said = engine("start", "--memory", size, WAREHOUSE_DATA_DIR=str(tmp_path / "data"))
    assert said.returncode == 2
    assert "set it to a size such as 768MB" in said.stderr
