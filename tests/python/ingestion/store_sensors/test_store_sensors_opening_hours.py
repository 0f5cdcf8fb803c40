"""Opening hours: from the API where it has them, and in the marts with their source."""

from pathlib import Path
from typing import Any

import pytest

from ingestion.core.errors import LoadError
from tests.support.projects.footfall_raw import Footfall
from tests.support.sources.sensors import Loader, Sensors, use

HOURS = "select store_name, iso_weekday, opens_at, closes_at from opening_hours order by all"
NOTE = "The API has no /opening-hours"


@pytest.fixture
def loader(apis: dict[str, Sensors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    return loader_of("all", apis, tmp_path, monkeypatch)


def loader_of(
    route: str, apis: dict[str, Sensors], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Loader:
    apis[route].control("reset")
    use(apis[route], monkeypatch)
    return Loader(folder, apis[route]).at("2026-06-17T10:30:00+00:00")


def answer(loader: Loader, *entries: dict[str, Any]) -> None:
    assert loader.api is not None
    loader.api.control("set_opening_hours", entries=[*entries])


def entry(store: Any, weekday: Any, opens: Any, closes: Any) -> dict[str, Any]:
    return {"store_name": store, "iso_weekday": weekday, "opens_at": opens, "closes_at": closes}


def test_the_hours_of_each_store_and_weekday_are_loaded_as_text(loader: Loader) -> None:
    report = loader.load("2026-06-16")
    assert report.rows["opening_hours"] == 5 * 7
    hours = [row[1:] for row in loader.query(HOURS) if row[0] == "Paris"]
    assert hours == [
        *((str(day), "08:00", "18:00") for day in range(1, 7)),
        ("7", None, None),
    ]
    assert "opening_hours" not in loader.load().rows


def test_only_what_changed_is_loaded_again(loader: Loader) -> None:
    answer(loader, entry("Paris", 1, "08:00", "18:00"), entry("Paris", 2, "08:00", "18:00"))
    loader.load("2026-06-16")
    answer(loader, entry("Paris", 1, "09:30", "18:00"), entry("Paris", 2, "08:00", "18:00"))
    assert loader.load().rows == {"opening_hours": 1}
    assert loader.query(HOURS) == [
        ("Paris", "1", "09:30", "18:00"),
        ("Paris", "2", "08:00", "18:00"),
    ]


def test_an_api_without_the_route_is_loaded_and_that_is_said_once(
    apis: dict[str, Sensors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = loader_of("one", apis, tmp_path, monkeypatch)
    first = loader.load("2026-06-17")
    assert first.rows["readings"] > 0
    assert [note.startswith(NOTE) for note in first.notes].count(True) == 1
    assert not any(note.startswith(NOTE) for note in loader.load().notes)
    assert loader.query(HOURS) == []


def test_an_answer_that_is_no_list_is_refused(loader: Loader) -> None:
    assert loader.api is not None
    loader.api.control("fail", mode="html", match="/opening-hours", times=10)
    with pytest.raises(LoadError, match="/opening-hours"):
        loader.load("2026-06-16")


def test_odd_entries_are_kept_for_the_models(loader: Loader) -> None:
    answer(
        loader,
        entry("Paris", "Monday", 9, [18]),
        entry("Paris", 2, "08:00", "18:00"),
        entry("Paris", 2, "09:00", "18:00"),
        {"opens_at": "\0"},
    )
    loader.load("2026-06-16")
    assert loader.query(HOURS) == [
        ("", "", "?", None),
        ("Paris", "2", "08:00 | 09:00", "18:00"),
        ("Paris", "Monday", "9", "[18]"),
    ]


def test_the_marts_say_where_hours_come_from_and_reject_bad_ones(loader: Loader) -> None:
    answer(
        loader,
        entry("Paris", 1, "09:30", "17:15"),
        entry("Paris", 2, "9 o'clock", "18:00"),
        entry("Paris", 7, None, None),
        entry("Oslo", 1, "08:00", "18:00"),
    )
    loader.load("2026-06-01")
    warehouse = Footfall.of_raw(loader.folder)
    warehouse.build()
    assert warehouse.query(
        "select iso_weekday, opens_at_hour, closes_at_hour, opening_hours_source"
        " from footfall.store_opening_hours where store_name = 'Paris' and iso_weekday in (1, 2, 7)"
        " order by 1"
    ) == [(1, 9, 18, "api"), (2, 8, 18, "learned"), (7, None, None, "api")]
    assert warehouse.query(
        "select store_name, reason from footfall.rejected_opening_hours order by 1"
    ) == [("Oslo", "store_name: not in the list of stores"), ("Paris", "opens_at: not a time")]
    # Other hours concern every Monday that is loaded, and an increment knows it.
    answer(loader, entry("Paris", 1, "11:00", "17:00"), entry("Paris", 2, "08:00", "18:00"))
    loader.load()
    warehouse.build()
    assert warehouse.query(
        "select distinct opens_at_hour, closes_at_hour, opening_hours_source"
        " from footfall.store_traffic_daily where store_name = 'Paris' and iso_weekday <= 2"
        " order by 1"
    ) == [(8, 18, "api"), (11, 17, "api")]
    assert warehouse.query(
        "select count(*) > 0 from footfall.store_traffic_daily where store_name = 'Paris'"
        " and iso_weekday = 1 and visits_outside_opening_hours > 0"
    ) == [(True,)]
