"""The docs of a published warehouse, opened in a browser that reaches this machine only."""

import base64
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dbt_project.documentation.documentation import docs
from dbt_project.paths import Paths
from ingestion.core.progress import Silent
from tests.support.reports.browser import HERE
from tests.support.reports.site_server import Site, served

# A node's id and the name of a column of it; of the node as a whole without one.
Column = tuple[str, str]
LEFT_OUT = shutil.ignore_patterns("target", "cache", "parquet", "site-*", "site", "docs*")


@pytest.fixture(scope="module")
def documented(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The docs of a copy of the warehouse, whose folder others read meanwhile."""
    data = tmp_path_factory.mktemp("documented") / "data"
    shutil.copytree(site.data, data, symlinks=True, ignore=LEFT_OUT)
    return docs(Paths(data=data), progress=Silent())


@pytest.fixture
def page(browser: Browser, documented: Path) -> Iterator[Page]:
    """A page of the docs' server; nothing but this machine was asked for anything."""
    outside: list[str] = []
    complaints: list[str] = []
    with served(documented) as address:
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
        found = context.new_page()
        found.on("pageerror", lambda error: complaints.append(str(error)))
        found.on("request", lambda request: outside.append(request.url))
        # One that leaves the machine would wait for long.
        found.route(lambda url: not HERE.match(url), lambda route: route.abort())
        yield found
        context.close()
    assert [url for url in outside if not HERE.match(url)] == []
    assert complaints == []


def test_the_overview_leads_to_marts_to_the_diagram_and_to_column_lineage(
    page: Page, screenshots: Path
) -> None:
    page.goto("/index.html")
    page.get_by_role("heading", name="Data flow").wait_for()
    page.screenshot(path=screenshots / "docs-overview.png")
    page.get_by_role("link", name="crime.fct_crimes").click()
    page.get_by_text("Grain: crime", exact=False).first.wait_for()
    page.goto("/index.html")
    page.get_by_role("link", name="diagram of the marts").click()
    page.get_by_role("heading", name="Marts and their relations").wait_for()
    page.screenshot(path=screenshots / "docs-diagram.png", full_page=True)
    page.get_by_role("link", name="column lineage").click()
    page.get_by_text("Filter models").or_(page.get_by_placeholder("Filter models")).first.wait_for()
    page.screenshot(path=screenshots / "docs-lineage.png")


def test_a_report_page_is_described_with_the_marts_that_it_reads(page: Page) -> None:
    page.goto("/index.html#!/exposure/exposure.warehouse.site_crime_wards")
    page.get_by_text("Map and ranking of the wards", exact=False).first.wait_for()
    text = page.locator("body").inner_text()
    assert {"crime_by_ward", "dim_ward", "ward_outlines"} <= set(re.findall(r"\w+", text))


def test_lineage_runs_from_the_source_to_the_chart(documented: Path) -> None:
    text = (documented / "lineage.html").read_text(encoding="utf-8")
    (packed,) = re.findall(r'colibriData = JSON\.parse\(atob\("([^"]+)"', text)
    above: dict[Column, set[Column]] = {}
    for edge in json.loads(base64.b64decode(packed))["lineage"]["edges"]:
        column, source = edge.get("targetColumn", ""), edge.get("sourceColumn", "")
        above.setdefault((edge["target"], column), set()).add((edge["source"], source))
    # Through a union, which is where it broke once.
    arrests = columns_above(above, ("model.warehouse.crime_by_ward", "arrests"))
    assert ("source.warehouse.chicago_crime.crimes", "arrest") in arrests
    assert ("source.warehouse.chicago_crime.crimes_last_year", "arrest") in arrests
    charts = {source for source, _ in above["exposure.warehouse.site_crime_wards", ""]}
    wards = ("crime_by_ward", "crime_by_ward_at_time", "crime_by_ward_yearly", "dim_ward")
    assert charts == {f"model.warehouse.{mart}" for mart in (*wards, "ward_outlines")}


def columns_above(above: dict[Column, set[Column]], column: Column) -> set[Column]:
    """Every column that a column comes from, by however many steps."""
    todo, seen = [column], set[Column]()
    while todo:
        one = todo.pop()
        seen.add(one)
        todo += above.get(one, set()) - seen
    return seen
