"""Sources that change their columns, and raw tables that are not ours."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from ingestion.core.errors import LoadError
from tests.python.ingestion.conftest import Raw, use
from tests.support.sources import pisa, sensors
from tests.support.sources.hostile import Served, ends_in_one_line, hostile_server, rows_in
from tests.support.sources.small_api import DAY, HEADER, NIGHT, SmallApi, every_reading
from tests.support.sources.small_portal import COLUMNS, SmallPortal, crime

TYPES = """
select distinct data_type from duckdb_columns()
where schema_name = '{}' and not starts_with(table_name, '_dlt') and table_name in (
    select table_name from duckdb_columns() where column_name = '_dlt_load_id'
)
"""


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallPortal]:
    portal = SmallPortal((*COLUMNS, "weather"))
    portal.add(*(crime(n) for n in range(3)))
    portal.mutate = without_weather
    with hostile_server(portal.answer) as url:
        use(url, monkeypatch)
        yield portal


def without_weather(_: str, served: Served) -> Served:
    if "weather" not in served.header:
        return served
    at = served.header.index("weather")
    header = (*served.header[:at], *served.header[at + 1 :])
    return replace(
        served, header=header, rows=tuple((*row[:at], *row[at + 1 :]) for row in served.rows)
    )


def new_columns(notes: list[str]) -> list[str]:
    return [note for note in notes if "new column" in note]


def test_a_new_column_of_crimes_is_kept_and_reported_once(portal: SmallPortal, raw: Raw) -> None:
    assert new_columns(raw.load().notes) == []
    portal.mutate = lambda _, served: served
    portal.add(crime(10, weather="rain"))
    assert new_columns(raw.load().notes) == ["ijzp-q8t2 has new columns, kept: weather."]
    portal.add(crime(11, weather="snow"))
    assert new_columns(raw.load().notes) == []
    assert raw.query("select weather from crimes order by socrata_id") == [
        *[(None,)] * 3,
        ("rain",),
        ("snow",),
    ]
    # One that disappears again is not missed.
    portal.mutate = without_weather
    portal.add(crime(12))
    assert raw.load().rows == {"crimes": 1}


def test_a_column_that_appears_between_two_pages_is_kept(
    portal: SmallPortal, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__CHICAGO_CRIME__PAGE_SIZE", "2")
    portal.add(*(crime(n, weather="fog") for n in range(20, 24)))
    portal.mutate = lambda query, served: (
        served if ":id > 'row-000020'" in query else without_weather(query, served)
    )
    assert new_columns(raw.load().notes) == ["ijzp-q8t2 has new columns, kept: weather."]
    assert raw.query("select count(*), count(weather) from crimes") == [(7, 2)]


def test_a_new_column_of_readings_is_kept_and_reported_once(api: SmallApi, tmp_path: Path) -> None:
    loader = sensors.Loader(tmp_path, now=NIGHT)
    (note,) = loader.load(DAY).notes
    assert note.startswith("The API has no /opening-hours: ")
    rows = tuple((*row, "dry" if row[1] == "0" else "") for row in every_reading())
    api.readings = Served((*HEADER, "weather"), rows).answer()
    report = loader.load()
    assert report.notes == ["/readings has new columns, kept: weather."]
    assert report.rows == {"readings": 6}
    assert loader.query(
        "select sensor_id, weather, count(*) from readings group by all order by 1"
    ) == [
        ("0", "dry", 6),
        ("1", None, 6),
    ]
    again = loader.load()
    assert (again.notes, again.load_ids) == ([], [])


def test_a_new_column_of_responses_is_not_read(
    database: sqlite3.Connection, tmp_path: Path
) -> None:
    loader = pisa.Loader(tmp_path / "data")
    loader.load()
    database.execute("alter table responses add column st999 default 'x'")
    database.commit()
    again = loader.load()
    assert (again.notes, again.failures, again.load_ids) == ([], {}, [])


@pytest.mark.parametrize("name", ["arrest", ":version"])
def test_a_column_that_crimes_need_is_named_where_it_is_missing(
    name: str, portal: SmallPortal, raw: Raw
) -> None:
    raw.load()
    before = raw.versions()
    portal.add(crime(10))

    def renamed(query: str, served: Served) -> Served:
        header = tuple(f"{one}_new" if one == name else one for one in served.header)
        return replace(served, header=header)

    portal.mutate = lambda query, served: renamed(query, without_weather(query, served))
    with pytest.raises(LoadError, match=f"has no column {name} any more|answered without") as error:
        raw.load()
    ends_in_one_line(error.value)
    assert raw.versions() == before


def test_a_column_that_readings_need_is_named_where_it_is_missing(
    api: SmallApi, tmp_path: Path
) -> None:
    loader = sensors.Loader(tmp_path, now=NIGHT)
    loader.load(DAY)
    before = loader.readings()
    api.readings = Served(("store_name", "sensor_id", "at", "visits"), every_reading()).answer()
    with pytest.raises(LoadError, match=r"Paris: .*has no column read_at_local") as error:
        loader.load()
    ends_in_one_line(error.value)
    assert loader.readings() == before


def test_a_column_that_changes_its_type_leaves_raws_types(
    portal: SmallPortal, api: SmallApi, database: sqlite3.Connection, tmp_path: Path
) -> None:
    raw, loader = Raw(tmp_path / "crime"), sensors.Loader(tmp_path / "doors", now=NIGHT)
    survey = pisa.Loader(tmp_path / "survey")
    for one in (raw, survey):
        one.load()
    loader.load(DAY)
    portal.add(crime(10, arrest="17", ward="north", latitude="41,8"))
    rows = tuple((*row[:3], f"{row[3]}.5 people") for row in every_reading())
    api.readings = Served(HEADER, rows).answer()
    database.execute("insert into responses values (2, 1750000000, 2.5, 1, 2, 3, 4, 5)")
    database.commit()
    for report in (raw.load(), loader.load(), survey.load()):
        assert report.failures == {}
    for folder, schema in (
        (raw.folder, "raw_chicago_crime"),
        (loader.folder, "raw_store_sensors"),
        (survey.folder, "raw_pisa"),
    ):
        assert rows_in(folder / "raw.duckdb", TYPES.format(schema)) == [("VARCHAR",)]
    assert raw.query("select arrest, ward, latitude from crimes where ward = 'north'") == [
        ("17", "north", "41,8")
    ]
    assert loader.number("visits like '%.5 people'") == 12
    assert survey.query("select created_at, cnt from responses where id = '2'") == [
        ("1750000000", "2.5")
    ]


@pytest.mark.parametrize(
    ("schema", "table", "column"),
    [
        ("raw_chicago_crime", "crimes", "date"),
        ("raw_store_sensors", "readings", "visits"),
        ("raw_pisa", "responses", "id"),
    ],
)
def test_a_raw_table_with_another_type_is_named_and_not_changed(
    schema: str,
    table: str,
    column: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    with duckdb.connect(tmp_path / "raw.duckdb") as raw:
        raw.execute(f"create schema {schema}")
        raw.execute(f"create table {schema}.{table} as select timestamp '2026-01-01' as {column}")
    for fixture in ("portal", "api", "database"):
        request.getfixturevalue(fixture)
    loaders: dict[str, Callable[[], object]] = {
        "raw_chicago_crime": Raw(tmp_path).load,
        "raw_store_sensors": sensors.Loader(tmp_path, now=NIGHT).load,
        "raw_pisa": pisa.Loader(tmp_path).load,
    }
    why = f"column {column} of {schema}.{table} is of type TIMESTAMP, where raw is text"
    with pytest.raises(LoadError, match=why) as error:
        loaders[schema]()
    ends_in_one_line(error.value)
    assert rows_in(tmp_path / "raw.duckdb", f"select count(*) from {schema}.{table}") == [(1,)]
