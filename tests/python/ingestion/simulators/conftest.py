"""The simulated API of the stores' sensors, which a file of tests shares."""

from collections.abc import Iterator

import httpx
import pytest

from ingestion.simulators.serving import serving
from tests.support.sources.loading import control


@pytest.fixture(scope="module")
def sensor_server() -> Iterator[str]:
    with serving("store-sensors") as url:
        yield url


@pytest.fixture
def api(sensor_server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sensor_server, timeout=30) as client:
        control(client, "/control/reset")
        control(client, "/control/clock", now="2026-11-22T10:30:00Z")
        yield client
