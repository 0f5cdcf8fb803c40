"""A load killed at any moment, and run again: every row, once."""

import os
import subprocess
import sys
import time

import pytest

from tests.python.ingestion.conftest import Portal, Raw

# Small packages, so that a kill finds some committed and some not.
PROGRAM = """
import sys
from pathlib import Path
from ingestion.core.loading import load
from ingestion.core.progress import LineProgress
from ingestion.sources.chicago_crime import writer
writer.ROWS_PER_PACKAGE = 250
load("chicago-crime", data_dir=Path(sys.argv[1]), progress=LineProgress())
"""


def start(raw: Raw) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(raw.folder)], env={**os.environ})


def kill_after(raw: Raw, portal: Portal, requests: int, seconds: float) -> bool:
    """Kill a load some moments after its n-th request; whether it was still running."""
    portal.control("reset")
    child = start(raw)
    while child.poll() is None and len(portal.requests()) < requests:
        time.sleep(0.005)
    time.sleep(seconds)
    was_running = child.poll() is None
    child.kill()
    child.wait()
    return was_running


@pytest.mark.long
def test_consecutive_kills_lose_and_duplicate_nothing(portal: Portal, raw: Raw) -> None:
    moments = [(1, 0.1), (20, 0.0), (5, 0.5), (8, 0.9)]
    killed = [kill_after(raw, portal, requests, seconds) for requests, seconds in moments]
    assert sum(killed) >= 2
    raw.load()
    assert raw.versions() == portal.versions()
    assert not list((raw.folder / "work").iterdir())
    assert raw.load().load_ids == []


@pytest.mark.parametrize("seconds", [0.4])
def test_a_kill_among_changes_loses_and_duplicates_nothing(
    seconds: float, portal: Portal, raw: Raw
) -> None:
    raw.load()
    before = portal.versions()
    portal.control("restamp", where="arrest = false")
    deleted = portal.rows(":id")[0][":id"]
    portal.control("delete", where=f":id = '{deleted}'")
    kill_after(raw, portal, 6, seconds)
    raw.load()
    assert raw.versions() == sorted({*before, *portal.versions()} | set(raw.versions()))
    assert len(raw.versions()) == len(set(raw.versions()))
    assert raw.query("select socrata_id from crime_deletions") == [(deleted,)]
    assert raw.load().load_ids == []
