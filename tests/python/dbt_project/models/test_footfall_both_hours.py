"""The two hours of autumn that one clock hour stands for, where a file or the API gives both."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from ingestion.sources.store_sensors.tables import RAW_TABLES
from tests.support.projects.footfall_raw import Footfall, answers
from tests.support.projects.raw_project import check_increments

DAY = "2024-10-27"
# Store, and the clock hour that it has twice.
STORES = {"Madrid": 2, "Paris": 2, "Berlin": 2, "Roma": 2, "London": 1}
# Of the hours 0 to 23; the second of the two adds 30.
ONCE = sum(10 * hour for hour in range(24))


def lines(
    file: str, store: str, cells: Sequence[tuple[int, int]], door: int = 0
) -> list[list[str]]:
    """The lines of a file, of hours and visits on the day of 25 hours."""
    rows = [
        {
            **{"file_sha256": file, "file_name": f"{file}.csv", "line_number": str(number)},
            **{"date": DAY, "hour": str(hour), "shop": store, "sensor_id": str(door)},
            **{"count": str(visits), "units": "visits"},
        }
        for number, (hour, visits) in enumerate(cells, 2 + 100 * door)
    ]
    columns = RAW_TABLES["file_readings"].columns
    return [[row.get(column) for column in columns] for row in rows]  # type: ignore[misc]


def day_of(twice: int, *visits: int) -> list[tuple[int, int]]:
    """Each hour of the day once, but for the one that comes twice: these."""
    cells = [(hour, 10 * hour) for hour in range(24) if hour != twice]
    return sorted([*cells, *((twice, count) for count in visits)], key=lambda cell: cell[0])


def both_hours(warehouse: Footfall) -> None:
    for store, twice in STORES.items():
        rows = lines(f"first-{store}", store, day_of(twice, 10 * twice, 30))
        warehouse.load(f"179300000{list(STORES).index(store)}.1", file_readings=rows)


def corrected(warehouse: Footfall) -> None:
    """Newer files: of Paris with both hours, of Roma with one of them, of Berlin with three."""
    for n, (store, visits) in enumerate(
        {"Paris": (1, 2), "Roma": (5,), "Berlin": (7, 8, 9)}.items()
    ):
        rows = lines(f"second-{store}", store, [(2, count) for count in visits])
        warehouse.load(f"1793000010.{n}", file_readings=rows)


def failed(warehouse: Footfall) -> None:
    """One of the hours failed, and both."""
    rows = [
        *lines("third", "London", [(1, -1), (1, 4)], 1),
        *lines("third", "London", [(1, -1)] * 2, 2),
    ]
    warehouse.load("1793000020.1", file_readings=rows)


def answered(warehouse: Footfall) -> None:
    """The API has both for Madrid, and a pair where the clocks do not change."""
    day = answers("Madrid", (0,), f"{DAY}T00:00:00", f"{DAY}T04:00:00")
    pairs = {f"{DAY}T02:00:00": "6 + 5", f"{DAY}T03:00:00": "6 + 5"}
    warehouse.load("1793000030.1", readings=[(*row[:3], pairs.get(row[2], row[3])) for row in day])


STEPS = (both_hours, corrected, failed, answered)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Footfall:
    made = Footfall(tmp_path_factory.mktemp("both") / "data")
    for step in STEPS:
        step(made)
    made.build()
    return made


def hour(warehouse: Footfall, store: str, door: int = 0) -> tuple[object, ...]:
    """Status, visits, readings valid and failed of the hour that a store has twice."""
    [found] = warehouse.query(
        "select reading_status, visits, readings_valid, readings_failed, rows_received"
        f" from footfall.sensor_traffic_hourly where store_name = '{store}'"
        f" and sensor_id = {door} and hours_covered = 2"
    )
    return found


def superseded(warehouse: Footfall, store: str) -> list[tuple[object, ...]]:
    return warehouse.query(
        "select file_name, visits_reported from footfall.superseded_readings"
        f" where store_name = '{store}' order by all"
    )


def test_both_hours_of_a_file_are_summed_in_every_zone(tmp_path: Path) -> None:
    warehouse = Footfall(tmp_path / "data")
    both_hours(warehouse)
    warehouse.build()
    for mart in ("sensor_traffic_daily", "store_traffic_daily"):
        assert warehouse.query(
            "select store_name, visits, readings_expected, readings_valid, coverage_pct"
            f" from footfall.{mart} where traffic_date = '{DAY}' order by 1"
        ) == [(store, ONCE + 30, 25, 25, 100.0) for store in sorted(STORES)]
    assert warehouse.query("select count(*) from footfall.superseded_readings") == [(0,)]
    assert (
        warehouse.query(
            "select readings_expected, readings_valid, days_measured from footfall.sensor_health"
        )
        == [(25, 25, 1)] * 5
    )
    assert (
        warehouse.query(
            "select rows_received, rows_in_warehouse from footfall.reading_load_reconciliation"
        )
        == [(25, 25)] * 5
    )
    assert (
        warehouse.query("select visits, coverage_pct from footfall.door_utilisation")
        == [(ONCE + 30, 100.0)] * 5
    )
    assert warehouse.query("select max(traffic_date) from footfall.sensor_traffic_daily") == [
        (date.fromisoformat(DAY),)
    ]


def test_the_newest_file_has_the_hour_as_a_whole(warehouse: Footfall) -> None:
    assert hour(warehouse, "Paris") == ("valid", 3, 2, 0, 2)
    assert superseded(warehouse, "Paris") == [("first-Paris.csv", 20), ("first-Paris.csv", 30)]
    assert hour(warehouse, "Roma") == ("valid", 5, 1, 0, 1)
    assert superseded(warehouse, "Roma") == [("first-Roma.csv", 20), ("first-Roma.csv", 30)]


def test_of_three_lines_the_last_two_are_the_hours(warehouse: Footfall) -> None:
    assert hour(warehouse, "Berlin") == ("valid", 17, 2, 0, 2)
    assert superseded(warehouse, "Berlin") == [
        ("first-Berlin.csv", 20),
        ("first-Berlin.csv", 30),
        ("second-Berlin.csv", 7),
    ]


def test_an_hour_that_failed_is_missing(warehouse: Footfall) -> None:
    assert hour(warehouse, "London", 1) == ("valid", 4, 1, 1, 2)
    assert hour(warehouse, "London", 2) == ("failed", None, 0, 2, 2)


def test_both_hours_of_the_api_are_summed_where_the_clocks_change_alone(
    warehouse: Footfall,
) -> None:
    assert hour(warehouse, "Madrid") == ("valid", 11, 2, 0, 1)
    assert warehouse.query(
        "select reason, raw_row ->> 'visits' from footfall.rejected_readings"
    ) == [("visits: not a whole number", "6 + 5")]


ZONED = {
    # Both hours of Paris, and the first of them once more; the newest of its lines counts.
    "2024-10-27T02:00:00+02:00": 1,
    "2024-10-27 02:00+02:00": 2,
    "2024-10-27T01:00:00Z": 4,
    # The day before at 22:00 UTC is midnight.
    "2024-10-26T22:00:00Z": 8,
    # As the store's clock shows it.
    "2024-10-27T03:00:00": 16,
}
NOT_HOURS = {
    "2024-10-27T01:30:00Z": "timestamp: not a clock hour",
    "2024-10-27T01:00:00 CET": "timestamp: not a clock hour",
    "": "timestamp: missing",
    "NULL": "timestamp: missing",
}


def test_times_that_name_their_zone_tell_the_two_hours_apart(tmp_path: Path) -> None:
    warehouse = Footfall(tmp_path / "data")
    refused = [(text, 99) for text in NOT_HOURS]
    rows = [
        {
            **{"file_sha256": "zoned", "file_name": "zoned.csv", "line_number": str(number)},
            **{"timestamp": text, "shop": "Paris", "sensor_id": "0", "count": str(visits)},
        }
        for number, (text, visits) in enumerate([*ZONED.items(), *refused], 2)
    ]
    columns = RAW_TABLES["file_readings"].columns
    lines_of_file = [[row.get(column) for column in columns] for row in rows]
    warehouse.load("1793000000.1", file_readings=lines_of_file)
    warehouse.build()
    assert warehouse.query(
        "select hour_of_day, visits, readings_valid from footfall.sensor_traffic_hourly"
        f" where traffic_date = '{DAY}' and load_id is not null order by 1"
    ) == [(0, 8, 1), (2, 6, 2), (3, 16, 1)]
    assert superseded(warehouse, "Paris") == [("zoned.csv", 1)]
    assert warehouse.query(
        "select raw_row ->> 'date', reason from footfall.rejected_readings order by line_number"
    ) == [*NOT_HOURS.items()]
    assert warehouse.query(
        "select rows_received, rows_in_warehouse, rows_superseded, rows_rejected"
        " from footfall.reading_load_reconciliation"
    ) == [(9, 4, 1, 4)]


def test_increments_give_what_a_full_refresh_gives(tmp_path: Path) -> None:
    def later(warehouse: Footfall) -> None:
        """Three weeks later: the day of 25 hours is read again for the averages."""
        readings = answers("Paris", (0, 1), "2024-11-17T00:00:00", "2024-11-18T00:00:00")
        warehouse.load("1793000040.1", readings=readings)

    steps: list[Callable[[Footfall], None]] = [*STEPS, later]
    check_increments(steps, later, Footfall(tmp_path / "a"), Footfall(tmp_path / "b"))
