"""The shell completes commands, options and sources, as it does after `--install-completion`."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ingestion.core.registry import sources
from tests.support.warehouse import Warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "data")


def completed(warehouse: Warehouse, *words: str) -> list[str]:
    """What bash gets when Tab is pressed at the end of words."""
    command = warehouse.start(
        _WAREHOUSE_COMPLETE="complete_bash",
        COMP_WORDS=" ".join(["warehouse", *words]),
        COMP_CWORD=str(len(words)),
    )
    assert command.end() == 0, command.output
    return command.output.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("rec",), ["reconcile"]),
        (("b",), ["build", "backup"]),
        (("run", "--full"), ["--full-refresh"]),
        (("load", "p"), ["pisa"]),
        (("reconcile", ""), [*sources()]),
    ],
)
def test_commands_options_and_sources_are_completed(
    warehouse: Warehouse, words: tuple[str, ...], expected: list[str]
) -> None:
    assert sorted(completed(warehouse, *words)) == sorted(expected)


def test_bash_takes_the_script(warehouse: Warehouse) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    command = warehouse.start(_WAREHOUSE_COMPLETE="source_bash")
    assert command.end() == 0, command.output
    script = f"{command.output}\ncomplete -p warehouse"
    done = subprocess.run([bash, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[-1] == "warehouse"
    assert not warehouse.data.exists()
