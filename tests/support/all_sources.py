"""A published warehouse of all three subjects, whose sources have moved on since."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.core.registry import find_source
from ingestion.simulators.pisa.servers import SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from ingestion.simulators.serving import serving
from tests.support.warehouse import Portal, Warehouse, contents

CRIMES = 1_500
# The clocks go forward on the 30th, among the new rows.
FIRST_DAYS = ("--since", "2025-03-28", "--until", "2025-03-30")
RUN_CHANGED = {
    "chicago-crime": ("run", "chicago-crime"),
    "store-sensors": ("run", "store-sensors", "--until", "2025-04-01"),
    "pisa": ("run", "pisa"),
}
# Loads are packages of the run's own making.
PACKAGES = "_load_reconciliation"


@dataclass
class AllSources:
    """A warehouse that tests put into one state again and again.

    Attributes:
        warehouse: its sources have changes of every subject.
        state: its data folder as it was published, before the changes.
        expected: by source, what a run of it publishes that nobody disturbs.
        seconds: by source, how long that takes.
    """

    warehouse: Warehouse
    state: Path
    expected: Mapping[str, Mapping[str, Any]]
    seconds: Mapping[str, float]

    def published(self, source: str) -> dict[str, Any]:
        """What is published of a source's subject."""
        return published(self.warehouse, source)


def published(warehouse: Warehouse, source: str) -> dict[str, Any]:
    """Rows and content hash by mart of a source's subject, without the records of runs."""
    return {
        name: found
        for name, found in contents(warehouse.build).items()
        if name.startswith(f"{find_source(source).domain}.") and not name.endswith(PACKAGES)
    }


@contextmanager
def all_sources(warehouse: Warehouse, folder: Path) -> Iterator[AllSources]:
    """Serve all three sources, load and publish them, and let them move on.

    Args:
        warehouse: an empty one.
        folder: for what must stay beside it.
    """
    survey = Survey(SqliteFolder(folder / "survey"), seed=7)
    with (
        serving("chicago-crime", rows=CRIMES, seed=5) as portal,
        serving("store-sensors") as sensors,
    ):
        try:
            for country in ("AUT", "BEL", "CHL"):
                survey.add_country(country, 300)
            warehouse.use(portal)
            warehouse.use(sensors, "store-sensors")
            warehouse.env[find_source("pisa").address_variable] = json.dumps(survey.databases())
            warehouse("load", "store-sensors", *FIRST_DAYS)
            warehouse("run", "chicago-crime", "pisa")
            state = warehouse.save(folder / "state")
            _change_crimes(Portal(portal))
            survey.edit("AUT", 303 - 3, belong="1.2500")
            survey.insert("BEL", 40)
            yield run_undisturbed(warehouse, state, RUN_CHANGED)
        finally:
            survey.close()


def _change_crimes(portal: Portal) -> None:
    crimes = portal.rows("id", "district = '008'")
    portal.control("restamp", where="district in ('011', '006')")
    portal.control("edit", where=f"id = '{crimes[0]['id']}'", set={"ward": "north"})
    portal.control("edit", where="domestic = true", set={"arrest": "true"})
    for crime in crimes[1:3]:
        portal.control("delete", where=f"id = '{crime['id']}'")


def run_undisturbed(warehouse: Warehouse, state: Path, sources: Iterable[str]) -> AllSources:
    """Run sources that have moved on since a state, each from that state."""
    found, seconds = {}, {}
    for source in sources:
        warehouse.restore(state)
        before = published(warehouse, source)
        begun = time.monotonic()
        warehouse(*RUN_CHANGED[source])
        seconds[source] = time.monotonic() - begun
        found[source] = published(warehouse, source)
        assert found[source] != before
    return AllSources(warehouse, state, found, seconds)
