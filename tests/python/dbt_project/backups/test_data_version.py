"""A data folder of another version is refused; one of before the stamp is stamped."""

import json
import re
from typing import Any

import pytest

from dbt_project.data_version import VERSION
from dbt_project.paths import Paths
from dbt_project.runs.run import exclusive_access
from tests.support.projects.publications import publish_orders, published_orders
from tests.support.projects.sample_project import Warehouse


@pytest.fixture
def published(paths: Paths) -> Paths:
    publish_orders(paths, 1)
    return paths


@pytest.mark.parametrize(
    ("stamp", "why"),
    [
        ({"version": VERSION + 1, "id": "x"}, "of a newer warehouse, and this one reads"),
        ({"version": VERSION - 1, "id": "x"}, "of an older warehouse, and this one reads"),
        ({}, "the version stamp of .* cannot be read: restore a backup"),
    ],
)
def test_a_folder_of_another_version_is_refused_by_every_command(
    stamp: dict[str, Any], why: str, published: Paths, warehouse: Warehouse
) -> None:
    published.stamp.write_text(json.dumps(stamp))
    before = sorted(path.name for path in published.data.iterdir())
    for command in ("run", "build", "publish", "watch", "status", "alerts", "serve", "report"):
        refused = warehouse(command, data=published.data)
        assert refused.returncode == 1
        assert re.search(why, refused.stderr)
        assert len(refused.stderr.splitlines()) == 1
    assert sorted(path.name for path in published.data.iterdir()) == before


def test_a_folder_from_before_the_stamp_is_stamped_by_the_next_run(
    published: Paths, warehouse: Warehouse
) -> None:
    assert not published.stamp.exists()
    before = sorted(path.name for path in published.data.iterdir())
    assert warehouse("status", data=published.data).returncode == 0
    assert not published.stamp.exists()
    with exclusive_access(published):
        pass
    found = json.loads(published.stamp.read_text())
    assert found["version"] == VERSION
    added = {path.name for path in published.data.iterdir()}.difference(before)
    assert {name for name in added if name[0] != "."} == {"warehouse.json", "logs"}
    assert published_orders(published) == 1
    with exclusive_access(published):
        pass
    assert json.loads(published.stamp.read_text()) == found
