"""A store that writes to a lake: raw.duckdb is a copy of it, and nothing is known elsewhere."""

from pathlib import Path

import pytest

from ingestion.core.errors import LoadError
from ingestion.core.lake.location import WRITING
from tests.support.sources.lakes import ODD, TABLES, TOYS, reader, readings, records, rows, store


@pytest.mark.parametrize("name", ["lake", "a b%41#é'"])
def test_an_empty_folder_goes_on_where_the_lake_is(tmp_path: Path, name: str) -> None:
    lake = tmp_path / name
    with store(tmp_path / "first", lake) as raw:
        raw.make_tables()
        first = raw.commit(
            {"readings": [readings(("1", "5"), ("2", "5"))]}, {"a": {"b": 1}}, only_new=["readings"]
        )
        second = raw.commit({"readings": [readings(("2", "7"), ("3", "7"))]}, {"a": {"b": 2}})
        third = raw.commit({"readings": [readings(("9", "8"))]}, {}, only_new=["readings"])
        expected: list[tuple[object, ...]]
        expected = [("1", "5", first), ("2", "7", second), ("3", "7", second), ("9", "8", third)]
        assert rows(raw.connection) == expected
    with store(tmp_path / "other", lake) as raw:
        assert rows(raw.connection) == expected
        assert raw.state("a") == {"b": 2}
        fourth = raw.commit({"readings": [readings(("1", None))]}, {})
        expected = [*expected[1:], ("1", None, fourth)]
    # The first machine takes what the other one loaded.
    with store(tmp_path / "first", lake) as raw:
        assert rows(raw.connection) == sorted(expected, key=lambda row: str(row[0]))
        counted = raw.connection.execute("select count(*) from raw_toys._dlt_loads").fetchall()
    assert counted == [(4,)]
    with reader(lake, TOYS) as connection:
        assert rows(connection) == sorted(expected, key=lambda row: str(row[0]))
        loads = connection.execute("select load_id from raw_toys._dlt_loads order by 1").fetchall()
    assert loads == [(first,), (second,), (third,), (fourth,)]


def test_texts_arrive_as_they_were_received(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    given = [(str(n), text) for n, text in enumerate(ODD)]
    found: dict[str, dict[str, list[tuple[object, ...]]]] = {}
    for name, place in (("plain", None), ("first", lake), ("other", lake)):
        with store(tmp_path / name, place) as raw:
            raw.make_tables()
            for table in TABLES if name != "other" else ():
                columns = TABLES[table].columns
                raw.commit({table: [readings(*given, columns=columns)]}, {})
            found[name] = {
                table: [row[:2] for row in rows(raw.connection, table)] for table in TABLES
            }
    with reader(lake, TOYS) as connection:
        found["views"] = {table: [row[:2] for row in rows(connection, table)] for table in TABLES}
    assert {row[1] for row in found["plain"]["readings"]} == {*ODD}
    assert found["first"] == found["other"] == found["views"] == found["plain"]


def test_a_column_that_comes_later_is_null_before(tmp_path: Path) -> None:
    lake, more = tmp_path / "lake", ("door", "visits", "lane")
    with store(tmp_path / "first", lake) as raw:
        raw.make_tables()
        raw.commit({"readings": [readings(("1", "5"))]}, {})
        raw.commit({"readings": [readings(("2", "5", "x"), columns=more)]}, {})
    expected = [("1", "5", None), ("2", "5", "x")]
    query = "select door, visits, lane from raw_toys.readings order by all"
    with store(tmp_path / "other", lake) as raw, reader(lake, TOYS) as connection:
        assert raw.connection.execute(query).fetchall() == expected
        assert connection.execute(query).fetchall() == expected


def test_a_load_without_its_record_does_not_count_nor_does_its_state(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with store(tmp_path / "first", lake) as raw:
        raw.make_tables()
        raw.commit({"readings": [readings(("1", "5"))]}, {"a": {"b": 1}})
        raw.commit({"readings": [readings(("1", "6"), ("2", "6"))]}, {"a": {"b": 2}})
    # As if the second load had been killed before its record; another was writing a file.
    records(lake, "raw_toys")[-1].unlink()
    left = lake / "raw" / WRITING / "raw_toys-0123"
    left.write_bytes(b"PAR1 half a file")
    with store(tmp_path / "other", lake) as raw, reader(lake, TOYS) as connection:
        assert not left.exists()
        assert [row[:2] for row in rows(raw.connection)] == [("1", "5")]
        assert [row[:2] for row in rows(connection)] == [("1", "5")]
        assert raw.state("a") == {"b": 1}
        raw.commit({"readings": [readings(("1", "6"), ("2", "6"))]}, {"a": {"b": 2}})
        assert [row[:2] for row in rows(connection)] == [("1", "6"), ("2", "6")]
        assert raw.state("a") == {"b": 2}


def test_what_belongs_to_another_lake_or_to_none_is_refused(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    with store(tmp_path / "copy", lake) as raw:
        raw.make_tables()
        raw.commit({"readings": [readings(("1", "5"))]}, {})
    with store(tmp_path / "own", None) as raw:
        raw.make_tables()
        raw.commit({"readings": [readings(("1", "5"))]}, {})
    refusals = {
        ("copy", None): "is a copy of the lake .*/lake: set WAREHOUSE_LAKE to it, then load again$",
        (
            "copy",
            tmp_path / "new",
        ): "and WAREHOUSE_LAKE is .*/new: set it back, or use another data",
        ("own", lake): "has 1 loads of raw_toys that the lake .* lacks: run `warehouse lake copy`",
    }
    for (data, other), why in refusals.items():
        with pytest.raises(LoadError, match=why), store(tmp_path / data, other):
            pass
    with store(tmp_path / "copy", lake) as raw:
        assert len(rows(raw.connection)) == 1
