"""Days compared with the portal's counts when that is asked for, and not with a load."""

from collections.abc import Iterator

import pytest

from ingestion.core.errors import LoadError
from tests.python.ingestion.conftest import CRIMES, Portal, Raw

# Days that no other row is of, and a change that is older than all that loads ask for.
DAYS = ("1999-02-01", "1999-02-10")
LONG_AGO = "2001-01-01T00:00:00.000Z"
NEW = {"id": "999", "date": "1999-02-05T04:00:00.000"}
DELETED = "select count(*) from crime_deletions"


@pytest.fixture
def old(portal: Portal) -> Iterator[Portal]:
    """A portal with ten crimes on two days of old."""
    rows = [{"id": f"99{n:02}", "date": f"1999-02-0{3 + n % 2}T04:00:00.000"} for n in range(10)]
    portal.control("add", rows=rows, updated_at=LONG_AGO)
    yield portal
    portal.control("delete", where="date < '2000-01-01T00:00:00.000'")


def pages(portal: Portal) -> int:
    """Return how many pages of crimes the portal was asked for."""
    return sum(CRIMES in one["path"] and "$select=*" in one["query"] for one in portal.requests())


def test_rows_added_and_deleted_long_ago_are_found(old: Portal, raw: Raw) -> None:
    raw.load(*DAYS)
    assert raw.reconcile().rows == {}
    old.control("add", rows=[NEW], updated_at=LONG_AGO)
    old.control("delete", where="id = '9904'")
    report = raw.reconcile()
    assert report.rows["crime_deletions"] == 1
    assert raw.query("select count(*) from crimes where id = '999'") == [(1,)]
    assert raw.reconcile().rows == {}
    old.control("delete", where="id = '999'")
    assert raw.reconcile().rows == {"crime_deletions": 1}
    old.control("add", rows=[NEW], updated_at=LONG_AGO)
    assert raw.reconcile().rows == {"crimes": 1}
    assert raw.reconcile().rows == {}


def test_nothing_is_read_where_nothing_differs(old: Portal, raw: Raw) -> None:
    raw.load(*DAYS)
    before = pages(old), len(old.requests())
    report = raw.reconcile()
    assert (report.rows, len(report.load_ids)) == ({}, 1)
    assert pages(old) == before[0]
    # One question: the counts of all days.
    assert len(old.requests()) - before[1] == 1
    noted = raw.query("select part, periods_compared, periods_read_again from reconciliations")
    assert noted == [(CRIMES, "2", "0")]


def test_days_narrow_what_is_compared(old: Portal, raw: Raw) -> None:
    raw.load(*DAYS)
    old.control("add", rows=[NEW], updated_at=LONG_AGO)
    assert raw.reconcile(since="1999-02-06").rows == {}
    assert raw.reconcile(until="1999-02-06").rows == {"crimes": 1}
    assert raw.query("select count(*) from reconciliations") == [(0,)]


def test_a_portal_that_shrank_is_refused_until_it_is_accepted(old: Portal, raw: Raw) -> None:
    raw.load(*DAYS)
    old.control("delete", where="id in ('9900','9901','9902')")
    with pytest.raises(LoadError, match="has 7 rows where 10 are loaded: more than a fifth would"):
        raw.reconcile()
    assert raw.query(DELETED) == [(0,)]
    assert raw.reconcile(accept_shrink=True).rows["crime_deletions"] == 3
    assert raw.reconcile().rows == {}


def test_crimes_without_a_day_are_counted_like_those_of_a_day(old: Portal, raw: Raw) -> None:
    counted = "select rows_at_source from day_counts where occurred_day = 'none'"
    old.control("add", rows=[{"id": "9970", "date": None}], updated_at=LONG_AGO)
    raw.load()
    assert raw.query(counted) == [("1",)]
    old.control("delete", where="id = '9970'")
    raw.reconcile()
    assert raw.query(counted) == [("0",)]
