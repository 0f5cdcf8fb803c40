"""One small warehouse, published, with its report site: made once for all tests of the pages."""

import http.server
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.paths import ROOT, Paths
from dbt_project.runs.run_history import publish_run_history
from ingestion.core.registry import find_source
from ingestion.simulators.chicago_crime.revisions import revise
from ingestion.simulators.process import running
from reports.site_builder.site import report as write_site
from tests.support.sharing import made_once
from tests.support.warehouse import Portal, Warehouse

NOT_CHECKED = (
    "NO CHROMIUM: the pages of the report site were NOT tested. Install it"
    " (Debian: apt-get install chromium) or set CHROMIUM to its path."
)
CACHE = ROOT / "data" / "cache"
SCREENSHOTS = CACHE / "screenshots"
ENV = os.environ | {"WAREHOUSE_CACHE_DIR": str(CACHE)}
Change = Callable[[duckdb.DuckDBPyConnection], object]
Look = Callable[..., list[str]]
CRIMES = 60_000  # the last twelve weeks of 2025
FOOTFALL = (date(2025, 1, 1), date(2025, 4, 1))  # the clocks change; from the first, to the second
STUDENTS = 3_000
COLUMNS = "id, date, primary_type, arrest, beat, district, ward"


@dataclass(frozen=True)
class Site:
    """A published warehouse and what its sources served.

    Attributes:
        data: the data folder; `raw.duckdb` has the rows as received.
    """

    data: Path

    @property
    def folder(self) -> Path:
        """The site's files."""
        return self.data / "published" / "site"

    def crimes(self) -> list[dict[str, str]]:
        """The crimes as the portal serves them after its revisions, every value as text."""
        found: list[dict[str, str]] = json.loads((self.data / "crimes.json").read_text())
        return found


def chromium() -> str | None:
    """The path of the machine's Chromium; None where there is none."""
    return (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )


def shared_site(folder: Path) -> Site:
    """The site in `folder`, which tests of several processes share; the first one makes it."""
    return Site(made_once(folder, lambda made: _make(made / "data")) / "data")


def _make(data: Path) -> None:
    """Load what is served before and after the portal's revisions, build, publish and report."""
    warehouse = Warehouse(data, {"WAREHOUSE_CACHE_DIR": str(CACHE)})
    with running("chicago-crime", rows=CRIMES) as url:
        warehouse.use(url)
        warehouse("load", "chicago-crime")
        revise(url)
        warehouse("load", "chicago-crime")
        rows = Portal(url).rows(COLUMNS)
    since, until = FOOTFALL
    with running("store-sensors") as url:
        warehouse.use(url, "store-sensors")
        warehouse("load", "store-sensors", "--since", str(since), "--until", str(until))
    with running("pisa", rows=STUDENTS, rate=0.0, now="2025-12-31T23:59:59Z") as databases:
        warehouse("load", "pisa", **{find_source("pisa").address_variable: databases})
    warehouse("build")
    warehouse("publish")
    (data / "crimes.json").write_text(json.dumps(rows))
    warehouse("report")


def report(data: Path, **options: Any) -> Path:
    """Write the site of a data folder, as `warehouse report` does; returns its folder."""
    publish_run_history(Paths(data))
    return write_site(data, **options)


@contextmanager
def served(folder: Path, base_path: str = "") -> Iterator[str]:
    """Serve files as the plainest of web servers does; yields the address of the folder.

    Args:
        folder: of the site.
        base_path: where in the server's tree it lies; nothing lies beside it.
    """

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            if not f"{path}/".startswith(f"{base_path}/"):
                return str(folder / "not in the folder")
            return super().translate_path(path.removeprefix(base_path))

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{base_path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def quiet(_: str) -> None:
    """Print nothing."""
