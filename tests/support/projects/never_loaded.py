"""A warehouse without any load: the whole project, built by dbt as a user calls it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from dbt_project.paths import ROOT, Paths

RESULTS = "results.json"


def dbt(*arguments: str, data: Path, project: Path = ROOT) -> str:
    """Call dbt; returns its output."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), *arguments],
        cwd=project,
        env=os.environ
        | {
            "WAREHOUSE_DATA_DIR": str(data),
            "DBT_TARGET_PATH": str(data / "target"),
            "DBT_LOG_PATH": str(data / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build_never_loaded(folder: Path) -> None:
    """Build, test and document everything; a warning is an error.

    The results of the build are kept as `results.json`, for the docs write others.
    """
    data = folder / "data"
    (data / "work").mkdir(parents=True)
    dbt("--quiet", "--warn-error", "build", data=data)
    shutil.copyfile(data / "target/run_results.json", folder / RESULTS)
    dbt("--quiet", "docs", "generate", "--no-compile", data=data)


class NeverLoaded:
    """Such a warehouse, and what dbt wrote of it."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(data=folder / "data")
        self._folder = folder

    def artifact(self, name: str) -> dict[str, Any]:
        """What dbt wrote: `manifest.json`, `catalog.json`."""
        found: dict[str, Any] = json.loads((self.paths.target / name).read_text())
        return found

    def results(self, kind: str) -> dict[str, str]:
        """How each node of a kind ended, by its id."""
        results = json.loads((self._folder / RESULTS).read_text())["results"]
        return {
            result["unique_id"]: result["status"]
            for result in results
            if result["unique_id"].startswith(f"{kind}.")
        }
