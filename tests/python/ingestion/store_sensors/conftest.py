"""The simulated API with all of its routes, and with the route of one reading alone."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ingestion.simulators.serving import serving
from tests.support.sources.sensors import Sensors


@pytest.fixture(scope="module")
def apis() -> Iterator[dict[str, Sensors]]:
    with ExitStack() as stack:
        yield {
            "all": Sensors(stack.enter_context(serving("store-sensors", routes="all"))),
            "one": Sensors(stack.enter_context(serving("store-sensors", routes="one"))),
        }
