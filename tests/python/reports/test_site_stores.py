"""The stores page in a browser: it shows what the sensors answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page

from tests.support.reports.browser import Visitor, downloaded, figure, number
from tests.support.reports.raw_numbers import by_day, store_readings, visits_of
from tests.support.reports.site_server import ENV, Look, Site, quiet, report
from tests.support.reports.waiting import cell, chart_points, names, shown_table, shows, until

EXPLORER, TREND, DOORS, HOURS, HEALTH = range(5)
FOUR_WEEKS = [timedelta(days=days) for days in (0, 7, 14, 21)]
BERLIN = "Visits, Berlin, all doors together"
# Of each day of the store, and of each hour of a door.
INTERVALS = """
select cast(traffic_date as varchar), visits_estimated_low, visits_estimated_high
from footfall.store_traffic_daily where store_name = 'Berlin'
union all
select strftime(read_at_local, '%Y-%m-%d %H:%M'), visits_estimated_low, visits_estimated_high
from footfall.sensor_traffic_hourly where store_name = 'Berlin' and sensor_id = 3
"""


@pytest.fixture
def stores(visitor: Visitor) -> Page:
    page = visitor.open("/stores/")
    until(lambda: names(page, BERLIN))
    return page


@pytest.fixture
def opened(seen: Callable[[str], Page]) -> Page:
    page = seen("/stores/")
    until(lambda: names(page, BERLIN))
    return page


def span(page: Page) -> tuple[date, date]:
    first, last = (page.get_by_label(name, exact=True).input_value() for name in ("From", "To"))
    return date.fromisoformat(first), date.fromisoformat(last)


def is_open(day: date) -> bool:
    """The simulator's stores are closed on Sundays."""
    return day.isoweekday() < 7


def leave_out_failed_hours(page: Page) -> None:
    page.get_by_label("left out", exact=True).check()
    until(lambda: are_measured(downloaded(page, EXPLORER)))


def are_measured(rows: list[dict[str, str]]) -> bool:
    """Whether what is drawn of open days is what was measured."""
    # A table that is being drawn again has no button, and another takes its place.
    opened = [row for row in rows if row.get("open_or_closed") == "open"]
    return bool(opened) and all(row["visits_compared"] == row["visits"] for row in opened)


def test_the_sums_of_a_store_are_those_of_its_sensors_answers(stores: Page) -> None:
    leave_out_failed_hours(stores)
    first, last = span(stores)
    found = [*store_readings("Berlin", first, last)]
    days = by_day(found)
    totals = {day: visits_of(of_day) for day, of_day in days.items()}
    measured = [total for day, total in totals.items() if total is not None and is_open(day)]
    valid = sum(one.visits >= 0 for one in found)
    shows(stores, "Visits measured", sum(measured))
    shows(stores, "Per open day", round(sum(measured) / len(measured), 1))
    shows(stores, "Busiest day", max(measured))
    assert figure(stores, "Measured") == f"{100 * valid / len(found):.1f}%"
    assert number(figure(stores, "Readings failed")) == len(found) - valid
    assert number(figure(stores, "With failed hours estimated")) > sum(measured)


def test_closed_days_are_gaps_and_failed_hours_are_estimated(opened: Page) -> None:
    rows = {date.fromisoformat(row["slot"]): row for row in downloaded(opened, EXPLORER)}
    drawn, usual = ({point[0]: point[1] for point in one} for one in chart_points(opened, BERLIN))
    for day, row in rows.items():
        assert row["open_or_closed"] == ("open" if is_open(day) else "closed")
        assert (drawn[str(day)] is None, usual[str(day)] is None) == (not is_open(day),) * 2
        if is_open(day):
            assert drawn[str(day)] == float(row["visits_estimated"]) >= float(row["visits"])
        if row["readings_failed"] == "0":
            assert float(row["visits_estimated"]) == float(row["visits"])


def test_the_csv_says_of_what_a_row_is_and_how_sure_its_estimate_is(
    site: Site, stores: Page
) -> None:
    for row in (days := downloaded(stores, EXPLORER)):
        assert (row["store_name"], row["door"]) == ("Berlin", "all")
    stores.get_by_label("Hours to", exact=True).select_option("12:59")
    until(lambda: (None, None) in map(interval, downloaded(stores, EXPLORER)))
    for row in downloaded(stores, EXPLORER):
        estimate = cell(row["visits_estimated"])
        is_measured = estimate == cell(row["visits"])
        assert interval(row) == ((estimate, estimate) if is_measured else (None, None))
    stores.get_by_label("Door", exact=True).select_option("Door 3")
    stores.get_by_label("an hour", exact=True).check()
    until(lambda: names(stores, "Visits, Berlin, door 3")[:1] == [f"{days[0]['slot']} 00:00"])
    until(lambda: "door" in downloaded(stores, EXPLORER)[0])
    hours = downloaded(stores, EXPLORER)
    assert {row["door"] for row in hours} == {"3"}
    with duckdb.connect(site.data / "published/marts.duckdb", read_only=True) as connection:
        found = connection.execute(INTERVALS).fetchall()
    published = {slot: (low, high) for slot, low, high in found}
    assert all(interval(row) == published[row["slot"]] for row in (*days, *hours))


def interval(row: dict[str, str]) -> tuple[float | None, float | None]:
    low, high = (row.get(f"visits_estimated_{end}", "0") for end in ("low", "high"))
    return cell(low), cell(high)


def test_chart_and_csv_hold_each_day_beside_the_mean_of_its_four_weekdays(
    stores: Page,
) -> None:
    leave_out_failed_hours(stores)
    first, last = span(stores)
    loaded_since = date.fromisoformat(
        str(stores.get_by_label("From", exact=True).get_attribute("min"))
    )
    days = by_day(store_readings("Berlin", loaded_since, last))
    rows = downloaded(stores, EXPLORER)
    assert [row["slot"] for row in rows] == [
        str(first + timedelta(days=n)) for n in range((last - first).days + 1)
    ]
    for row in rows:
        day = date.fromisoformat(row["slot"])
        visits = visits_of(days[day])
        four = [visits_of(days[day - back]) for back in FOUR_WEEKS if day - back in days]
        there = [one for one in four if one is not None]
        assert cell(row["visits"]) == visits
        if is_open(day):
            assert cell(row["usual_visits"]) == pytest.approx(sum(there) / len(there), abs=1e-4)
        else:
            assert cell(row["usual_visits"]) is None
        failed = sum(one.visits == -1 for one in days[day])
        assert cell(row["readings_failed"]) == failed
        assert cell(row["coverage_pct"]) == pytest.approx(
            100 * (len(days[day]) - failed) / len(days[day]), abs=1e-4
        )
    visits_drawn, usual_drawn = chart_points(stores, BERLIN)
    assert visits_drawn == [[row["slot"], cell(row["visits_compared"])] for row in rows]
    assert usual_drawn == [[row["slot"], cell(row["usual_visits"])] for row in rows]


def test_door_hours_weekdays_and_dates_choose_what_is_shown(stores: Page) -> None:
    stores.get_by_label("Door", exact=True).select_option("Door 3")
    stores.get_by_label("an hour", exact=True).check()
    for weekday in ("Mon", "Wed", "Thu", "Fri", "Sat", "Sun"):
        stores.get_by_label(weekday, exact=True).uncheck()
    stores.get_by_label("Hours from", exact=True).select_option("10:00")
    stores.get_by_label("Hours to", exact=True).select_option("12:59")
    _, last = span(stores)
    first = last - timedelta(days=27)
    stores.get_by_label("From", exact=True).fill(str(first))
    wanted = [
        one
        for one in store_readings("Berlin", first, last)
        if one.sensor_id == 3 and one.day.isoweekday() == 2 and 10 <= one.hour <= 12
    ]
    slots = [f"{one.day} {one.hour:02}:00" for one in wanted]
    until(lambda: names(stores, "Visits, Berlin, door 3") == slots)
    visits = [one.visits if one.visits >= 0 else None for one in wanted]
    expected = [*zip(slots, visits, strict=True)]
    until(
        lambda: (
            [(row["slot"], cell(row["visits"])) for row in downloaded(stores, EXPLORER)] == expected
        )
    )
    shows(stores, "Visits measured", visits_of(wanted))


def test_choosing_another_store_clears_the_door(stores: Page) -> None:
    stores.get_by_label("Door", exact=True).select_option("Door 5")
    until(lambda: names(stores, "Visits, Berlin, door 5"))
    stores.get_by_label("Store", exact=True).first.select_option("Madrid")
    until(lambda: names(stores, "Visits, Madrid, all doors together"))
    first, last = span(stores)
    shows(stores, "Visits measured", visits_of(store_readings("Madrid", first, last)))


def test_all_days_are_those_that_are_loaded(stores: Page) -> None:
    _, last = span(stores)
    stores.get_by_label("From", exact=True).fill(str(last - timedelta(days=6)))
    until(lambda: len(names(stores, BERLIN)) == 7)
    stores.get_by_role("button", name="All days").click()
    first, last = span(stores)
    days = (last - first).days + 1
    assert days > 7
    until(lambda: len(names(stores, BERLIN)) == days)
    shows(stores, "Visits measured", visits_of(store_readings("Berlin", first, last)))


def test_a_choice_without_any_reading_says_so(stores: Page) -> None:
    for weekday in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
        stores.get_by_label(weekday, exact=True).uncheck()
    output = stores.get_by_text("No readings match: choose a weekday, or other days.")
    output.wait_for()


def test_a_door_is_chosen_and_a_weekday_left_out_by_keyboard(stores: Page) -> None:
    stores.get_by_label("Door", exact=True).focus()
    stores.keyboard.press("ArrowDown")
    until(lambda: names(stores, "Visits, Berlin, door 0"))
    before = len(names(stores, "Visits, Berlin, door 0"))
    stores.get_by_label("Sun", exact=True).focus()
    stores.keyboard.press("Space")
    until(lambda: len(names(stores, "Visits, Berlin, door 0")) < before)


def test_shares_of_doors_are_those_of_the_month(stores: Page) -> None:
    stores.get_by_label("Store", exact=True).nth(1).select_option("London")
    until(lambda: stores.get_by_text("Door 7", exact=True).count())
    month = stores.get_by_label("Month", exact=True).input_value()
    first = date.fromisoformat(f"{month}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    # The last month may have begun only.
    last = min(last, span(stores)[1])
    found = list(store_readings("London", first, last))
    rows = {row["door"]: row for row in downloaded(stores, DOORS)}
    # Failed hours are estimated: what was measured is a lower bound, and nearly all.
    total = sum(float(row["visits_estimated"]) for row in rows.values())
    for door in range(8):
        visits = visits_of(one for one in found if one.sensor_id == door)
        assert visits is not None
        row = rows[f"Door {door}"]
        assert cell(row["visits"]) == visits
        estimate, measured = float(row["visits_estimated"]), float(row["coverage_open_pct"]) / 100
        assert visits <= estimate
        assert estimate * measured == pytest.approx(visits, rel=0.1)
        assert cell(row["share_pct"]) == pytest.approx(100 * estimate / total, abs=1e-3)


def test_opening_hours_are_those_of_the_simulator(stores: Page) -> None:
    hours = {(row["store_name"], row["weekday"]): row["hours"] for row in downloaded(stores, HOURS)}
    assert hours["Berlin", "Monday"] == hours["London", "Saturday"] == "08:00 to 18:00"
    assert hours["Berlin", "Sunday"] == "closed"


def test_failure_rates_are_those_of_the_last_28_days(stores: Page) -> None:
    stores.get_by_label("Store", exact=True).first.select_option("London")
    until(lambda: names(stores, "Visits, London, all doors together"))
    _, last = span(stores)
    found = list(store_readings("London", last - timedelta(days=27), last))
    # A table that is being drawn again has no button, and would shift the others.
    until(lambda: all("readings_failed" in row for row in downloaded(stores, HEALTH)[:1]))
    rows = downloaded(stores, HEALTH)
    london = {int(row["sensor_id"]): row for row in rows if row["store_name"] == "London"}
    for door, row in london.items():
        failed = sum(one.sensor_id == door and one.visits == -1 for one in found)
        assert cell(row["readings_failed"]) == failed
        limit_is_passed = failed > 0.1 * 28 * 24
        assert (row["state"] == "to be replaced") is limit_is_passed
    shown = chart_points(stores, "Failed readings, the twelve worst sensors, last 28 days")
    points = [tuple(point) for series in shown for point in series]
    worst = [
        (cell(row["failure_rate_pct"]), f"{row['store_name']} {row['sensor_id']}")
        for row in rows[:12]
    ]
    assert sorted(point for point in points if point[0]) == sorted(worst)


def test_a_table_is_searched(stores: Page) -> None:
    table = shown_table(stores, TREND)
    table.get_by_placeholder("Search").fill("Madrid")
    until(lambda: set(table.locator("tr td:nth-child(2)").all_inner_texts()) == {"Madrid"})


def test_missing_and_empty_marts_are_reported(another: Callable[..., Path], look: Look) -> None:
    statements = "drop table footfall.sensor_health; delete from footfall.door_utilisation"
    data = another(lambda marts: marts.execute(statements))
    report(data, env=ENV, say=quiet)
    (output,) = look(data, "/stores/")
    assert "footfall.sensor_health" in output
    assert "footfall.door_utilisation" in output
    assert "No sensor has a reading." in output
    assert "No visits by door are published" in output
    assert BERLIN.split(",", maxsplit=1)[0] in output


def test_without_any_visit_the_page_says_how_to_load_them(
    another: Callable[..., Path], look: Look
) -> None:
    data = another(lambda marts: marts.execute("drop schema footfall cascade"))
    report(data, env=ENV, say=quiet)
    stores, quality = look(data, "/stores/", "/quality/")
    assert "No visits are published yet." in stores
    assert "No reading of any store is published." in quality
    assert "footfall.store_traffic_daily" in quality
