"""Loading readings over either route: everything arrives once, late values with the next load."""

from pathlib import Path

import pytest

from tests.support.sources.sensors import DOORS, Loader, Sensors, use

TUESDAY = "2026-06-16"
# Hours finished on Wednesday at 10:30 UTC, since Tuesday begins: 12 in the zones of Paris.
HOURS = {"Paris": 36, "Berlin": 36, "Roma": 36, "Madrid": 36, "London": 35}


@pytest.fixture(params=["all", "one"])
def loader(
    request: pytest.FixtureRequest,
    apis: dict[str, Sensors],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Loader:
    return of_route(request.param, apis, tmp_path, monkeypatch)


@pytest.fixture
def streaming(apis: dict[str, Sensors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    return of_route("all", apis, tmp_path, monkeypatch)


def of_route(
    route: str, apis: dict[str, Sensors], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Loader:
    api = apis[route]
    api.control("reset")
    use(api, monkeypatch)
    return Loader(folder, api).at("2026-06-17T10:30:00+00:00")


def api_of(loader: Loader) -> Sensors:
    assert loader.api is not None
    return loader.api


def test_both_routes_land_the_same_rows(
    apis: dict[str, Sensors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed = {}
    for route in apis:
        loader = of_route(route, apis, tmp_path / route, monkeypatch)
        api_of(loader).set("Paris", 3, "2026-06-16T11:00:00", "sensor bus busy")
        api_of(loader).set("Paris", 4, "2026-06-16T11:00:00", None)
        report = loader.load(TUESDAY)
        doors = {"Paris": 20, "Berlin": 6, "Roma": 4, "Madrid": 1, "London": 8}
        assert report.rows["readings"] == sum(HOURS[store] * doors[store] for store in doors)
        landed[route] = loader.readings()
    assert landed["all"] == landed["one"]
    assert ("Paris", "3", "2026-06-16T11:00:00", "sensor bus busy") in landed["one"]
    assert ("Paris", "4", "2026-06-16T11:00:00", None) in landed["one"]
    # Where there is no /stores, the seed lists the doors.
    assert Loader(tmp_path / "all").query("select count(*) from sensors") == [(DOORS,)]
    assert Loader(tmp_path / "one").query("select count(*) from sensors") == [(0,)]


def test_a_second_load_adds_no_row_and_an_hour_later_only_that_hour(loader: Loader) -> None:
    loader.load(TUESDAY)
    again = loader.load()
    assert (again.rows, again.load_ids) == ({}, [])
    assert loader.at("2026-06-17T11:00:00+00:00").load().rows == {"readings": DOORS}
    assert loader.load().load_ids == []
    types = loader.query(
        "select distinct data_type from duckdb_columns() where schema_name = 'raw_store_sensors' "
        "and not starts_with(table_name, '_dlt') "
    )
    assert types == [("VARCHAR",)]
    assert not list((loader.folder / "work").iterdir())


def test_a_late_value_arrives_within_the_look_back_and_not_beyond(loader: Loader) -> None:
    loader.load(TUESDAY)
    api_of(loader).set("Paris", 0, "2026-06-17T10:00:00", 4711)
    api_of(loader).set("Paris", 0, "2026-06-16T01:00:00", 4712)
    assert loader.load().rows == {"readings": 1}
    late = loader.readings("visits in ('4711', '4712')")
    assert late == [("Paris", "0", "2026-06-17T10:00:00", "4711")]


def test_an_answer_that_is_not_a_number_is_kept_and_requested_again(loader: Loader) -> None:
    hour = "2026-06-16T11:00:00"
    api_of(loader).set("Roma", 2, hour, 3.5)
    report = loader.load(TUESDAY)
    assert loader.readings("visits like '%.%'") == [("Roma", "2", hour, "3.5")]
    note = "Roma: 1 answers are not whole numbers (door 2 at 2026-06-16T11:00:00: 3.5)"
    assert any(one.startswith(note) for one in report.notes)
    api_of(loader).set("Roma", 2, hour, 35)
    assert loader.load().rows == {"readings": 1}
    assert ("Roma", "2", hour, "35") in loader.readings()
    assert loader.load().notes == []


def test_a_reading_not_received_is_not_zero_and_is_requested_again(loader: Loader) -> None:
    hour = "2026-06-16T11:00:00"
    api_of(loader).set("Roma", 2, hour, None)
    report = loader.load(TUESDAY)
    assert loader.readings("visits is null") == [("Roma", "2", hour, None)]
    assert "Roma: 1 readings were not received; the next load asks for them again." in report.notes
    assert loader.load().rows == {}
    api_of(loader).set("Roma", 2, hour, 0)
    assert loader.load().rows == {"readings": 1}
    # What was received is not forgotten when it cannot be had a second time.
    api_of(loader).set("Roma", 2, "2026-06-17T11:00:00", None)
    assert loader.load().rows == {}


def test_an_earlier_day_extends_backwards(loader: Loader) -> None:
    loader.load(TUESDAY)
    newer = loader.readings()
    report = loader.load("2026-06-15")
    assert report.rows == {"readings": 24 * DOORS}
    assert [row for row in loader.readings() if row[2] >= TUESDAY] == newer
    assert loader.load().load_ids == []
    assert loader.load("2026-06-16").load_ids == []


def test_the_load_continues_where_it_ended(loader: Loader) -> None:
    assert loader.load(TUESDAY, "2026-06-17").rows["readings"] == 24 * DOORS
    report = loader.load()
    assert report.rows["readings"] == sum(
        n * (HOURS[store] - 24)
        for store, n in {"Paris": 20, "Berlin": 6, "Roma": 4, "Madrid": 1, "London": 8}.items()
    )
    assert report.newest_at == "2026-06-17T11:00:00"


def test_a_door_added_is_loaded_from_its_first_reading(streaming: Loader) -> None:
    streaming.load(TUESDAY)
    api_of(streaming).control("add_sensor", store_name="Berlin", from_local="2026-06-17T08:00:00")
    report = streaming.load()
    assert report.rows == {"sensors": 1, "readings": 4}
    assert [row[2] for row in streaming.readings("store_name = 'Berlin' and sensor_id = '6'")] == [
        f"2026-06-17T{hour:02}:00:00" for hour in range(8, 12)
    ]
    assert [note for note in report.notes if note.startswith("Berlin has a new door 6")]
    again = streaming.load()
    assert (again.load_ids, again.notes) == ([], [])
    assert streaming.load("2026-06-15").rows == {"readings": 24 * DOORS}
    assert streaming.number("visits = '-2'") == 0


def test_a_store_added_is_loaded_from_the_same_day_on(streaming: Loader) -> None:
    streaming.load(TUESDAY)
    api_of(streaming).control(
        "add_store", store_name="Wien", opened_on="2020-01-01", sensors=2, time_zone="Europe/Vienna"
    )
    report = streaming.load()
    assert report.rows == {"stores": 1, "sensors": 2, "opening_hours": 7, "readings": 2 * 36}
    assert streaming.query("select time_zone from stores where store_name = 'Wien'") == [
        ("Europe/Vienna",)
    ]


def test_no_request_is_made_for_a_store_that_is_not_open_yet(streaming: Loader) -> None:
    api = api_of(streaming)
    api.control("add_store", store_name="Wien", opened_on="2026-06-17", time_zone="Europe/Vienna")
    report = streaming.load(TUESDAY)
    assert "Wien opens on 2026-06-17: nothing is asked for before." in report.notes
    assert not [query for query in api.asked("/readings") if "Wien" in query]
    report = streaming.at("2026-06-18T01:10:00+00:00").load()
    hours = [row[2][:13] for row in streaming.readings("store_name = 'Wien'")]
    assert hours == ["2026-06-18T00", "2026-06-18T01", "2026-06-18T02"]
    assert streaming.number("visits = '-2'") == 0


@pytest.mark.parametrize(
    ("day", "next_day", "hours", "elapsed_from"),
    [("2026-03-29", "2026-03-30", 23, 2), ("2025-10-26", "2025-10-27", 24, 2)],
)
def test_days_on_which_the_clocks_change(
    loader: Loader, day: str, next_day: str, hours: int, elapsed_from: int
) -> None:
    loader.at(f"{next_day}T12:00:00+00:00").load(day, next_day)
    assert loader.number() == hours * DOORS
    doors = loader.query("select distinct count(*) from readings group by store_name, sensor_id")
    assert doors == [(hours,)]
    skipped = {"Paris": "02", "London": "01"}
    for store, hour in skipped.items():
        there = loader.number(
            f"store_name = '{store}' and sensor_id = '0' and read_at_local = '{day}T{hour}:00:00'"
        )
        assert there == (0 if hours == 23 else 1)
    assert loader.load(day, next_day).load_ids == []


def test_the_hour_that_comes_twice_is_loaded_after_its_second_pass(streaming: Loader) -> None:
    newest = "select max(read_at_local) from readings where store_name = 'Paris'"
    for minute, hour in (("00:30", "01"), ("01:30", "01"), ("02:00", "02")):
        streaming.at(f"2025-10-26T{minute}:00+00:00").load("2025-10-26")
        assert streaming.query(newest) == [(f"2025-10-26T{hour}:00:00",)]
