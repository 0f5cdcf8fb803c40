"""Where a reconciliation differs: in alerts and in the status, for every source alike."""

import pytest

from dbt_project.monitoring.status import lines, status
from dbt_project.paths import Paths
from tests.support.projects.alerting import publish_marts, send
from tests.support.projects.publications import NOW

pytestmark = pytest.mark.usefixtures("shop_source")
COUNTS = "(values ('', '', 1, 1, 1) {}) as t(c1, c2, c3, c4, c5) where c1 != ''"
LOADS = "(values ('', '', 1) {}) as t(c1, c2, c3) where c1 != ''"


def publish_reconciliations(paths: Paths, counts: str = "", loads: str = "") -> None:
    """Publish the two marts, with rows as `, (…), (…)`, or none."""
    publish_marts(
        paths,
        core_source_reconciliation=(
            "select c1 as source_name, c2 as part, c3 as periods_that_differ, c4 as periods,"
            " c5::bigint as difference, timestamptz '2024-01-02 03:00:00+00' as checked_at"
            f" from {COUNTS.format(counts)}"
        ),
        core_load_reconciliation=(
            "select c1 as source_name, c2 as data_set, c3 as rows_unaccounted"
            f" from {LOADS.format(loads)}"
        ),
    )


def test_what_differs_from_a_source_is_reported_and_again_when_it_came_back(paths: Paths) -> None:
    three = (
        ", ('chicago-crime', 'ijzp-q8t2', 1, 9000, 3),"
        " ('store-sensors', 'Roma', 2, 400, null), ('pisa', 'AUT', 1, 24, -1),"
        " ('pisa', 'BEL', 0, 24, 0)"
    )
    publish_reconciliations(paths, three)
    sent = send(paths)
    assert [alert.title for alert in sent] == [
        "chicago-crime, ijzp-q8t2: differs from the source",
        "pisa, AUT: differs from the source",
        "store-sensors, Roma: differs from the source",
    ]
    assert sent[0].text.startswith("1 of 9,000 periods differ, by +3 rows together, as ")
    assert "`warehouse reconcile pisa`" in sent[1].text
    assert sent[2].text.startswith(
        "2 of 400 periods differ, as counted at the source at 2024-01-02"
    )
    shown = [line for line in lines(status(paths, now=NOW)) if line.startswith("differs")]
    assert [line.split(":")[0] for line in shown] == [
        "differs    chicago-crime, ijzp-q8t2",
        "differs    pisa, AUT",
        "differs    store-sensors, Roma",
    ]
    assert send(paths) == []
    publish_reconciliations(paths)
    assert send(paths) == []
    assert status(paths, now=NOW)["differences"] == []
    publish_reconciliations(paths, three)
    assert len(send(paths)) == 3


def test_loads_that_do_not_add_up_are_reported(paths: Paths) -> None:
    publish_reconciliations(
        paths, loads=", ('pisa', 'submissions', 2), ('pisa', 'submissions', -1)"
    )
    (alert,) = send(paths)
    assert alert.title == "pisa, submissions: rows are unaccounted for"
    assert alert.text.startswith("3 rows of 2 loads in no mart; see core.load_reconciliation")


def test_a_publication_without_reconciliations_says_nothing_of_them(paths: Paths) -> None:
    publish_marts(paths)
    assert status(paths, now=NOW)["differences"] is None
    assert send(paths) == []
