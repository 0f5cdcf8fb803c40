"""Fixtures for the pages of the report site."""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page

from tests.support.reports.browser import Visitor, follow, launched, visiting
from tests.support.reports.site_server import (
    NOT_CHECKED,
    SCREENSHOTS,
    Change,
    Look,
    Site,
    chromium,
    served,
    shared_site,
)


@pytest.fixture(scope="session")
def site(shared: Path) -> Site:
    """A published warehouse with its site; the workers of a test run share one."""
    return shared_site(shared / "report-site")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium; tests that need it skip where there is none.

    It exists for one file only: while it runs, no other event loop can in this thread.
    """
    found = chromium()
    if found is None:
        pytest.skip(NOT_CHECKED)
    with launched(found) as started:
        yield started


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    """Where a plain web server shows the site."""
    with served(site.folder) as found:
        yield found


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """Looks at pages; whatever went wrong in the console or left this machine fails the test."""
    with visiting(browser, address) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def seen(browser: Browser, address: str) -> Iterator[Callable[[str], Page]]:
    """Pages for tests that read and change nothing: each is opened once for all tests of a file."""
    with visiting(browser, address) as visitor:
        yield cache(visitor.open)


@pytest.fixture
def screenshots() -> Path:
    """The folder where pictures of the pages are kept."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS


@pytest.fixture
def another(site: Site, tmp_path: Path) -> Callable[..., Path]:
    """Publish a changed copy of the build elsewhere; returns the data folder."""

    def publish(change: Change = lambda _: None, runs: str = "") -> Path:
        source = (site.data / "published").resolve()
        data = tmp_path / "data"
        build = data / "builds" / source.name
        build.mkdir(parents=True)
        for name in ("marts.duckdb", "manifest.json"):
            shutil.copyfile(source / name, build / name)
        with duckdb.connect(build / "marts.duckdb") as connection:
            change(connection)
        (data / "published").symlink_to(Path("builds") / source.name)
        (data / "runs.jsonl").write_text(runs)
        return data

    return publish


@pytest.fixture
def look(browser: Browser) -> Look:
    """Read the text of pages of the site in a data folder, by its links from one to the next."""

    def texts(data: Path, first: str, *others: str) -> list[str]:
        site = served(data / "published" / "site")
        with site as address, visiting(browser, address) as visitor:
            page = visitor.open(first)
            shown = [page.locator("main").inner_text()]
            for path in others:
                follow(page, path)
                shown.append(page.locator("main").inner_text())
        return shown

    return texts
