"""Days compared with the portal's counts when that is asked for, and not with a load."""

import pytest

from ingestion.errors import LoadError
from tests.python.ingestion.conftest import CRIMES, Portal, Raw

OLD = {"id": "999", "date": "2001-02-03T04:00:00.000"}
GONE = "select count(*) from crime_deletions"


def pages(portal: Portal) -> int:
    """Return how many pages of rows the portal was asked for."""
    return sum("$select=*" in one["query"] for one in portal.asked())


def test_rows_added_and_deleted_long_ago_are_found(portal: Portal, raw: Raw) -> None:
    raw.load("2001-01-01")
    assert raw.reconcile().rows == {}
    # Older than everything that the portal says has changed.
    portal.control("add", rows=[OLD], updated_at="2001-03-01T00:00:00.000Z")
    gone = portal.rows("id", "date >= '2023-03-01' and date < '2023-03-03'")[0]["id"]
    portal.control("delete", where=f"id = '{gone}'")
    report = raw.reconcile()
    assert report.rows["crime_deletions"] == 1
    assert raw.query("select count(*) from crimes where id = '999'") == [(1,)]
    assert raw.reconcile().rows == {}
    portal.control("delete", where="id = '999'")
    assert raw.reconcile().rows == {"crime_deletions": 1}
    portal.control("add", rows=[OLD])
    assert raw.reconcile().rows == {"crimes": 1}
    assert raw.reconcile().rows == {}
    portal.control("delete", where="id = '999'")


def test_nothing_is_read_where_nothing_differs(portal: Portal, raw: Raw) -> None:
    raw.load("2001-01-01")
    before = pages(portal), len(portal.asked())
    report = raw.reconcile()
    assert (report.rows, len(report.load_ids)) == ({}, 1)
    assert pages(portal) == before[0]
    # One question: the counts of all days.
    assert len(portal.asked()) - before[1] == 1
    noted = raw.query("select part, periods_read_again from reconciliations")
    assert noted == [(CRIMES, "0")]


def test_days_narrow_what_is_compared(portal: Portal, raw: Raw) -> None:
    raw.load("2001-01-01")
    portal.control("add", rows=[OLD])
    assert raw.reconcile(since="2001-02-04").rows == {}
    assert raw.reconcile(until="2001-02-04").rows == {"crimes": 1}
    assert raw.query("select count(*) from reconciliations") == [(0,)]
    portal.control("delete", where="id = '999'")


def test_a_portal_that_shrank_is_refused_until_it_is_accepted(portal: Portal, raw: Raw) -> None:
    portal.control("add", rows=[OLD | {"id": f"99{n}"} for n in range(10)])
    raw.load("2001-02-03", "2001-02-04")
    portal.control("delete", where="id in ('995','996','997','998','999','9910')")
    portal.control("delete", where="id in ('991','992','993','994')")
    with pytest.raises(LoadError, match="where 10 are held: more than a fifth would be lost"):
        raw.reconcile()
    assert raw.query(GONE) == [(0,)]
    assert raw.reconcile(accept_shrink=True).rows == {"crime_deletions": 9}
    portal.control("delete", where="id = '990'")
