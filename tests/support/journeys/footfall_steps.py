"""Loads of footfall, one after another: edits, late values, files, stores, deletions."""

from collections.abc import Callable

from tests.support.projects.footfall_raw import Footfall, answers, visits

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
