"""The small project, built and recorded."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_project.build.working_copy import prepare_work
from dbt_project.paths import Paths
from tests.support.projects.recorded_project import (
    RecordedProject,
    record_events,
    write_recorded_project,
)
from tests.support.projects.sample_project import add_orders


@pytest.fixture(scope="package")
def recorded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project and its data, built twice, and a plan of the second build."""
    root = tmp_path_factory.mktemp("shop")
    project, data = root / "project", root / "data"
    write_recorded_project(project)
    data.mkdir()
    recorded = RecordedProject(Paths(data, project))
    add_orders(recorded.paths.raw, "values ('1', '10', 'x')", "1.1")
    prepare_work(recorded.paths)
    for _ in range(2):
        assert recorded.build().failures == []
    return root


@pytest.fixture
def recorded(recorded_folder: Path, tmp_path: Path) -> Iterator[RecordedProject]:
    """A copy of the folder, of one test's own; the project stays where it is for most tests."""
    shutil.copytree(recorded_folder / "data", tmp_path / "data")
    with record_events(
        RecordedProject(Paths(tmp_path / "data", recorded_folder / "project"))
    ) as recorded:
        yield recorded


@pytest.fixture
def editable(recorded: RecordedProject) -> Iterator[RecordedProject]:
    """The same, whose project is put back as it was: dbt parses one in another place anew."""
    before = recorded.paths.project.with_name("before")
    shutil.copytree(recorded.paths.project, before)
    yield recorded
    shutil.rmtree(recorded.paths.project)
    before.rename(recorded.paths.project)
