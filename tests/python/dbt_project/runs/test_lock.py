"""One run at a time, and a lock that dies with its process."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from typer.main import get_command

from dbt_project.cli.main import app
from dbt_project.paths import ROOT, Paths
from dbt_project.runs.lock import holder, run_lock
from ingestion.core.errors import WarehouseError
from tests.support.projects.sample_project import Warehouse

HOLD = """
import sys
from pathlib import Path
from dbt_project.runs.lock import run_lock
from dbt_project.paths import Paths
with run_lock(Paths(data=Path(sys.argv[1]))):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_run(paths: Paths) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(paths.data)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    assert child.stdout.readline() == "locked\n"
    return child


def test_the_second_run_exits_with_1_and_says_who_holds_the_lock(
    warehouse: Warehouse, paths: Paths, other_run: subprocess.Popen[str]
) -> None:
    ended = warehouse("publish", data=paths.data)
    other_run.communicate("")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert f"in use by process {other_run.pid} (" in line
    assert ", since 20" in line
    assert not paths.runs.exists()


def test_a_killed_holder_leaves_the_lock_free_and_is_named(
    paths: Paths, other_run: subprocess.Popen[str]
) -> None:
    with pytest.raises(WarehouseError), run_lock(paths):
        pass
    os.kill(other_run.pid, signal.SIGKILL)
    other_run.wait()
    left = holder(paths)
    assert left
    assert not left.alive()
    with run_lock(paths) as killed:
        assert killed == left
        now = holder(paths)
        assert now
        assert now.pid == os.getpid()
        assert now.alive()
    assert holder(paths) is None


def test_a_process_id_that_was_reused_is_not_alive(paths: Paths) -> None:
    with run_lock(paths):
        text = paths.holder.read_text()
    started = Path(f"/proc/{os.getpid()}/stat").read_text().rpartition(")")[2].split()[19]
    paths.holder.write_text(text.replace(started, "1"))
    left = holder(paths)
    assert left
    assert not left.alive()


def test_a_command_waits_for_the_other_run_as_long_as_it_is_asked_to(
    warehouse: Warehouse, paths: Paths, other_run: subprocess.Popen[str]
) -> None:
    ended = warehouse("publish", "--wait", "0.3", data=paths.data)
    assert (ended.returncode, "in use by process" in ended.stderr) == (1, True)
    threading.Timer(8, lambda: other_run.communicate("")).start()
    ended = warehouse("publish", "--wait", "60", data=paths.data)
    assert ended.returncode == 1
    assert f"waiting for another command in {paths.data}: done" in ended.stderr
    assert "there is no audited build to publish" in ended.stderr


def test_every_command_that_locks_the_folder_can_wait() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    names = {
        name
        for name, command in commands.items()
        if any("--wait" in parameter.opts for parameter in command.params)
    }
    runs = {"load", "build", "publish", "docs", "run", "reconcile", "demo", "watch"}
    assert names == runs | {"accept-clock"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    held = tmp_path / "data"
    held.mkdir()
    # A folder in the lock's place cannot be opened for writing by anybody, root neither.
    (held / ".lock").mkdir()
    advice = r"cannot write to .*; make the folder writable"
    with pytest.raises(WarehouseError, match=advice), run_lock(Paths(data=held)):
        pass
