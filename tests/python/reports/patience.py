"""Waiting for what a page shows after a choice, and tables by their place among those shown."""

import csv
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Error, Locator, Page

from tests.python.reports.looking import chart

SECONDS = 30.0
Found = TypeVar("Found")


def until(shown: Callable[[], Found]) -> Found:
    """Wait until a page shows something, and return it.

    Raises:
        AssertionError: it never did.
    """
    end = time.monotonic() + SECONDS
    while not (found := shown()):
        assert time.monotonic() < end, "the page never showed what was waited for"
        time.sleep(0.05)
    return found


def drawn(page: Page, title: str) -> list[list[Any]]:
    """The points of each series of a chart; none while there is no such chart."""
    try:
        return chart(page, title)
    except Error:
        return []


def names(page: Page, title: str) -> list[str]:
    """The names along the axis of a chart's first series, in order."""
    found = drawn(page, title)
    points = found[0] if found else []
    return [next(part for part in point if isinstance(part, str)) for point in points]


def shown_table(page: Page, place: int) -> Locator:
    """A table by its place among those that are seen: each has a hidden one for the full screen."""
    return page.locator(".table-container:visible").nth(place)


def csv_of(page: Page, place: int) -> list[dict[str, str]]:
    """The rows of the CSV that a table gives."""
    with page.expect_download() as download:
        shown_table(page, place).get_by_label("Download", exact=True).click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return [*csv.DictReader(io.StringIO(text))]


def cell(text: str) -> float | None:
    """A number of a CSV; None where there is none."""
    return float(text) if text not in ("", "null") else None
