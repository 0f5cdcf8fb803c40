"""What changes at the portal reaches the published marts, and what does not change leaves them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.simulators.serving import serving
from tests.support.warehouse import (
    Portal,
    Warehouse,
    hashes,
    manifest,
    query,
    sum_rule,
)

pytestmark = pytest.mark.slow
ROWS = 3_000
LAST_YEAR = "x2n5-8w5q"
# Chicago's clocks go from 2 to 3 on the tenth of March, and from 2 back to 1 on the third of
# November.
AROUND_THE_CLOCK_CHANGES = {
    8_000_001: ("2024-03-10T00:30:00.000", "2024-03-10 06:30:00+00:00"),
    8_000_002: ("2024-03-10T01:59:00.000", "2024-03-10 07:59:00+00:00"),
    8_000_003: ("2024-03-10T02:30:00.000", "2024-03-10 08:30:00+00:00"),
    8_000_004: ("2024-03-10T03:00:00.000", "2024-03-10 08:00:00+00:00"),
    8_000_005: ("2024-03-10T23:59:00.000", "2024-03-11 04:59:00+00:00"),
    8_000_006: ("2024-11-03T00:59:00.000", "2024-11-03 05:59:00+00:00"),
    8_000_007: ("2024-11-03T01:30:00.000", "2024-11-03 07:30:00+00:00"),
    8_000_008: ("2024-11-03T02:00:00.000", "2024-11-03 08:00:00+00:00"),
    8_000_009: ("2024-11-03T23:59:00.000", "2024-11-04 05:59:00+00:00"),
}
ADDED, BAD_WARD, NO_DATE = 9_000_001, 9_000_002, 9_000_003


def crime(number: int, at: str | None, **values: str | None) -> dict[str, str | None]:
    """A row as the portal has it."""
    row = {"id": str(number), "case_number": f"JJ{number}", "block": "001XX N STATE ST"}
    row |= {"iucr": "0820", "primary_type": "THEFT", "description": "$500 AND UNDER"}
    row |= {"arrest": "false", "domestic": "false", "beat": "0111", "district": "001"}
    return row | {"ward": "42", "community_area": "32", "fbi_code": "06", "date": at} | values


@dataclass
class Journey:
    """The builds of a warehouse in order, and the crimes that something happened to."""

    crimes: list[dict[str, Any]]
    output: dict[str, str]
    builds: dict[str, Path]

    def id(self, place: int) -> int:
        return int(self.crimes[place]["id"])

    def ask(self, build: str, sql: str) -> list[tuple[Any, ...]]:
        return query(self.builds[build], sql)


ARRESTED, DELETED, CREATED_ANEW, BROKEN, TOLD_TWICE, RECLASSIFIED = range(6)


def change(portal: Portal, crimes: list[dict[str, Any]]) -> None:
    """A day at the portal."""

    def row(place: int) -> str:
        return f"id = '{crimes[place]['id']}'"

    portal.control("restamp", where="district = '011'")
    portal.control("edit", where=row(ARRESTED), set={"arrest": "true"})
    portal.control(
        "edit", where=row(RECLASSIFIED), set={"iucr": "0810", "description": "OVER $500"}
    )
    portal.control("edit", where=row(CREATED_ANEW), set={"ward": "7"}, recreate=True)
    portal.control("edit", where=row(BROKEN), set={"ward": "north"})
    portal.control("delete", where=row(DELETED))
    case = crimes[DELETED]["case_number"]
    portal.control("delete", dataset=LAST_YEAR, where=f"case_ = '{case}'")
    new = crime(ADDED, "2025-12-31T22:00:00.000", arrest="true")
    bad = [crime(BAD_WARD, "2025-12-31T22:00:00.000", ward="north"), crime(NO_DATE, None)]
    portal.control("add", rows=[new, *bad])


def change_again(portal: Portal, crimes: list[dict[str, Any]], deleted: dict[str, Any]) -> None:
    """A later day: some of it reverts the first."""
    portal.control("add", rows=[deleted], updated_at=deleted[":updated_at"])
    portal.control("edit", where=f"id = '{BAD_WARD}'", set={"ward": "42"})
    portal.control("edit", where=f"id = '{crimes[ARRESTED]['id']}'", set={"arrest": "false"})
    # Its row in the other data set stays.
    portal.control("delete", where=f"id = '{crimes[TOLD_TWICE]['id']}'")


@pytest.fixture(scope="module")
def journey(warehouse: Warehouse) -> Iterator[Journey]:
    with serving("chicago-crime", rows=ROWS, seed=11) as url:
        portal = Portal(url)
        clocks = [crime(n, at) for n, (at, _) in AROUND_THE_CLOCK_CHANGES.items()]
        portal.control("add", rows=clocks)
        # Each alone with its case, fit, unlike what it becomes, and not among the restamped.
        unlike = "arrest = false and district = '008' and ward != '7' and iucr = '0820'"
        crimes = portal.rows("id,case_number,:id,district", unlike)
        portal_row = portal.rows("*,:id,:version,:updated_at", f"id = '{crimes[DELETED]['id']}'")
        deleted = {name: _text(value) for name, value in portal_row[0].items()}
        deleted.pop("location", None)
        journey = Journey(crimes, {}, {})

        def run(name: str, *command: str) -> None:
            journey.output[name] = warehouse(*command or ("run", "chicago-crime"))
            journey.builds[name] = warehouse.build

        warehouse.use(url)
        run("first")
        run("nothing new")
        change(portal, crimes)
        run("changed")
        warehouse.use(url, DATASET=LAST_YEAR)
        run("last year")
        warehouse.use(url)
        change_again(portal, crimes, deleted)
        run("changed again")
        warehouse("build", "chicago-crime", "--full-refresh")
        run("full refresh", "publish")
        yield journey


def _text(value: object) -> str | None:
    return str(value).lower() if isinstance(value, bool) else str(value)


def in_fact(journey: Journey, build: str, columns: str, crime_id: int) -> list[tuple[Any, ...]]:
    return journey.ask(build, f"select {columns} from crime.fct_crimes where crime_id = {crime_id}")


def test_the_first_run_publishes_every_row(journey: Journey) -> None:
    rows = ROWS + len(AROUND_THE_CLOCK_CHANGES)
    assert sum_rule(journey.builds["first"]) == (rows, rows, 0, 0, 0)
    assert f"crimes {rows:,}" in journey.output["first"]


def test_a_run_with_nothing_new_loads_nothing_and_keeps_what_is_published(
    journey: Journey,
) -> None:
    assert "chicago-crime: nothing new" in journey.output["nothing new"]
    assert "Nothing is new since the published build" in journey.output["nothing new"]
    assert journey.builds["nothing new"] == journey.builds["first"]
    assert len(manifest(journey.builds["first"])["tables"]) >= 20


def test_what_was_edited_is_in_the_fact_and_among_the_changes(journey: Journey) -> None:
    arrested, reclassified = journey.id(ARRESTED), journey.id(RECLASSIFIED)
    for build, expected in (("first", False), ("changed", True), ("changed again", False)):
        assert in_fact(journey, build, "is_arrest", arrested) == [(expected,)]
    query = (
        "select changed_field, value_before, value_after from crime.crime_changes"
        " where crime_id = {} order by version_number, changed_field"
    )
    assert journey.ask("changed", query.format(arrested)) == [("is_arrest", "false", "true")]
    assert journey.ask("changed again", query.format(arrested)) == [
        ("is_arrest", "false", "true"),
        ("is_arrest", "true", "false"),
    ]
    assert in_fact(journey, "changed", "iucr, description", reclassified) == [("0810", "OVER $500")]
    assert journey.ask("changed", query.format(reclassified))[-1] == ("iucr", "0820", "0810")


def test_what_was_added_is_in_the_fact(journey: Journey) -> None:
    assert in_fact(journey, "first", "1", ADDED) == []
    assert in_fact(journey, "changed", "district_id, ward_id, is_arrest", ADDED) == [
        ("001", 42, True)
    ]


def test_a_deleted_crime_leaves_the_fact_and_is_listed_until_it_returns(journey: Journey) -> None:
    deleted = journey.id(DELETED)
    query = f"select changed_field from crime.crime_changes where crime_id = {deleted}"
    assert in_fact(journey, "first", "count(*)", deleted) == [(1,)]
    assert in_fact(journey, "changed", "count(*)", deleted) == [(0,)]
    assert journey.ask("changed", query) == [("is_deleted",)]
    assert in_fact(journey, "changed again", "count(*)", deleted) == [(1,)]
    assert journey.ask("changed again", query) == []


def test_a_row_created_again_is_the_same_crime(journey: Journey) -> None:
    anew = journey.id(CREATED_ANEW)
    assert in_fact(journey, "changed", "ward_id", anew) == [(7,)]
    fields = f"select changed_field, value_after from crime.crime_changes where crime_id = {anew}"
    assert journey.ask("changed", fields) == [("ward_id", "7")]


def test_rows_with_only_a_new_timestamp_change_nothing(journey: Journey) -> None:
    stamped = "where crime_id in (select crime_id from crime.superseded_crimes) and {}"
    without_stamp = "from crime.fct_crimes where district_id = '011' order by all"
    columns = "select * exclude (load_id)"
    assert journey.ask("changed", f"{columns} {without_stamp}") == journey.ask(
        "first", f"{columns} {without_stamp}"
    )
    is_there = f"select count(*) from crime.fct_crimes {stamped.format('district_id = $$011$$')}"
    assert journey.ask("changed", is_there)[0][0] > 50
    query = (
        "select count(*) from crime.crime_changes join crime.fct_crimes using (crime_id)"
        " where district_id = '011'"
    )
    assert journey.ask("changed", query) == [(0,)]


def test_what_cannot_be_read_is_rejected_with_reason_and_text(journey: Journey) -> None:
    rejected = (
        "select crime_id, reason, raw_row ->> 'ward', load_id is not null"
        " from crime.rejected_crimes order by crime_id"
    )
    broken = journey.id(BROKEN)
    assert journey.ask("changed", rejected) == sorted(
        [
            (broken, "ward: not a whole number", "north", True),
            (BAD_WARD, "ward: not a whole number", "north", True),
            (NO_DATE, "date: missing", "42", True),
        ]
    )
    assert in_fact(journey, "changed", "count(*)", BAD_WARD) == [(0,)]
    # The version before it stands.
    columns = "* exclude (load_id)"
    assert in_fact(journey, "changed", columns, broken) == in_fact(
        journey, "first", columns, broken
    )
    assert in_fact(journey, "changed again", "ward_id", BAD_WARD) == [(42,)]


def test_every_row_received_is_accounted_for(journey: Journey) -> None:
    for build in journey.builds.values():
        received, *parts = sum_rule(build)
        assert received == sum(parts)
    differing = (
        "select count(*), sum(difference) from crime.crime_source_reconciliation"
        " where difference <> 0"
    )
    assert journey.ask("first", differing) == [(0, None)]
    # A rejected revision counts beside the older version that stands.
    assert journey.ask("changed", differing) == [(1, -1)]
    received = sum_rule(journey.builds["changed"])[0]
    assert received > ROWS + len(AROUND_THE_CLOCK_CHANGES) + 50


def test_the_last_year_adds_nothing_to_crimes_known_by_their_id(journey: Journey) -> None:
    assert "crimes_last_year 2,999" in journey.output["last year"]
    fact = "crime.fct_crimes"
    before, after = (hashes(journey.builds[name]) for name in ("changed", "last year"))
    assert after[fact] == before[fact]
    reasons = (
        "select superseded_reason, count(*) from crime.superseded_crimes"
        " where source_dataset = 'x2n5-8w5q' group by all"
    )
    assert journey.ask("last year", reasons) == [("published with an id", 2_999)]


def test_a_crime_deleted_in_one_data_set_remains_if_the_other_has_it(journey: Journey) -> None:
    case = journey.crimes[TOLD_TWICE]["case_number"]
    found = (
        "select source_dataset, crime_id > 0, district_id, district_origin from crime.fct_crimes"
        f" where case_number = '{case}'"
    )
    assert journey.ask("last year", found) == [("ijzp-q8t2", True, "008", "reported")]
    assert journey.ask("changed again", found) == [("x2n5-8w5q", False, "008", "beat")]


def test_an_incremental_build_equals_a_full_refresh_row_for_row(journey: Journey) -> None:
    incremental, full = journey.builds["changed again"], journey.builds["full refresh"]
    assert incremental != full
    assert hashes(incremental) == hashes(full)
    with duckdb.connect() as connection:
        for name, build in (("incremental", incremental), ("refreshed", full)):
            connection.execute(f"attach '{build / 'marts.duckdb'}' as {name} (read_only)")
        for mart in hashes(full):
            for one, other in (("incremental", "refreshed"), ("refreshed", "incremental")):
                sql = f"from {one}.{mart} except all from {other}.{mart}"
                assert connection.execute(sql).fetchall() == [], mart


def test_days_of_23_and_25_hours_have_their_times_in_utc(journey: Journey) -> None:
    first, last = min(AROUND_THE_CLOCK_CHANGES), max(AROUND_THE_CLOCK_CHANGES)
    times = journey.ask(
        "first",
        "select crime_id, occurred_at_local, occurred_at, occurred_at_time_zone, occurred_date"
        f" from crime.fct_crimes where crime_id between {first} and {last} order by 1",
    )
    expected = [
        (number, local := datetime.fromisoformat(at), utc, "America/Chicago", local.date())
        for number, (at, utc) in AROUND_THE_CLOCK_CHANGES.items()
    ]
    assert [(n, local, str(utc), zone, day) for n, local, utc, zone, day in times] == expected
