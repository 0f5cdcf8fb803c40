"""The exposures in the dbt docs name what the report pages and the API's routes really read."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml  # type: ignore[import-untyped]

from reports.api.data.catalogue import LOADS, read_catalogue
from reports.api.data.charts import CHARTS, ChartRequest, render_chart
from reports.api.web import chart_routes, mart_routes
from reports.site_builder.sources import sources

ROOT = Path(__file__).parents[3]
MARTS = ROOT / "models/marts"
PAGES = ROOT / "reports/site/pages"


def exposures(file: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "models/exposures" / file).read_text())[
        "exposures"
    ]
    return found


def marts() -> dict[str, dict[str, Any]]:
    """The contract of each mart, by full name."""
    found = {}
    for path in MARTS.glob("*/[!_]*.yml"):
        (model,) = yaml.safe_load(path.read_text())["models"]
        found[f"{path.parent.name}.{model['name']}"] = model
    return found


def read_by(exposure: dict[str, Any]) -> set[str]:
    """The marts that an exposure names, by full name."""
    names = {re.fullmatch(r"ref\('(\w+)'\)", one)[1] for one in exposure["depends_on"]}  # type: ignore[index]
    found = {name for name in marts() if name.partition(".")[2] in names}
    assert len(found) == len(exposure["depends_on"])
    return found


def page_of(exposure: dict[str, Any]) -> Path:
    """The page that an exposure's address leads to; `011` is a district."""
    route = str(exposure["url"]).removeprefix("../site/").removesuffix("index.html").rstrip("/")
    route = route.replace("districts/011", "districts/[district]")
    paths = (PAGES / f"{route}.md", PAGES / route / "index.md")
    return next(path for path in paths if path.is_file())


def test_every_page_of_the_site_has_an_exposure() -> None:
    described = [page_of(exposure) for exposure in exposures("report_site.yml")]
    assert sorted(described) == sorted(PAGES.rglob("*.md"))


@pytest.mark.parametrize("exposure", exposures("report_site.yml"), ids=lambda one: str(one["name"]))
def test_an_exposure_names_the_marts_that_its_page_reads(exposure: dict[str, Any]) -> None:
    text = page_of(exposure).read_text()
    read = {
        mart
        for source in sources()
        for mart in source.marts
        # A table in a query, or a file that a map fetches.
        if re.search(rf"\b{source.schema}\.{source.name}\b", text)
        or f"/data/{source.schema}/{source.name}.geojson" in text
    }
    assert read_by(exposure) == read


class Recording:
    """A DuckDB cursor that remembers which tables its queries read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.tables: set[str] = set()

    def execute(self, query: str, parameters: Sequence[object] = ()) -> duckdb.DuckDBPyConnection:
        names = self.connection.get_table_names(query.replace("?", "null"), qualified=True)
        self.tables |= {name for name in names if not name.startswith("duckdb_")}
        return self.connection.execute(query, parameters)


@pytest.fixture
def published() -> Iterator[Recording]:
    """The marts as their contracts say, with a country and an hour."""
    with duckdb.connect() as connection:
        for name, model in marts().items():
            schema = name.partition(".")[0]
            columns = [f"{one['name']} {one['data_type']}" for one in model["columns"]]
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {name} ({', '.join(columns)})")
        connection.execute("insert into core.dim_country (country_code) values ('GBR')")
        connection.execute(
            "insert into education.submissions_by_hour (hour_start) values ('2026-01-01 10:00:00Z')"
        )
        yield Recording(connection)


@pytest.mark.parametrize("path", CHARTS)
def test_an_exposure_names_the_marts_that_its_route_reads(path: str, published: Recording) -> None:
    manifest = {
        "build_id": "b",
        "published_at": datetime.now(UTC).isoformat(),
        "tables": {name: {"rows": 0} for name in marts()},
    }
    catalogue = read_catalogue(published, manifest)  # type: ignore[arg-type]
    choices: tuple[tuple[str, ...], ...] = ((), ("GBR",))
    for countries in choices:
        for view in CHARTS[path].views:
            request = ChartRequest(path, countries, view)
            render_chart(request, published, catalogue)  # type: ignore[arg-type]
    (exposure,) = [one for one in exposures("json_api.yml") if one["label"] == path]
    assert exposure["url"].endswith(path)
    # The loads are counted for the metrics, not for a chart.
    read = {name.replace('"', "") for name in published.tables} - {LOADS}
    assert read_by(exposure) == read


def test_every_route_that_reads_marts_has_an_exposure() -> None:
    routers = (chart_routes.router, mart_routes.router)
    paths = {route.path for router in routers for route in router.routes}  # type: ignore[attr-defined]
    assert {one["label"] for one in exposures("json_api.yml")} == paths


def test_the_routes_of_marts_read_every_mart() -> None:
    for exposure in exposures("json_api.yml"):
        if exposure["label"].startswith("/marts"):
            assert read_by(exposure) == set(marts())
