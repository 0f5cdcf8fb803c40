"""Residents of community areas: loaded with the crimes, and never in their way."""

import pytest

from tests.python.ingestion.conftest import RESIDENTS, Portal, Raw

MADE_UP_CITY = range(2_600_000, 2_800_000)


def test_each_area_has_residents_in_each_year_under_the_portals_names(
    portal: Portal, raw: Raw
) -> None:
    raw.load()
    found = raw.query(
        "select acs_year, count(distinct community_area),"
        " cast(sum(cast(total_population as int)) as int) from residents group by all order by all"
    )
    assert [(year, areas) for year, areas, _ in found] == [
        (str(year), 77) for year in range(2019, 2024)
    ]
    assert all(city in MADE_UP_CITY for _, _, city in found)
    names = {name for (name,) in raw.query("select community_area from residents")}
    assert {"O'HARE", "LOOP", "MCKINLEY  PARK"} <= names
    assert portal.rows("total_population", "community_area = 'LOOP'", RESIDENTS)


def test_a_correction_of_residents_comes_with_the_next_load(portal: Portal, raw: Raw) -> None:
    raw.load()
    where = "community_area = 'LOOP' and acs_year = '2023'"
    before = portal.rows("total_population", where, RESIDENTS)[0]["total_population"]
    try:
        portal.control("edit", dataset=RESIDENTS, where=where, set={"total_population": "42298"})
        assert raw.load().rows == {"residents": 1}
        query = f"select total_population from residents where {where} order by _dlt_load_id"
        assert raw.query(query) == [(before,), ("42298",)]
    finally:
        portal.control("edit", dataset=RESIDENTS, where=where, set={"total_population": before})


@pytest.mark.parametrize(("status", "is_missing"), [(404, True), (403, False)])
def test_residents_that_cannot_be_read_do_not_stop_crimes_and_outlines(
    portal: Portal, raw: Raw, *, status: int, is_missing: bool
) -> None:
    portal.control("fail", match=RESIDENTS, mode="status", status=status, times=1)
    report = raw.load(sleep=lambda _: None)
    assert report.rows["crimes"]
    assert report.rows["outlines"]
    assert "residents" not in report.rows
    note = f"The portal has no {RESIDENTS}: no residents of community areas loaded."
    assert (note in report.notes) == is_missing
    assert ("residents of community areas" in report.failures) != is_missing
    assert list(raw.load().rows) == ["residents"]
