"""The achievement page in a browser: the scores of the marts, and what it says without any."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page

from tests.support.reports.browser import downloaded, visiting
from tests.support.reports.site_server import ENV, Site, quiet, report, served
from tests.support.reports.waiting import chart_points, until

PATH = "/education/achievement/"
# What is shown first: the first domain by name.
PUBLISHED = """
select country_code, mean_score, mean_score_se, share_below_level_2_pct
from education.achievement_by_country
where domain = 'mathematics' and mean_score is not null
order by mean_score desc
"""
LEVELS = "Share of students at each level"
NONE = """
delete from education.proficiency_by_country;
delete from education.achievement_by_country;
"""
# Of two cycles: the newest is shown first. Chile has no errors.
ACHIEVED = """
insert into education.achievement_by_country by name
select
    country_code, survey_cycle, domain, 150 as students, 150 as students_weighted, mean_score,
    mean_score_se, 31.25 as share_below_level_2_pct, 4.5 as share_level_5_or_above_pct
from (
    values
        ('BEL', 2022, 'mathematics', 489.487, 2.2), ('CHL', 2022, 'mathematics', 411.7, null),
        ('BEL', 2022, 'reading', 478.9, 2.5), ('BEL', 2018, 'mathematics', 508.1, 2.3)
) as achieved (country_code, survey_cycle, domain, mean_score, mean_score_se)
"""
SHARES = """
insert into education.proficiency_by_country by name
select
    'BEL' as country_code, 2022 as survey_cycle, 'mathematics' as domain, level_number,
    proficiency_level, lowest_score, 150 as students, share_pct
from (values (0, 'below 1c', null, 60.0), (1, '1c', 233.17, 40.0)) as levels (
    level_number, proficiency_level, lowest_score, share_pct
)
"""


def two_cycles(marts: duckdb.DuckDBPyConnection) -> None:
    """Give the marts the scores above in place of their own."""
    marts.execute(NONE)
    marts.execute(ACHIEVED)
    marts.execute(SHARES)


def ranking(page: Page) -> dict[str, str]:
    rows = page.locator("figure ol li")
    found: list[tuple[str, str]] = rows.evaluate_all(
        "rows => rows.map((row) =>"
        " [row.dataset.country, row.querySelector('.value').textContent.trim()])"
    )
    return dict(found)


def shares_of_countries(page: Page) -> dict[str, dict[int, float]]:
    """The shares that the bars show, by country and place of the level in the bar."""
    shares: dict[str, dict[int, float]] = {}
    for level, points in enumerate(chart_points(page, LEVELS)):
        for share, country in points:
            shares.setdefault(country, {})[level] = float(share)
    return shares


def test_the_page_shows_the_published_scores_and_bars_of_all_students(
    site: Site, seen: Callable[[str], Page]
) -> None:
    page = seen(PATH)
    with duckdb.connect(site.data / "published/marts.duckdb", read_only=True) as marts:
        published = marts.execute(PUBLISHED).fetchall()
    assert published
    until(lambda: len(ranking(page)) == len(published))
    assert [*ranking(page).items()] == [
        (code, f"{mean:.1f}" if se is None else f"{mean:.1f} ± {se:.1f}")
        for code, mean, se, _ in published
    ]
    rows = {row["country_code"]: row for row in downloaded(page, 0)}
    for code, _, _, below in published:
        assert float(rows[code]["share_below_level_2_pct"]) == below
    bars = shares_of_countries(page)
    assert len(bars) == len(published)
    for levels in bars.values():
        assert sum(levels.values()) == pytest.approx(1)


def test_domain_and_cycle_choose_the_scores_and_a_country_may_lack_errors(
    browser: Browser, another: Callable[..., Path]
) -> None:
    data = another(two_cycles)
    report(data, env=ENV, say=quiet)
    site = served(data / "published" / "site")
    with site as address, visiting(browser, address) as visitor:
        page = visitor.open(PATH)
        until(lambda: ranking(page) == {"BEL": "489.5 ± 2.2", "CHL": "411.7"})
        assert page.locator("li[data-country=CHL] .error").count() == 0
        until(lambda: shares_of_countries(page) == {"Belgium": {0: 0.6, 1: 0.4}})
        page.get_by_label("Domain").select_option("reading")
        until(lambda: ranking(page) == {"BEL": "478.9 ± 2.5"})
        page.get_by_label("Domain").select_option("mathematics")
        page.get_by_label("Cycle of the survey").select_option("2018")
        until(lambda: ranking(page) == {"BEL": "508.1 ± 2.3"})


def test_without_scores_the_page_says_so_and_shows_who_did_not_answer(
    browser: Browser, another: Callable[..., Path]
) -> None:
    data = another(lambda marts: marts.execute(NONE))
    report(data, env=ENV, say=quiet)
    site = served(data / "published" / "site")
    with site as address, visiting(browser, address) as visitor:
        page = visitor.open(PATH)
        page.get_by_test_id("no-scores").wait_for()
        assert page.locator("figure ol").count() == 0
        until(lambda: page.get_by_label("Measure").count() == 1)
        rows = downloaded(page, 0)
        assert {"country_code", "mean_weighted_low", "mean_weighted_high"} <= {*rows[0]}
