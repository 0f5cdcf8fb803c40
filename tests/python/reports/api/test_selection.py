"""The route of every mart: which columns, in which order, how many rows, and how compressed."""

import csv
import io
from collections.abc import Iterator

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


def test_columns_are_those_that_were_selected(api: httpx.Client) -> None:
    found = rows_of(api.get("/marts/odd/kinds?select=name,id&id=1"))
    assert [list(row.items()) for row in found] == [[("name", 'a,"b"'), ("id", 1)]]
    assert api.get("/marts/odd/kinds?select=day,id&format=csv").text.splitlines()[0] == '"day","id"'


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("id", [-3, 1, 9223372036854775807]),
        ("-id", [9223372036854775807, 1, -3]),
        ("price", [-3, 1, 9223372036854775807]),
        ("-price", [1, -3, 9223372036854775807]),
        ("is_good,-id", [9223372036854775807, 1, -3]),
    ],
)
def test_rows_are_sorted_and_nulls_come_last(api: httpx.Client, order: str, ids: list[int]) -> None:
    assert [row["id"] for row in rows_of(api.get(f"{KINDS}?order={order}"))] == ids
    in_csv = api.get(f"{KINDS}?order={order}&format=csv").text
    assert [int(row["id"]) for row in csv.DictReader(io.StringIO(in_csv))] == ids


@pytest.mark.parametrize("limit", [4_999, 3_333])
def test_sorted_pages_are_the_sorted_table(api: httpx.Client, limit: int) -> None:
    found = pages(api, "/marts/odd/many", limit=limit, order="is_seventh,-number", select="number")
    numbers = [row["number"] for page in found for row in page]
    assert numbers == sorted(
        (number // 2 for number in range(MANY)), key=lambda one: (one % 7 == 0, -one)
    )


def test_all_rows_are_counted_on_request(api: httpx.Client) -> None:
    path = "/marts/odd/many?is_seventh=true&limit=3"
    assert api.get(path).json()["total"] is None
    counted = api.get(f"{path}&count=true")
    assert counted.json()["total"] == len(range(0, MANY // 2, 7)) * 2
    assert counted.headers["x-total-count"] == str(counted.json()["total"])
    after = api.get(counted.links["next"]["url"])
    assert after.json()["total"] == counted.json()["total"]
    assert api.get(f"{path}&count=true&format=csv").headers["x-total-count"] == "2858"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select=id,nope", "select: odd.kinds has no column 'nope'"),
        ("select=", "select='' names no column"),
        ("select=id,,day", "select='id,,day' names no column, or lacks one"),
        ("select=id,id", "select names 'id' twice"),
        ("order=+id", "order: odd.kinds has no column"),
        ("order=--id", "order: odd.kinds has no column '-id'"),
        ("order=id,-id", "order names 'id' twice"),
        ("order=id desc", "order: odd.kinds has no column 'id desc'"),
        ("count=maybe", "count"),
    ],
)
def test_an_invalid_selection_is_422_and_says_why(
    api: httpx.Client, query: str, message: str
) -> None:
    name, _, value = query.partition("=")
    found = api.get(KINDS, params={name: value})
    assert found.status_code == 422
    assert message in found.json()["detail"]


def test_a_cursor_fits_its_own_order_only(api: httpx.Client) -> None:
    cursor = api.get("/marts/odd/many?limit=1&order=-number").json()["next_cursor"]
    for query in ("", "&order=number"):
        found = api.get(f"/marts/odd/many?cursor={cursor}{query}")
        assert found.status_code == 422
        assert "another order" in found.json()["detail"]


def test_a_large_answer_is_compressed_for_clients_that_take_it(api: httpx.Client) -> None:
    path = "/marts/odd/many?limit=1000"
    plain = api.get(path, headers={"Accept-Encoding": "identity"})
    small = api.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert small.headers["content-encoding"] == "gzip"
    assert small.json() == plain.json()
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"]) / 4
    # Other bytes, so a strong tag would be wrong; the weak one still gets a 304.
    assert (plain.headers["etag"], small.headers["etag"]) == ('"build-1"', 'W/"build-1"')
    assert "Accept-Encoding" in small.headers["vary"]
    again = api.get(path, headers={"If-None-Match": small.headers["etag"]})
    assert again.status_code == 304
