"""Made-up rows are called so by their source, and raw keeps what it said beside them."""

import sqlite3
from pathlib import Path

import duckdb
import pytest

from ingestion.core.simulated import COLUMN
from ingestion.simulators.pisa.servers import SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from ingestion.simulators.serving import serving
from ingestion.simulators.simulator import Routes
from tests.python.ingestion.conftest import Raw
from tests.python.ingestion.conftest import use as use_portal
from tests.support.sources import pisa, sensors
from tests.support.sources.loading import RawLoader
from tests.support.sources.small_api import SmallApi

NOTES = "select part, is_made_up from origins order by all"
# The day of the small API.
DAY, END = "2026-06-16", "2026-06-17"


def test_a_simulated_portal_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving("chicago-crime", rows=30) as url:
        use_portal(url, monkeypatch)
        raw = Raw(tmp_path)
        report = raw.load()
    assert raw.query(NOTES) == [("ijzp-q8t2", "true")]
    # The note came with the first rows: a load that was killed after them has left it, too.
    (first,) = raw.query("select min(_dlt_load_id) from iucr_codes")[0]
    assert raw.query("select _dlt_load_id from origins") == [(first,)]
    assert "origins" not in report.rows


@pytest.mark.parametrize("routes", ["all", "one"])
def test_a_simulated_api_says_so_by_whichever_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, routes: Routes
) -> None:
    with serving("store-sensors", routes=routes) as url:
        sensors.use(sensors.Sensors(url), monkeypatch)
        loader = sensors.Loader(tmp_path)
        loader.load(DAY, END)
        # What is known already is not noted again.
        loader.load(DAY, END)
    assert loader.query(NOTES) == [("readings", "true")]


def test_an_api_on_this_machine_is_not_made_up_for_that(tmp_path: Path, api: SmallApi) -> None:
    loader = sensors.Loader(tmp_path)
    loader.load(DAY, END)
    assert loader.query(NOTES) == [("readings", "false")]


def test_a_source_that_had_both_kinds_of_rows_keeps_both_notes(
    tmp_path: Path, api: SmallApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = sensors.Loader(tmp_path)
    loader.load(DAY, END)
    with serving("store-sensors") as url:
        sensors.use(sensors.Sensors(url), monkeypatch)
        loader.load(DAY, END)
    assert loader.query(NOTES) == [("readings", "false"), ("readings", "true")]


def test_files_count_as_real_unless_they_have_the_column(tmp_path: Path) -> None:
    header, row = "date,hour,shop,sensor_id,count,units", "2026-06-16,9,Paris,0,5,visits"
    (tmp_path / "real.csv").write_text(f"{header}\n{row}\n")
    (tmp_path / "simulated.csv").write_text(f"{header},{COLUMN}\n{row},true\n")
    loader = sensors.Loader(tmp_path / "data")
    loader.load(file=tmp_path / "real.csv")
    assert loader.query(NOTES) == [("file_readings", "false")]
    loader.load(file=tmp_path / "simulated.csv")
    assert loader.query(NOTES) == [("file_readings", "false"), ("file_readings", "true")]


def test_a_database_says_so_in_a_column_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two databases on this machine, one is real; a load without new rows finds out, too."""
    loader = pisa.Loader(tmp_path / "data")
    survey = Survey(SqliteFolder(tmp_path), seed=7, clock=loader.clock)
    for country in pisa.COUNTRIES:
        survey.add_country(country, 3)
    survey.close()
    with sqlite3.connect(tmp_path / "pisa_fra.sqlite") as real:
        real.execute(f"alter table responses drop column {COLUMN}")
    pisa.configure(monkeypatch, None, **{c: SqliteFolder(tmp_path).url(c) for c in pisa.COUNTRIES})
    loader.load()
    notes = [("ALB", "true"), ("FRA", "false")]
    assert loader.query(NOTES) == notes
    forget_notes(loader)
    # As after a load by a version that took no notes.
    assert loader.load().rows == {}
    assert loader.query(NOTES) == notes


def forget_notes(loader: RawLoader) -> None:
    with duckdb.connect(str(loader.folder / "raw.duckdb")) as raw:
        raw.execute("delete from raw_pisa.origins")
