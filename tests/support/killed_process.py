"""A process that is killed in the middle of its work."""

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEGIN = "import os, signal, sys; from pathlib import Path; from dbt_project.paths import Paths;"


def run_until_killed(data: Path, statements: str) -> None:
    """Execute statements, which may use `paths` of a data folder, in a process that then dies.

    Args:
        data: the folder.
        statements: Python in one line.
    """
    program = f"{BEGIN} paths = Paths(data=Path(sys.argv[1])); {statements};"
    command = [sys.executable, "-c", f"{program} os.kill(os.getpid(), signal.SIGKILL)", str(data)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
