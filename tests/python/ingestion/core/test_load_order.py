"""What is loaded later counts as newer, whatever the clock says."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import pytest

from ingestion.core.errors import LoadError
from ingestion.core.raw.load_ids import next_load_id
from tests.python.ingestion.conftest import Raw, use
from tests.support.sources import pisa, sensors
from tests.support.sources.hostile import Served, hostile_server
from tests.support.sources.loading import RawLoader
from tests.support.sources.small_api import DAY, HEADER, NIGHT, SmallApi, every_reading
from tests.support.sources.small_portal import SmallPortal, crime

RIGHT = datetime.fromisoformat(NIGHT)
AHEAD = RIGHT + timedelta(days=4 * 365)


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallPortal]:
    portal = SmallPortal()
    with hostile_server(portal.answer) as url:
        use(url, monkeypatch)
        yield portal


def seconds(moment: datetime) -> str:
    return f"{int(moment.timestamp())}"


@pytest.mark.parametrize(
    "last",
    [
        None,
        "0000000001.000000000",
        "1764198072.5",
        "1764198072.999999999",
        "1781589600",
        "1781589600.0",
        "1900000000.1234567",
        "1899999999.999999999",
    ],
)
def test_a_load_id_follows_the_last_one_as_a_number_and_as_a_text(last: str | None) -> None:
    ids = [last or "0"]
    for now in (RIGHT, RIGHT, AHEAD, RIGHT, RIGHT - timedelta(days=20_000), AHEAD):
        ids.append(next_load_id(ids[-1] if ids[1:] or last else None, now))
    assert ids == sorted(ids)
    numbers = [Decimal(one) for one in ids]
    assert numbers == sorted(set(numbers))
    assert {len(one) for one in ids[1:]} == {20}


def test_a_load_id_is_the_time_where_raw_has_none_as_late() -> None:
    assert next_load_id("1764198072.5", RIGHT) == f"{seconds(RIGHT)}.000000000"


@pytest.mark.parametrize("last", ["999.5", "17641980720.5", "1764198072.5.1", "yesterday", "-1.0"])
def test_what_is_not_a_load_id_is_refused(last: str) -> None:
    with pytest.raises(LoadError, match="is not a load id"):
        next_load_id(last, RIGHT)


@pytest.mark.parametrize("year", [1969, 2300])
def test_a_clock_that_cannot_be_right_is_refused(year: int) -> None:
    with pytest.raises(LoadError, match=f"the clock says {year}-01-01"):
        next_load_id(None, datetime(year, 1, 1, tzinfo=UTC))


def load_at(loader: RawLoader, moment: datetime, **more: str) -> list[str]:
    """Load by a clock; the load ids."""
    return loader.load(clock=lambda: moment, **more).load_ids


def grow(ids: list[str], later: list[str]) -> bool:
    return bool(later) and max(ids) < min(later)


def test_crimes_loaded_after_a_clock_that_was_ahead_are_newer(
    portal: SmallPortal, tmp_path: Path
) -> None:
    raw = Raw(tmp_path)
    portal.add(crime(1), crime(2))
    first = load_at(raw, AHEAD)
    # The same version with another value: the order of the loads alone says which is newer.
    portal.delete("id = '10000001'")
    portal.add(crime(1, ward="8"), crime(3))
    raw.reconcile(clock=lambda: RIGHT)
    second = [row[0] for row in raw.query("select load_id from _dlt_loads order by inserted_at")]
    assert second == sorted(second)
    assert raw.query("select count(*) from crimes where id = '10000003'") == [(1,)]
    portal.add(crime(4))
    third = load_at(raw, RIGHT)
    assert grow(first, third)
    assert load_at(raw, RIGHT) == []
    portal.delete("id = '10000004'")
    raw.reconcile(clock=lambda: RIGHT, accept_shrink=True)
    deleted = "select d._dlt_load_id > c._dlt_load_id from crimes as c join crime_deletions as d "
    assert raw.query(deleted + "using (socrata_id) where id = '10000004'") == [(True,)]


def test_readings_loaded_after_a_clock_that_was_ahead_are_newer(
    api: SmallApi, tmp_path: Path
) -> None:
    loader = sensors.Loader(tmp_path)
    loader.now = (RIGHT + timedelta(hours=5)).isoformat()
    ahead = loader.load(DAY).load_ids
    hours = [*every_reading(), ("Paris", "0", f"{DAY}T06:00:00", "77")]
    api.readings = Served(HEADER, tuple((*row[:3], f"{int(row[3]) + 1}") for row in hours)).answer()
    loader.now = (RIGHT + timedelta(hours=1)).isoformat()
    back = loader.load().load_ids
    assert grow(ahead, back)
    assert unquote(api.asked[-1]).endswith(f"from={DAY}T01:00:00&to={DAY}T07:00:00")
    six = "from readings where read_at_local like '%T06%' order by sensor_id"
    assert loader.query(f"select visits {six}") == [("78",), (None,)]
    changed = "select max(_dlt_load_id) from readings where visits is not null"
    assert loader.query(changed) == [(max(back),)]


def test_students_loaded_after_a_clock_that_was_ahead_are_newer(
    database: sqlite3.Connection, tmp_path: Path
) -> None:
    survey = pisa.Loader(tmp_path / "data")
    first = load_at(survey, AHEAD)
    values = "2, '2026-06-17T11:00:00.000000Z', 'ALB', '3', '0.5', '0.1', '900', '1.5'"
    database.execute(f"insert into responses values ({values})")
    database.commit()
    second = load_at(survey, RIGHT)
    assert grow(first, second)
    assert survey.query("select id, _dlt_load_id from responses order by id") == [
        ("1", first[0]),
        ("2", second[0]),
    ]
    database.execute("update responses set durecec = '4' where id = 1")
    database.commit()
    survey.reconcile(clock=lambda: RIGHT)
    newer = f"select durecec, _dlt_load_id > '{second[0]}' from responses where id = '1'"
    assert survey.query(newer) == [("4", True)]
    assert load_at(survey, RIGHT) == []
