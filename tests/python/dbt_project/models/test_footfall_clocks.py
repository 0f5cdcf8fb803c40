"""The days of 23 and 25 hours, in the hourly and the daily marts."""

from datetime import UTC, date, datetime

import pytest

from tests.support.projects.footfall_raw import Footfall, answers
from tests.support.projects.raw_project import Row

SPRING, AUTUMN = date(2025, 3, 30), date(2025, 10, 26)
# Store, zone, clock hour that changes.
PLACES = [("Paris", "Europe/Paris", 2), ("London", "Europe/London", 1)]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Footfall:
    made = Footfall(tmp_path_factory.mktemp("clocks") / "data")
    readings = [
        (store, "0", hour, str(10 + int(hour[11:13]) + 100 * (hour < "2025-03-10")))
        for store, *_ in PLACES
        for start, end in (("2025-03-02", "2025-04-07"), ("2025-10-19", "2025-10-28"))
        for _, _, hour, _ in answers(store, (0,), f"{start}T00:00:00", f"{end}T00:00:00")
    ]
    made.load("1793000000.1", readings=readings)
    made.build()
    return made


def hours_of(warehouse: Footfall, mart: str, store: str, day: date) -> list[Row]:
    """The hours of a day: the hour of the clock, how many hours it covers, and when it began."""
    return warehouse.query(
        f"select hour_of_day, hours_covered, read_at from footfall.{mart}_hourly"
        f" where store_name = '{store}' and traffic_date = '{day}' order by 1"
    )


@pytest.mark.parametrize(("store", "zone", "skipped"), PLACES)
def test_spring_has_23_hours_and_one_reading_less(
    warehouse: Footfall, store: str, zone: str, skipped: int
) -> None:
    for mart in ("sensor_traffic", "store_traffic"):
        assert warehouse.query(
            "select time_zone, hours_in_day, readings_expected, readings_valid, visits,"
            f" is_complete_day from footfall.{mart}_daily"
            f" where store_name = '{store}' and traffic_date = '{SPRING}'"
        ) == [(zone, 23, 23, 23, sum(range(10, 34)) - (10 + skipped), True)]
        found = hours_of(warehouse, mart, store, SPRING)
        assert [row[0] for row in found] == [hour for hour in range(24) if hour != skipped]
        assert {row[1] for row in found} == {1}
        assert found[skipped][2] == datetime(2025, 3, 30, 1, tzinfo=UTC)
    assert warehouse.query(
        "select reason, count(*) from footfall.rejected_readings"
        f" where store_name = '{store}' group by 1"
    ) == [("read_at_local: skipped by the clocks", 1)]


@pytest.mark.parametrize(("store", "zone", "twice"), PLACES)
def test_one_reading_of_the_two_hours_of_autumn_leaves_24_of_25(
    warehouse: Footfall, store: str, zone: str, twice: int
) -> None:
    for mart in ("sensor_traffic", "store_traffic"):
        assert warehouse.query(
            "select time_zone, hours_in_day, readings_expected, readings_valid, coverage_pct,"
            f" visits from footfall.{mart}_daily"
            f" where store_name = '{store}' and traffic_date = '{AUTUMN}'"
        ) == [(zone, 25, 25, 24, 96.0, sum(range(10, 34)))]
        found = hours_of(warehouse, mart, store, AUTUMN)
        assert [row[0] for row in found] == list(range(24))
        assert {row[0] for row in found if row[1] == 2} == {twice}
        # The first of the two, in summer time; an hour later winter time has come.
        assert found[twice][2] == datetime(2025, 10, 26, 0, tzinfo=UTC)
        assert found[twice + 1][2] == datetime(2025, 10, 26, 2, tzinfo=UTC)


def test_an_hour_that_spring_skips_is_not_expected(warehouse: Footfall) -> None:
    """02:00 on the Sunday after: the slots of 7, 14 and 21 days before, of which one is not."""
    assert warehouse.query(
        "select traffic_date, visits, avg_visits_last_4 from footfall.sensor_traffic_hourly"
        " where store_name = 'Paris' and hour_of_day = 2 and iso_weekday = 7"
        " and traffic_date between '2025-03-01' and '2025-04-06' order by 1"
    ) == [
        (date(2025, 3, 2), 112, 112.0),
        (date(2025, 3, 9), 112, 112.0),
        (date(2025, 3, 16), 12, 78.6667),
        (date(2025, 3, 23), 12, 62.0),
        (date(2025, 4, 6), 12, 12.0),
    ]


def test_hours_and_days_between_two_loads_keep_their_rows(
    warehouse: Footfall,
) -> None:
    assert warehouse.query(
        "select count(*), count(visits) from footfall.store_traffic_daily"
        " where store_name = 'Paris' and traffic_date between '2025-04-07' and '2025-10-18'"
    ) == [(195, 0)]
