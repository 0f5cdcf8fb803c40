"""The simulated portal as a client sees it: forms, paging, errors, tokens, headers."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ingestion.simulators.serving import serving

CRIMES, LAST_YEAR, CODES = "ijzp-q8t2", "x2n5-8w5q", "c7ck-438e"
ROWS = 3_000


@pytest.fixture(scope="module")
def portal() -> Iterator[httpx.Client]:
    with (
        serving("chicago-crime", rows=ROWS, seed=7) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def get(
    portal: httpx.Client, form: str, dataset: str = CRIMES, **clauses: object
) -> httpx.Response:
    params = {f"${name}": str(value) for name, value in clauses.items()}
    return portal.get(f"/resource/{dataset}.{form}", params=params)


def rows(portal: httpx.Client, dataset: str = CRIMES, **clauses: object) -> list[dict[str, Any]]:
    answer = get(portal, "json", dataset, **clauses)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def count(portal: httpx.Client, where: str, dataset: str = CRIMES) -> int:
    return int(rows(portal, dataset, select="count(*)", where=where)[0]["count"])


def test_json_gives_text_except_for_flags_and_the_location(portal: httpx.Client) -> None:
    row = rows(portal, where="latitude is not null", order=":id", limit=1)[0]
    assert isinstance(row["arrest"], bool)
    assert isinstance(row["id"], str)
    assert row["location"]["latitude"] == row["latitude"]
    assert json.loads(row["location"]["human_address"])["city"] == ""
    assert ":id" not in row


def test_json_leaves_out_what_is_null(portal: httpx.Client) -> None:
    assert count(portal, "latitude is null") > 0
    assert "location" not in rows(portal, where="latitude is null", limit=1)[0]


def test_csv_quotes_its_heading_and_keeps_newlines_in_the_location(portal: httpx.Client) -> None:
    answer = get(
        portal, "csv", select=":*,*", where="latitude is not null", order="date,:id", limit=5
    )
    assert answer.text.startswith('":id",":created_at",":updated_at",":version","id",')
    read = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(read) == 5
    first = read[0]
    assert first["location"] == f"\n,  \n({first['latitude']}, {first['longitude']})"
    assert first["date"].endswith(".000")
    assert first["arrest"] in ("true", "false")
    assert first[":updated_at"].endswith("Z")


def test_csv_and_json_hold_the_same_rows(portal: httpx.Client) -> None:
    as_json = rows(portal, select="id,case_number,ward", order=":id", limit=200)
    text = get(portal, "csv", select="id,case_number,ward", order=":id", limit=200).text
    as_csv = [{k: v for k, v in row.items() if v} for row in csv.DictReader(io.StringIO(text))]
    assert as_json == as_csv


def test_pages_in_an_order_cover_every_row_once(portal: httpx.Client) -> None:
    pages = [
        rows(portal, select=":id", order=":id", limit=700, offset=o) for o in range(0, 4200, 700)
    ]
    found = [row[":id"] for page in pages for row in page]
    assert len(found) == len(set(found)) == ROWS
    assert [len(page) for page in pages] == [700, 700, 700, 700, 200, 0]
    assert found == sorted(found)


def test_pages_without_an_order_lose_rows_and_repeat_others(portal: httpx.Client) -> None:
    pages = [rows(portal, select=":id", limit=1000, offset=o) for o in (0, 1000, 2000)]
    assert [len(page) for page in pages] == [1000] * 3
    assert len({row[":id"] for page in pages for row in page}) < ROWS


def test_the_default_limit_is_a_thousand(portal: httpx.Client) -> None:
    assert len(rows(portal)) == 1000


def test_ties_come_in_another_order_in_every_page_unless_the_order_is_total(
    portal: httpx.Client,
) -> None:
    first, second = (
        [row[":id"] for row in rows(portal, select=":id", order="arrest", limit=limit)]
        for limit in (900, 901)
    )
    assert first != second[:900]


def test_groups_counts_and_extremes(portal: httpx.Client) -> None:
    days = rows(
        portal, select="date_trunc_ymd(date) as day, count(*) as n", group="day", order="day"
    )
    assert sum(int(day["n"]) for day in days) == ROWS
    assert days[0]["day"].endswith("T00:00:00.000")
    newest = rows(portal, select="max(:updated_at), min(date), count(1), sum(id)")[0]
    assert set(newest) == {"max_updated_at", "min_date", "count_1", "sum_id"}
    assert count(portal, f":updated_at > '{newest['max_updated_at']}'") == 0
    assert count(portal, f":updated_at = '{newest['max_updated_at'].rstrip('Z')}'") > 0


@pytest.mark.parametrize(
    ("where", "other"),
    [
        ("arrest", "arrest = true"),
        ("not arrest", "arrest = 'false'"),
        ("id in (1, 2, '3')", "id = 1"),
        (
            "primary_type in ('THEFT', 'BATTERY')",
            "primary_type = 'THEFT' or primary_type = 'BATTERY'",
        ),
        ("primary_type not like 'T%'", "not starts_with(primary_type, 'T')"),
        ("upper(block) = block", "not (block <> upper(block))"),
        (
            "date between '2025-12-30' and '2025-12-31'",
            "date >= '2025-12-30T00:00:00' and date <= '2025-12-31'",
        ),
        ("ward > 9", "ward > '9'"),
        ("block like '%O''HARE%'", "1 = 2"),
    ],
)
def test_filters_that_mean_the_same_find_the_same(
    portal: httpx.Client, where: str, other: str
) -> None:
    assert count(portal, where) == count(portal, other)


@pytest.mark.parametrize(
    ("clauses", "code"),
    [
        ({"where": "bogus = limit 6"}, "query.compiler.malformed"),
        ({"where": "bogus = 1"}, "query.soql.no-such-column"),
        ({"where": "district = 5"}, "query.soql.type-mismatch"),
        ({"where": "date > 'yesterday'"}, "query.soql.type-mismatch"),
        ({"where": "read_csv('/etc/passwd') = '1'"}, "query.soql.no-such-function"),
        ({"where": "id in (select 1)"}, "query.compiler.malformed"),
        ({"where": "1 = 1 group by id"}, "query.compiler.malformed"),
        ({"where": "id = 1; drop table x"}, "query.compiler.malformed"),
        ({"where": "id = 1 -- "}, "query.compiler.malformed"),
        ({"where": "'a"}, "query.compiler.malformed"),
        ({"where": "(" * 3000 + "1 = 1" + ")" * 3000}, "query.compiler.malformed"),
        ({"select": "getenv('HOME')"}, "query.soql.no-such-function"),
        ({"select": "id, count(*)"}, "query.soql.column-not-in-group-bys"),
        ({"limit": "-1"}, "query.execution.invalidInteger"),
        ({"frob": "1"}, "query.execution.unrecognizedArguments"),
    ],
)
def test_a_bad_query_is_400_with_the_portals_code(
    portal: httpx.Client, clauses: dict[str, str], code: str
) -> None:
    answer = get(portal, "json", **clauses)
    body = answer.json()
    assert (answer.status_code, body["code"], body["errorCode"]) == (400, code, code)
    assert body["error"] is True
    assert "query" in body["data"]


def test_an_unknown_data_set_is_404(portal: httpx.Client) -> None:
    answer = get(portal, "json", "zzzz-zzzz")
    assert answer.status_code == 404
    expected = {"code": "dataset.missing", "error": True, "message": "Not found"}
    assert answer.json() == expected | {"data": {"id": "zzzz-zzzz"}}


@pytest.mark.parametrize(("token", "status"), [("wrong", 403), ("", 403), ("demo-token", 200)])
def test_a_token_must_be_right_where_one_is_given(
    portal: httpx.Client, token: str, status: int
) -> None:
    answer = portal.get(f"/resource/{CRIMES}.json?$limit=1", headers={"X-App-Token": token})
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["message"] == "Invalid app_token specified"
        assert answer.json()["code"] == "permission_denied"


def test_headers_name_the_columns_and_their_types(portal: httpx.Client) -> None:
    answer = get(portal, "csv", select=":id,id,date,arrest,location", limit=1)
    names = json.loads(answer.headers["X-SODA2-Fields"])
    kinds = json.loads(answer.headers["X-SODA2-Types"])
    assert dict(zip(names, kinds, strict=True)) == {
        ":id": "text",
        "id": "number",
        "date": "calendar_date",
        "arrest": "checkbox",
        "location": "location",
    }
    assert answer.headers["Last-Modified"] == answer.headers["X-SODA2-Truth-Last-Modified"]
    again = portal.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_last_year_has_the_same_crimes_under_names_of_its_own(portal: httpx.Client) -> None:
    row = rows(portal, LAST_YEAR, select=":*,*", where="starts_with(beat, '1')", limit=1)[0]
    assert {"case_", "_iucr", "_primary_decsription", "fbi_cd"} <= set(row)
    assert row["arrest"] in ("Y", "N")
    assert "district" not in row
    same = rows(portal, select=":id", where=f"case_number = '{row['case_']}'")
    assert row[":id"] not in {one[":id"] for one in same}
    assert count(portal, "beat like '0%'", LAST_YEAR) == 0


def test_the_codes_in_use_have_lost_their_leading_zeros(portal: httpx.Client) -> None:
    codes = {row["iucr"]: row for row in rows(portal, CODES, limit=5000)}
    used = {row["iucr"] for row in rows(portal, select="iucr", group="iucr")}
    assert {code.lstrip("0") for code in used} <= set(codes)
    assert codes["110"] == {
        "iucr": "110",
        "primary_description": "HOMICIDE",
        "secondary_description": "FIRST DEGREE MURDER",
        "index_code": "I",
        "active": True,
    }


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(portal: httpx.Client) -> None:
    def page(client: httpx.Client) -> bytes:
        return get(client, "csv", select=":*,*", order=":id", limit=ROWS).content

    with serving("chicago-crime", rows=ROWS, seed=7) as url, httpx.Client(base_url=url) as same:
        assert page(same) == page(portal)
    with serving("chicago-crime", rows=ROWS, seed=8) as url, httpx.Client(base_url=url) as other:
        assert page(other) != page(portal)
