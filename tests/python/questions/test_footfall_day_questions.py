"""Questions of a store's owner on doors that fail and on holidays, each answered by one query."""

import zlib

import duckdb
import pandas as pd
import pytest

from tests.support.projects.footfall_raw import Footfall, hours

STORES = [
    ("Paris", "Paris", "Europe/Paris", "2018-03-20"),
    ("Berlin", "Berlin", "Europe/Berlin", "2022-09-05"),
    ("London", "London", "Europe/London", "2014-03-24"),
]
FIRST, END = "2024-02-26T00:00:00", "2024-06-17T00:00:00"
# Days off in 2024, written down by hand. Berlin has Women's Day alone, London other days in May.
HOLIDAYS = {
    "Paris": ["04-01 Easter Monday", "05-01 Labor Day", "05-08 Victory Day", "05-09 Ascension Day",
              "05-20 Pentecost Monday"],
    "Berlin": ["03-08 Women's Day", "03-29 Good Friday", "04-01 Easter Monday", "05-01 Labor Day",
               "05-09 Ascension Day", "05-20 Pentecost Monday"],
    "London": ["03-29 Good Friday", "04-01 Easter Monday", "05-06 May Day",
               "05-27 Spring Bank Holiday"],
}  # fmt: skip
AGEING = ("Berlin", 1)

FAILING_MORE = """
select
    store_name,
    sensor_id,
    round(regr_slope(failure_rate_pct, datediff('month', date '2024-01-01', month_start)), 4)
        as points_per_month,
    min_by(failure_rate_pct, month_start) as first_month_pct,
    max_by(failure_rate_pct, month_start) as last_month_pct
from footfall.sensor_health_monthly
where is_complete_month
group by store_name, sensor_id
order by points_per_month desc, store_name, sensor_id
"""
HOLIDAYS_OF_STORES = """
select store_name, holiday_date, holiday_name, day_status, visits, comparison_days,
    comparison_mean, difference_pct, coverage_pct
from footfall.footfall_by_holiday
order by store_name, holiday_date
"""


def draw_answer(store: str, sensor: int, hour: str) -> int:
    """What a sensor answered: a number of the hour, which a door's age makes fail more often."""
    number = zlib.crc32(f"{store} {sensor} {hour}".encode())
    day, clock = hour[:10], int(hour[11:13])
    age = int(day[5:7]) - 2 if (store, sensor) == AGEING else 1
    is_closed = pd.Timestamp(day).isoweekday() == 7 or (store, day[5:]) == ("Paris", "05-01")
    if number % 100 < age * 2:
        return -1
    if is_closed or not 9 <= clock < 20:
        return 0
    return 20 + number // 100 % 60 - (15 if (store, day[5:]) == ("Berlin", "05-01") else 0)


@pytest.fixture(scope="module")
def footfall(tmp_path_factory: pytest.TempPathFactory) -> Footfall:
    """Sixteen weeks of three stores of two doors."""
    project = Footfall(tmp_path_factory.mktemp("questions") / "data")
    readings = [
        (store, str(sensor), hour, str(draw_answer(store, sensor, hour)))
        for store, *_ in STORES
        for sensor in (0, 1)
        for hour in hours(FIRST, END)
        # The hour that the clocks skip.
        if hour != ("2024-03-31T01" if store == "London" else "2024-03-31T02") + ":00:00"
    ]
    doors = [(store, sensor) for store, *_ in STORES for sensor in ("0", "1")]
    project.load("1793000000.1", stores=STORES, sensors=doors, readings=readings)
    project.build()
    return project


def answer(project: Footfall, sql: str) -> pd.DataFrame:
    with duckdb.connect(project.paths.work_marts, read_only=True) as marts:
        return marts.execute(sql).df()


def raw_readings(project: Footfall) -> pd.DataFrame:
    """The readings as received, with their numbers, days and months."""
    with duckdb.connect(project.paths.raw, read_only=True) as raw:
        found = raw.execute("from raw_store_sensors.readings").df()
    at = pd.to_datetime(found.read_at_local)
    return pd.DataFrame(
        {
            "store_name": found.store_name,
            "sensor_id": found.sensor_id.astype(int),
            "day": at.dt.normalize(),
            "month": at.dt.month,
            "visits": found.visits.astype(int),
        }
    )


def test_which_door_fails_more_from_month_to_month(footfall: Footfall) -> None:
    """19. Which door fails more from month to month?"""
    found = answer(footfall, FAILING_MORE)
    raw = raw_readings(footfall)
    whole = raw[raw.month.isin([3, 4, 5])]
    for (store, sensor), of_door in whole.groupby(["store_name", "sensor_id"]):
        rates = of_door.groupby("month").visits.apply(lambda visits: 100 * (visits == -1).mean())
        (row,) = found[(found.store_name == store) & (found.sensor_id == sensor)].itertuples()
        assert row.first_month_pct == pytest.approx(rates[3], abs=1e-4)
        assert row.last_month_pct == pytest.approx(rates[5], abs=1e-4)
        # The slope of three points a month apart is half of the difference of the ends.
        assert row.points_per_month == pytest.approx((rates[5] - rates[3]) / 2, abs=1e-3)
    assert len(found) == 6
    worst = found.iloc[0]
    assert (worst.store_name, worst.sensor_id) == AGEING
    assert worst.points_per_month > 1 > found.points_per_month[1]


def test_how_visits_on_public_holidays_differ_from_usual_days(footfall: Footfall) -> None:
    """22. How do visits on public holidays differ from usual days, by store and its country's
    holidays?
    """
    found = answer(footfall, HOLIDAYS_OF_STORES)
    raw = raw_readings(footfall)
    days = raw.groupby(["store_name", "day"]).visits.agg(
        visits=lambda visits: visits[visits >= 0].sum(),
        valid=lambda visits: (visits >= 0).sum(),
        due="size",
    )
    names = {f"{row.holiday_date:%m-%d} {row.holiday_name}" for row in found.itertuples()}
    assert names == set().union(*HOLIDAYS.values())
    for store, listed in HOLIDAYS.items():
        off = [pd.Timestamp(f"2024-{one[:5]}") for one in listed]
        of_store = days.loc[store]
        rows = found[found.store_name == store]
        assert [
            f"{row.holiday_date:%m-%d} {row.holiday_name}" for row in rows.itertuples()
        ] == listed
        for row in rows.to_dict("records"):
            day = pd.Timestamp(row["holiday_date"])
            around = [day + pd.Timedelta(weeks=n) for n in (-4, -3, -2, -1, 1, 2, 3, 4)]
            others = of_store[of_store.index.isin(around) & ~of_store.index.isin(off)]
            others = others[(others.visits > 0) & (others.valid >= 0.9 * others.due)]
            here = of_store.loc[day]
            assert row["comparison_days"] == len(others)
            assert row["comparison_mean"] == pytest.approx(others.visits.mean(), abs=1e-4)
            assert row["coverage_pct"] == pytest.approx(100 * here.valid / here.due, abs=1e-4)
            if here.visits == 0:
                assert row["day_status"] == "closed"
                assert pd.isna(row["visits"])
                assert pd.isna(row["difference_pct"])
            else:
                assert (row["day_status"], row["visits"]) == ("open", here.visits)
                assert row["difference_pct"] == pytest.approx(
                    100 * (here.visits / others.visits.mean() - 1), abs=1e-4
                )
    closed = found[found.day_status == "closed"]
    assert [(row.store_name, row.holiday_name) for row in closed.itertuples()] == [
        ("Paris", "Labor Day")
    ]
    labor_day = found[(found.store_name == "Berlin") & (found.holiday_name == "Labor Day")]
    assert labor_day.difference_pct.item() < -15
