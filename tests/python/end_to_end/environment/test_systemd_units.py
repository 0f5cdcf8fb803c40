"""The units of `deploy/systemd`: systemd takes them, they are hardened, their commands exist."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from dbt_project.cli.main import app
from dbt_project.cli.settings import declared
from dbt_project.paths import ROOT

FOLDER = ROOT / "deploy/systemd"
SERVICES, TIMERS = sorted(FOLDER.glob("*.service")), sorted(FOLDER.glob("*.timer"))
PROGRAM = "/opt/warehouse/.venv/bin/warehouse"
# Of ten: what `systemd-analyze security` calls OK.
MAX_EXPOSURE = 2.0


def analyze(*arguments: str) -> str:
    """What systemd's own tool says of units."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing: install Debian's package systemd")
    done = subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units in a folder, with a program that this machine has."""
    for unit in (*SERVICES, *TIMERS):
        (tmp_path / unit.name).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    return tmp_path


def test_there_is_a_unit_for_each_task() -> None:
    names = {path.stem.removeprefix("warehouse-") for path in SERVICES}
    assert names == {"run", "watch", "serve", "report", "reconcile", "alerts", "backup"}
    assert {path.stem for path in TIMERS} <= {path.stem for path in SERVICES}


def test_systemd_has_nothing_to_say_of_the_units(installed: Path) -> None:
    assert analyze("verify", *map(str, sorted(installed.iterdir()))) == ""


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_a_service_is_hardened(service: Path, installed: Path) -> None:
    text = analyze("security", "--offline=true", str(installed / service.name))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", text)
    assert found, text
    assert float(found[1]) <= MAX_EXPOSURE
    assert "MemoryMax=" in service.read_text()


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_the_command_of_a_service_exists_and_waits_for_the_lock(service: Path) -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", service.read_text(), re.M)
    program, name, *arguments = shlex.split(line)
    assert program == PROGRAM
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    context = command.make_context(name, list(arguments))
    assert context.params.get("wait", 1) > 0


def test_the_file_of_settings_names_settings() -> None:
    names = set(re.findall(r"^#?([A-Z_]+)=", (FOLDER / "warehouse.env").read_text(), re.M))
    assert names <= {one.variable for settings in declared().values() for one in settings}
    assert "WAREHOUSE_DATA_DIR" in names
