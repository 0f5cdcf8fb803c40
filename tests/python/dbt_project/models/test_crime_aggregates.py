"""The aggregate marts of a real year, compared number by number with counts made here in Python."""

import csv
import math
import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_project.paths import ROOT
from tests.support.projects.crime_year import Crime, read_crimes, write_raw

MARTS = (
    "crime_by_district",
    "crime_by_district_daily",
    "crime_by_holiday",
    "crime_by_hour_of_week",
    "crime_by_type_monthly",
    "crime_by_ward",
    "crime_growth_by_month",
    "district_arrest_ranking",
    "holiday_vs_non_holiday",
)
NOT_A_DISTRICT = "031"
DAYS = [date(2012, 1, 1) + timedelta(days) for days in range(366)]
MONTHS = [date(2012, month, 1) for month in range(1, 13)]

Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def year_file(sample_data: Path) -> Path:
    return sample_data / "crime" / "crimes_2012_full_year.csv.gz"


@pytest.fixture(scope="module")
def crimes(year_file: Path) -> list[Crime]:
    return read_crimes(year_file)


@pytest.fixture(scope="module")
def query(year_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Query:
    """Build the marts of the file with dbt, and answer queries on them."""
    data = tmp_path_factory.mktemp("aggregates")
    (data / "work").mkdir()
    write_raw(data / "raw.duckdb", year_file)
    dbt(data, "build", "--select", *(f"+{mart}" for mart in MARTS))

    def answer(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(data / "work" / "marts.duckdb", read_only=True) as marts:
            return marts.execute(sql).fetchall()

    return answer


def dbt(data: Path, *arguments: str) -> None:
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "--quiet", *arguments),
            *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
            *("--project-dir", str(ROOT), "--profiles-dir", str(ROOT)),
            *("--target-path", str(data / "target"), "--log-path", str(data / "logs")),
        ],
        env=os.environ | {"WAREHOUSE_DATA_DIR": str(data)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def rounded(value: Fraction) -> float:
    """To four decimals, halves upward."""
    return math.floor(value * 10_000 + Fraction(1, 2)) / 10_000


def pct(part: int, whole: int) -> float | None:
    return rounded(Fraction(100 * part, whole)) if whole else None


def change(values: list[int]) -> list[float | None]:
    pairs = pairwise(values)
    return [None, *(pct(now - before, before) for before, now in pairs)]


def arrested(crimes: Iterable[Crime]) -> list[Crime]:
    return [crime for crime in crimes if crime.is_arrest]


def holidays() -> list[dict[str, str]]:
    with (ROOT / "seeds" / "core" / "holidays.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["region_code"] == "US-IL"]


def free_days() -> set[date]:
    return {
        date.fromisoformat(row[kind])
        for row in holidays()
        for kind in ("holiday_date", "observed_date")
    }


def test_the_published_numbers_of_the_year(query: Query) -> None:
    for mart in MARTS:
        if mart != "crime_by_holiday":
            assert query(f"select sum(crimes), sum(arrests) from crime.{mart}") == [
                (335_921, 90_561)
            ], mart
    assert query(
        "select crimes, arrests from crime.district_arrest_ranking where district_id = '011'"
    ) == [(22_064, 9_070)]
    assert query(
        "select crimes from crime.crime_by_holiday where holiday_date in"
        " ('2012-01-01', '2012-07-04', '2012-12-25') order by holiday_date"
    ) == [(1_493,), (1_045,), (522,)]
    assert query(
        "select primary_type, sum(crimes) from crime.crime_by_type_monthly"
        " group by primary_type order by 2 desc limit 2"
    ) == [("THEFT", 75_460), ("BATTERY", 59_135)]


def test_each_district_has_every_day_and_every_month(query: Query, crimes: list[Crime]) -> None:
    districts = [row[0] for row in query("select district_id from crime.dim_police_district")]
    by_day = Counter((crime.district, crime.day) for crime in crimes)
    arrests = Counter((crime.district, crime.day) for crime in arrested(crimes))
    assert query(
        "select district_id, occurred_date, crimes, arrests, is_day_in_data"
        " from crime.crime_by_district_daily order by all"
    ) == [
        (district, day, by_day[district, day], arrests[district, day], True)
        for district in sorted(districts)
        for day in DAYS
    ]
    by_month = Counter((crime.district, crime.day.replace(day=1)) for crime in crimes)
    expected = []
    for district in sorted(districts):
        counts = [by_month[district, month] for month in MONTHS]
        expected += list(zip([district] * 12, MONTHS, counts, change(counts), strict=True))
    assert (
        query(
            "select district_id, month_start, crimes, change_on_month_pct"
            " from crime.crime_by_district where is_complete_month order by 1, 2"
        )
        == expected
    )


def test_districts_are_ranked_by_what_they_show(query: Query, crimes: list[Crime]) -> None:
    real = [crime for crime in crimes if crime.district != NOT_A_DISTRICT]
    totals = Counter(crime.district for crime in real)
    arrests = Counter(crime.district for crime in arrested(real))
    rates = {district: pct(arrests[district], totals[district]) or 0.0 for district in totals}

    def rank(values: Mapping[str, float], district: str) -> int:
        return 1 + sum(value > values[district] for value in values.values())

    assert query(
        "select district_id, rank_by_crimes, rank_by_arrests, rank_by_arrest_rate,"
        " arrest_rate_pct from crime.district_arrest_ranking"
        " where rank_by_crimes is not null order by 1"
    ) == [
        (name, rank(totals, name), rank(arrests, name), rank(rates, name), rates[name])
        for name in sorted(totals)
    ]


def test_a_ward_shows_its_two_most_frequent_types(query: Query, crimes: list[Crime]) -> None:
    wards: dict[int, Counter[str]] = {ward: Counter() for ward in range(51)}
    for one in crimes:
        wards[one.ward][one.type] += 1
    expected = []
    for ward, types in wards.items():
        places = sorted(types.items(), key=lambda item: (-item[1], item[0]))
        counts = [count for _, count in places]
        tied = any(a == b for a, b in pairwise(counts[:3]))
        expected.append((ward, types.total(), *places[0], *places[1], tied))
    assert (
        query(
            "select ward_id, crimes, most_frequent_type, most_frequent_type_crimes,"
            " second_most_frequent_type, second_most_frequent_type_crimes, has_tied_types"
            " from crime.crime_by_ward order by 1"
        )
        == expected
    )


def test_types_and_the_city_month_by_month(query: Query, crimes: list[Crime]) -> None:
    city = Counter(crime.day.replace(day=1) for crime in crimes)
    types = Counter((crime.type, crime.day.replace(day=1)) for crime in crimes)
    assert query(
        "select primary_type, month_start, crimes, share_of_month_pct"
        " from crime.crime_by_type_monthly order by 1, 2"
    ) == [
        (name, month, types[name, month], pct(types[name, month], city[month]))
        for name in sorted({crime.type for crime in crimes})
        for month in MONTHS
    ]
    counts = [city[month] for month in MONTHS]
    lengths = [sum(day.replace(day=1) == month for day in DAYS) for month in MONTHS]
    per_day = [rounded(Fraction(*pair)) for pair in zip(counts, lengths, strict=True)]
    rolling = [None] * 11 + [sum(counts)]
    means = [Fraction(*pair) for pair in zip(counts, lengths, strict=True)]
    daily = [None, *(rounded(100 * (now / before - 1)) for before, now in pairwise(means))]
    assert query(
        "select month_start, crimes, crimes_per_day, change_on_month_pct,"
        " change_on_month_per_day_pct, crimes_12_months"
        " from crime.crime_growth_by_month order by 1"
    ) == list(zip(MONTHS, counts, per_day, change(counts), daily, rolling, strict=True))


def test_each_hour_of_the_week(query: Query, crimes: list[Crime]) -> None:
    hours = Counter((crime.day.isoweekday(), crime.hour) for crime in crimes)
    known = Counter(
        (crime.day.isoweekday(), crime.hour) for crime in crimes if not crime.is_time_unknown
    )
    weeks = Counter(day.isoweekday() for day in DAYS)
    assert query(
        "select iso_weekday, hour_of_day, crimes, crimes_with_known_time, mean_crimes_per_week,"
        " share_pct from crime.crime_by_hour_of_week order by 1, 2"
    ) == [
        (
            *slot,
            hours[slot],
            known[slot],
            rounded(Fraction(hours[slot], weeks[slot[0]])),
            pct(hours[slot], len(crimes)),
        )
        for slot in ((weekday, hour) for weekday in range(1, 8) for hour in range(24))
    ]


def test_each_holiday_compared_with_the_same_weekdays_around_it(
    query: Query, crimes: list[Crime]
) -> None:
    by_day = Counter(crime.day for crime in crimes)
    free = free_days()
    expected = []
    for row in holidays():
        day = date.fromisoformat(row["holiday_date"])
        weeks = [day + timedelta(weeks=week) for week in range(-4, 5)]
        others = [by_day[other] for other in weeks if other in by_day and other not in free]
        if day in by_day:
            mean, spread = Fraction(sum(others), len(others)), statistics.stdev(others)
            expected.append(
                (
                    *(row["holiday_name"], by_day[day], len(others)),
                    *(rounded(mean), round(spread, 4), min(others), max(others)),
                    rounded(by_day[day] - mean),
                )
            )
    assert (
        query(
            "select holiday_name, crimes, comparison_days, comparison_mean, comparison_stddev,"
            " comparison_min, comparison_max, difference"
            " from crime.crime_by_holiday order by holiday_date"
        )
        == expected
    )


def test_holidays_compared_with_other_days_of_the_same_weekdays(
    query: Query, crimes: list[Crime]
) -> None:
    by_day = Counter(crime.day for crime in crimes)
    free = sorted(free_days().intersection(DAYS))
    ordinary = [day for day in DAYS if day not in free]

    def usual(weekday: int) -> Fraction:
        days = [by_day[day] for day in ordinary if day.weekday() == weekday]
        return Fraction(sum(days), len(days))

    expected = sum((usual(day.weekday()) for day in free), Fraction(0)) / len(free)
    [(days, mean, same_weekdays, difference)] = query(
        "select days, mean_crimes_per_day, mean_crimes_same_weekdays, difference_pct"
        " from crime.holiday_vs_non_holiday where is_holiday"
    )
    actual = Fraction(sum(by_day[day] for day in free), len(free))
    assert (days, mean) == (len(free), rounded(actual))
    assert same_weekdays == pytest.approx(float(expected), abs=1e-4)
    assert difference == pytest.approx(float(100 * (actual - expected) / expected), abs=1e-4)
