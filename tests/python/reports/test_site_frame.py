"""Every page of the site as people see it: on a desk and on a phone, by day and by night."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from reports.site_tools.site import report
from tests.python.reports.looking import TABLE, Visitor, figure
from tests.python.reports.site_server import Site, served
from tests.python.reports.test_site_build import ENV, quiet

PAGES = (
    "/",
    "/crime/",
    "/crime/districts/",
    "/crime/districts/011/",
    "/crime/holidays/",
    "/crime/wards/",
    "/crime/types/",
    "/crime/revisions/",
    "/stores/",
    "/education/",
    "/quality/",
)
DESK, PHONE = 1280, 390


def name_of(path: str) -> str:
    return path.strip("/").replace("/", "-") or "home"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_a_page_fits_its_screen_and_says_how_fresh_it_is_and_what_its_terms_mean(
    visitor: Visitor, screenshots: Path, path: str, width: int, scheme: str
) -> None:
    page = visitor.open(path, width=width, scheme=scheme)
    expect(page.locator("main h1").first).not_to_be_empty()
    expect(page.get_by_test_id("standing")).to_contain_text("Published")
    expect(page.get_by_test_id("terms")).not_to_be_empty()
    said = page.locator("main").inner_text()
    for wrong in ("NaN", "undefined", "[object", "Error", "Invalid Date", "Infinity"):
        assert wrong not in said, wrong
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(height, 6000)})
    page.wait_for_timeout(300)
    page.screenshot(path=screenshots / f"{name_of(path)}-{scheme}-{width}.png")


def test_each_page_is_reached_from_home_by_keyboard(visitor: Visitor) -> None:
    page = visitor.open("/")
    reached = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement?.getAttribute('href')"))
    assert {path for path in PAGES if path not in {"/", "/crime/districts/011/"}} <= reached


def test_appearance_follows_the_system(visitor: Visitor) -> None:
    def background(scheme: str) -> str:
        found: str = visitor.open("/", scheme=scheme).evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        return found

    assert background("light") == "rgb(255, 255, 255)"
    assert background("dark") != "rgb(255, 255, 255)"


def test_days_are_the_same_wherever_the_reader_is(visitor: Visitor) -> None:
    said = {
        zone: visitor.open("/crime/", timezone_id=zone).locator(TABLE).first.inner_text()
        for zone in ("America/Chicago", "Asia/Tokyo")
    }
    assert said["America/Chicago"] == said["Asia/Tokyo"]


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
    with served(report(data, base_path=base, env=ENV, say=quiet), base) as address:
        visitor = Visitor(browser, address)
        for path in PAGES:
            page = visitor.open(path)
            expect(page.locator("main h1").first).not_to_be_empty()
            links = page.locator("main a[href^='/']").evaluate_all(
                "found => found.map((one) => one.getAttribute('href'))"
            )
            assert all(f"{link}/".startswith(f"{base}/") for link in links), path
        page = visitor.open("/crime/districts/")
        page.locator("[data-testid=outline-map] a").first.click()
        page.wait_for_url(re.compile(rf"{base}/crime/districts/\d+/"))
        assert figure(page, "Crimes")
        visitor.close()
    assert visitor.complaints == []
    assert visitor.outside == []
