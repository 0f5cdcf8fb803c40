"""What the report site costs to build, and how soon its pages can be used."""

import logging
import os
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page

from reports.site_builder.node import install_packages
from reports.site_builder.site_template import built_template, prepare
from tests.benchmarks.harness import BenchmarkError, Warehouse, history_portal, python
from tests.benchmarks.report import Line, Section
from tests.support.reports.browser import USABLE, follow, launched, link_to
from tests.support.reports.site_server import NOT_CHECKED, chromium, report, served

MILLISECONDS = 60_000
FIRST_SECONDS, OTHER_SECONDS, EXPORT_SECONDS = 4.0, 2.0, 10.0
# In the order in which a visitor follows links.
PAGES = {
    "crime": "/crime/",
    "districts": "/crime/districts/",
    "a district": "/crime/districts/011/",
    "stores": "/stores/",
    "education": "/education/",
}
logger = logging.getLogger(__name__)


def bench_site(workdir: Path, *, history: int, rounds: int) -> Section:
    """Build the site of the demo's year, and of `history` crimes beside it; look at both.

    Args:
        workdir: an empty folder.
        history: crimes in the other warehouse, which has nothing else.
        rounds: of the export, and of each look.

    Raises:
        BenchmarkError: a step failed, or there is no browser.
    """
    found = chromium()
    if found is None:
        raise BenchmarkError(NOT_CHECKED)
    cache = workdir / "cache"
    env = os.environ | {"WAREHOUSE_CACHE_DIR": str(cache)}
    work = cache / "site" / "work"
    prepare(work)
    packages = _seconds(lambda: install_packages(work, env=env, say=logger.info))
    pages = _seconds(lambda: built_template(cache / "site", env=env, say=logger.info))
    demo = workdir / "demo"
    python("-m", "dbt_project", "demo", env={"WAREHOUSE_DATA_DIR": str(demo)})
    long = _long_history(workdir / "long", history)
    lines = [
        Line("packages (npm ci)", packages, "s"),
        Line("pages, only when they change", pages, "s"),
    ]
    for data, of in ((demo, ""), (long, f", of {history / 1e6:g} million crimes")):
        export = _export_seconds(data, env, rounds)
        with launched(found) as browser:
            first, others = _looks(browser, data, rounds)
        shown = others if data == demo else {"crime": others["crime"]}
        lines += [
            Line(f"data, after each publication{of}", export, "s", at_most=EXPORT_SECONDS),
            Line(f"first page usable{of}", first, "s", at_most=FIRST_SECONDS),
            *(
                Line(f"then {name}{of}", seconds, "s", at_most=OTHER_SECONDS)
                for name, seconds in shown.items()
            ),
        ]
    lines += [
        Line("pages on disk", _megabytes(demo) - _megabytes(demo, "data"), "MB"),
        Line("data on disk", 1000 * _megabytes(demo, "data"), "kB"),
    ]
    return Section("Report site of the demo's year", lines)


def _export_seconds(data: Path, env: Mapping[str, str], rounds: int) -> float:
    return statistics.median(
        _seconds(lambda: report(data, env=env, say=logger.info)) for _ in range(rounds)
    )


def _long_history(data: Path, crimes: int) -> Path:
    """Load, build and publish many crimes; returns the data folder."""
    with history_portal(data.parent, crimes) as server:
        Warehouse(data, server.url)("run", "chicago-crime")
    return data


def _looks(browser: Browser, data: Path, rounds: int) -> tuple[float, dict[str, float]]:
    """Seconds until home can be used by a new visitor, and until each page that follows."""
    firsts: list[float] = []
    others: dict[str, list[float]] = {name: [] for name in PAGES}
    with served(data / "published" / "site") as address:
        for _ in range(rounds):
            context = browser.new_context()
            page = context.new_page()
            firsts.append(_seconds(partial(_open, page, f"{address}/")))
            for name, path in PAGES.items():
                page.wait_for_selector(link_to(path), state="attached")
                others[name].append(_seconds(partial(follow, page, path)))
            context.close()
    return statistics.median(firsts), {
        name: statistics.median(seconds) for name, seconds in others.items()
    }


def _open(page: Page, url: str) -> None:
    page.goto(url, wait_until="commit")
    page.wait_for_function(USABLE, timeout=MILLISECONDS)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _megabytes(data: Path, part: str = "") -> float:
    folder = data / "published" / "site" / part
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
