"""The quality page in a browser: tests, rejected rows and loads are those that happened."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date

import duckdb
import pytest
from playwright.sync_api import Page

from tests.support.reports.browser import Visitor, downloaded, figure, number
from tests.support.reports.raw_numbers import answers, responses, store_readings
from tests.support.reports.site_server import Site
from tests.support.reports.waiting import cell, chart_points, shown_table, until

REJECTED, SUBJECTS, LOADS, RECONCILED, DATABASES = range(5)
COVERAGE, COMPLETENESS, SOURCES, RUNS, MARTS = range(5, 10)
RAW_TABLES = {
    "crime": "raw_chicago_crime.crimes",
    "footfall": "raw_store_sensors.readings",
    "education": "raw_pisa.responses",
}


@pytest.fixture
def quality(seen: Callable[[str], Page]) -> Page:
    page = seen("/quality/")
    until(lambda: shown_table(page, MARTS).count())
    return page


@pytest.fixture(scope="module")
def received(site: Site) -> dict[str, int]:
    """The rows that came in, by subject."""
    with duckdb.connect(site.data / "raw.duckdb", read_only=True) as raw:
        counts = {
            subject: raw.execute(f"select count(*) from {table}").fetchone()
            for subject, table in RAW_TABLES.items()
        }
    return {subject: rows[0] for subject, rows in counts.items() if rows and rows[0]}


def test_the_tests_are_those_of_the_published_build(quality: Page, site: Site) -> None:
    manifest = json.loads((site.data / "published" / "manifest.json").read_text())
    for title, name in (
        ("Tests of the build", "tests"),
        ("Failed", "failed"),
        ("Warned", "warned"),
    ):
        assert number(figure(quality, title)) == manifest["audit"][name]
    marts = downloaded(quality, MARTS)
    assert {f"{row['subject']}.{row['mart']}": cell(row["row_count"]) for row in marts} == {
        name: table["rows"] for name, table in manifest["tables"].items()
    }


def test_every_row_received_is_accounted_for(quality: Page, received: dict[str, int]) -> None:
    assert number(figure(quality, "Rows received")) == sum(received.values())
    assert number(figure(quality, "Unaccounted for")) == 0
    subjects = {row["subject"]: row for row in downloaded(quality, SUBJECTS)}
    for subject, rows in received.items():
        row = subjects[subject]
        assert cell(row["rows_received"]) == rows
        states = ("rows_in_warehouse", "rows_rejected", "rows_superseded", "rows_deleted")
        assert sum(cell(row[state]) or 0 for state in states) == rows
    loads = downloaded(quality, LOADS)
    by_subject = Counter[str]()
    for row in loads:
        by_subject[row["subject"]] += int(row["rows_received"])
    assert by_subject == received


def test_rejected_submissions_are_those_that_cannot_be_read(quality: Page, site: Site) -> None:
    rows = responses(site.data / "raw.duckdb")
    rejected = downloaded(quality, REJECTED)
    education = {
        row["reason"]: int(row["row_count"]) for row in rejected if row["subject"] == "education"
    }
    assert sum(education.values()) == len(rows) - len([*answers(rows)])
    elsewhere = sum(row["cnt"] == "ZZZ" for row in rows)
    reasons = [reason for reason in education if reason.startswith("cnt: not the country of its")]
    assert sum(education[reason] for reason in reasons) == elsewhere
    shown = chart_points(quality, "Rejected rows, the twelve most frequent reasons")
    counts = [point[0] for series in shown for point in series if point[0]]
    assert sorted(counts) == sorted(int(row["row_count"]) for row in rejected[:12])


def test_databases_are_compared_with_the_warehouse(quality: Page, site: Site) -> None:
    here = Counter(row["database_country"] for row in responses(site.data / "raw.duckdb"))
    for row in downloaded(quality, DATABASES):
        assert row["state"] == "reached"
        loaded = int(row["rows_in_warehouse"]) + int(row["rows_rejected"])
        assert loaded == here[row["country_code"]]
        assert int(row["rows_at_source"]) - int(row["rows_missing"]) == loaded


def test_coverage_is_the_share_of_valid_readings(quality: Page, site: Site) -> None:
    with duckdb.connect(site.data / "raw.duckdb", read_only=True) as raw:
        row = raw.execute(
            "select max(read_at_local) from raw_store_sensors.readings where store_name = 'Roma'"
        ).fetchone()
    last = date.fromisoformat(str(row[0] if row else None)[:10])
    rows = {(row["month"], row["store_name"]): row for row in downloaded(quality, COVERAGE)}
    found = [*store_readings("Roma", last.replace(day=1), last)]
    valid = sum(one.visits >= 0 for one in found)
    shown = rows[f"{last:%Y-%m}", "Roma"]
    assert int(shown["readings_expected"]) == len(found)
    assert int(shown["readings_valid"]) == valid
    assert cell(shown["coverage_pct"]) == pytest.approx(100 * valid / len(found), abs=1e-4)
    lines = chart_points(quality, "Footfall: missing readings, % of readings due")
    missing = cell(shown["missing_pct"])
    assert missing == pytest.approx(100 - 100 * valid / len(found), abs=1e-4)
    assert [shown["month"], missing] in [line[-1] for line in lines]


def test_freshness_lists_each_raw_table(quality: Page, received: dict[str, int]) -> None:
    rows = {row["raw_table"]: row for row in downloaded(quality, SOURCES)}
    for subject, total in received.items():
        row = rows[RAW_TABLES[subject].split(".")[1]]
        assert cell(row["row_count"]) == total
        assert row["last_load"] == "complete"


def test_a_table_is_searched(visitor: Visitor) -> None:
    quality = visitor.open("/quality/")
    table = shown_table(quality, MARTS)
    table.wait_for()
    table.get_by_placeholder("Search").fill("fct_crimes")
    until(lambda: table.locator("tr:has(td)").first.inner_text().split()[1] == "fct_crimes")
