"""The counts of current crimes that are stored beside raw: always what the portal counts."""

from collections import Counter

import duckdb
import pytest

from tests.python.ingestion.conftest import CRIMES, Portal, Raw

COUNTED_WHOLE = "crimes: counts per day: started"


def counts(raw: Raw) -> dict[str, int]:
    return dict(
        raw.query(
            f"select occurred_day, crimes from current_crimes_by_day where dataset = '{CRIMES}'"
        )
    )


def counts_there(portal: Portal) -> dict[str | None, int]:
    return dict(Counter(row["date"][:10] if "date" in row else None for row in portal.rows("date")))


def change(raw: Raw, sql: str) -> None:
    with duckdb.connect(str(raw.folder / "raw.duckdb")) as connection:
        connection.execute("use raw_chicago_crime")
        connection.execute(sql)


@pytest.fixture
def loaded(portal: Portal, raw: Raw) -> Raw:
    raw.load()
    assert counts(raw) == counts_there(portal)
    return raw


def test_a_day_of_edits_is_counted_by_its_own_rows(
    portal: Portal, loaded: Raw, caplog: pytest.LogCaptureFixture
) -> None:
    crimes = [row["id"] for row in portal.rows("id", "id is not null")]
    portal.control("edit", where=f"id = '{crimes[3]}'", set={"arrest": "true"})
    portal.control("edit", where=f"id = '{crimes[4]}'", set={"ward": "7"}, recreate=True)
    moved = {"date": "2022-02-02T02:00:00.000"}
    portal.control("edit", where=f"id = '{crimes[5]}'", set=moved)
    portal.control("add", rows=[{"id": "999000011", **moved}, {"id": "999000012"}])
    caplog.clear()
    caplog.set_level("INFO")
    assert loaded.load().rows == {"crimes": 5}
    assert COUNTED_WHOLE not in caplog.text
    assert counts(loaded) == counts_there(portal)
    assert counts(loaded)["2022-02-02"] == 2
    assert loaded.load().load_ids == []
    portal.control("delete", where="id in ('999000011', '999000012')")
    loaded.load()
    assert counts(loaded) == counts_there(portal)
    portal.control("edit", where=f"id = '{crimes[5]}'", set={"date": "2023-01-01T01:00:00.000"})
    loaded.load()
    assert counts(loaded) == counts_there(portal)


def test_rows_that_were_committed_and_not_counted_are_counted_by_the_next_load(
    portal: Portal, loaded: Raw, caplog: pytest.LogCaptureFixture
) -> None:
    tables = ("current_crimes_by_day", "current_crimes_as_of")
    for table in tables:
        change(loaded, f"create table {table}_before as from {table}")
    portal.control("add", rows=[{"id": "999000013", "date": "2022-03-03T03:00:00.000"}])
    loaded.load()
    for table in tables:
        # As a load that was killed between its rows and its counts leaves them.
        change(loaded, f"drop table {table}; alter table {table}_before rename to {table}")
    caplog.clear()
    caplog.set_level("INFO")
    assert loaded.load().load_ids == []
    assert COUNTED_WHOLE not in caplog.text
    assert counts(loaded) == counts_there(portal)
    portal.control("delete", where="id = '999000013'")


@pytest.mark.parametrize(
    "damage",
    [
        "drop table current_crimes_as_of",
        "drop table current_crimes_by_day; delete from current_crimes_as_of",
        "update current_crimes_as_of set versions = versions - 1",
        "update current_crimes_as_of set deletions = 7",
    ],
)
def test_counts_that_do_not_account_for_raw_are_recomputed(
    damage: str, portal: Portal, loaded: Raw
) -> None:
    change(loaded, f"update current_crimes_by_day set crimes = crimes + 5; {damage}")
    assert loaded.load().load_ids == []
    assert counts(loaded) == counts_there(portal)


def test_crimes_removed_from_raw_are_read_again(portal: Portal, loaded: Raw) -> None:
    day = portal.rows("date", "date is not null")[0]["date"][:10]
    change(loaded, f"delete from crimes where date like '{day}%'")
    assert loaded.load().rows == {"crimes": counts_there(portal)[day]}
    assert counts(loaded) == counts_there(portal)
    assert loaded.load().load_ids == []
