"""The real project by plan: the same as by dbt, row for row, of each source and of all."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_project.build.build import build
from dbt_project.paths import Paths
from dbt_project.publishing.publish import publish
from ingestion.core.progress import Silent
from ingestion.core.registry import find_source
from ingestion.simulators.pisa.servers import SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from ingestion.simulators.serving import serving
from tests.support.forking import parse
from tests.support.projects.recorded_project import (
    RecordedProject,
    content,
    record_events,
)
from tests.support.warehouse import Portal, Warehouse

pytestmark = pytest.mark.slow
RUN_CHANGED = {
    "chicago-crime": ("chicago-crime",),
    "store-sensors": ("store-sensors", "--until", "2025-04-01"),
    "pisa": ("pisa",),
}


@dataclass
class Sources:
    """A warehouse of all three sources, which have moved on since it was published.

    Attributes:
        warehouse: to load the changes with.
        recorded: its data folder.
        loaded: a copy of it from before its first build.
        published: a copy of it as it was published.
        by_dbt: what dbt made of the first build.
    """

    warehouse: Warehouse
    recorded: RecordedProject
    loaded: Path
    published: Path
    by_dbt: dict[str, Any]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    home = tmp_path_factory.mktemp("sources")
    warehouse = Warehouse(home / "data")
    survey = Survey(SqliteFolder(home / "survey"), seed=7)
    with (
        serving("chicago-crime", rows=400, seed=5) as portal,
        serving("store-sensors") as sensors,
        record_events(RecordedProject(Paths(warehouse.data))) as recorded,
    ):
        for country in ("AUT", "BEL"):
            survey.add_country(country, 100)
        warehouse.use(portal)
        warehouse.use(sensors, "store-sensors")
        warehouse.env[find_source("pisa").address_variable] = json.dumps(survey.databases())
        warehouse("load", "store-sensors", "--since", "2025-03-28", "--until", "2025-03-30")
        warehouse("load", "chicago-crime", "pisa")
        loaded = warehouse.save(home / "loaded")
        by_dbt = built(recorded)
        assert not recorded.used_plan
        publish(recorded.paths, now=datetime.now(UTC), progress=Silent())
        published = warehouse.save(home / "published")
        Portal(portal).control("edit", where="domestic = true", set={"arrest": "true"})
        Portal(portal).control("restamp", where="district = '011'")
        survey.edit("AUT", 100, belong="1.2500")
        survey.insert("BEL", 40)
        yield Sources(warehouse, recorded, loaded, published, by_dbt)
    survey.close()


def built(recorded: RecordedProject) -> dict[str, Any]:
    """Everything that a build makes: marts, what raw holds beside the loads, and the audit."""
    parse()
    recorded.events_seen.clear()
    audit = build(recorded.paths, full_refresh=False, select=(), sources=(), progress=Silent())
    assert audit.succeeded, audit.dbt.failures
    report = vars(audit.dbt) | {"invocation_id": "", "test_seconds": 0.0}
    with duckdb.connect(recorded.paths.raw, read_only=True) as raw:
        views = raw.execute("select view_name, sql from duckdb_views() order by all").fetchall()
    marts = content(recorded.paths.work_marts)
    return {"report": report, "views": views, "marts": marts, "raw": content(recorded.paths.raw)}


def test_a_plan_of_the_whole_project_gives_what_dbt_gives(sources: Sources) -> None:
    sources.warehouse.restore(sources.loaded)
    by_plan = built(sources.recorded)
    assert sources.recorded.used_plan, sources.recorded.events_seen
    assert by_plan == sources.by_dbt
    assert len(by_plan["marts"]["crime.fct_crimes"][-1]) > 300


@pytest.mark.parametrize("source", RUN_CHANGED)
def test_a_plan_of_a_source_gives_what_dbt_gives(
    sources: Sources, tmp_path: Path, source: str
) -> None:
    sources.warehouse.restore(sources.published)
    sources.warehouse("load", *RUN_CHANGED[source])
    state = sources.warehouse.save(tmp_path / "changes")
    by_dbt = built(sources.recorded)
    assert not sources.recorded.used_plan
    sources.warehouse.restore(state)
    by_plan = built(sources.recorded)
    assert sources.recorded.used_plan, sources.recorded.events_seen
    assert by_plan == by_dbt
    before = sources.by_dbt["marts"]
    assert sum(mart != before[name] for name, mart in by_dbt["marts"].items()) > 5
