"""A hostile portal: what it sends is in raw as sent, or the load ends with one line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.core.errors import LoadError
from ingestion.sources.chicago_crime.datasets import CRIMES
from ingestion.sources.chicago_crime.portal.client import SocrataClient
from ingestion.sources.chicago_crime.portal.pages import Reader
from tests.python.conftest import Tried
from tests.python.ingestion.conftest import Raw, use
from tests.support.sources.hostile import (
    CELLS,
    HTML,
    MUTATIONS,
    STRUCTURAL,
    Answer,
    Mutation,
    Served,
    csv_of,
    ends_in_one_line,
    hostile_server,
    one_in,
    read_back,
    rows_in,
)
from tests.support.sources.small_portal import COLUMNS, SmallPortal, crime

ROWS = "select {} from raw_chicago_crime.crimes"
NAMES = ", ".join(
    f'"{name}"' if not name.startswith(":") else f"socrata_{name[1:]}" for name in COLUMNS
)
ASKED = ("$group", ":updated_at desc", "count(*)", ":updated_at,:id", "date >=")
TABLES = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6)


class Desk:
    """A server that gives one answer to everything, and a client of it."""

    answer = Answer(b"")

    def __init__(self) -> None:
        self._serving = hostile_server(lambda _: self.answer)

    def __enter__(self) -> "Desk":
        self.client = SocrataClient(self._serving.__enter__(), timeout=2, sleep=lambda _: None)
        return self

    def __exit__(self, *how: object) -> None:
        self.client.close()
        self._serving.__exit__(None, None, None)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        # That tries are made again is checked elsewhere.
        patch.setattr("ingestion.sources.chicago_crime.portal.client.TRIES", 1)
        with Desk() as desk:
            yield desk


@given(rows=TABLES, mutations=st.lists(MUTATIONS, max_size=2))
def test_a_page_is_the_text_that_was_sent_or_one_line(
    rows: list[tuple[str, ...]], mutations: list[Mutation], desk: Desk, tried: Tried
) -> None:
    tried.one()
    served = Served(("id", "date", "block"), tuple(rows))
    for mutation in mutations:
        served = mutation(served)
    desk.answer = served.answer()
    try:
        page = desk.client.query("x", select="*", limit=9)
    except LoadError as error:
        ends_in_one_line(error)
        return
    header, texts = read_back(desk.answer.body)
    assert page.column_names == header, desk.answer.body[:300]
    sent = [tuple(cell or None for cell in row) for row in texts]
    assert [tuple(row.values()) for row in page.to_pylist()] == sent, desk.answer.body[:300]


@given(rows=TABLES)
def test_a_well_formed_page_is_read_whatever_its_cells(
    rows: list[tuple[str, ...]], desk: Desk, tried: Tried
) -> None:
    tried.one()
    desk.answer = Answer(csv_of(("id", "date", "block"), rows))
    page = desk.client.query("x", select="*", limit=9)
    assert [tuple(cell or "" for cell in row.values()) for row in page.to_pylist()] == rows


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=4),
    mutations=st.lists(MUTATIONS, max_size=2),
    header=st.sampled_from([("day", "n"), (":updated_at",), ("n",), ("n", "day", "x"), ("count",)]),
)
def test_counts_are_counts_or_one_line(
    rows: list[tuple[str, ...]],
    mutations: list[Mutation],
    header: tuple[str, ...],
    desk: Desk,
    tried: Tried,
) -> None:
    tried.one()
    served = Served(header, tuple((*row, "7", "7")[: len(header)] for row in rows))
    for mutation in mutations:
        served = mutation(served)
    desk.answer = served.answer()
    reader = Reader(desk.client, CRIMES, 9)
    for ask in (reader.counts, reader.newest, lambda: reader.count_at("2026-01-01", None)):
        try:
            ask()
        except LoadError as error:
            ends_in_one_line(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=3),
    max_leaves=8,
)
BROKEN_JSON = st.sampled_from(
    [
        b"[" * 100_000,
        b'{"features": [NaN]}',
        b'{"features": [{"properties": {"a": "\\ud800"}}]}',
        b"\xff",
        HTML,
    ]
)


@given(
    body=BROKEN_JSON
    | JSON.map(lambda value: json.dumps(value).encode())
    | JSON.map(lambda value: json.dumps({"features": [{"properties": value}]}).encode()),
    status=st.sampled_from([200, 200, 400, 403, 302, 429, 503]),
    wait=st.sampled_from(
        ["1", "²", "-1", "9" * 400, "Wed, 21 Oct 2015 07:28:00 -0000", "soon", ""]
    ),
)
def test_json_and_refusals_of_any_kind_are_read_or_one_line(
    body: bytes, status: int, wait: str, desk: Desk, tried: Tried
) -> None:
    tried.one()
    headers = {"Retry-After": wait.encode("utf-8").decode("latin-1")}
    desk.answer = Answer(body, "application/json", status, headers)
    for ask in (
        lambda: desk.client.features("x", 9, 0),
        lambda: desk.client.query("x", select="*", limit=9),
    ):
        try:
            ask()
        except LoadError as error:
            ends_in_one_line(error)


@pytest.fixture(scope="module")
def portal() -> SmallPortal:
    portal = SmallPortal()
    portal.add(*(crime(n, f"2026-06-{1 + n % 5:02}") for n in range(25)))
    return portal


@pytest.fixture(scope="module")
def raw(portal: SmallPortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raw]:
    with hostile_server(portal.answer) as url, pytest.MonkeyPatch.context() as env:
        use(url, env)
        env.setenv("SOURCES__CHICAGO_CRIME__PAGE_SIZE", "7")
        raw = Raw(tmp_path_factory.mktemp("hostile"))
        assert raw.load().rows == {"crimes": 25}
        yield raw


def in_raw(raw: Raw) -> list[tuple[str | None, ...]]:
    rows: list[tuple[str | None, ...]] = rows_in(raw.folder / "raw.duckdb", ROWS.format(NAMES))
    return sorted(rows, key=repr)


@one_in(10)
@given(
    cells=st.dictionaries(st.sampled_from(CRIMES.columns[3:]), CELLS, max_size=4),
    fault=st.tuples(st.sampled_from(ASKED), STRUCTURAL, st.integers(0, 1)),
)
def test_a_load_loses_nothing_and_takes_nothing_for_deleted(  # noqa: PLR0917
    cells: dict[str, str],
    fault: tuple[str, Mutation, int],
    portal: SmallPortal,
    raw: Raw,
    tried: Tried,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried.one()
    monkeypatch.setattr("ingestion.sources.chicago_crime.portal.client.TRIES", 1)
    n = 100 + len(portal.rows())
    portal.add(*(crime(n + m, f"2026-06-{6 + n % 9:02}", **cells) for m in range(8)))
    kind, mutation, after = fault
    left = [after]

    def mutate(query: str, served: Served) -> Served:
        if kind in query and served.rows:
            left[0] -= 1
            return mutation(served) if left[0] < 0 else served
        return served

    portal.mutate = mutate
    before = in_raw(raw)
    try:
        raw.load()
    except LoadError as error:
        ends_in_one_line(error)
    portal.mutate = lambda _, served: served
    now = in_raw(raw)
    assert {*before} <= {*now}
    raw.load()
    assert {*portal.rows()} <= {*in_raw(raw)}
    assert rows_in(raw.folder / "raw.duckdb", "from raw_chicago_crime.crime_deletions") == []


def test_a_cell_of_ten_megabytes_arrives_intact(
    portal: SmallPortal, raw: Raw, tried: Tried
) -> None:
    tried.one()
    text = 'é,\n"' * 2_000_000
    portal.add(crime(90_000, block=text))
    raw.load()
    sql = "select block from raw_chicago_crime.crimes where socrata_id = 'row-090000'"
    assert rows_in(raw.folder / "raw.duckdb", sql) == [(text,)]


def test_a_row_of_the_last_day_that_there_is_arrives(
    portal: SmallPortal, raw: Raw, tried: Tried
) -> None:
    tried.one()
    portal.add(crime(90_001, "9999-12-31"), crime(90_002, "9999-12-30"))
    raw.load()
    assert {*portal.rows()} <= {*in_raw(raw)}
    assert raw.load().load_ids == []


@pytest.mark.parametrize("left", [0, 2])
def test_a_source_that_shrank_to_a_tenth_is_refused(
    left: int, tmp_path: Path, tried: Tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried.one()
    portal, raw = SmallPortal(), Raw(tmp_path)
    portal.add(*(crime(n) for n in range(20)))
    with hostile_server(portal.answer) as url:
        use(url, monkeypatch)
        raw.load()
        before = in_raw(raw)
        portal.delete(f'cast(substr(":id", 5) as integer) >= {left}')
        with pytest.raises(
            LoadError, match=f"has {left} rows where 20 are loaded.*--accept-shrink"
        ):
            raw.load()
        assert in_raw(raw) == before
        raw.load(accept_shrink=True)
    deleted = rows_in(
        tmp_path / "raw.duckdb", "select count(*) from raw_chicago_crime.crime_deletions"
    )
    assert deleted == [(20 - left,)]
