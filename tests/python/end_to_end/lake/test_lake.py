"""The same warehouse from raw.duckdb and from a lake: the same marts, row for row."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from ingestion.core.registry import find_source, sources
from ingestion.simulators.pisa.servers import SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from ingestion.simulators.serving import serving
from tests.support.all_sources import FIRST_DAYS, published
from tests.support.sources.lakes import content, listing, reader
from tests.support.warehouse import RUNS, Portal, Warehouse, manifest

CRIMES = 600
# The stores' history is loaded once, for a few days.
LOADED = ("chicago-crime", "pisa")
SETTING = "WAREHOUSE_LAKE"
LAKE_WRITES = ("os.rename", "*/lake/raw/raw_*")


@dataclass
class Moved:
    """A warehouse whose raw.duckdb was copied to a lake.

    Attributes:
        warehouse: its sources can be loaded.
        lake: the lake's folder.
        state: the data folder as it was when it was copied, published.
    """

    warehouse: Warehouse
    lake: Path
    state: Path
    portal: Portal
    survey: Survey


@pytest.fixture(scope="module")
def moved(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    folder = tmp_path_factory.mktemp("moved")
    survey = Survey(SqliteFolder(folder / "survey"), seed=7)
    with (
        serving("chicago-crime", rows=CRIMES, seed=5) as portal,
        serving("store-sensors") as sensors,
    ):
        for country in ("AUT", "BEL"):
            survey.add_country(country, 150)
        warehouse.use(portal)
        warehouse.use(sensors, "store-sensors")
        warehouse.env[find_source("pisa").address_variable] = json.dumps(survey.databases())
        warehouse("load", "store-sensors", *FIRST_DAYS)
        warehouse("run", *LOADED)
        state = warehouse.save(folder / "state")
        yield Moved(warehouse, folder / "lake", state, Portal(portal), survey)
        survey.close()
    warehouse.env.pop(SETTING, None)


def assert_equal_marts(one: Path, other: Path) -> None:
    """Every mart but the records of runs has the same rows in two builds, in both directions."""
    names = [name for name in manifest(one)["tables"] if name != RUNS]
    assert len(names) > 40
    with duckdb.connect() as connection:
        for alias, build in (("one", one), ("other", other)):
            connection.execute(f"attach '{build / 'marts.duckdb'}' as {alias} (read_only)")
        for name in names:
            for left, right in (("one", "other"), ("other", "one")):
                differs = f"from {left}.{name} except all from {right}.{name}"
                found = connection.execute(f"select count(*) from ({differs})").fetchall()
                assert found == [(0,)], f"{name}: rows of {left} that {right} lacks"


def test_marts_built_from_the_lake_are_those_built_from_raw(moved: Moved) -> None:
    warehouse, lake = moved.warehouse, moved.lake
    warehouse.env[SETTING] = str(lake)
    line = warehouse.fails("build")
    assert line.endswith(f"that the lake {lake} lacks: run `warehouse lake copy` first")

    # Killed as it puts a file into the lake, and as it makes the files count.
    for moment in (LAKE_WRITES, ("os.rename", "*/lake/raw/raw_*/_dlt_loads/*")):
        assert warehouse.start_killed_at("lake", "copy", moment=moment, times=2).end() < 0
    output = warehouse("lake", "copy")
    assert "copied     raw_" in output
    before = listing(lake)
    assert "copied     nothing: " in warehouse("lake", "copy")
    assert listing(lake) == before
    raw = moved.state / "raw.duckdb"
    with (
        duckdb.connect(raw, read_only=True) as own,
        reader(lake, *sources().values()) as connection,
    ):
        tables = connection.execute(
            "select schema_name || '.' || view_name from duckdb_views() where not internal"
        ).fetchall()
        assert len(tables) > 15
        for (table,) in tables:
            assert content(connection, table) == content(own, table), table

    # A machine that has nothing but the setting.
    warehouse.empty()
    warehouse("build")
    warehouse("publish")
    assert_equal_marts(moved.state / "builds" / published_name(moved.state), warehouse.build)


def published_name(state: Path) -> str:
    return (state / "published").readlink().name


def test_loads_into_the_lake_build_what_loads_into_raw_build(moved: Moved) -> None:
    warehouse, lake = moved.warehouse, moved.lake
    crimes = moved.portal.rows("id", "district = '008'")
    moved.portal.control("edit", where=f"id = '{crimes[0]['id']}'", set={"ward": "north"})
    moved.portal.control("edit", where="domestic = true", set={"arrest": "true"})
    moved.portal.control("delete", where=f"id = '{crimes[1]['id']}'")
    moved.survey.edit("AUT", 7, belong="1.2500")
    moved.survey.insert("BEL", 12)
    found = {}
    for name, env in (("raw", {}), ("lake", {SETTING: str(lake)})):
        warehouse.env.pop(SETTING, None)
        if env:
            # The copy of the other machine was deleted; it is filled from the lake.
            warehouse.empty()
            warehouse.env |= env
        else:
            warehouse.restore(moved.state)
        warehouse("run", *LOADED)
        warehouse("reconcile", *LOADED)
        warehouse("run", *LOADED, "--full-refresh")
        found[name] = {source: published(warehouse, source) for source in LOADED}
    assert found["lake"] == found["raw"]
    line = warehouse.fails("load", "pisa", **{SETTING: ""})
    assert line.endswith(f"is a copy of the lake {lake}: set {SETTING} to it, then load again")
