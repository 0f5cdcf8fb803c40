"""Hostile sensors: what they answer is in raw as sent, or the load ends with one line."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.core.errors import LoadError
from ingestion.sources.store_sensors.api.client import Client
from ingestion.sources.store_sensors.api.per_reading_route import PerReadingRoute
from ingestion.sources.store_sensors.api.routes import Route, StreamRoute
from ingestion.sources.store_sensors.api.stores import as_raw, from_answer
from ingestion.sources.store_sensors.hours import Span
from ingestion.sources.store_sensors.plan import Plan
from ingestion.sources.store_sensors.raw_state import LoadedReadings
from ingestion.sources.store_sensors.settings import StoreSensorsSettings
from ingestion.sources.store_sensors.state import StoreState
from ingestion.sources.store_sensors.tables import RAW_TABLES, SCHEMA
from tests.python.conftest import Tried
from tests.support.sources.hostile import (
    CELLS,
    HTML,
    MUTATIONS,
    STRUCTURAL,
    Answer,
    Mutation,
    Served,
    ends_in_one_line,
    hostile_server,
    numbered_lines,
    one_in,
    read_back,
    rows_in,
)
from tests.support.sources.sensors import Loader, Sensors, use
from tests.support.sources.small_api import (
    DAY,
    HEADER,
    HOURS,
    NIGHT,
    STORE,
    SmallApi,
    every_reading,
)

ALL = "select store_name, sensor_id, read_at_local, visits from raw_store_sensors.readings"


@pytest.fixture(scope="module")
def api() -> Iterator[tuple[SmallApi, str]]:
    api = SmallApi()
    with hostile_server(api.answer) as url:
        yield api, url


@pytest.fixture
def source(
    api: tuple[SmallApi, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[SmallApi, Loader]:
    small, url = api
    small.forget()
    use(Sensors(url), monkeypatch, TIMEOUT=2)
    monkeypatch.setattr("ingestion.sources.store_sensors.api.client.TRIES", 1)
    monkeypatch.setattr("ingestion.core.fetching.concurrent_client.WAITS", ())
    return small, Loader(tmp_path / "data", now=NIGHT)


class Desk:
    """An API, a client of it, and a raw database to compare with: no load, so that it is quick."""

    def __init__(self, api: SmallApi, url: str, raw: duckdb.DuckDBPyConnection) -> None:
        self.api, self.url, self.raw = api, url, raw
        self.client = Client(url, timeout=2, sleep=lambda _: None)

    def kept(self, route: Route) -> set[tuple[str | None, ...]]:
        """What a load would write of a route's answers; raises why it would not."""
        (store,) = from_answer([STORE], "")
        reach = Span(datetime(2026, 6, 16), datetime(2026, 6, 16, 6))
        plan = Plan(store, StoreState(), reach, Span(reach.since, reach.since), {})
        rows: set[tuple[str | None, ...]] = set()
        for batch in route.batches([plan]):
            new, _ = LoadedReadings(self.raw).new_readings(batch, {})
            rows |= {tuple(row[name] for name in HEADER) for row in new.to_pylist()}
        for why in route.failures.values():
            raise LoadError(f"{why}; load again later")
        return rows


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    api = SmallApi()
    with (
        hostile_server(api.answer) as url,
        duckdb.connect() as raw,
        pytest.MonkeyPatch.context() as patch,
    ):
        # That tries are made again is checked elsewhere.
        patch.setattr("ingestion.sources.store_sensors.api.client.TRIES", 1)
        patch.setattr("ingestion.core.fetching.concurrent_client.WAITS", ())
        raw.execute(f"create schema {SCHEMA}")
        for name, table in RAW_TABLES.items():
            texts = ", ".join(f"{column} varchar" for column in (*table.columns, "_dlt_load_id"))
            raw.execute(f"create table {SCHEMA}.{name} ({texts})")
        desk = Desk(api, url, raw)
        yield desk
        desk.client.close()


ASKED = {("Paris", sensor, hour, None) for sensor in ("0", "1") for hour in HOURS}


def in_raw(loader: Loader) -> set[tuple[Any, ...]]:
    return {*rows_in(loader.folder / "raw.duckdb", ALL)}


@given(
    rows=st.lists(st.tuples(CELLS, st.sampled_from(HOURS) | CELLS, CELLS), max_size=6),
    mutations=st.lists(MUTATIONS, max_size=2),
)
def test_a_stream_is_kept_as_sent_or_gives_one_line(
    rows: list[tuple[str, ...]], mutations: list[Mutation], desk: Desk, tried: Tried
) -> None:
    tried.one()
    served = Served(HEADER, (*every_reading()[2:], *(("Paris", *row) for row in rows)))
    for mutation in mutations:
        served = mutation(served)
    desk.api.readings = served.answer()
    try:
        kept = desk.kept(StreamRoute(desk.client))
    except LoadError as error:
        ends_in_one_line(error)
        return
    header, sent = read_back(desk.api.readings.body)
    at = [header.index(name) for name in HEADER]
    by_key: dict[tuple[str, ...], set[str]] = {}
    for row in sent:
        store, sensor, hour, visits = (row[n] for n in at)
        by_key.setdefault((store, sensor, hour), set()).add(visits[:200])
    expected = {
        (*key, " | ".join((min(texts), max(texts))) if len(texts) > 1 else min(texts) or None)
        for key, found in by_key.items()
        for texts in [found - {""} or {""}]
    }
    assert kept == expected | {row for row in ASKED if row[:3] not in by_key}


@one_in(13)
@given(mutation=STRUCTURAL)
def test_what_a_broken_stream_left_out_comes_with_the_next_load(
    mutation: Mutation, source: tuple[SmallApi, Loader], tried: Tried
) -> None:
    tried.one()
    api, loader = source
    loader.start_anew(tried.inputs)
    served = Served(HEADER, every_reading())
    api.readings = mutation(served).answer()
    try:
        loader.load(DAY)
    except LoadError as error:
        ends_in_one_line(error)
    api.readings = served.answer()
    loader.load(DAY)
    assert in_raw(loader) == {*every_reading()}
    assert loader.load().load_ids == []


ANSWERS = st.one_of(
    CELLS.map(lambda text: text.encode()),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | CELLS,
        lambda inner: st.lists(inner, max_size=3) | st.tuples(inner),
        max_leaves=3,
    ).map(lambda value: json.dumps(value).encode()),
    st.sampled_from([HTML, b"\xff\xfe", b'"\\ud800"', b'"', b"[" * 60_000, b"9" * 70_000, b""]),
)


@given(body=ANSWERS, status=st.sampled_from([200, 200, 200, 404, 422, 302, 503]))
def test_a_reading_of_its_own_is_kept_as_text_or_ends_in_one_line(
    body: bytes, status: int, desk: Desk, tried: Tried
) -> None:
    tried.one()
    desk.api.single = Answer(body, "application/json", status)
    settings = StoreSensorsSettings(base_url=desk.url, timeout=2, connections=4)
    try:
        kept = desk.kept(PerReadingRoute(settings))
    except LoadError as error:
        ends_in_one_line(error)
        return
    text = body.decode(errors="replace").strip()
    (visits,) = {row[3] for row in kept}
    assert {row[:3] for row in kept} == {row[:3] for row in ASKED}
    if status != 200 or text in ("null", "") or visits is None:
        assert visits is None
        assert status != 200 or text in ("null", '""', "")
    else:
        assert visits == text[:200] or visits == str(json.loads(body))[:200]


ENTRIES = st.fixed_dictionaries(
    {
        "store_name": CELLS | st.sampled_from(["Paris", "\ud800", None, 7]),
        "time_zone": CELLS | st.sampled_from(["UTC", "America", "../x", None]),
        "opened_on": CELLS | st.sampled_from(["2018-03-01", "9999-12-31", "0001-01-01", None]),
        "sensors": st.sampled_from([[0], [], [-1], [10**30], ["0"], [True], None, "01", [0, 0]]),
    }
)


@given(
    body=st.lists(ENTRIES, max_size=2).map(lambda value: json.dumps(value).encode())
    | ANSWERS
    | st.just(json.dumps([STORE, STORE]).encode())
)
def test_a_list_of_stores_of_any_kind_is_used_or_ends_in_one_line(
    body: bytes, desk: Desk, tried: Tried
) -> None:
    tried.one()
    desk.api.stores = body
    try:
        stores = from_answer(desk.client.stores(), "/stores")
    except LoadError as error:
        ends_in_one_line(error)
        return
    assert len(as_raw(stores)["stores"]) == len(json.loads(body))


def test_a_cell_of_ten_megabytes_is_known_by_its_beginning(
    source: tuple[SmallApi, Loader], tried: Tried
) -> None:
    tried.one()
    api, loader = source
    long = 'é,\n"' * 2_000_000
    api.readings = Served(HEADER, (("Paris", "0", HOURS[0], long), *every_reading()[1:])).answer()
    loader.load(DAY)
    assert ("Paris", "0", HOURS[0], long[:200]) in in_raw(loader)
    assert len(in_raw(loader)) == 12


def test_readings_of_another_store_are_not_taken_for_those_asked(
    source: tuple[SmallApi, Loader], tried: Tried
) -> None:
    tried.one()
    api, loader = source
    api.readings = Served(HEADER, (("Roma", "0", HOURS[0], "5"),)).answer()
    with pytest.raises(LoadError, match="has a reading of 'Roma', of which nothing was asked"):
        loader.load(DAY)
    assert in_raw(loader) == set()


TABLES = "from duckdb_tables() where table_name = 'file_readings'"
FILE = b"""date,hour,shop,sensor_id,count,units
2026-06-16,8,Paris,0,12,visits
2026-06-16,9,Paris,0,13,visits
"""
FILES = st.one_of(
    st.integers(0, len(FILE)).map(lambda n: FILE[:n]),
    st.integers(0, len(FILE)).map(lambda n: FILE[:n] + b"\xff" + FILE[n:]),
    st.tuples(CELLS, CELLS).map(lambda cells: FILE + Served(cells, ()).answer().body),
    st.tuples(*[CELLS] * 6).map(lambda cells: FILE + Served(cells, ()).answer().body),
    st.sampled_from([b"", b"\n", HTML, FILE.replace(b"units", b"count"), b"\xef\xbb\xbf" + FILE]),
    st.just(FILE + b'2026-06-16,9,Paris,0,"' + b"x" * 10_000_000 + b'",visits\n'),
)


@one_in(10)
@given(body=FILES)
def test_a_file_is_loaded_line_by_line_or_ends_in_one_line(
    body: bytes, source: tuple[SmallApi, Loader], tried: Tried
) -> None:
    tried.one()
    _, loader = source
    loader.start_anew(tried.inputs)
    loader.folder.mkdir()
    file = loader.folder / "readings.csv"
    file.write_bytes(body)
    lines = (
        "select line_number, line_problem, date, hour, shop, sensor_id, count, units"
        " from raw_store_sensors.file_readings"
    )
    try:
        loader.load(file=file)
    except LoadError as error:
        ends_in_one_line(error)
        assert rows_in(loader.folder / "raw.duckdb", TABLES) == []
        return
    sent = numbered_lines(body)
    rows = rows_in(loader.folder / "raw.duckdb", lines)
    assert sorted(number for number, *_ in rows) == sorted(sent)
    for number, problem, *cells in rows:
        assert problem or cells == sent[number]
