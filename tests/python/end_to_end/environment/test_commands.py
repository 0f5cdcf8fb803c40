"""The commands that read what is published, and sources that answer, in any environment."""

import json
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.support.all_sources import RUN_CHANGED, AllSources, all_sources
from tests.support.environments import environments
from tests.support.warehouse import Warehouse, contents

pytestmark = pytest.mark.long
COUNTED = "_source_reconciliation"
SEEDS = {source: 40 + n for n, source in enumerate(RUN_CHANGED)}


@pytest.fixture(scope="module")
def changed(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AllSources]:
    with all_sources(warehouse, tmp_path_factory.mktemp("environments")) as found:
        yield found


@pytest.mark.parametrize("source", SEEDS)
def test_every_command_does_the_same_in_another_environment(
    source: str, changed: AllSources
) -> None:
    warehouse, environment = changed.warehouse, environments(SEEDS[source])
    warehouse.restore(changed.state)
    warehouse(*RUN_CHANGED[source], **environment)
    assert changed.published(source) == changed.expected[source]
    warehouse("reconcile", source, **environment)
    warehouse("build", "--full-refresh", **environment)
    warehouse("publish", **environment)
    # The sources were counted meanwhile.
    counted = {name for name in changed.expected[source] if name.endswith(COUNTED)}
    assert len(counted) == 1
    found = changed.published(source)
    assert {name: found[name] for name in found.keys() - counted} == {
        name: rows for name, rows in changed.expected[source].items() if name not in counted
    }
    warehouse("docs", **environment)
    assert (warehouse.build / "docs" / "index.html").is_file()
    found = json.loads(warehouse("status", "--json", **environment))
    assert found["published"]["build_id"] == warehouse.build.name
    warehouse("alerts", **environment)
    assert served(warehouse, environment) == len(contents(warehouse.build)) + 1


def served(warehouse: Warehouse, environment: dict[str, str]) -> int:
    """How many marts the API lists."""
    command = warehouse.start("serve", "--port", "0", **environment)
    try:
        deadline = time.monotonic() + 60
        while " at http" not in command.output:
            assert command.process.poll() is None, command.output
            assert time.monotonic() < deadline, command.output
            time.sleep(0.05)
        url = command.output.partition(" at ")[2].partition(",")[0]
        return len(httpx.get(f"{url}/marts", trust_env=False).json()["marts"])
    finally:
        command.process.kill()
        command.process.wait()
