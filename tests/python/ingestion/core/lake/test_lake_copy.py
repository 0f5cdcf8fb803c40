"""raw.duckdb is moved into a lake: all of it, once, compared."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from ingestion.core.errors import LoadError
from ingestion.core.lake import copying
from ingestion.core.lake.copying import Copied, copy_source
from ingestion.core.lake.location import Lake
from ingestion.core.progress import Silent
from tests.support.sources.lakes import (
    ODD,
    TOYS,
    listing,
    reader,
    readings,
    records,
    rows,
    rows_of_files,
    store,
)


def copy(data: Path, lake: Path) -> list[Copied]:
    return copy_source(data, TOYS, Lake(str(lake)), Silent())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three loads, of which the second replaced rows of the first; odd texts, and a state."""
    with store(tmp_path / "data", None) as raw:
        raw.make_tables()
        raw.commit({"readings": [readings(*((str(n), text) for n, text in enumerate(ODD)))]}, {})
        raw.commit({"readings": [readings(("1", "7"), ("x", "7"))]}, {"a": {"b": 1}})
        raw.commit({"notes": [readings(("1", "so"), columns=("door", "note"))]}, {})
    return tmp_path / "data"


def test_a_copy_has_every_row_load_and_state_and_the_next_one_what_is_new(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = tmp_path / "lake"
    # So that a table has several files.
    monkeypatch.setattr(copying, "ROWS_PER_FILE", 2)
    copied = copy(data, lake)
    assert [(each.table, each.rows, each.files) for each in copied] == [
        ("raw_toys.notes", 1, 1),
        ("raw_toys.readings", len(ODD) + 1, 2),
    ]
    before = listing(lake)
    assert copy(data, lake) == []
    assert listing(lake) == before
    with store(data, None) as raw:
        raw.commit({"readings": [readings(("1", "8"))]}, {"a": {"b": 2}})
    assert [(each.table, each.rows) for each in copy(data, lake)] == [("raw_toys.readings", 1)]
    assert {*before.splitlines()} < {*listing(lake).splitlines()}
    with store(data, None) as raw:
        names = ("readings", "notes", "_dlt_loads")
        wanted = {table: rows(raw.connection, table) for table in names}
        assert raw.states() == {"a": {"b": 2}}
    with store(tmp_path / "other", lake) as raw, reader(lake, TOYS) as connection:
        for table in names:
            assert rows(raw.connection, table) == wanted[table]
            assert rows(connection, table) == wanted[table]
        assert raw.states() == {"a": {"b": 2}}
    # With the lake set, the file that was copied goes on as its copy; nothing is left to copy.
    with store(data, lake) as raw:
        raw.commit({"readings": [readings(("y", "9"))]}, {})
    assert copy(data, lake) == []
    assert len(records(lake, "raw_toys")) == 3


def test_a_file_that_is_not_what_was_read_is_refused_and_counts_for_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = tmp_path / "lake"
    original = copying._Copy._compare

    def compare(self: copying._Copy, where: str, *about: Any) -> None:
        # A text of one row changes between the writing and the comparison.
        if "readings" in where:
            self.raw.connection.execute(
                "update raw_toys.readings set visits = '!' where door = 'x'"
            )
        original(self, where, *about)

    monkeypatch.setattr(copying._Copy, "_compare", compare)
    with pytest.raises(LoadError, match=r"is not what raw\.duckdb has: .* copy again"):
        copy(data, lake)
    assert records(lake, "raw_toys") == []
    monkeypatch.setattr(copying._Copy, "_compare", original)
    copy(data, lake)
    with reader(lake, TOYS) as connection, store(data, None) as raw:
        assert rows(connection) == rows(raw.connection)
        # What the first copy left is deleted, not doubled.
        assert rows_of_files(lake, "raw_toys.readings") == len(rows(raw.connection))


def test_a_lake_with_loads_of_another_warehouse_is_refused(data: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with store(tmp_path / "other", lake) as raw:
        raw.make_tables()
        raw.commit({"readings": [readings(("1", "5"))]}, {})
    before = listing(lake)
    with pytest.raises(LoadError, match=r"1 loads of raw_toys that .* lacks: copy into an empty"):
        copy(data, lake)
    assert listing(lake) == before


def test_a_lake_that_lost_loads_is_refused_and_filled_again(data: Path, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    copy(data, lake)
    with store(data, lake) as raw:
        raw.commit({"readings": [readings(("y", "9"))]}, {"a": {"b": 3}})
        wanted = rows(raw.connection)
    shutil.rmtree(lake)
    with pytest.raises(LoadError, match=r"has lost loads of raw_toys: restore .*lake copy"):
        store(data, lake).__enter__()
    assert copy(data, lake)
    with store(tmp_path / "other", lake) as raw:
        assert rows(raw.connection) == wanted
    with store(data, lake) as raw:
        assert rows(raw.connection) == wanted
    records(lake, "raw_toys")[0].write_bytes(b"{half")
    with pytest.raises(LoadError, match=r"is not the record of a load: restore it"):
        store(tmp_path / "third", lake).__enter__()
