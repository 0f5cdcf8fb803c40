"""Fixtures for the tests of runs: a small warehouse, built and ready to publish."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dbt_project.paths import ROOT, Paths
from ingestion.core.registry import SETTING
from tests.support.forking import forks
from tests.support.projects import building
from tests.support.projects import shop_source as shop_source_module
from tests.support.projects.never_loaded import NeverLoaded, build_never_loaded
from tests.support.projects.sample_project import Warehouse, add_orders, write_project
from tests.support.sharing import made_once

TIMEOUT_SECONDS = 300.0


@pytest.fixture(scope="session")
def never_loaded(shared: Path) -> NeverLoaded:
    """The project built without any source; the workers of a test run share it."""
    return NeverLoaded(made_once(shared / "never-loaded", build_never_loaded))


@pytest.fixture(scope="session", autouse=True)
def plans(shared: Path) -> None:
    """The plans of builds of selected nodes, which the workers of a test run share."""
    building.plans.folder = shared / "plans/selected"


@pytest.fixture
def shop_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """The source of the small project is known."""
    monkeypatch.setenv(SETTING, shop_source_module.__name__)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of the small project."""
    root = tmp_path_factory.mktemp("project")
    write_project(root)
    return root


@pytest.fixture(scope="session")
def warehouse() -> Warehouse:
    """Run the command line as a user does; `project` and `data` say where."""

    def run(
        *arguments: str,
        data: Path,
        project: Path = ROOT,
        max_bytes: int | None = None,
        mask: int = 0o022,
    ) -> subprocess.CompletedProcess[str]:
        env = {"WAREHOUSE_DATA_DIR": str(data), "WAREHOUSE_PROJECT_DIR": str(project)}
        with TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            command = forks().start(
                arguments,
                env=os.environ | env,
                cwd=data.parent,
                out=out,
                err=err,
                max_bytes=max_bytes,
                mask=mask,
            )
            code = command.wait(TIMEOUT_SECONDS)
            return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())

    return run


@pytest.fixture(scope="session")
def built_data(
    tmp_path_factory: pytest.TempPathFactory, project: Path, warehouse: Warehouse
) -> Path:
    """A data folder whose build passed its audit and was not published."""
    data = tmp_path_factory.mktemp("built") / "data"
    data.mkdir()
    add_orders(
        data / "raw.duckdb", "values ('1', '10', '2024-01-01'), ('2', '20', '2024-01-02')", "1.1"
    )
    done = warehouse("build", data=data, project=project)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def built(tmp_path: Path, built_data: Path, project: Path) -> Paths:
    """A copy of such a data folder, of one test's own."""
    shutil.copytree(built_data, tmp_path / "data")
    return Paths(data=tmp_path / "data", project=project)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """An empty data folder, for tests that write the working file themselves."""
    (tmp_path / "data").mkdir()
    return Paths(data=tmp_path / "data")
