"""The education page in a browser: it shows the means of what was received."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.reports.browser import Visitor, downloaded, figure, number, visiting
from tests.support.reports.raw_numbers import Answer, answers, mean, responses, weighted_mean
from tests.support.reports.site_server import ENV, Site, quiet, report, served
from tests.support.reports.waiting import chart_points, names, shown_table, until

BUBBLES = "Belonging at school by years of early education"
BY_HOUR = "Submissions by hour, UTC"
HOURS, ESCS = 0, 1
MINUS = "\N{MINUS SIGN}"
ALL_HOURS = 1_000_000


@pytest.fixture
def education(visitor: Visitor) -> Page:
    page = visitor.open("/education/")
    until(lambda: ranking(page, ESCS))
    return page


@pytest.fixture
def opened(seen: Callable[[str], Page]) -> Page:
    page = seen("/education/")
    until(lambda: ranking(page, ESCS))
    return page


@pytest.fixture(scope="module")
def given(site: Site) -> list[Answer]:
    return [*answers(responses(site.data / "raw.duckdb"))]


@pytest.fixture(scope="module")
def by_country(given: list[Answer]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = defaultdict(list)
    for one in given:
        found[one.country].append(one)
    return found


def ranking(page: Page, place: int) -> dict[str, str]:
    """What a ranking says by country, in its order."""
    rows = page.locator("figure ol").nth(place).locator("li")
    found: list[tuple[str, str]] = rows.evaluate_all(
        "rows => rows.map((row) =>"
        " [row.dataset.country, row.querySelector('.value').textContent.trim()])"
    )
    return dict(found)


def written(value: Decimal, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", MINUS)


def ranked(means: Mapping[str, Decimal]) -> dict[str, str]:
    in_order = sorted(means, key=lambda code: (-round(means[code], 6), code))
    return {code: written(means[code], 2) for code in in_order}


def weigh(page: Page) -> None:
    page.get_by_role("button", name="Weighted", exact=True).click()


def test_the_numbers_are_those_of_the_submissions_received(
    opened: Page, given: list[Answer], by_country: dict[str, list[Answer]]
) -> None:
    assert number(figure(opened, "Submissions")) == len(given)
    assert number(figure(opened, "Countries")) == len(by_country)
    assert number(figure(opened, "Countries with student weights")) == len(by_country)
    assert figure(opened, "Countries with standard errors") == "0"


def test_status_is_ranked_by_its_mean_unweighted_and_weighted(
    education: Page, by_country: dict[str, list[Answer]]
) -> None:
    plain = {code: mean(one.escs for one in found) for code, found in by_country.items()}
    shown = ranking(education, ESCS)
    assert shown == ranked(plain)
    assert [*shown] == [*ranked(plain)]
    weigh(education)
    weighted = {
        code: weighted_mean((one.escs, one.weight) for one in found)
        for code, found in by_country.items()
    }
    until(lambda: ranking(education, ESCS) == ranked(weighted))
    assert [*ranking(education, ESCS)] == [*ranked(weighted)]


def test_learning_time_is_the_mean_of_minutes_in_hours(
    opened: Page, by_country: dict[str, list[Answer]]
) -> None:
    assert ranking(opened, HOURS) == {
        code: f"{written(mean(one.minutes for one in found) / 60, 1)} h"
        for code, found in by_country.items()
    }


def test_a_bubble_is_the_means_of_those_who_answered_both(
    education: Page, by_country: dict[str, list[Answer]]
) -> None:
    (series,) = chart_points(education, BUBBLES)
    shown = {point[3][-4:-1]: point[:3] for point in series}
    assert set(shown) == set(by_country)
    for code, found in by_country.items():
        both = [one for one in found if one.years is not None and one.belonging is not None]
        x, y, size = shown[code]
        assert x == pytest.approx(float(mean(one.years for one in both)), abs=1e-6)
        assert y == pytest.approx(float(mean(one.belonging for one in both)), abs=1e-6)
        assert size == len(both)
    weigh(education)
    until(lambda: chart_points(education, BUBBLES) not in ([], [series]))


def test_the_map_colours_the_countries_of_the_ranking(opened: Page) -> None:
    areas = opened.locator("path[data-country]")
    until(areas.count)
    codes = areas.evaluate_all("found => found.map((one) => one.dataset.country)")
    shown = ranking(opened, ESCS)
    assert sorted(codes) == sorted(shown)
    titles = areas.locator("title").all_text_contents()
    for code, title in zip(codes, titles, strict=True):
        assert f": {shown[code]} (" in title
    fills = areas.evaluate_all("found => found.map((one) => getComputedStyle(one).fill)")
    assert len(set(fills)) > 1


@pytest.mark.parametrize(
    ("label", "hours"), [("24 hours", 24), ("7 days", 168), ("All", ALL_HOURS)]
)
def test_submissions_are_counted_by_the_hour_they_were_made_in(
    education: Page, given: list[Answer], label: str, hours: int
) -> None:
    counted = Counter(one.hour for one in given)
    last = max(counted)
    first = max(min(counted), last - timedelta(hours=hours - 1))
    slots = [first + timedelta(hours=n) for n in range((last - first) // timedelta(hours=1) + 1)]
    labels = [f"{slot:%Y-%m-%d %H}:00" for slot in slots]
    education.get_by_role("button", name=label, exact=True).click()
    until(lambda: names(education, BY_HOUR) == labels)
    (series,) = chart_points(education, BY_HOUR)
    assert [submissions for _, submissions in series] == [counted[slot] for slot in slots]


def test_the_csv_holds_what_the_charts_show(opened: Page) -> None:
    rows = downloaded(opened, 0)
    hours, status = (ranking(opened, place) for place in (HOURS, ESCS))
    assert {row["country_code"] for row in rows} == set(status)
    for row in rows:
        code = row["country_code"]
        assert written(Decimal(row["mean_escs"]), 2) == status[code]
        assert f"{written(Decimal(row['mean_learning_hours']), 1)} h" == hours[code]
        assert row["mean_escs_se"] in ("", "null")
    (series,) = chart_points(opened, BUBBLES)
    means = {(float(row["mean_years"]), float(row["mean_belonging"])) for row in rows}
    assert {(point[0], point[1]) for point in series} == means


def test_the_table_is_searched(education: Page) -> None:
    table = shown_table(education, 0)
    table.get_by_placeholder("Search").fill("Germany")
    until(lambda: table.locator("tr:has(td)").count() == 1)
    assert "DEU" in table.locator("tr:has(td)").inner_text()


def test_standard_errors_are_given_and_drawn_where_available(
    browser: Browser, another: Callable[..., Path]
) -> None:
    errors = "update education.escs_by_country set mean_escs_weighted_se = 0.0512"
    data = another(lambda marts: marts.execute(f"{errors} where country_code = 'DEU'"))
    report(data, env=ENV, say=quiet)
    site = served(data / "published" / "site")
    with site as address, visiting(browser, address) as visitor:
        page = visitor.open("/education/")
        until(lambda: ranking(page, ESCS))
        assert figure(page, "Countries with standard errors") == "1"
        assert "±" not in " ".join(ranking(page, ESCS).values())
        weigh(page)
        until(lambda: "±" in ranking(page, ESCS)["DEU"])
        shown = ranking(page, ESCS)
        assert shown.pop("DEU").endswith("± 0.05")
        assert "±" not in " ".join(shown.values())
        assert page.locator("li[data-country=DEU] .error").count() == 1
        assert [
            row["mean_escs_se"] for row in downloaded(page, 0) if row["country_code"] == "DEU"
        ] == ["0.0512"]


def test_a_measure_that_nobody_answered_is_reported_missing(
    browser: Browser, another: Callable[..., Path]
) -> None:
    data = another(lambda marts: marts.execute("drop table education.learning_hours_by_country"))
    report(data, env=ENV, say=quiet)
    site = served(data / "published" / "site")
    with site as address, visiting(browser, address) as visitor:
        page = visitor.open("/education/")
        page.get_by_text("No country reports learning time, or none has weights.").wait_for()
        assert len(ranking(page, 0)) > 1
