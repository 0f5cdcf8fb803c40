"""Questions on crime over time: one query on the marts, checked against pandas on raw's text."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import product
from typing import Any

import duckdb
import pandas as pd
import pytest

from dbt_project.paths import ROOT
from tests.python.questions.revised_crimes import TYPES, revised, the_crimes
from tests.support.projects.building import build
from tests.support.projects.crime_raw import CRIME, Crimes

# 8 December 2023, and 1 January 2025.
FIRST_LOAD, NEXT_LOAD = "1702000000.1", "1735700000.1"
LATE = 40
MARTS = (
    *("crime_growth_by_month", "crime_by_district", "crime_by_district_daily"),
    *("crime_by_district_type_yearly", "crime_by_type_monthly", "crime_by_holiday"),
    *("crime_by_holiday_type", "crime_arrest_lag"),
)
HOLIDAYS = ROOT / "seeds" / "core" / "holidays.csv"
NEVER_A_TIME = ("THEFT", "BURGLARY")

Answer = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def crimes(tmp_path_factory: pytest.TempPathFactory) -> Crimes:
    """Two loads of made-up crimes; the second brings revisions of the first, and late reports."""
    rng = random.Random(16)
    rows = list(the_crimes(rng))
    project = Crimes(tmp_path_factory.mktemp("crime") / "data")
    project.merge(FIRST_LOAD, "crimes", rows[:-LATE])
    build(project.paths, (*CRIME, *MARTS))
    project.merge(
        NEXT_LOAD, "crimes", [*rows[-LATE:], *(revised(row, rng) for row in rows[:-LATE:7])]
    )
    build(project.paths, (*CRIME, *MARTS))
    return project


@pytest.fixture(scope="module")
def answer(crimes: Crimes) -> Answer:
    return crimes.query


@pytest.fixture(scope="module")
def versions(crimes: Crimes) -> pd.DataFrame:
    """Every version in raw, oldest first, as text, with its time of occurrence."""
    with duckdb.connect(crimes.paths.raw, read_only=True) as raw:
        found = raw.execute("from raw_chicago_crime.crimes").df()
    found["at"] = pd.to_datetime(found["date"])
    found["published"] = pd.to_datetime(found["socrata_updated_at"])
    found["is_arrest"] = found["arrest"] == "true"
    return found.sort_values(["published", "socrata_version"])


@pytest.fixture(scope="module")
def newest(versions: pd.DataFrame) -> pd.DataFrame:
    return versions.groupby("id", as_index=False).last()


def without_a_time(crimes: pd.DataFrame) -> "pd.Series[bool]":
    is_midnight: pd.Series[bool] = crimes["at"] == crimes["at"].dt.normalize()
    return is_midnight & crimes["primary_type"].isin(NEVER_A_TIME)


FEBRUARY = """
    select crimes, crimes_previous_month, change_on_month_pct, change_on_month_per_day_pct
    from crime.crime_growth_by_month
    where month_start = date '2023-02-01'
"""


def test_did_crime_fall_from_january_to_february(answer: Answer, newest: pd.DataFrame) -> None:
    """Did crime fall from January to February, per day as well as in total?"""
    months = newest.groupby(newest["at"].dt.to_period("M")).size()
    january, february = int(months["2023-01"]), int(months["2023-02"])
    per_day = 100 * (february / 28) / (january / 31) - 100
    [(crimes, before, total, daily)] = answer(FEBRUARY)
    assert (crimes, before) == (february, january)
    assert total == pytest.approx(100 * february / january - 100, abs=1e-4)
    assert daily == pytest.approx(per_day, abs=1e-4)


THEFTS = """
    select year, crimes, arrests, arrest_rate_pct
    from crime.crime_by_district_type_yearly
    where district_id = '011' and primary_type = 'THEFT'
    order by year
"""


def test_what_share_of_thefts_led_to_an_arrest(answer: Answer, newest: pd.DataFrame) -> None:
    """What share of thefts in district 011 led to an arrest, year by year?"""
    thefts = newest[(newest["district"] == "011") & (newest["primary_type"] == "THEFT")]
    years = thefts.groupby(thefts["at"].dt.year)["is_arrest"].agg(["count", "sum", "mean"])
    assert [row[:3] for row in answer(THEFTS)] == [
        (year, row["count"], row["sum"]) for year, row in years.iterrows()
    ]
    rates = [row[3] for row in answer(THEFTS)]
    assert rates == pytest.approx(list(100 * years["mean"]), abs=1e-4)


ON_HOLIDAYS = """
    select
        primary_type,
        is_domestic,
        sum(crimes) as on_holidays,
        sum(comparison_mean) as on_ordinary_days,
        100 * sum(crimes) / sum(comparison_mean) - 100 as difference_pct
    from crime.crime_by_holiday_type
    where comparison_days > 0
    group by primary_type, is_domestic
    having sum(crimes) > sum(comparison_mean)
    order by difference_pct desc
"""


def test_which_types_rise_on_holidays(answer: Answer, newest: pd.DataFrame) -> None:
    """Which types of crime rise on holidays, domestic and not domestic apart?"""
    listed = pd.read_csv(HOLIDAYS, parse_dates=["holiday_date", "observed_date"])
    listed = listed[listed["region_code"] == "US-IL"]
    free = {*listed["holiday_date"], *listed["observed_date"]}
    days = newest["at"].dt.normalize()
    counts = Counter(zip(newest["primary_type"], newest["domestic"], days, strict=True))
    in_data = set(days)
    expected = {}
    for kind, domestic in product(TYPES, ("true", "false")):
        on_holidays, usual = 0, 0.0
        for day in listed["holiday_date"]:
            weeks = [day + pd.Timedelta(weeks=week) for week in range(-4, 5)]
            others = [other for other in weeks if other in in_data and other not in free]
            if day in in_data and others:
                on_holidays += counts[kind, domestic, day]
                usual += sum(counts[kind, domestic, other] for other in others) / len(others)
        if on_holidays > usual:
            expected[kind, domestic == "true"] = (on_holidays, usual)
    found = {(row[0], row[1]): (int(row[2]), row[3]) for row in answer(ON_HOLIDAYS)}
    assert found.keys() == expected.keys()
    for key, (on_holidays, usual) in expected.items():
        assert found[key][0] == on_holidays
        assert found[key][1] == pytest.approx(usual, abs=0.01)
    assert expected


ROBBERIES = """
    with hours as (
        select hour_of_day, count(*) as crimes
        from crime.fct_crimes
        where primary_type = 'ROBBERY'
        group by hour_of_day
    )

    select
        max_by(hour_of_day, crimes) filter (where hour_of_day is not null) as hour_of_day,
        max(crimes) filter (where hour_of_day is not null) as crimes,
        coalesce(sum(crimes) filter (where hour_of_day is null), 0) as crimes_of_unknown_time
    from hours
"""


@pytest.mark.parametrize("kind", ["ROBBERY", "THEFT"])
def test_at_which_hour_do_most_happen(answer: Answer, newest: pd.DataFrame, kind: str) -> None:
    """At which hour do most robberies happen, and how many are left out for an unknown time?"""
    crimes = newest[newest["primary_type"] == kind]
    unknown = without_a_time(crimes)
    hours = crimes[~unknown]["at"].dt.hour.value_counts()
    expected = (hours.idxmax(), hours.max(), unknown.sum())
    assert answer(ROBBERIES.replace("ROBBERY", kind)) == [expected]
    assert (expected[2] > 0) == (kind == "THEFT")


NIGHT = """
    select
        count(*) filter (where time_of_day = 'night') as night,
        count(*) filter (where is_time_unknown) as without_a_time
    from crime.fct_crimes
"""


def test_how_many_of_the_night_have_no_time(answer: Answer, newest: pd.DataFrame) -> None:
    """How many of the crimes counted as 'night' are in truth reports without a time?"""
    before_six, unknown = newest["at"].dt.hour < 6, without_a_time(newest)
    assert answer(NIGHT) == [(int((before_six & ~unknown).sum()), int(unknown.sum()))]


LAG = """
    select
        sum(no_arrest_at_first) as no_arrest_at_first,
        sum(arrests_later) as arrests_later,
        sum(arrests_later * mean_days_to_arrest) / sum(arrests_later) as mean_days,
        min(min_days_to_arrest) as min_days,
        max(max_days_to_arrest) as max_days,
        sum(arrests_at_first) as lag_not_known,
        sum(no_arrest_yet) as may_still_come
    from crime.crime_arrest_lag
"""


def test_how_many_were_arrested_later(
    answer: Answer, versions: pd.DataFrame, newest: pd.DataFrame
) -> None:
    """How many had no arrest at first and one later, after how many days; what is not known?"""
    first = versions.groupby("id").first()["is_arrest"]
    last = newest.set_index("id")
    later = last[last["is_arrest"] & ~first]
    published = later["published"].dt.tz_convert("America/Chicago").dt.tz_localize(None)
    days = (published.dt.normalize() - later["at"].dt.normalize()).dt.days
    [(none_at_first, arrested, mean, least, most, at_first, none_yet)] = answer(LAG)
    assert (none_at_first, at_first) == ((~first).sum(), first.sum())
    assert (arrested, none_yet) == (len(later), (~last["is_arrest"]).sum())
    assert (least, most) == (days.min(), days.max())
    assert mean == pytest.approx(days.mean(), abs=1e-3)


CLOSED = """
    select
        closed.district_id as closed_district,
        crimes.district_id as counted_in,
        count(*) as crimes
    from crime.fct_crimes as crimes
    inner join crime.dim_police_district as closed
        on '0' || left(crimes.beat_id, 2) = closed.district_id
    where closed.closed_year = 2012
    group by all
    order by closed_district, crimes desc
"""


def test_where_are_closed_districts_counted(answer: Answer, newest: pd.DataFrame) -> None:
    """Where are the crimes of the districts closed in 2012 counted?"""
    closed = newest[newest["beat"].str[:2].isin(["13", "21", "23"])]
    counts = Counter(zip("0" + closed["beat"].str[:2], closed["district"], strict=True))
    assert answer(CLOSED) == [(*pair, count) for pair, count in sorted(counts.items())]
    assert {pair[1] for pair in counts} == {"012", "002", "019"}


REVISED = """
    with newest as (
        select max(load_id) as load_id from crime.crime_load_reconciliation
    )

    select
        changes.changed_field,
        changes.value_before,
        changes.value_after,
        count(*) as crimes
    from crime.crime_changes as changes
    inner join newest on changes.load_id = newest.load_id
    where changes.occurred_date between date '2023-10-01' and date '2023-10-31'
        and changes.changed_field in ('is_arrest', 'primary_type', 'is_deleted')
    group by all
    order by all
"""


def test_which_figures_of_a_month_were_revised(answer: Answer, versions: pd.DataFrame) -> None:
    """Which figures of a month changed with the newest load, because the portal revised them?"""
    october = versions[versions["at"].dt.to_period("M") == "2023-10"]
    before = october[october["_dlt_load_id"] == FIRST_LOAD].set_index("id")
    after = october[october["_dlt_load_id"] == NEXT_LOAD].set_index("id")
    both = after.join(before, rsuffix="_before", how="inner")
    expected = [
        (field, old, new, len(rows))
        for field, column in (("is_arrest", "arrest"), ("primary_type", "primary_type"))
        for (old, new), rows in both.groupby([f"{column}_before", column])
        if old != new
    ]
    assert answer(REVISED) == expected
    assert {row[0] for row in expected} == {"is_arrest", "primary_type"}
