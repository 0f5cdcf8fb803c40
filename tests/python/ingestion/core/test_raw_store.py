"""What the raw database promises to every source."""

import gc
from pathlib import Path

import pyarrow as pa

from ingestion.core.raw.store import MANY_ROWS, RawStore
from ingestion.core.source import RawTable

READINGS = {"readings": RawTable(("door", "visits"), ("door",))}


def readings(first: int, count: int, visits: str) -> pa.Table:
    doors = [str(n) for n in range(first, first + count)]
    return pa.table({"door": doors, "visits": [visits] * count})


def test_what_is_only_new_is_appended_and_the_rest_merged(tmp_path: Path) -> None:
    with RawStore(tmp_path, "toys", READINGS) as raw:
        raw.make_tables()
        # dlt has never heard of these tables.
    with RawStore(tmp_path, "toys", READINGS) as raw:
        raw.make_tables()
        first = raw.commit(
            {"readings": [readings(1, 2, "5")]}, {"a": {"b": 1}}, only_new=["readings"]
        )
        second = raw.commit({"readings": [readings(2, 2, "7")]}, {})
        raw.commit({"readings": [readings(9, 1, "8")]}, {}, only_new=["readings"])
    with RawStore(tmp_path, "toys", READINGS) as raw:
        rows = raw.connection.execute("select * from raw_toys.readings order by door").fetchall()
        assert raw.state("a") == {"b": 1}
    assert rows[:3] == [("1", "5", first), ("2", "7", second), ("3", "7", second)]
    assert len(rows) == 4


def test_a_large_package_is_released_once_it_is_written(tmp_path: Path) -> None:
    with RawStore(tmp_path, "toys", READINGS) as raw:
        raw.make_tables()
        size = readings(0, MANY_ROWS, "x" * 50).nbytes
        gc.collect()
        before = pa.total_allocated_bytes()
        gc.disable()
        try:
            for n in range(4):
                rows = readings(n * MANY_ROWS, MANY_ROWS, "x" * 50)
                raw.commit({"readings": [rows]}, {}, only_new=["readings"])
                del rows
        finally:
            gc.enable()
        assert pa.total_allocated_bytes() - before < 0.1 * size


def test_a_varied_table_has_what_any_other_has(tmp_path: Path) -> None:
    written = {}
    for is_varied in (False, True):
        tables = {"scores": RawTable(("student", "score"), ("student",), is_varied=is_varied)}
        scores = pa.table(
            {"student": ["1", "2", "3"], "score": pa.array([None, "", "5 'é' \0"], pa.string())}
        )
        with RawStore(tmp_path / str(is_varied), "toys", tables) as raw:
            raw.make_tables()
            first = raw.commit({"scores": [scores]}, {"a": {"b": 1}}, only_new=["scores"])
            # A later package may lack a column.
            second = raw.commit({"scores": [scores.slice(2).select(["student"])]}, {})
            third = raw.commit({"scores": [scores.slice(0, 1), scores.slice(0, 0)]}, {})
        with RawStore(tmp_path / str(is_varied), "toys", tables) as raw:
            rows = raw.connection.execute("select * from raw_toys.scores order by all").fetchall()
            assert raw.state("a") == {"b": 1}
        loads = {first: 1, second: 2, third: 3}
        written[is_varied] = [(*row[:2], loads[row[2]]) for row in rows]
        assert not [*(tmp_path / str(is_varied) / "work").iterdir()]
    assert written[True] == written[False] == [("1", None, 3), ("2", "", 1), ("3", None, 2)]
