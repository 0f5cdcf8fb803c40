"""How the site is built: what a second build costs, what can go wrong, what it then reports."""

import json
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from playwright.sync_api import Browser, expect

from dbt_project.files import write_json
from reports.site_builder import site_template
from reports.site_builder.errors import SiteError
from reports.site_builder.node import node_folder, run
from tests.support.reports.browser import figure, follow, visiting
from tests.support.reports.site_server import CACHE, ENV, Look, Site, quiet, report, served
from tests.support.warehouse import Warehouse


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_build_gives_the_same_files_and_builds_no_pages(
    site: Site, another: Callable[..., Path]
) -> None:
    output: list[str] = []
    data = another(runs=(site.data / "runs.jsonl").read_text())
    first = files(report(data, env=ENV, say=output.append))
    left_by_a_kill = data / "published" / ".site.partial" / "data"
    left_by_a_kill.mkdir(parents=True)
    folder = report(data, env=ENV, say=output.append)
    assert files(folder) == first
    assert [line.split()[0] for line in output] == ["site", "site"]
    assert [path.name for path in sorted(folder.parent.glob("*site*"))] == ["site", folder.name]
    assert folder == (data / "published" / "site").resolve()


def test_each_page_is_a_file_and_each_district_has_one(site: Site) -> None:
    districts = {path.name for path in (site.folder / "crime" / "districts").iterdir()}
    with duckdb.connect(site.data / "published" / "marts.duckdb", read_only=True) as connection:
        known = connection.execute("select district_id from crime.dim_police_district").fetchall()
    assert districts - {"index.html"} == {district for (district,) in known}
    for page in ("", "crime", "crime/holidays", "crime/districts/011", "stores", "quality"):
        assert (site.folder / page / "index.html").is_file(), page


def test_no_file_holds_the_placeholder_of_the_base_path_or_another_address(site: Site) -> None:
    for name, content in files(site.folder).items():
        assert site_template.PLACEHOLDER.encode() not in content, name


def test_the_data_of_the_pages_stays_small(site: Site) -> None:
    size = sum(len(content) for content in files(site.folder / "data").values())
    assert size < 2_000_000


def test_a_mart_that_is_missing_is_named_and_the_rest_is_shown(
    another: Callable[..., Path], look: Look
) -> None:
    data = another(lambda marts: marts.execute("drop table crime.crime_by_holiday"))
    report(data, env=ENV, say=quiet)
    holidays, crime = look(data, "/crime/holidays/", "/crime/")
    assert "Not in the published build" in holidays
    assert "crime.crime_by_holiday" in holidays
    assert "No holiday of this year has two ordinary days" in holidays
    assert "Total crimes" in crime


def test_empty_marts_are_reported_on_every_page_that_reads_them(
    another: Callable[..., Path], look: Look
) -> None:
    def empty(marts: duckdb.DuckDBPyConnection) -> None:
        for schema, name in marts.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name = 'crime'"
        ).fetchall():
            marts.execute(f"delete from {schema}.{name}")

    data = another(empty)
    report(data, env=ENV, say=quiet)
    parts = ("", "districts/", "holidays/", "wards/", "types/", "revisions/")
    home, *pages = look(data, "/", *(f"/crime/{part}" for part in parts))
    for part, output in zip(parts, pages, strict=True):
        assert "are published yet" in output, part
        assert "Without rows in the published build" in output, part
    assert "No crimes are published" in home
    assert "Visits measured" in home


SQUARES = """
    create or replace table crime.district_outlines as
    select district_id, '{"type": "Polygon", "coordinates": [['
        || string_agg('[' || (longitude + x) || ', ' || (latitude + y) || ']', ', ' order by n)
        || ']]}' as geojson_geometry
    from crime.dim_police_district
    cross join (values (1, 0, 0), (2, 0.01, 0), (3, 0.01, 0.01), (4, 0, 0)) as corner(n, x, y)
    where has_station
    group by district_id"""


def test_districts_are_drawn_by_their_outlines_and_without_them_as_points(
    browser: Browser, another: Callable[..., Path]
) -> None:
    chart_points = {}
    data = another(lambda marts: marts.execute("drop table if exists crime.district_outlines"))
    for shape in ("circle", "path"):
        report(data, env=ENV, say=quiet)
        site = served(data / "published" / "site")
        with site as address, visiting(browser, address) as visitor:
            page = visitor.open("/crime/districts/")
            shapes = page.locator(f"[data-testid=outline-map] a {shape}")
            expect(shapes.first).to_be_visible()
            chart_points[shape] = shapes.count()
            name = page.locator("[data-testid=outline-map] a").first.get_attribute("aria-label")
            assert name
            assert re.fullmatch(r"[A-Z][A-Za-z ]+: [\d,]+", name)
        with duckdb.connect(data / "published" / "marts.duckdb") as marts:
            marts.execute(SQUARES)
            (stations,) = marts.execute(
                "select count(*) from crime.district_outlines"
            ).fetchone() or (0,)
    assert chart_points["path"] == stations
    assert 0 < chart_points["circle"] <= stations


WORDS_OF_THE_MACHINE = ("/srv/private", "db.internal.example", "WAREHOUSE_MEMORY_LIMIT", "503")


def texts(published: Path) -> str:
    """What the history and every table of the site says of the build itself."""
    found = [(published / "runs.json").read_text()]
    with duckdb.connect() as connection:
        for file in (published / "site" / "data" / "site").rglob("*.parquet"):
            found += map(str, connection.read_parquet(str(file)).fetchall())
    assert any("load of store-sensors, build failed" in text for text in found)
    return "\n".join(found)


def failed(error: str, end: str) -> str:
    record: dict[str, Any] = {
        "command": "run",
        "start": end,
        "end": end,
        "steps": {"load": 1.0, "build": 2.0},
        "rows": {},
        "failures": {"store-sensors": "the API answered 503"},
        "tests": {"tests": 10, "passed": 9, "failed": 1, "warned": 0},
        "build_id": None,
        "outcome": "failed",
        "error": error,
    }
    return json.dumps(record) + "\n"


def test_a_later_build_that_failed_its_audit_is_reported_and_the_old_numbers_stay(
    site: Site,
    browser: Browser,
    another: Callable[..., Path],
) -> None:
    before = (site.data / "runs.jsonl").read_text()
    error = "cannot read /srv/private/rows.csv of db.internal.example: set WAREHOUSE_MEMORY_LIMIT"
    data = another(runs=before + failed(error, "2099-01-01T00:00:00+00:00"))
    # The newest publication was rolled back.
    shutil.copytree((data / "published").resolve(), data / "builds" / "29990101T000000Z-abcdef")
    write_json(
        data / "rolled_back.json",
        {"newest": "29990101T000000Z-abcdef", "at": "2098-12-31T00:00:00+00:00"},
    )
    report(data, env=ENV, say=quiet)
    assert [word for word in WORDS_OF_THE_MACHINE if word in texts(data / "published")] == []
    with served(site.folder) as old, served(data / "published" / "site") as new:
        crimes = []
        for address in (old, new):
            with visiting(browser, address) as visitor:
                page = visitor.open("/crime/")
                crimes.append(figure(page, "Total crimes"))
                if address == new:
                    expect(page.get_by_role("alert")).to_contain_text(
                        "The newest build failed on 1 Jan 2099"
                    )
                    expect(page.get_by_test_id("rolled-back")).to_contain_text(
                        "was rolled back on 31 Dec 2098"
                    )
                    follow(page, "/stores/")
                    assert "store-sensors failed" in page.inner_text("main")
                else:
                    assert page.get_by_role("alert").count() == 0
    assert crimes[0] == crimes[1]


def test_a_failure_before_the_publication_is_not_reported(
    another: Callable[..., Path], look: Look
) -> None:
    data = another(runs=failed("the audit failed", "2001-01-01T00:00:00+00:00"))
    report(data, env=ENV, say=quiet)
    (output,) = look(data, "/")
    assert "The newest build failed" not in output
    assert "1970" not in output


@pytest.mark.parametrize("base_path", ["reports", "/reports/", "/two words", "/"])
def test_an_invalid_base_path_is_refused(site: Site, base_path: str) -> None:
    with pytest.raises(SiteError, match="write it as /reports"):
        report(site.data, base_path=base_path, env=ENV, say=quiet)


def test_without_a_publication_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="run `warehouse demo` or `warehouse run` first"):
        report(tmp_path, env=ENV, say=quiet)


def test_a_build_with_another_layout_is_refused_and_the_old_site_stays(
    another: Callable[..., Path],
) -> None:
    data = another()
    folder = report(data, env=ENV, say=quiet)
    file = data / "published" / "marts.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute("alter table crime.crime_by_ward drop column rank_by_crimes")
    with pytest.raises(SiteError, match=r"wards\.sql does not fit .* run `warehouse run`"):
        report(data, env=ENV, say=quiet)
    assert (data / "published" / "site").resolve() == folder
    assert not (folder.parent / ".site.partial").exists()


def test_a_machine_whose_node_is_old_uses_the_one_beside_python(tmp_path: Path) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.20.0\n")
        (tmp_path / name).chmod(0o755)
    assert node_folder({"PATH": str(tmp_path)}) != tmp_path


def test_a_page_that_cannot_be_built_is_one_line_that_names_the_log(
    tmp_path: Path,
) -> None:
    (tmp_path / "package.json").write_text(
        '{"scripts": {"build": "echo Error: no such page; exit 3"}}'
    )
    with pytest.raises(SiteError, match=r"`npm run build` failed \(.*\): see .*build\.log"):
        run(["npm", "run", "build"], tmp_path, ENV, log=tmp_path / "build.log")


def test_the_command_serves_the_site_until_it_is_interrupted(site: Site) -> None:
    warehouse = Warehouse(site.data, {"WAREHOUSE_CACHE_DIR": str(CACHE)}, commands=1000)
    command = warehouse.start("report", "--serve", "--port", "0")
    deadline = time.monotonic() + 60
    while not (found := re.search(r"http://127\.0\.0\.1:\d+/", command.output)):
        assert time.monotonic() < deadline, command.output
        assert command.process.poll() is None, command.output
        time.sleep(0.1)
    address = found[0]
    assert "<html" in httpx.get(f"{address}crime/districts/011/").text
    listed = httpx.get(f"{address}data/manifest.json").json()["renderedFiles"]
    for file in listed["crime"]:
        assert httpx.get(address + file.removeprefix("static/")).content[:4] == b"PAR1"
    assert httpx.get(f"{address}nothing/here").status_code == 404
    command.process.send_signal(signal.SIGINT)
    assert command.end() == 130
    assert "Traceback" not in command.output


def test_the_command_says_in_one_line_that_nothing_is_published(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "data", {"WAREHOUSE_CACHE_DIR": str(CACHE)})
    assert "nothing is published" in warehouse.fails("report")
