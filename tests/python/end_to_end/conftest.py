"""A warehouse for the tests of one file."""

from pathlib import Path

import pytest

from tests.python.end_to_end.warehouse import Warehouse


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one warehouse after the other lies: dbt parses the project anew for another path."""
    return tmp_path_factory.mktemp("end_to_end")


@pytest.fixture(scope="module")
def warehouse(home: Path) -> Warehouse:
    warehouse = Warehouse(home / "data", {"WAREHOUSE_KEEP_BUILDS": "10"})
    warehouse.empty()
    return warehouse
