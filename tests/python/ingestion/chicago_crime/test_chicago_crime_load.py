"""Loading crimes: everything arrives, once, and what changes at the source arrives next."""

from pathlib import Path

import pytest

from ingestion.core.errors import LoadError
from ingestion.simulators.process import running
from ingestion.simulators.serving import serving
from tests.python.ingestion.conftest import (
    CODES,
    CRIMES,
    LAST_YEAR,
    OUTLINE_COUNT,
    OUTLINES,
    RESIDENTS,
    Portal,
    Raw,
    use,
)

TABLES = (
    "crimes",
    "crimes_last_year",
    "iucr_codes",
    "outlines",
    "residents",
    "crime_deletions",
    "day_counts",
)


def test_a_first_load_adds_every_row_and_a_second_adds_none(portal: Portal, raw: Raw) -> None:
    rows = len(portal.versions())
    first = raw.load()
    assert raw.versions() == portal.versions()
    assert raw.versions("iucr_codes") == portal.versions(CODES)
    assert first.rows == {
        "crimes": rows,
        "iucr_codes": len(portal.versions(CODES)),
        "outlines": OUTLINE_COUNT,
        "residents": len(portal.versions(RESIDENTS)),
    }
    assert raw.versions("residents") == portal.versions(RESIDENTS)
    assert first.newest_at == max(version[1] for version in portal.versions())
    assert raw.query("select cast(sum(cast(rows_at_source as int)) as int) from day_counts") == [
        (rows,)
    ]
    again = raw.load()
    assert again.rows == {}
    assert again.load_ids == []
    assert not list((raw.folder / "work").iterdir())
    schemas = raw.query("select distinct schema_name from duckdb_tables()")
    assert schemas == [("raw_chicago_crime",)]


def test_values_are_text_as_received(portal: Portal, raw: Raw) -> None:
    raw.load()
    names = "id,case_number,date,block,iucr,district,ward,updated_on,latitude"
    at_source = [tuple(row.get(name) for name in names.split(",")) for row in portal.rows(names)]
    assert raw.query(f"select {names} from crimes order by socrata_id") == at_source
    types = raw.query(
        "select distinct data_type from duckdb_columns() "
        f"where table_name in {TABLES} and schema_name = 'raw_chicago_crime'"
    )
    assert types == [("VARCHAR",)]


def test_what_is_edited_added_and_deleted_arrives_with_the_next_load(
    portal: Portal, raw: Raw
) -> None:
    raw.load()
    before = len(raw.versions())
    edited, deleted = (row[":id"] for row in portal.rows(":id")[:2])
    portal.control("edit", where=f":id = '{edited}'", set={"arrest": "true"})
    portal.control("delete", where=f":id = '{deleted}'")
    new = {"id": "999000001", "date": "2024-05-05T10:00:00.000", "primary_type": "THEFT"}
    portal.control("add", rows=[new])
    report = raw.load()
    assert set(portal.versions()) <= set(raw.versions())
    assert len(raw.versions()) == before + 2
    assert raw.query(f"select count(*) from crimes where socrata_id = '{edited}'") == [(2,)]
    assert raw.query("select dataset, socrata_id from crime_deletions") == [(CRIMES, deleted)]
    assert report.rows["crime_deletions"] == 1
    assert raw.load().load_ids == []
    portal.control("delete", where="id = '999000001'")
    raw.load()
    assert raw.query("select count(*) from crime_deletions") == [(2,)]


def test_a_deleted_row_that_comes_back_unchanged_is_loaded_after_its_deletion(
    portal: Portal, raw: Raw
) -> None:
    row = {
        "id": "999000002",
        "date": "2023-03-03T10:00:00.000",
        ":id": "row-back",
        ":version": "rv-back",
    }
    portal.control("add", rows=[row], updated_at="2023-03-04T00:00:00Z")
    raw.load()
    portal.control("delete", where="id = '999000002'")
    raw.load()
    portal.control("add", rows=[row], updated_at="2023-03-04T00:00:00Z")
    raw.load()
    alive = raw.query(
        "select c._dlt_load_id > d._dlt_load_id from crimes as c join crime_deletions as d "
        "using (socrata_id, socrata_updated_at, socrata_version) where id = '999000002'"
    )
    assert alive == [(True,)]
    assert raw.load().load_ids == []
    portal.control("delete", where="id = '999000002'")


def test_a_crime_that_was_created_again_is_not_a_deletion(portal: Portal, raw: Raw) -> None:
    raw.load()
    crime = portal.rows("id")[5]["id"]
    portal.control("edit", where=f"id = '{crime}'", set={"ward": "7"}, recreate=True)
    raw.load()
    assert raw.query(f"select count(*) from crimes where id = '{crime}'") == [(2,)]
    assert raw.query("select count(*) from crime_deletions") == [(0,)]


def test_rows_that_join_the_moment_read_last_arrive(portal: Portal, raw: Raw) -> None:
    portal.control("edit", where=f":id = '{portal.rows(':id')[9][':id']}'", set={"beat": "111"})
    newest = raw.load().newest_at
    late = {"id": "999000003", "date": "2023-01-01T00:00:00.000", ":id": "row-0000"}
    portal.control("add", rows=[late], updated_at=newest)
    report = raw.load()
    assert report.rows["crimes"] < 100
    assert set(portal.versions()) == set(raw.versions())


def test_thousands_of_rows_of_one_moment_are_all_read(portal: Portal, raw: Raw) -> None:
    raw.load()
    stamped = portal.control("restamp", where="domestic = false")["rows"]
    report = raw.load()
    assert stamped > 200
    assert report.rows == {"crimes": stamped}
    assert set(portal.versions()) <= set(raw.versions())
    assert raw.query("select count(*) from crime_deletions") == [(0,)]
    assert raw.load().load_ids == []


def test_a_row_edited_between_two_pages_arrives_with_its_newest_values(
    portal: Portal, raw: Raw
) -> None:
    raw.load()
    portal.control("restamp", where="domestic = false")
    moved = portal.rows(":id", "domestic = false")[0][":id"]
    edit = {"kind": "edit", "where": f":id = '{moved}'", "set": {"block": "MOVED"}}
    portal.control("on_request", after=1, match=":updated_at >", action=edit)
    raw.load()
    assert set(portal.versions()) <= set(raw.versions())
    assert raw.query("select count(*) from crimes where block = 'MOVED'") == [(1,)]


def test_an_edit_during_the_backfill_arrives_within_the_same_load(portal: Portal, raw: Raw) -> None:
    crime = portal.rows(":id", "date < '2023-02-01T00:00:00.000'")[3][":id"]
    edit = {"kind": "edit", "where": f":id = '{crime}'", "set": {"block": "DURING"}}
    portal.control("on_request", after=20, match="date >=", action=edit)
    raw.load()
    assert set(portal.versions()) <= set(raw.versions())


def test_asking_for_earlier_days_adds_them_and_keeps_the_rest(portal: Portal, raw: Raw) -> None:
    days = sorted(row["date"][:10] for row in portal.rows("date") if "date" in row)
    third, half = days[50], days[150]
    raw.load(half)
    newer = portal.versions(where=f"date >= '{half}T00:00:00.000' or date is null")
    assert raw.versions() == newer
    raw.load(third, half)
    assert raw.load().load_ids == []
    wanted = portal.versions(where=f"date >= '{third}T00:00:00.000' or date is null")
    assert raw.versions() == wanted


def test_rows_without_a_day_are_loaded_and_kept_current(portal: Portal, raw: Raw) -> None:
    portal.control("add", rows=[{"id": "999000004"}, {"id": "999000005"}])
    raw.load()
    assert raw.query("select count(*) from crimes where date is null") == [(2,)]
    portal.control("edit", where="id = '999000004'", set={"ward": "3"})
    portal.control("delete", where="id = '999000005'")
    raw.load()
    assert raw.query("select count(*) from crimes where id = '999000004'") == [(2,)]
    assert raw.query("select count(*) from crime_deletions") == [(1,)]
    portal.control("delete", where="date is null")


def test_the_last_year_lands_with_the_portals_names(
    portal: Portal, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__CHICAGO_CRIME__DATASET", LAST_YEAR)
    raw.load()
    assert raw.versions("crimes_last_year") == portal.versions(LAST_YEAR)
    assert raw.versions("crimes_last_year")
    names = raw.query(
        "select column_name from duckdb_columns() "
        "where schema_name = 'raw_chicago_crime' and table_name = 'crimes_last_year'"
    )
    assert {("case_",), ("_iucr",), ("_primary_decsription",)} <= set(names)
    # The oldest day leaves because it is old; a row of a later day is deleted.
    days = sorted({row["date_of_occurrence"][:10] for row in _days(portal)})
    portal.control(
        "delete", dataset=LAST_YEAR, where=f"date_of_occurrence < '{days[1]}T00:00:00.000'"
    )
    deleted = portal.rows(":id", f"date_of_occurrence >= '{days[3]}T00:00:00.000'", LAST_YEAR)[0][
        ":id"
    ]
    portal.control("delete", dataset=LAST_YEAR, where=f":id = '{deleted}'")
    raw.load()
    assert raw.query("select dataset, socrata_id from crime_deletions") == [(LAST_YEAR, deleted)]


def _days(portal: Portal) -> list[dict[str, str]]:
    return portal.rows("date_of_occurrence", dataset=LAST_YEAR)


def test_a_source_that_lost_a_fifth_is_refused_until_it_is_accepted(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving("chicago-crime", rows=800, seed=3) as url:
        use(url, monkeypatch)
        own = Portal(url)
        raw.load()
        own.control("delete", where="district in ('001','002','003','004','005','006','007','008')")
        left = len(own.versions())
        assert left < 640
        with pytest.raises(LoadError, match=f"has {left} rows where 800 are loaded"):
            raw.load()
        assert raw.query("select count(*) from crime_deletions") == [(0,)]
        raw.load(accept_shrink=True)
        assert raw.query("select count(*) from crime_deletions") == [(800 - left,)]
        own.control("delete", where="")
        raw.load(accept_shrink=True)
        assert raw.load().load_ids == []


def test_an_empty_source_makes_the_tables_and_fills_them_later(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving("chicago-crime", rows=50) as url:
        use(url, monkeypatch)
        own = Portal(url)
        own.control("delete", where="")
        for dataset in (CODES, RESIDENTS):
            own.control("delete", where="", dataset=dataset)
        for dataset in OUTLINES:
            own.control("outlines", dataset=dataset, features=None)
        assert raw.load().rows == {}
        for table in TABLES:
            assert raw.query(f"select count(*) from {table}") == [(0,)]
        own.control("add", rows=[{"id": "1", "date": "2020-02-02T00:00:00.000"}])
        assert raw.load().rows == {"crimes": 1}
        assert raw.load().load_ids == []


def test_every_crime_of_2012_arrives(
    sample_data: Path, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sample_data / "crime" / "crimes_2012_full_year.csv.gz"
    with running("chicago-crime", data=file) as url:
        use(url, monkeypatch)
        monkeypatch.setenv("SOURCES__CHICAGO_CRIME__PAGE_SIZE", "50000")
        assert raw.load("2012-01-01", "2013-01-01").rows["crimes"] == 335_921
        assert raw.load().load_ids == []
    by_district = raw.query("select count(*) from crimes where district in ('011', '11')")
    assert by_district == [(22_064,)]
    assert raw.query("select count(distinct id) from crimes") == [(335_921,)]
