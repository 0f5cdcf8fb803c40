"""The clock hour that autumn has twice, as the API gives it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sources.hostile import Served, hostile_server
from tests.support.sources.sensors import Loader, Sensors, notes_of, use
from tests.support.sources.small_api import HEADER, SmallApi

DAY, NOON = "2024-10-27", "2024-10-27T04:30:00+00:00"
STORE = {
    "store_name": "London",
    "time_zone": "Europe/London",
    "opened_on": "2018-03-01",
    "sensors": [0],
}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallApi]:
    api = SmallApi(stores=json.dumps([STORE]).encode())
    with hostile_server(api.answer) as url:
        use(Sensors(url), monkeypatch)
        yield api


def answer(api: SmallApi, *cells: tuple[int, str]) -> None:
    rows = tuple(("London", "0", f"{DAY}T{hour:02}:00:00", visits) for hour, visits in cells)
    api.readings = Served(HEADER, rows).answer()


def visits(loader: Loader) -> list[str | None]:
    return [row[0] for row in loader.query("select visits from readings order by read_at_local")]


def test_two_answers_are_both_hours_where_the_clocks_have_them(
    api: SmallApi, tmp_path: Path
) -> None:
    loader = Loader(tmp_path, now=NOON)
    answer(api, (0, "1"), (1, "10"), (1, "30"), (2, "20"), (2, "21"), (3, "3"))
    loader.load(DAY)
    assert visits(loader) == ["1", "10 + 30", "20 | 21", "3"]
    assert loader.load().load_ids == []
    # Of the same number, too; a third answer, or one alone, is not a pair.
    answer(api, (0, "1"), (1, "5"), (1, "5"), (2, "20"), (3, "3"))
    loader.load()
    assert visits(loader) == ["1", "5 + 5", "20", "3"]
    answer(api, (0, "1"), (1, "5"), (1, "6"), (1, "7"), (2, "20"), (3, "3"))
    notes = notes_of(loader.load())
    assert visits(loader) == ["1", "5 | 7", "20", "3"]
    assert any("not whole numbers (door 0 at 2024-10-27T01:00:00: 5 | 7)" in note for note in notes)
    answer(api, (0, "1"), (1, "8"), (2, "20"), (3, "3"))
    loader.load()
    assert visits(loader) == ["1", "8", "20", "3"]
