"""A person at a browser: opens pages, reads what they show, and notes what went wrong."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Nothing outside is reached, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
TIMEOUT_MS = 60_000
# The page knows its data, and shows it.
USABLE = """() => document.querySelector('[data-testid=freshness-banner][data-ready="true"]')
    && document.querySelector('main h1')
    && document.querySelectorAll('main [class*=animate-pulse]').length === 0"""
# Evidence exposes its charts for inspection.
CHARTS = "window[Symbol.for('__evidence-chart-window-debug__')]"
# Each table is there a second time, out of sight, for print.
TABLE = "article .table-container:visible"
HERE = re.compile(r"(http://127\.0\.0\.1:\d+/|data:|blob:)")


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Start Chromium, and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Looks at the site; `complaints` and `outside` gather what must not be.

    Attributes:
        browser: that is used.
        address: of the site.
        complaints: errors in the console and on pages.
        outside: addresses that were asked for and are not of the site.
    """

    browser: Browser
    address: str
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    _pages: list[Page] = field(default_factory=list)

    def open(
        self, path: str = "/", *, width: int = 1280, scheme: Any = "light", **context: Any
    ) -> Page:
        """Open a page and wait until it knows its data."""
        page = self.browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **context
        ).new_page()
        self._pages.append(page)
        page.set_default_timeout(TIMEOUT_MS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._on_request)
        page.goto(f"{self.address}{path}")
        page.wait_for_selector('[data-testid=freshness-banner][data-ready="true"]')
        settled(page)
        return page

    def close(self) -> None:
        """Close what was opened."""
        for page in self._pages:
            page.context.close()

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _on_request(self, request: Request) -> None:
        if not HERE.match(request.url):
            self.outside.append(request.url)


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[Visitor]:
    """Yield one who looks at the site at an address; nothing may go wrong while they do."""
    visitor = Visitor(browser, address)
    try:
        yield visitor
    finally:
        visitor.close()
    assert visitor.outside == []
    assert visitor.complaints == []


def link_to(path: str) -> str:
    """The links to a page, with a slash at the end or without."""
    return f"a[href='{path}'], a[href='{path.rstrip('/')}']"


def follow(page: Page, path: str) -> None:
    """Follow a link of the site, and wait until the page that it leads to can be used."""
    page.locator(link_to(path)).first.dispatch_event("click")
    page.wait_for_url(f"**{path}", timeout=TIMEOUT_MS)
    page.wait_for_function(USABLE, timeout=TIMEOUT_MS)


def settled(page: Page) -> None:
    """Wait until nothing is fetched or computed any more."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function("document.querySelectorAll('[class*=animate-pulse]').length === 0")
    page.wait_for_timeout(150)


def figure(page: Page, title: str) -> str:
    """The big number below a title, as it is written."""
    box = page.locator("article p", has_text=re.compile(f"^\\s*{re.escape(title)}\\s*$")).first
    return box.locator("xpath=following-sibling::div").first.inner_text().strip()


def number(text: str) -> float:
    """A number as pages write it: `1,234.5`, `12.3%`, `+4.0%`."""
    return float(re.sub(r"[,%#\s]", "", text).replace("\N{MINUS SIGN}", "-"))


def table(page: Page, index: int = 0) -> list[list[str]]:
    """The rows that a table shows, cells as written."""
    rows = page.locator(f"{TABLE} table").nth(index).locator("tr:has(td)")
    return [[cell.strip() for cell in row.locator("td").all_inner_texts()] for row in rows.all()]


def downloaded(page: Page, index: int = 0) -> list[dict[str, str]]:
    """Download a table's CSV and read it."""
    button = page.locator(f"{TABLE} button[aria-label=Download]").nth(index)
    with page.expect_download() as download:
        button.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def chart(page: Page, title: str) -> list[list[Any]]:
    """The points of the chart with a title, series after series, as the chart itself has them."""
    found: str = page.evaluate(
        f"""title => {{
            for (const chart of Object.values({CHARTS} ?? {{}})) {{
                if (chart.isDisposed()) continue;
                const option = chart.getOption();
                if (option?.title?.[0]?.text === title)
                    return JSON.stringify(option.series.map((series) => series.data));
            }}
            throw new Error(`no chart is titled ${{title}}`);
        }}""",
        title,
    )
    points: list[list[Any]] = json.loads(found)
    return points
