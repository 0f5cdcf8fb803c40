"""The achievement page in a browser: the scores of the marts, and what it says without any."""

from collections.abc import Callable
from pathlib import Path

import duckdb
from playwright.sync_api import Browser, Page

from tests.support.reports.browser import downloaded, visiting
from tests.support.reports.site_server import ENV, quiet, report, served
from tests.support.reports.waiting import chart_points, until

PATH = "/education/achievement/"
LEVELS = "Share of students at each level"
# Of two cycles: the newest is shown first. Albania has no errors.
ACHIEVED = """
insert into education.achievement_by_country by name
select
    country_code, survey_cycle, domain, 150 as students, 150 as students_weighted, mean_score,
    mean_score_se, 31.25 as share_below_level_2_pct, 4.5 as share_level_5_or_above_pct
from (
    values
        ('BEL', 2022, 'mathematics', 489.487, 2.2), ('ALB', 2022, 'mathematics', 411.7, null),
        ('BEL', 2022, 'reading', 478.9, 2.5), ('BEL', 2018, 'mathematics', 508.1, 2.3)
) as achieved (country_code, survey_cycle, domain, mean_score, mean_score_se)
"""
SHARES = """
insert into education.proficiency_by_country by name
select
    country_code, 2022 as survey_cycle, 'mathematics' as domain, level_number,
    proficiency_level, lowest_score, 150 as students, share_pct
from (
    values
        ('BEL', 0, 'below 1c', null, 40.0), ('BEL', 1, '1c', 233.17, 60.0),
        ('ALB', 0, 'below 1c', null, 90.0), ('ALB', 1, '1c', 233.17, 10.0)
) as levels (country_code, level_number, proficiency_level, lowest_score, share_pct)
"""


def scores(marts: duckdb.DuckDBPyConnection) -> None:
    """Give the marts scores, as a file of the survey would."""
    marts.execute(ACHIEVED)
    marts.execute(SHARES)


def ranking(page: Page) -> dict[str, str]:
    rows = page.locator("figure ol li")
    found: list[tuple[str, str]] = rows.evaluate_all(
        "rows => rows.map((row) =>"
        " [row.dataset.country, row.querySelector('.value').textContent.trim()])"
    )
    return dict(found)


def test_domain_and_cycle_choose_the_scores_and_a_country_may_lack_errors(
    browser: Browser, another: Callable[..., Path]
) -> None:
    data = another(scores)
    report(data, env=ENV, say=quiet)
    site = served(data / "published" / "site")
    with site as address, visiting(browser, address) as visitor:
        page = visitor.open(PATH)
        until(lambda: ranking(page) == {"BEL": "489.5 ± 2.2", "ALB": "411.7"})
        assert page.locator("li[data-country=ALB] .error").count() == 0
        # Bars in the order of the scores, the lowest level first.
        until(lambda: chart_points(page, LEVELS))
        below, level_1c = chart_points(page, LEVELS)
        assert below == [[0.4, "Belgium"], [0.9, "Albania"]]
        assert level_1c == [[0.6, "Belgium"], [0.1, "Albania"]]
        page.get_by_label("Domain").select_option("reading")
        until(lambda: ranking(page) == {"BEL": "478.9 ± 2.5"})
        page.get_by_label("Domain").select_option("mathematics")
        page.get_by_label("Cycle of the survey").select_option("2018")
        until(lambda: ranking(page) == {"BEL": "508.1 ± 2.3"})


def test_without_scores_the_page_says_so_and_shows_who_did_not_answer(
    seen: Callable[[str], Page],
) -> None:
    page = seen(PATH)
    page.get_by_test_id("no-scores").wait_for()
    assert page.locator("figure ol").count() == 0
    until(lambda: page.get_by_label("Measure").count() == 1)
    rows = downloaded(page, 0)
    assert {"country_code", "mean_weighted_low", "mean_weighted_high"} <= {*rows[0]}
