"""A warehouse for the tests of one file."""

from pathlib import Path

import pytest

from tests.python.end_to_end.warehouse import Warehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder: Path = tmp_path_factory.mktemp("end_to_end")
    return Warehouse(folder / "data", {"WAREHOUSE_KEEP_BUILDS": "10"})
