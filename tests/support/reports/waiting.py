"""Waiting for what a page shows after a choice, and tables by their place among those shown."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from playwright.sync_api import Error, Locator, Page

from tests.support.reports.browser import TABLE, chart, figure, number

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


def shows(page: Page, title: str, wanted: float | None) -> None:
    """Wait until the big number below a title is what it should be: charts are there before it.

    Raises:
        AssertionError: it never was; says what stood there.
    """
    end = time.monotonic() + SECONDS
    while (found := number(figure(page, title))) != wanted:
        assert time.monotonic() < end, f"{title} is {found}, not {wanted}"
        time.sleep(0.05)


def chart_points(page: Page, title: str) -> list[list[Any]]:
    """The points of each series of a chart; none while there is no such chart."""
    try:
        return chart(page, title)
    except Error:
        return []


def names(page: Page, title: str) -> list[str]:
    """The names along the axis of a chart's first series, in order."""
    found = chart_points(page, title)
    points = found[0] if found else []
    return [next(part for part in point if isinstance(part, str)) for point in points]


def shown_table(page: Page, place: int) -> Locator:
    """A table by its place among those that are seen."""
    return page.locator(TABLE).nth(place)


def cell(text: str) -> float | None:
    """A number of a CSV; None where there is none."""
    return float(text) if text not in ("", "null") else None
