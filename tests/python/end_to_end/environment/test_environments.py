"""Whatever is in the environment: the same marts, or one line that names the variable."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.environments import REFUSED, SEEN, environments
from tests.support.warehouse import Warehouse, contents

READINGS = "date,hour,shop,sensor_id,count,units\n" + "".join(
    f"2025-11-{1 + n // 10:02},{8 + n % 10},Paris,1,{n},visits\n" for n in range(100)
)


@pytest.fixture(scope="module")
def expected(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("readings") / "readings.csv"
    file.write_text(READINGS)
    warehouse.env["READINGS"] = str(file)
    return marts(warehouse, {})


def marts(warehouse: Warehouse, environment: dict[str, str]) -> dict[str, Any]:
    """What is published of the readings, loaded, built and published in an environment."""
    warehouse.empty()
    warehouse("load", "store-sensors", "--file", warehouse.env["READINGS"], **environment)
    warehouse("build", **environment)
    warehouse("publish", **environment)
    return {
        name: found
        for name, found in contents(warehouse.build).items()
        if name.startswith("footfall.")
    }


def test_there_are_fifty() -> None:
    assert len(SEEN) >= 50


@pytest.mark.parametrize("seed", [1])
def test_another_environment_gives_the_same_marts(
    seed: int, warehouse: Warehouse, expected: dict[str, Any]
) -> None:
    assert marts(warehouse, environments(seed)) == expected


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 40))
def test_any_environment_gives_the_same_marts(
    seed: int, warehouse: Warehouse, expected: dict[str, Any]
) -> None:
    assert marts(warehouse, environments(seed)) == expected


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("command", ["run", "build", "publish", "status", "alerts", "docs"])
def test_a_variable_that_cannot_be_right_is_named(name: str, command: str, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "data")
    refused = warehouse.start(command, **{name: SEEN[name]})
    assert name in refused.failure()
    assert not (tmp_path / "data").exists()
