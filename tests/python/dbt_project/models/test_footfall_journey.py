"""A sequence of loads: each incremental build equals a build of everything, row for row."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.projects.footfall_raw import Footfall, answers, visits
from tests.support.projects.raw_project import check_increments

pytestmark = pytest.mark.slow
Step = Callable[[Footfall], None]
SHA = "f" * 64
STORES = [
    ("Paris", "Paris", "Europe/Paris", "2018-03-20"),
    ("London", "London", "Europe/London", "2014-03-24"),
]


def line(number: int, day: str, hour: str, *values: str) -> tuple[str | None, ...]:
    return (SHA, "dat.csv", str(number), None, None, day, hour, None, *values, "visits")


def first_days(warehouse: Footfall) -> None:
    warehouse.load(
        "1793000000.1",
        stores=STORES,
        sensors=[("Paris", "0"), ("Paris", "1"), ("London", "0")],
        readings=[
            *answers("Paris", (0, 1), "2025-09-20T00:00:00", "2025-10-20T12:00:00"),
            *answers("London", (0,), "2025-09-22T00:00:00", "2025-10-20T12:00:00"),
        ],
    )


def new_hours_and_a_look_back(warehouse: Footfall) -> None:
    warehouse.load(
        "1793000001.1",
        readings=[
            *answers("Paris", (0, 1), "2025-10-19T12:00:00", "2025-10-21T02:00:00"),
            *answers("London", (0,), "2025-10-19T12:00:00", "2025-10-21T01:00:00"),
        ],
    )


def edits(warehouse: Footfall) -> None:
    """One reading fails, one is not a number, one gets lost, one is the first of its sensor."""
    warehouse.load(
        "1793000002.1",
        readings=[
            ("Paris", "0", "2025-10-01T10:00:00", "-1"),
            ("Paris", "0", "2025-10-02T10:00:00", "many"),
            ("Paris", "1", "2025-10-03T10:00:00", None),
            ("Paris", "1", "2025-10-04T10:00:00", "-7"),
            ("Paris", "0", "2025-09-20T09:00:00", "-2"),
            ("Paris", "0", "some day", "3"),
        ],
    )


def late_values(warehouse: Footfall) -> None:
    """What was rejected or not received comes right; what was read again stays in one load."""
    warehouse.load(
        "1793000003.1",
        readings=[
            ("Paris", "0", "2025-10-02T10:00:00", "41"),
            ("Paris", "1", "2025-10-03T10:00:00", "42"),
            ("Paris", "1", "2025-10-03T11:00:00", "43"),
        ],
    )


def a_file_before_and_over_the_api(warehouse: Footfall) -> None:
    """Days in September with a gap before the API's, an overlap, lines that say nothing."""
    days = ["2025-09-01", "2025-09-02", "2025-10-01", "2025-10-02"]
    good = [(day, str(hour), "Paris", "0", str(hour)) for day in days for hour in range(24)]
    bad = [
        ("NULL", "1", "Paris", "0", "1"),
        ("2025-09-03", "24", "Paris", "0", "1"),
        ("2025-09-03", "1", "NULL", "0", "1"),
        ("2025-09-03", "1", "Paris", "NULL", "NULL"),
        ("2025-09-01", "1", "Paris", "0", "77"),
    ]
    rows = [line(number + 2, *values) for number, values in enumerate([*good, *bad])]
    warehouse.load("1793000004.1", file_readings=rows)


def a_new_door_and_a_store_that_nobody_knows(warehouse: Footfall) -> None:
    warehouse.load(
        "1793000005.1",
        sensors=[("Paris", "2")],
        readings=[
            *answers("Paris", (0, 1, 2), "2025-10-21T02:00:00", "2025-10-23T05:00:00"),
            *answers("Oslo", (0,), "2025-10-01T00:00:00", "2025-10-23T05:00:00"),
        ],
    )


def the_store_is_listed_and_clocks_change(warehouse: Footfall) -> None:
    """Rejected readings of accounted loads come right without a new row; so does the zone.

    Three readings are deleted at the API, one of them in an hour that a file has too.
    """
    at = "2025-10-23T06:00:00.000000Z"
    deleted = [
        ("Paris", "0", "2025-10-05T10:00:00", at),
        ("Paris", "0", "2025-10-01T12:00:00", at),
        ("London", "0", "2025-10-06T10:00:00", at),
    ]
    warehouse.load("1793000006.0", reading_deletions=deleted)
    warehouse.load(
        "1793000006.1",
        stores=[
            ("Oslo", "Oslo", "Europe/Oslo", "2025-01-01"),
            ("London", "London", "Europe/Dublin", "2014-03-24"),
        ],
    )


def the_first_days_are_taken_back(warehouse: Footfall) -> None:
    rows = answers("Paris", (1,), "2025-09-20T00:00:00", "2025-09-22T03:00:00")
    warehouse.load("1793000007.1", readings=[(*row[:3], "none") for row in rows])


def over_the_change_of_clocks(warehouse: Footfall) -> None:
    warehouse.load(
        "1793000008.1",
        readings=[
            *answers("Paris", (0, 1, 2), "2025-10-23T05:00:00", "2025-10-28T05:00:00"),
            *answers("London", (0,), "2025-10-25T00:00:00", "2025-10-28T05:00:00", add=3),
        ],
    )


def a_reading_comes_back(warehouse: Footfall) -> None:
    """It has the value from before it was deleted; the API counts a day of Paris."""
    hour = "2025-10-06T10:00:00"
    counted = visits_of_paris("2025-10-05") - visits(0, "2025-10-05T10:00:00")
    warehouse.load(
        "1793000009.1",
        readings=[("London", "0", hour, str(visits(0, hour)))],
        day_counts=[("Paris", "2025-10-05", "47", str(counted), "2025-10-29T00:00:00.000000Z")],
    )


def visits_of_paris(day: str) -> int:
    return sum(visits(door, f"{day}T{hour:02}:00:00") for door in (0, 1) for hour in range(24))


STEPS: tuple[Step, ...] = (
    first_days,
    new_hours_and_a_look_back,
    edits,
    late_values,
    a_file_before_and_over_the_api,
    a_new_door_and_a_store_that_nobody_knows,
    the_store_is_listed_and_clocks_change,
    the_first_days_are_taken_back,
    over_the_change_of_clocks,
    a_reading_comes_back,
)


# Some increments are compared with one full refresh.
PARTS = (STEPS[:4], STEPS[4:7], STEPS[7:])


@pytest.fixture(scope="module")
def increments(tmp_path_factory: pytest.TempPathFactory) -> Footfall:
    return Footfall(tmp_path_factory.mktemp("increments") / "data")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footfall]:
    """A second warehouse, that is given the first one's raw file and built anew."""
    yield Footfall(tmp_path_factory.mktemp("whole") / "data")


@pytest.mark.parametrize("steps", PARTS, ids=lambda steps: steps[-1].__name__)
def test_increments_equal_a_full_refresh(
    steps: tuple[Step, ...], increments: Footfall, whole: Footfall
) -> None:
    check_increments(steps, STEPS[-1], increments, whole)


def test_the_journey_ends_where_it_should(increments: Footfall) -> None:
    assert increments.query(
        "select store_name, sensor_id, cast(first_date as varchar) from footfall.dim_sensor"
        " where first_date is not null order by all"
    ) == [
        ("London", 0, "2025-09-22"),
        ("Oslo", 0, "2025-10-01"),
        ("Paris", 0, "2025-09-01"),
        ("Paris", 1, "2025-09-22"),
        ("Paris", 2, "2025-10-21"),
    ]
    # Whole days between the file and the API keep their rows, without visits.
    assert increments.query(
        "select count(*), count(visits), sum(readings_not_received)"
        " from footfall.store_traffic_daily"
        " where store_name = 'Paris' and traffic_date between '2025-09-03' and '2025-09-19'"
    ) == [(17, 0, 17 * 24)]
    assert increments.query(
        "select reason, count(*) from footfall.rejected_readings group by 1 order by 1"
    ) == [
        ("date: missing", 1),
        ("hour: not 0 to 23", 1),
        ("read_at_local: not a clock hour", 1),
        ("sensor_id: missing; count: missing", 1),
        ("shop: missing", 1),
        ("visits: below -2", 1),
        ("visits: not a whole number", 51),
        ("visits: the store was not open yet", 1),
    ]
    # Paris on two days by file and API: the newer load stands, and of a file its last line.
    assert increments.query(
        "select source, count(*) from footfall.superseded_readings group by 1 order by 1"
    ) == [("api", 47), ("file", 1)]
    # What is deleted is in no hour, unless a file has it; what came back counts again.
    assert increments.query(
        "select cast(deleted.read_at_local as varchar), hourly.reading_status"
        " from footfall.deleted_readings as deleted"
        " left join footfall.sensor_traffic_hourly as hourly"
        " using (store_name, sensor_id, read_at_local) order by all"
    ) == [("2025-10-01 12:00:00", "valid"), ("2025-10-05 10:00:00", "not_received")]
    assert increments.query(
        "select rows_at_source, rows_in_warehouse + rows_rejected + rows_superseded, rows_deleted,"
        " difference, visits_difference"
        " from footfall.reading_source_reconciliation order by traffic_date nulls first"
        # The answer of "some day" is in no day that the API counts.
    ) == [(0, 1, 0, -1, 0), (47, 47, 1, 0, 0)]
