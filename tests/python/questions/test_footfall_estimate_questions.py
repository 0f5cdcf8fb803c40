"""Questions of a store's owner on visits where sensors failed, each answered by one query.

Beside the readings as received there is the truth: what the simulator's sensors would have counted
if none had failed.
"""

from datetime import datetime

import duckdb
import numpy as np
import pandas as pd
import pytest

from ingestion.simulators.store_sensors import clock_hours, traffic
from ingestion.simulators.store_sensors.stores import STORES
from tests.support.projects.footfall_raw import Footfall

CHAIN = [store for store in STORES if store.store_name in {"Madrid", "Roma"}]
FIRST, END = datetime(2025, 1, 1), datetime(2026, 1, 1)

FAILED_DAY = """
select store_name, sensor_id, traffic_date, visits, visits_estimated, visits_estimated_low,
    visits_estimated_high, coverage_open_pct
from footfall.sensor_traffic_daily
where readings_estimated between 6 and 9
order by store_name, sensor_id, traffic_date
"""
GROWTH = """
select
    store_name,
    100 * (max_by(visits_per_open_day, month_start) / min_by(visits_per_open_day, month_start) - 1)
        as growth_pct
from footfall.store_trend_monthly
where year(month_start) = 2025 and month(month_start) in (1, 12) and is_complete_month
group by store_name
order by growth_pct desc
"""
LAST_SATURDAY = """
select traffic_date, visits, visits_estimated, avg_visits_last_4, pct_diff
from footfall.store_traffic_daily
where store_name = 'Roma' and iso_weekday = 6 and is_complete_day
order by traffic_date desc
limit 1
"""
BARELY_USED = """
select store_name, sensor_id, share_pct, even_share_pct, rank_by_visits, coverage_open_pct
from footfall.door_utilisation
where month_start = date '2025-12-01' and sensor_count > 1
order by share_pct
"""
OPENING_HOURS = """
select store_name, iso_weekday, opens_at_hour, closes_at_hour, opening_hours_source,
    visits_outside_opening_hours
from footfall.store_opening_hours
order by store_name, iso_weekday
"""
COMPLETENESS = """
select store_name, month_start, open_readings_expected, open_readings_valid, coverage_open_pct
from footfall.store_trend_monthly
order by store_name, month_start
"""
BUSIEST_HOUR = """
select store_name, iso_weekday, hour_of_day, avg(visits_estimated) as mean_visits
from footfall.store_traffic_hourly
where is_opening_hour
group by store_name, iso_weekday, hour_of_day
qualify rank() over (partition by store_name order by avg(visits_estimated) desc) = 1
order by store_name
"""


def draw_readings() -> pd.DataFrame:
    """Each answer, and the visits if no sensor had failed."""
    first, end = clock_hours.number_of(FIRST), clock_hours.number_of(END)
    parts = []
    for store in CHAIN:
        hours = clock_hours.existing(store.time_zone, first, end)
        for door in store.doors:
            answers = traffic.readings(42, store, door, hours)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(traffic, "FAILURE_RATE", 0.0)
                truth = traffic.readings(42, store, door, hours)
            place = {"store": store.store_name, "sensor": door.sensor_id}
            parts.append(pd.DataFrame({**place, "hour": hours, "answer": answers, "truth": truth}))
    drawn = pd.concat(parts, ignore_index=True)
    drawn["read_at"] = pd.to_datetime(drawn["hour"] * 3600, unit="s")
    return drawn


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    drawn = draw_readings()
    drawn["day"] = drawn["read_at"].dt.normalize()
    drawn["month"] = drawn["read_at"].dt.strftime("%Y-%m")
    drawn["weekday"] = drawn["read_at"].dt.dayofweek + 1
    drawn["clock"] = drawn["read_at"].dt.hour
    drawn["is_open"] = drawn["clock"].between(8, 17) & (drawn["weekday"] < 7)
    return drawn


@pytest.fixture(scope="module")
def footfall(tmp_path_factory: pytest.TempPathFactory, truth: pd.DataFrame) -> Footfall:
    """A year of two stores."""
    project = Footfall(tmp_path_factory.mktemp("estimates") / "data")
    with duckdb.connect(project.paths.raw) as raw:
        raw.register("given", truth)
        raw.execute(
            "insert into raw_store_sensors.readings select store, sensor,"
            " strftime(given.read_at, '%Y-%m-%dT%H:%M:%S'), answer, '1793000000.1' from given"
        )
    project.build(tests=False)
    return project


def ask(footfall: Footfall, query: str) -> pd.DataFrame:
    with duckdb.connect(footfall.paths.work_marts, read_only=True) as marts:
        return marts.execute(query).df()


def test_visits_of_a_day_on_which_a_door_failed(footfall: Footfall, truth: pd.DataFrame) -> None:
    """16. How many people came on days when a door failed for most of the opening hours, with the
    failed hours estimated, and how sure is that?
    """
    answer = ask(footfall, FAILED_DAY)
    keys = ["store", "sensor", "day"]
    sums = truth.groupby(keys)["truth"].sum()
    true = sums.loc[
        list(answer[["store_name", "sensor_id", "traffic_date"]].itertuples(index=False))
    ]
    assert len(answer) > 10
    assert (answer["visits"] < 0.7 * true.to_numpy()).all()
    inside = (answer["visits_estimated_low"] <= true.to_numpy()) & (
        true.to_numpy() <= answer["visits_estimated_high"]
    )
    assert inside.mean() > 0.75
    assert answer["visits_estimated"].sum() == pytest.approx(true.sum(), rel=0.03)


def test_which_store_grew_most_from_january_to_december(
    footfall: Footfall, truth: pd.DataFrame
) -> None:
    """17. Which store grew most from January to December?"""
    opened = truth[truth["is_open"] & truth["read_at"].dt.month.isin([1, 12])]
    days = opened.groupby(["store", "month"])["day"].nunique()
    per_day = (opened.groupby(["store", "month"])["truth"].sum() / days).unstack()
    growth = 100 * (per_day["2025-12"] / per_day["2025-01"] - 1)
    answer = ask(footfall, GROWTH).set_index("store_name")["growth_pct"]
    assert list(answer.index) == list(growth.sort_values(ascending=False).index)
    assert (answer - growth).abs().max() < 1


def test_was_last_saturday_more_than_usual(footfall: Footfall, truth: pd.DataFrame) -> None:
    """18. Was last Saturday more or less than usual in a store, failures set apart?"""
    answer = ask(footfall, LAST_SATURDAY).iloc[0]
    rows = truth[(truth["store"] == "Roma") & (truth["weekday"] == 6)]
    last_4 = rows.groupby("day")["truth"].sum().tail(4)
    assert answer["traffic_date"] == last_4.index[-1]
    assert answer["pct_diff"] == pytest.approx(100 * (last_4.iloc[-1] / last_4.mean() - 1), abs=2)
    assert answer["visits"] == int(rows.loc[rows["day"].eq(last_4.index[-1]) & rows["answer"].ge(0),
                                            "answer"].sum())  # fmt: skip


def test_which_doors_are_barely_used(footfall: Footfall, truth: pd.DataFrame) -> None:
    """20. Which doors are barely used, failures set apart?"""
    answer = ask(footfall, BARELY_USED).set_index("sensor_id")
    rows = truth[(truth["store"] == "Roma") & (truth["month"] == "2025-12")]
    shares = 100 * rows.groupby("sensor")["truth"].sum() / rows["truth"].sum()
    assert list(answer.index) == list(shares.sort_values().index)
    assert np.allclose(answer["share_pct"], shares.loc[answer.index], atol=1)


def test_when_each_store_is_open(footfall: Footfall, truth: pd.DataFrame) -> None:
    """21. When is each store open, how do we know, and how many visits were counted outside those
    hours?
    """
    answer = ask(footfall, OPENING_HOURS)
    counted = truth[truth["answer"] > 0].groupby(["store", "weekday"])["clock"]
    expected = counted.agg(["min", "max"])
    opened = answer.dropna(subset="opens_at_hour").set_index(["store_name", "iso_weekday"])
    assert list(opened.index) == list(expected.index)
    assert (opened["opens_at_hour"] == expected["min"]).all()
    assert (opened["closes_at_hour"] == expected["max"] + 1).all()
    assert set(answer["opening_hours_source"]) == {"learned"}
    assert answer["visits_outside_opening_hours"].sum() == 0


def test_how_complete_the_readings_were(footfall: Footfall, truth: pd.DataFrame) -> None:
    """23. How complete were the readings of the opening hours, by store and month?"""
    answer = ask(footfall, COMPLETENESS)
    opened = truth[truth["is_open"]].groupby(["store", "month"])["answer"]
    assert list(answer["open_readings_expected"]) == list(opened.size())
    assert list(answer["open_readings_valid"]) == list(opened.agg(lambda found: (found >= 0).sum()))


def test_which_hour_of_the_week_is_the_busiest(footfall: Footfall, truth: pd.DataFrame) -> None:
    """24. Which hour of the week is the busiest of each store?"""
    answer = ask(footfall, BUSIEST_HOUR)
    hours = truth.groupby(["store", "weekday", "clock", "day"])["truth"].sum()
    means = hours.groupby(["store", "weekday", "clock"]).mean()
    keys = [tuple(key) for key in answer[["store_name", "iso_weekday", "hour_of_day"]].to_numpy()]
    true = means.loc[keys].to_numpy()
    most = means.groupby("store").max().loc[answer["store_name"]].to_numpy()
    assert len(answer) == len(CHAIN)
    assert (true >= 0.98 * most).all()
    assert np.allclose(answer["mean_visits"], true, rtol=0.02)
