"""The route of every mart: pages, filters, JSON and CSV."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.reports.api_builds import Publisher
from tests.support.reports.api_pages import KINDS, MANY, ODD_MARTS, pages, rows_of
from tests.support.reports.api_server import client_of


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("data")
    Publisher(data, extra=ODD_MARTS).publish()
    with client_of(data, max_rows=5_000) as client:
        yield client


@pytest.mark.parametrize("limit", [4_999, 5_000, 3_333])
def test_the_pages_are_the_table_equal_rows_included(api: httpx.Client, limit: int) -> None:
    numbers = [row["number"] for page in pages(api, "/marts/odd/many", limit=limit) for row in page]
    assert numbers == [number // 2 for number in range(MANY)]


def test_pages_of_a_filter_are_its_rows(api: httpx.Client) -> None:
    found = list(pages(api, "/marts/odd/many", limit=100, is_seventh="true", number__lt="5000"))
    numbers = [row["number"] for page in found for row in page]
    assert numbers == [number for number in range(0, 5000, 7) for _ in range(2)]
    assert [len(page) for page in found[:-1]] == [100] * (len(found) - 1)


def test_the_last_page_has_no_cursor_even_when_it_is_full(api: httpx.Client) -> None:
    found = api.get("/marts/odd/many", params={"number__lt": 50, "limit": 100}).json()
    assert len(found["rows"]) == 100
    assert found["next_cursor"] is None


def test_the_link_names_the_next_page(api: httpx.Client) -> None:
    first = api.get("/marts/odd/many?limit=2&number__gte=5")
    following = api.get(first.links["next"]["url"])
    assert [row["number"] for row in rows_of(first) + rows_of(following)] == [5, 5, 6, 6]


def test_types_are_those_of_json(api: httpx.Client) -> None:
    first, second, third = rows_of(api.get(KINDS))
    assert first == {
        "id": 1,
        "name": 'a,"b"',
        "price": 1.25,
        "ratio": 0.5,
        "is_good": True,
        "day": "2026-01-31",
        "seen_at": "2026-01-31T23:30:00.5Z",
        "seen_at_local": "2026-02-01T00:30:00",
        "tags": ["x", "y"],
        "extra": {"k": 1},
    }
    assert (second["id"], second["name"], second["ratio"]) == (9223372036854775807, "é\n", None)
    assert (third["ratio"], third["seen_at"], third["tags"]) == (None, None, [])


@pytest.mark.parametrize(
    "how", [{"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}]
)
def test_csv_has_the_same_rows(api: httpx.Client, how: dict[str, Any]) -> None:
    found = api.get(KINDS, **how)
    assert found.headers["content-type"] == "text/csv; charset=utf-8"
    assert found.headers["etag"] == '"build-1.csv"'
    assert found.headers["vary"] == "Accept"
    first, second, third = csv.DictReader(io.StringIO(found.text, newline=""))
    assert (first["name"], first["price"], first["day"]) == ('a,"b"', "1.25", "2026-01-31")
    assert first["seen_at"] == "2026-01-31T23:30:00.5Z"
    assert (second["id"], second["name"], second["ratio"]) == ("9223372036854775807", "é\n", "")
    assert (third["is_good"], third["price"]) == ("", "-0.50")


def test_csv_pages_follow_the_link(api: httpx.Client) -> None:
    url, numbers = "/marts/odd/many?format=csv&limit=5000", []
    while url:
        found = api.get(url)
        numbers += [int(row["number"]) for row in csv.DictReader(io.StringIO(found.text))]
        url = found.links.get("next", {}).get("url", "")
    assert numbers == [number // 2 for number in range(MANY)]


@pytest.mark.parametrize("accept", ["*/*", "application/json, text/csv;q=0.5", "image/png", ";;q"])
def test_json_is_sent_unless_csv_is_preferred(api: httpx.Client, accept: str) -> None:
    found = api.get(KINDS, headers={"Accept": accept})
    assert found.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("id=1", [1]),
        ("id__ne=1", [9223372036854775807, -3]),
        ("id__gt=0&id__lt=2", [1]),
        ("id__in=1,-3", [1, -3]),
        ("name=a%2C%22b%22", [1]),
        ("name=", [-3]),
        ("price=1.25", [1]),
        ("price__lt=0", [-3]),
        ("ratio__lte=0.5", [1]),
        ("is_good=false", [9223372036854775807]),
        ("is_good__is_null=true", [-3]),
        ("day__gte=2026-02-01", [9223372036854775807]),
        ("seen_at__lt=2026-02-01", [1]),
        ("seen_at=2026-02-01T00:30:00.5%2B01:00", [1]),
        ("seen_at__gte=2026-02-01T01:00:00Z", [9223372036854775807]),
        ("seen_at_local=2026-02-01T00:30:00", [1]),
        ("tags__is_null=false", [1, -3]),
        ("name__eq=x%27%20or%201=1%20--", []),
    ],
)
def test_a_filter_keeps_the_rows_for_which_it_holds(
    api: httpx.Client, query: str, ids: list[int]
) -> None:
    assert [row["id"] for row in rows_of(api.get(f"{KINDS}?{query}"))] == ids


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("nope=1", "odd.kinds has no column 'nope'"),
        ("id__like=1", "there is no operator 'like'"),
        ("id=one", "id='one' is not a BIGINT"),
        ("id=9223372036854775808", "is not a BIGINT"),
        ("id__in=1,x", "id__in='x' is not a BIGINT"),
        ("ratio=nan", "is not a DOUBLE"),
        ("price=1.2.3", "is not a DECIMAL(9,2)"),
        ("is_good=yes", "is_good='yes' is not a BOOLEAN"),
        ("is_good__is_null=1", "is not true or false"),
        ("day=2026-02-30", "day='2026-02-30' is not a DATE"),
        ("seen_at_local=2026-02-01T00:30:00Z", "is not a TIMESTAMP"),
        ("tags=x", "a VARCHAR[] can be filtered by __is_null only"),
        ("limit=0", "limit"),
        ("limit=5001", "limit=5001 is not a number from 1 to 5000"),
        ("limit=many", "limit"),
        ("format=xml", "format"),
        ("cursor=abc", "the cursor is not from a page"),
        ("cursor=W10", "the cursor is not from a page"),
        ("&".join(f"id__gt={number}" for number in range(21)), "21 filters are too many"),
    ],
)
def test_an_invalid_question_is_422_and_says_why(
    api: httpx.Client, query: str, message: str
) -> None:
    found = api.get(f"{KINDS}?{query}")
    assert found.status_code == 422
    assert message in found.json()["detail"]
    assert "\n" not in found.json()["detail"]


def test_a_cursor_fits_its_own_question_only(api: httpx.Client) -> None:
    cursor = api.get("/marts/odd/many?limit=1&number__gt=3").json()["next_cursor"]
    for query in ("number__gt=4", "", "number__gt=3&is_seventh=true"):
        found = api.get(f"/marts/odd/many?{query}&cursor={cursor}")
        assert found.status_code == 422
        assert "other filters" in found.json()["detail"]


@pytest.mark.parametrize("path", ["/marts/odd/nope", "/marts/audit/failures", "/marts/odd/x.y"])
def test_what_is_not_a_mart_is_404(api: httpx.Client, path: str) -> None:
    found = api.get(path)
    assert found.status_code == 404
    assert "this build has no mart" in found.json()["detail"]


def test_a_cursor_stays_with_its_build(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path, extra={"odd.some": "select range as number from range(10)"})
    publisher.publish("one")
    with client_of(tmp_path) as client:
        first = client.get("/marts/odd/some?limit=5").json()
        publisher.extra = {"odd.some": "select 100 + range as number from range(10)"}
        publisher.publish("two")
        while client.get("/health").json()["build_id"] == "one":
            pass
        following = client.get("/marts/odd/some", params={"cursor": first["next_cursor"]})
        assert following.json()["build_id"] == "one"
        assert following.headers["etag"] == '"one"'
        assert [row["number"] for row in following.json()["rows"]] == [5, 6, 7, 8, 9]
        afresh = client.get("/marts/odd/some?limit=1").json()
        assert (afresh["build_id"], afresh["rows"]) == ("two", [{"number": 100}])


def test_a_cursor_of_a_build_that_was_closed_is_410(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path, extra={"odd.some": "select range as number from range(10)"})
    publisher.publish("one")
    with client_of(tmp_path) as client:
        cursor = client.get("/marts/odd/some?limit=5").json()["next_cursor"]
    publisher.publish("two")
    with client_of(tmp_path) as client:
        found = client.get("/marts/odd/some", params={"cursor": cursor})
    assert found.status_code == 410
    assert "start again" in found.json()["detail"]
