"""The crime pages and home: their numbers are those of the rows that the portal serves."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb
import pytest
from playwright.sync_api import Page, expect

from dbt_project.paths import ROOT
from tests.support.projects.crime_year import TYPES_WITHOUT_TIME
from tests.support.reports.browser import (
    TABLE,
    Visitor,
    chart,
    downloaded,
    figure,
    number,
    settled,
    table,
)
from tests.support.reports.site_server import Site

Seen = Callable[[str], Page]
NO_DISTRICT = "031"
# The city wrote these in two ways; the newer one holds.
RENAMED = {
    "CRIM SEXUAL ASSAULT": "CRIMINAL SEXUAL ASSAULT",
    "NON - CRIMINAL": "NON-CRIMINAL",
}
THANKSGIVING = date(2025, 11, 27)
HOLIDAYS = {date(2025, 11, 11), THANKSGIVING, date(2025, 12, 25)}


@dataclass(frozen=True)
class Crime:
    """A crime that can be read, as the portal serves it."""

    at: datetime
    kind: str
    is_arrest: bool
    district: str
    ward: int


@pytest.fixture(scope="module")
def crimes(site: Site) -> list[Crime]:
    return [
        Crime(
            datetime.fromisoformat(row["date"]),
            RENAMED.get(row["primary_type"], row["primary_type"]),
            str(row["arrest"]).lower() == "true",
            # A beat's number begins with that of its district.
            f"{int(float(row.get('district') or int(row['beat']) // 100)):03}",
            int(float(row["ward"])) if row.get("ward") else 0,
        )
        for row in site.crimes()
        if row.get("arrest") is not None and str(row.get("ward", "0")).replace(".", "").isdigit()
    ]


def rate(crimes: Iterable[Crime]) -> float:
    """Arrests in percent of the crimes, as pages write it."""
    found = [crime.is_arrest for crime in crimes]
    return round(100 * sum(found) / len(found), 1)


def test_home_shows_the_crimes_of_the_portal(seen: Seen, crimes: list[Crime]) -> None:
    home = seen("/")
    assert number(figure(home, "Crimes")) == len(crimes)
    assert number(figure(home, "Arrests")) == sum(crime.is_arrest for crime in crimes)
    assert number(figure(home, "Arrest rate")) == rate(crimes)


def test_the_newest_complete_month_and_the_crimes_a_day(seen: Seen, crimes: list[Crime]) -> None:
    page = seen("/crime/")
    days = {crime.at.date() for crime in crimes}
    assert number(figure(page, "Total crimes")) == len(crimes)
    assert number(figure(page, "Crimes a day")) == round(len(crimes) / len(days), 1)
    december = [crime for crime in crimes if crime.at.month == 12]
    november = [crime for crime in crimes if crime.at.month == 11]
    assert number(figure(page, "Crimes in December 2025")) == len(december)
    change = 100 * (len(december) / 31) / (len(november) / 30) - 100
    delta = page.get_by_text("vs. previous month").first.locator("..").inner_text()
    assert f"{abs(change):.1f}%" in delta


def test_the_csv_of_months_holds_what_the_chart_and_the_table_show(
    seen: Seen, crimes: list[Crime]
) -> None:
    page = seen("/crime/")
    expected = Counter(f"{crime.at:%Y-%m}" for crime in crimes)
    months = downloaded(page)
    assert {row["month"]: int(row["crimes"]) for row in months if int(row["crimes"])} == expected
    (bars,) = chart(page, "Crimes by month")
    assert {str(month)[:7]: crimes for month, crimes in bars if crimes} == expected
    assert [row[0] for row in table(page)] == [row["month"] for row in months]
    assert [number(row[1]) for row in table(page)] == [int(row["crimes"]) for row in months]


def test_days_that_are_not_in_the_data_are_a_gap_and_not_a_slope(
    seen: Seen, crimes: list[Crime]
) -> None:
    counted, means = chart(seen("/crime/"), "Crimes by day, last 13 months")
    expected = Counter(f"{crime.at:%Y-%m-%d}" for crime in crimes)
    first, last = (date.fromisoformat(day) for day in (min(expected), max(expected)))
    every_day = [str(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    assert len(every_day) > len(expected)
    chart_points = {str(day)[:10]: value for day, value in counted}
    assert chart_points == {day: expected.get(day) for day in every_day}
    assert [mean is None for _, mean in means] == [day not in expected for day in every_day]


def test_the_months_are_the_newest_until_others_are_chosen(visitor: Visitor) -> None:
    page = visitor.open("/crime/")
    months = page.get_by_label("Months", exact=True)
    assert months.locator("option").all_inner_texts() == ["Newest 36 months", "All years", "2025"]
    assert months.input_value() == "Newest 36 months"
    newest = downloaded(page)
    for choice in ("All years", "2025"):
        months.select_option(choice)
        settled(page)
        assert downloaded(page) == newest


@pytest.mark.parametrize(
    ("choice", "first", "months"),
    [("Newest 36 months", "2023-01", 36), ("All years", "2021-01", 60), ("2024", "2024-01", 12)],
)
def test_of_a_long_history_the_months_chosen_are_shown(
    choice: str, first: str, months: int
) -> None:
    page = (ROOT / "reports/site/pages/crime/index.md").read_text()
    query = page.split("```sql months\n")[1].split("```")[0]
    with duckdb.connect() as connection:
        connection.execute(
            "create schema crime; create table crime.months as"
            " select unnest(generate_series(date '2021-01-01', date '2025-12-01',"
            " interval 1 month)) as month_start"
        )
        shown = connection.execute(query.replace("${inputs.period.value}", choice)).fetchall()
    assert len(shown) == months
    assert f"{shown[0][0]:%Y-%m}" == first


def test_a_search_in_the_table_of_types_keeps_the_matches(visitor: Visitor) -> None:
    page = visitor.open("/crime/types/")
    page.locator(TABLE).get_by_placeholder("Search").fill("HOMICIDE")
    expect(page.locator(f"{TABLE} tr:has(td)")).to_have_count(1)
    assert table(page)[0][0] == "HOMICIDE"


def test_the_districts_are_ranked_by_their_crimes(visitor: Visitor, crimes: list[Crime]) -> None:
    page = visitor.open("/crime/districts/")
    by_district = Counter(crime.district for crime in crimes)
    ranked = [
        (district, count)
        for district, count in by_district.most_common()
        if district not in {"000", NO_DISTRICT}
    ]
    first, most = ranked[0]
    shown = [row for row in table(page) if row[0] != "-"]
    assert (shown[0][1], number(shown[0][3])) == (first, most)
    assert {row[1]: number(row[3]) for row in shown} == dict(ranked)
    assert number(figure(page, "Districts")) == len(ranked)
    assert number(figure(page, "Crimes with a district")) == sum(count for _, count in ranked)
    rates = {row["district"]: float(row["arrest_rate_pct"]) for row in downloaded(page)}
    assert round(rates[first], 1) == rate(c for c in crimes if c.district == first)
    chart_points = page.locator("[data-testid=outline-map] a:has(title)")
    assert chart_points.count() >= len(ranked)
    page.locator(TABLE).get_by_role("link", name=shown[0][2], exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text(f"district {first}")


def test_a_district_has_its_own_months_types_and_hours(
    visitor: Visitor, crimes: list[Crime]
) -> None:
    page = visitor.open("/crime/districts/011/")
    own = [crime for crime in crimes if crime.district == "011"]
    assert page.locator("main h1").inner_text() == "Crime in Harrison, district 011"
    assert number(figure(page, "Crimes")) == len(own)
    assert number(figure(page, "Arrest rate")) == rate(own)
    (bars,) = chart(page, "Crimes by month")
    by_month = Counter(f"{crime.at:%Y-%m}" for crime in own)
    assert {str(month)[:7]: count for month, count in bars if count} == by_month
    types = Counter(crime.kind for crime in own)
    assert {row["primary_type"]: int(row["crimes"]) for row in downloaded(page)} == types
    midnight = [crime for crime in own if crime.at.time() == datetime.min.time()]
    unknown = sum(crime.kind in TYPES_WITHOUT_TIME for crime in midnight)
    assert cells_of(page) == len(own) - unknown
    assert page.get_by_text(f"Left out: {unknown:,} crimes").count() == (unknown > 0)
    page.get_by_label("Year").select_option("2025")
    settled(page)
    assert {row["primary_type"]: int(row["crimes"]) for row in downloaded(page)} == types


def cells_of(page: Page) -> int:
    """The sum of the hours and weekdays that a heat map draws."""
    total: int = page.evaluate(
        """() => Object.values(window[Symbol.for('__evidence-chart-window-debug__')])
            .filter((chart) => !chart.isDisposed())
            .map((chart) => chart.getOption().series[0])
            .filter((series) => series.type === 'heatmap')
            .flatMap((series) => series.data)
            .reduce((sum, point) => sum + Number(point.value?.[2] ?? point[2] ?? 0), 0)"""
    )
    return total


def test_a_holiday_is_shown_beside_the_ordinary_days_around_it(
    seen: Seen, crimes: list[Crime]
) -> None:
    page = seen("/crime/holidays/")
    by_day = Counter(crime.at.date() for crime in crimes)
    weeks = [THANKSGIVING + timedelta(weeks=week) for week in range(-4, 5) if week]
    others = [by_day[day] for day in weeks if day not in HOLIDAYS and by_day[day]]
    (row,) = [row for row in downloaded(page) if row["holiday_name"] == "Thanksgiving Day"]
    assert int(row["crimes"]) == by_day[THANKSGIVING]
    assert int(row["comparison_days"]) == len(others)
    assert float(row["comparison_mean"]) == round(statistics.mean(others), 4)
    assert (int(row["comparison_min"]), int(row["comparison_max"])) == (min(others), max(others))
    assert float(row["comparison_stddev"]) == pytest.approx(statistics.stdev(others), abs=1e-4)
    spoken = page.get_by_test_id("spread-chart").get_by_role("img")
    output = spoken.evaluate_all("found => found.map((one) => one.ariaLabel)")
    assert any(
        text.startswith(f"Thanksgiving Day 2025, Thursday: {by_day[THANKSGIVING]:,} crimes")
        for text in output
    )


def test_a_ward_has_its_crimes_and_its_most_frequent_types(seen: Seen, crimes: list[Crime]) -> None:
    page = seen("/crime/wards/")
    by_ward = Counter(crime.ward for crime in crimes if crime.ward)
    ward, most = max(by_ward.items(), key=lambda pair: pair[1])
    assert number(figure(page, f"Most crimes: Ward {ward}")) == most
    rows = {row["ward_name"]: row for row in downloaded(page)}
    for one in (1, 28, 42):
        row = rows[f"Ward {one}"]
        types = Counter(crime.kind for crime in crimes if crime.ward == one)
        (_, first), (_, second) = sorted(types.items(), key=lambda pair: (-pair[1], pair[0]))[:2]
        assert int(row["crimes"]) == by_ward[one]
        assert int(row["most_frequent_type_crimes"]) == first
        assert int(row["second_most_frequent_type_crimes"]) == second


def test_a_type_is_chosen_and_its_months_are_drawn(visitor: Visitor, crimes: list[Crime]) -> None:
    page = visitor.open("/crime/types/")
    types = Counter(crime.kind for crime in crimes)
    (name, most), *_ = types.most_common(1)
    assert number(figure(page, "Types")) == len(types)
    assert number(figure(page, f"Most frequent: {name}")) == round(100 * most / len(crimes), 1)
    assert {row["primary_type"]: int(row["crimes"]) for row in downloaded(page)} == types
    page.get_by_label("Type", exact=True).select_option("BATTERY")
    settled(page)
    (bars,) = chart(page, "BATTERY, crimes by month")
    expected = Counter(f"{crime.at:%Y-%m}" for crime in crimes if crime.kind == "BATTERY")
    assert {str(month)[:7]: count for month, count in bars if count} == expected


def test_the_revisions_are_those_between_the_two_loads(site: Site, seen: Seen) -> None:
    with duckdb.connect(site.data / "raw.duckdb", read_only=True) as raw:
        arrests = raw.execute(
            """select count(*) from (
                select id from raw_chicago_crime.crimes group by id
                having count(distinct lower(arrest)) > 1)"""
        ).fetchone()
        withdrawn = raw.execute(
            # The city deletes the row of a crime also where the crime gets another row.
            """select count(*) from (
                select id from raw_chicago_crime.crimes group by id having bool_and(
                    socrata_id in (select socrata_id from raw_chicago_crime.crime_deletions)))"""
        ).fetchone()
    page = seen("/crime/revisions/")
    assert (number(figure(page, "Changes of arrest")),) == arrests
    assert (number(figure(page, "Crimes withdrawn")),) == withdrawn
    turned = {tuple(row[:3]): number(row[3]) for row in table(page)}
    assert (turned["is_arrest", "false", "true"],) == arrests
    shown = sum(int(row["changes"]) for row in downloaded(page))
    assert shown <= number(figure(page, "Fields changed"))


def test_a_year_is_chosen_and_holidays_of_another_are_left_out(visitor: Visitor) -> None:
    page = visitor.open("/crime/holidays/")
    assert page.get_by_label("Year").input_value() == "2025"
    of_2025 = len(downloaded(page))
    page.get_by_label("Year").select_option("All years")
    settled(page)
    assert len(downloaded(page)) >= of_2025
