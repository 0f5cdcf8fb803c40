"""The control routes: rows that change, and a portal that fails."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ingestion.simulators.serving import serving
from tests.support.sources.loading import control as post

CRIMES = "/resource/ijzp-q8t2.json"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving("chicago-crime", rows=2_000, seed=3) as url:
        yield url


@pytest.fixture
def portal(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=30) as client:
        client.post("/control/reset")
        yield client


def ask(portal: httpx.Client, **clauses: object) -> list[dict[str, Any]]:
    answer = portal.get(CRIMES, params={f"${k}": str(v) for k, v in clauses.items()})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def control(portal: httpx.Client, verb: str, /, **body: object) -> dict[str, Any]:
    return post(portal, f"/control/{verb}", **body)


def newest(portal: httpx.Client) -> str:
    found: str = ask(portal, select="max(:updated_at) as newest")[0]["newest"]
    return found


def some(portal: httpx.Client, offset: int) -> dict[str, Any]:
    return ask(portal, select=":*,*", order=":id", limit=1, offset=offset)[0]


def test_an_edit_gives_new_values_and_a_newer_version(portal: httpx.Client) -> None:
    before, last = some(portal, 10), newest(portal)
    done = control(
        portal, "edit", where=f"id = {before['id']}", set={"arrest": "true", "ward": None}
    )
    assert done == {"rows": 1}
    after = ask(portal, select=":*,*", where=f"id = {before['id']}")[0]
    assert after["arrest"] is True
    assert "ward" not in after
    assert after[":id"] == before[":id"]
    assert after[":version"] != before[":version"]
    assert after[":updated_at"] > last


def test_an_edited_time_is_found_at_its_new_place(portal: httpx.Client) -> None:
    row = some(portal, 12)
    control(portal, "edit", where=f"id = {row['id']}", set={"date": "1999-05-05T10:00:00.000"})
    found = ask(portal, select="id", where="date < '2000-01-01'")
    assert found == [{"id": row["id"]}]
    control(portal, "edit", where=f"id = {row['id']}", set={"date": row["date"]})


def test_a_recreated_row_comes_back_under_a_new_id(portal: httpx.Client) -> None:
    row = some(portal, 11)
    control(portal, "edit", where=f":id = '{row[':id']}'", set={}, recreate=True)
    found = ask(portal, select=":id", where=f"id = {row['id']}")
    assert len(found) == 1
    assert found[0][":id"] != row[":id"]
    assert ask(portal, select=":id", where=f":id = '{row[':id']}'") == []


def test_added_and_deleted_rows(portal: httpx.Client) -> None:
    new = {"id": "99000001", "case_number": "JK1", "ward": "2.0", "date": "2026-01-01T00:00:00.000"}
    assert control(portal, "add", rows=[new, new | {"id": "99000002"}]) == {"rows": 2}
    found = ask(portal, select=":id,*", where="id >= 99000001", order="id")
    assert found[0].pop(":id") != found[1].pop(":id")
    assert found[0] == new
    assert control(portal, "delete", where="id >= 99000001") == {"rows": 2}
    assert ask(portal, where="id >= 99000001") == []


def test_a_restamp_makes_ties_and_changes_nothing_else(portal: httpx.Client) -> None:
    where = "primary_type = 'THEFT'"
    before = ask(portal, select=":id,:version,id,arrest", where=where, order=":id", limit=5000)
    control(portal, "restamp", where=where)
    after = ask(portal, select=":id,:version,id,arrest", where=where, order=":id", limit=5000)
    stamps = ask(portal, select=":updated_at", where=where, group=":updated_at")
    assert before == after
    assert stamps == [{":updated_at": newest(portal)}]


def test_an_explicit_time_makes_a_tie(portal: httpx.Client) -> None:
    time = "2031-01-01T00:00:00.500Z"
    for offset in (20, 21):
        row = some(portal, offset)
        control(portal, "edit", where=f"id = {row['id']}", set={}, updated_at=time)
    assert ask(portal, select="count(*)", where=f":updated_at = '{time}'") == [{"count": "2"}]


def test_invalid_orders_are_refused_with_a_reason(portal: httpx.Client) -> None:
    bad = portal.post("/control/edit", json={"where": "id = 1", "set": {"bogus": "1"}})
    assert bad.status_code == 400
    assert "bogus" in bad.text
    assert portal.post("/control/edit", json={"where": "nope = 1"}).status_code == 400
    unknown = portal.post("/control/delete", json={"dataset": "x", "where": ""})
    assert unknown.status_code == 404


def test_a_status_meets_the_requests_it_is_meant_for(portal: httpx.Client) -> None:
    control(portal, "fail", mode="status", status=503, times=2, after=1, match="$limit=3")
    asked = ["3", "3", "4", "3", "3"]
    statuses = [portal.get(CRIMES, params={"$limit": limit}).status_code for limit in asked]
    assert statuses == [200, 503, 200, 503, 200]


def test_throttling_says_how_long_to_wait(portal: httpx.Client) -> None:
    control(portal, "fail", mode="throttle", seconds=2)
    answer = portal.get(CRIMES)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")


def test_a_page_of_html_comes_with_200(portal: httpx.Client) -> None:
    control(portal, "fail", mode="html")
    answer = portal.get(CRIMES)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_cut_body_ends_before_its_length(portal: httpx.Client) -> None:
    control(portal, "fail", mode="cut")
    with pytest.raises(httpx.RemoteProtocolError):
        portal.get(CRIMES)
    assert len(portal.get(CRIMES).json()) == 1000


def test_a_time_out_does_not_answer_and_others_are_served(portal: httpx.Client) -> None:
    control(portal, "fail", mode="timeout", match="$limit=5")
    with pytest.raises(httpx.ReadTimeout):
        portal.get(CRIMES, params={"$limit": 5}, timeout=0.3)
    assert portal.get(CRIMES, params={"$limit": 5}).status_code == 200


def test_a_slow_answer_is_whole(portal: httpx.Client) -> None:
    control(portal, "fail", mode="slow", seconds=0.3)
    answer = portal.get(CRIMES)
    assert answer.elapsed.total_seconds() >= 0.3
    assert len(answer.json()) == 1000


def test_rows_change_between_two_pages(portal: httpx.Client) -> None:
    row = some(portal, 0)
    action = {"kind": "delete", "where": f"id = {row['id']}"}
    control(portal, "on_request", after=2, match="$order=:id", action=action)
    first, second, third = (ask(portal, select="id", order=":id", limit=1) for _ in range(3))
    assert first == second == [{"id": row["id"]}]
    assert third != first


def test_requests_are_recorded_decoded(portal: httpx.Client) -> None:
    ask(portal, select="count(*)", where="date >= '2025-01-01'")
    portal.get("/resource/zzzz-zzzz.csv")
    record = portal.get("/control/requests").json()
    assert record["count"] == 2
    first, second = record["requests"]
    assert first["query"] == "$select=count(*)&$where=date >= '2025-01-01'"
    assert (second["path"], second["status"]) == ("/resource/zzzz-zzzz.csv", 404)
