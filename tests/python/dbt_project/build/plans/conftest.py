"""The small project, built and recorded."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_project.build.working_copy import prepare_work
from dbt_project.paths import Paths
from tests.python.dbt_project.build.plans.recorded_shop import Shop, listening, write_shop
from tests.support.projects.sample_project import add_orders


@pytest.fixture(scope="package")
def shop_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project and its data, built twice, and a plan of the second build."""
    root = tmp_path_factory.mktemp("shop")
    project, data = root / "project", root / "data"
    write_shop(project)
    data.mkdir()
    shop = Shop(Paths(data, project))
    add_orders(shop.paths.raw, "values ('1', '10', 'x')", "1.1")
    prepare_work(shop.paths)
    for _ in range(2):
        assert shop.build().failures == []
    return root


@pytest.fixture
def shop(shop_built: Path, tmp_path: Path) -> Iterator[Shop]:
    """A copy of the folder, of one test's own; the project stays where it is for most tests."""
    shutil.copytree(shop_built / "data", tmp_path / "data")
    with listening(Shop(Paths(tmp_path / "data", shop_built / "project"))) as shop:
        yield shop


@pytest.fixture
def editable(shop: Shop) -> Iterator[Shop]:
    """The same, whose project is put back as it was: dbt parses one in another place anew."""
    before = shop.paths.project.with_name("before")
    shutil.copytree(shop.paths.project, before)
    yield shop
    shutil.rmtree(shop.paths.project)
    before.rename(shop.paths.project)
