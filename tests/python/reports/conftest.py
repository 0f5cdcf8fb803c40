"""Fixtures for the pages of the report site."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support.reports.browser import Visitor, launched, visiting
from tests.support.reports.site_server import (
    NOT_CHECKED,
    SCREENSHOTS,
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
