"""Stores compared with raw by day, or by hour where the API has no totals."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from ingestion.core.progress import Silent, Task
from ingestion.simulators.serving import serving
from ingestion.simulators.simulator import Routes
from ingestion.sources.store_sensors.api.client import Client
from ingestion.sources.store_sensors.hours import Span
from tests.support.sources.sensors import NOW, Loader, Sensors, use

MONDAY = "2026-06-15"
ROUTES: tuple[Routes, ...] = ("all", "one")
OLD_HOUR = "2026-06-15T11:00:00"
DELETED = "select store_name, sensor_id, read_at_local from reading_deletions order by all"


@dataclass
class Loaded:
    """An API of either form, and a raw database that was loaded from it."""

    api: Sensors
    raw: Path


@pytest.fixture(scope="module")
def apis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Routes, Loaded]]:
    with ExitStack() as stack:
        found = {}
        for routes in ROUTES:
            api = Sensors(stack.enter_context(serving("store-sensors", routes=routes)))
            folder = tmp_path_factory.mktemp(routes)
            with pytest.MonkeyPatch.context() as monkeypatch:
                use(api, monkeypatch)
                Loader(folder, api).at(NOW).load(MONDAY)
            found[routes] = Loaded(api, folder / "raw.duckdb")
        yield found


@pytest.fixture(params=ROUTES)
def loader(
    request: pytest.FixtureRequest,
    apis: dict[Routes, Loaded],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Loader:
    return loaded(apis[request.param], tmp_path, monkeypatch)


@pytest.fixture
def streaming(
    apis: dict[Routes, Loaded], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Loader:
    return loaded(apis["all"], tmp_path, monkeypatch)


def loaded(before: Loaded, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    before.api.control("reset")
    use(before.api, monkeypatch)
    shutil.copy(before.raw, folder)
    return Loader(folder, before.api).at(NOW)


def api_of(loader: Loader) -> Sensors:
    assert loader.api is not None
    return loader.api


def value_at(loader: Loader, hour: str) -> list[tuple[str | None]]:
    where = f"store_name = 'Roma' and sensor_id = '2' and read_at_local = '{hour}'"
    return loader.query(f"select visits from readings where {where}")


def test_what_is_older_than_the_look_back_is_repaired(loader: Loader) -> None:
    api_of(loader).set("Roma", 2, OLD_HOUR, 4711)
    assert loader.load().rows == {}
    assert loader.reconcile().rows == {"readings": 1}
    assert value_at(loader, OLD_HOUR) == [("4711",)]
    assert loader.reconcile().rows == {}


def test_a_deleted_reading_is_noted_and_is_current_again_when_it_returns(loader: Loader) -> None:
    (visits,) = value_at(loader, OLD_HOUR)
    api_of(loader).set("Roma", 2, OLD_HOUR, None)
    report = loader.reconcile()
    assert report.rows == {"reading_deletions": 1}
    assert report.notes == ["1 readings are deleted at the source."]
    assert loader.query(DELETED) == [("Roma", "2", OLD_HOUR)]
    # What was received stays in raw, and is neither requested nor found deleted again.
    assert value_at(loader, OLD_HOUR) == [visits]
    assert (loader.load().rows, loader.reconcile().rows) == ({}, {})
    api_of(loader).set("Roma", 2, OLD_HOUR, int(visits[0] or 0))
    assert loader.reconcile().rows == {"readings": 1}
    live = "select r._dlt_load_id > d._dlt_load_id from readings r join reading_deletions d "
    assert loader.query(f"{live} using (store_name, sensor_id, read_at_local)") == [(True,)]
    assert loader.reconcile().rows == {}


def test_nothing_is_read_where_nothing_differs(loader: Loader) -> None:
    before = len(api_of(loader).asked("/readings")), len(api_of(loader).asked("/"))
    report = loader.reconcile()
    assert (report.rows, len(report.load_ids)) == ({}, 1)
    # Over the one route: a sum an hour of each store, and no door.
    assert len(api_of(loader).asked("/readings")) == before[0]
    assert not [asked for asked in api_of(loader).asked("/")[before[1] :] if "sensor_id" in asked]


def test_only_what_differs_is_read(loader: Loader) -> None:
    api_of(loader).set("Roma", 2, OLD_HOUR, 4711)
    before = len(api_of(loader).asked("/readings")), len(api_of(loader).asked("/"))
    loader.reconcile()
    streams = [asked for asked in api_of(loader).asked("/readings")[before[0] :] if asked]
    doors = [asked for asked in api_of(loader).asked("/")[before[1] :] if "sensor_id" in asked]
    if streams:
        assert streams == ["store_name=Roma&from=2026-06-15T00:00:00&to=2026-06-16T00:00:00"]
        assert doors == []
    else:
        assert len(doors) == 4
        assert all("hour=11" in asked for asked in doors)


def test_doors_that_swap_places_are_found_by_the_checksum(streaming: Loader) -> None:
    for sensor, visits in ((0, 500), (1, 300)):
        api_of(streaming).set("Roma", sensor, OLD_HOUR, visits)
    streaming.reconcile()
    for sensor, visits in ((0, 300), (1, 500)):
        api_of(streaming).set("Roma", sensor, OLD_HOUR, visits)
    assert streaming.reconcile().rows == {"readings": 2}


def test_answers_that_are_not_numbers_make_no_difference(streaming: Loader) -> None:
    for sensor, odd in enumerate(("sensor bus busy", 3.5, "12", -3)):
        api_of(streaming).set("Roma", sensor, OLD_HOUR, odd)
    assert streaming.reconcile().rows == {"readings": 4}
    assert streaming.reconcile().rows == {}


def test_whole_days_are_noted_as_counted(loader: Loader) -> None:
    loader.reconcile()
    days = "select traffic_date, readings_at_source, visits_at_source from day_counts"
    noted = loader.query(f"{days} where store_name = 'Roma' order by 1")
    assert [day for day, _, _ in noted] == [MONDAY, "2026-06-16"]
    visits = "sum(cast(visits as bigint)) filter (where cast(visits as bigint) >= 0)"
    here = loader.query(
        f"select left(read_at_local, 10), count(*), {visits} from readings where "
        "store_name = 'Roma' and read_at_local < '2026-06-17' group by all order by 1"
    )
    counted = [(day, None if n is None else int(n), int(visits)) for day, n, visits in noted]
    is_counted = api_of(loader).asked("/readings/days")[-1] != ""
    assert counted == [(day, n if is_counted else None, int(visits)) for day, n, visits in here]
    parts = loader.query("select part, reconciled_at, periods_read_again from reconciliations")
    assert ("Roma", "2026-06-17T10:30:00.000000Z", "0") in parts
    assert len(parts) == 5


def test_days_narrow_what_is_compared(loader: Loader) -> None:
    api_of(loader).set("Roma", 2, OLD_HOUR, 4711)
    assert loader.reconcile(since="2026-06-16").rows == {}
    assert loader.reconcile(until="2026-06-16").rows == {"readings": 1}
    assert loader.query("select count(*) from reconciliations") == [(0,)]


def test_a_store_that_shrank_is_refused_until_it_is_accepted(streaming: Loader) -> None:
    for hour in range(24):
        for sensor in range(4):
            api_of(streaming).set("Roma", sensor, f"2026-06-15T{hour:02}:00:00", None)
    api_of(streaming).set("Madrid", 0, OLD_HOUR, 4711)
    report = streaming.reconcile()
    assert list(report.failures) == ["Roma"]
    assert "144 readings where 240 are loaded" in report.failures["Roma"]
    assert "--accept-shrink" in report.failures["Roma"]
    assert (report.rows, streaming.query(DELETED)) == ({"readings": 1}, [])
    assert streaming.reconcile(accept_shrink=True).rows == {"reading_deletions": 96}
    assert streaming.reconcile().failures == {}


def test_a_store_that_answers_nothing_leaves_the_others(streaming: Loader) -> None:
    api_of(streaming).set("Roma", 2, OLD_HOUR, 4711)
    fault = "/readings/days?store_name=Paris"
    api_of(streaming).control("fail", mode="html", times=9, match=fault)
    report = streaming.reconcile()
    assert list(report.failures) == ["Paris"]
    assert report.rows == {"readings": 1}


class Ends(Silent):
    """Ends the work, as Ctrl-C does, once something was read."""

    @contextmanager
    def task(
        self, description: str, total: int | None = None, unit: str = "rows"
    ) -> Iterator[Task]:
        class Ending:
            def advance(self, n: int) -> None:
                raise KeyboardInterrupt

            def total(self, n: int) -> None:
                pass

        yield Ending()


def test_an_interruption_does_no_harm(streaming: Loader) -> None:
    api_of(streaming).set("Roma", 2, OLD_HOUR, 4711)
    api_of(streaming).set("Paris", 2, OLD_HOUR, None)
    usual, streaming.progress = streaming.progress, Ends()
    with pytest.raises(KeyboardInterrupt):
        streaming.reconcile()
    assert streaming.query("select count(*) from reconciliations") == [(0,)]
    streaming.progress = usual
    assert streaming.reconcile().rows == {"readings": 1, "reading_deletions": 1}
    assert streaming.reconcile().rows == {}


def test_an_added_door_is_loaded_and_makes_no_earlier_difference(streaming: Loader) -> None:
    api_of(streaming).control("add_sensor", store_name="Roma", from_local="2026-06-16T09:00:00")
    assert streaming.reconcile().rows["readings"] == 27
    assert streaming.reconcile().rows == {}
    streaming.load()
    assert streaming.reconcile().rows == {}


def test_the_api_adds_up_days_as_the_clocks_have_them(apis: dict[Routes, Loaded]) -> None:
    api = apis["all"].api
    api.control("reset")
    with Client(api.url, timeout=10) as client:
        days = client.days("Paris", Span(datetime(2026, 3, 28), datetime(2026, 3, 30)))
        rows = client.readings("Paris", Span(datetime(2026, 3, 28), datetime(2026, 3, 30)))
    assert {day: total.readings for day, total in days.items()} == {
        date(2026, 3, 28): 20 * 24,
        date(2026, 3, 29): 20 * 23,
    }
    visits = [int(visits) for visits in rows["visits"].to_pylist()]
    assert sum(total.visits for total in days.values()) == sum(v for v in visits if v > 0)
    assert sum(total.failed for total in days.values()) == visits.count(-1)
