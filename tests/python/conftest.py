"""Fixtures that every kind of test shares."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder of real rows; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("WAREHOUSE_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real rows at {folder}: set WAREHOUSE_SAMPLE_DATA to check against them")
    return folder
