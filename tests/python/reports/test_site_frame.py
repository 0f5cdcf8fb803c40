"""Every page of the site as people see it: on a desktop and a phone, in light and dark mode."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.reports.browser import TABLE, Visitor, figure, follow, settled, visiting
from tests.support.reports.site_server import ENV, Site, quiet, report, served

PAGES = (
    "/",
    "/crime/",
    "/crime/districts/",
    "/crime/districts/011/",
    "/crime/holidays/",
    "/crime/areas/",
    "/crime/wards/",
    "/crime/types/",
    "/crime/revisions/",
    "/stores/",
    "/education/",
    "/education/achievement/",
    "/quality/",
)
# By its address and not by a link.
ENTERED = "/crime/districts/011/"
DESK, PHONE = 1280, 390
WHITE = "rgb(255, 255, 255)"


def name_of(path: str) -> str:
    return path.strip("/").replace("/", "-") or "home"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_its_screen_says_how_fresh_it_is_and_explains_its_terms(
    visitor: Visitor, screenshots: Path, path: str
) -> None:
    page = visitor.open(path, width=DESK)
    expect(page.locator("main h1").first).not_to_be_empty()
    expect(page.get_by_test_id("freshness-banner")).to_contain_text("Published")
    expect(page.get_by_test_id("made-up")).to_have_text(
        "Made-up data: every row comes from a simulator, none from a real source."
    )
    expect(page.get_by_test_id("data-through").first).to_contain_text("data through")
    expect(page.get_by_test_id("terms")).not_to_be_empty()
    for width, scheme in ((DESK, "light"), (PHONE, "dark")):
        turn(page, width, scheme)
        output = page.locator("main").inner_text()
        for wrong in ("NaN", "undefined", "[object", "Error", "Invalid Date", "Infinity"):
            assert wrong not in output, wrong
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": min(height, 6000)})
        page.wait_for_timeout(300)
        page.screenshot(path=screenshots / f"{name_of(path)}-{scheme}-{width}.png")


def turn(page: Page, width: int, scheme: Any) -> None:
    """Show a page on another screen."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    settled(page)


def test_each_page_is_reached_from_home_by_keyboard(visitor: Visitor) -> None:
    page = visitor.open("/")
    reached = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement?.getAttribute('href')"))
    assert {path for path in PAGES if path not in {"/", "/crime/districts/011/"}} <= reached


def test_appearance_follows_the_system(visitor: Visitor) -> None:
    page = visitor.open("/", scheme="dark")
    assert background(page) != WHITE
    turn(page, DESK, "light")
    assert background(page) == WHITE


def background(page: Page) -> str:
    found: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return found


def test_days_are_the_same_wherever_the_reader_is(visitor: Visitor) -> None:
    output = {
        zone: visitor.open("/crime/", timezone_id=zone).locator(TABLE).first.inner_text()
        for zone in ("America/Chicago", "Asia/Tokyo")
    }
    assert output["America/Chicago"] == output["Asia/Tokyo"]


def test_the_last_complete_day_and_its_zone_stand_above_each_subject(visitor: Visitor) -> None:
    for path, said in (
        ("/crime/", "chicago-crime: data through 31 Dec 2025 (America/Chicago), read at"),
        ("/stores/", "store-sensors: data through 31 Mar 2025 (each store's own time), read at"),
        ("/education/", "pisa: data through 31 Dec 2025 (UTC), read at"),
    ):
        line = visitor.open(path).get_by_test_id("data-through")
        expect(line).to_have_count(1)
        expect(line).to_contain_text(said)


def test_real_data_has_no_banner(site: Site, browser: Browser, tmp_path: Path) -> None:
    build = (site.data / "published").resolve()
    folder = tmp_path / "data/builds" / build.name
    folder.mkdir(parents=True)
    shutil.copyfile(build / "marts.duckdb", folder / "marts.duckdb")
    manifest = json.loads((build / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"made_up_notice": None}))
    (tmp_path / "data/published").symlink_to(folder)
    files = served(report(tmp_path / "data", env=ENV, say=quiet))
    with files as address, visiting(browser, address) as visitor:
        page = visitor.open("/")
        expect(page.get_by_test_id("freshness-banner")).to_contain_text("Published")
        expect(page.get_by_test_id("made-up")).to_have_count(0)


def test_served_from_a_folder_every_page_and_link_works(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    build = (site.data / "published").resolve()
    folder = data / "builds" / build.name
    folder.mkdir(parents=True)
    for name in ("marts.duckdb", "manifest.json"):
        shutil.copyfile(build / name, folder / name)
    (data / "published").symlink_to(folder)
    base = "/city/reports"
    site_below = served(report(data, base_path=base, env=ENV, say=quiet), base)
    with site_below as address, visiting(browser, address) as visitor:
        page = visitor.open("/")
        for path in PAGES:
            if path == ENTERED:
                page = visitor.open(path)
            else:
                follow(page, f"{base}{path}")
            expect(page.locator("main h1").first).not_to_be_empty()
            links = page.locator("main a[href^='/']").evaluate_all(
                "found => found.map((one) => one.getAttribute('href'))"
            )
            assert all(f"{link}/".startswith(f"{base}/") for link in links), path
        follow(page, f"{base}/crime/districts/")
        page.locator("[data-testid=outline-map] a").first.click()
        page.wait_for_url(re.compile(rf"{base}/crime/districts/\d+/"))
        assert figure(page, "Crimes")
