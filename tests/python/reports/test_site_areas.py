"""The page of community areas: rates, with the year that the residents are of."""

from collections.abc import Callable

import duckdb
import pytest
from playwright.sync_api import Page

from tests.support.reports.browser import downloaded
from tests.support.reports.site_server import Site


def test_a_community_area_is_shown_by_its_rate_with_the_year_of_its_residents(
    seen: Callable[[str], Page], site: Site
) -> None:
    page = seen("/crime/areas/")
    with duckdb.connect(site.data / "raw.duckdb", read_only=True) as raw:
        residents = raw.execute(
            "select cast(total_population as int) from raw_chicago_crime.residents"
            " where acs_year = '2023' and community_area = 'LOOP'"
        ).fetchone()
    assert residents
    (loop,) = [row for row in downloaded(page) if row["community_area_name"] == "Loop"]
    assert (int(loop["residents"]), int(loop["residents_year"])) == (*residents, 2023)
    # Rows without an arrest, and of a ward that is not a number, are rejected.
    read = [
        row
        for row in site.crimes()
        if row.get("arrest") is not None and str(row.get("ward", "0")).replace(".", "").isdigit()
    ]
    days = len({row["date"][:10] for row in read})
    rate_of_year = int(loop["crimes"]) * 365 / days * 100_000 / residents[0]
    assert float(loop["annual_rate_per_100k"]) == pytest.approx(rate_of_year, abs=1e-3)
    assert page.get_by_text("Residents of 2023").count()
