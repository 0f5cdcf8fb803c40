"""Files of SPSS that do not say how many rows they have: a cut one is refused, or it is said."""

import struct
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from ingestion.core.errors import LoadError
from ingestion.sources.pisa.survey.sav_rows import RowsFound, find_rows
from tests.support.sources.pisa import Loader, configure

ROWS = 40
ROWS_AT = 80
# Of a row: the country, seven numbers, and a text of 20 bytes in units of eight.
ROW_BYTES = 8 * (1 + 7 + 3)


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    configure(monkeypatch, None)
    return Loader(tmp_path / "data")


def without_count(file: Path, rows: int = ROWS, **options: Any) -> bytes:
    frame = pd.DataFrame(
        {
            "CNT": ["EST"] * rows,
            "CNTSCHID": [23_300_001.0] * rows,
            "CNTSTUID": [23_300_000.0 + n for n in range(rows)],
            "DURECEC": [2.0 if n % 3 else None for n in range(rows)],
            "BELONG": [n / 8 for n in range(rows)],
            "ESCS": [n / 7 for n in range(rows)],
            "TMINS": [900.0] * rows,
            "W_FSTUWT": [1.5] * rows,
            "NOTE": ["seventeen letters x"] * rows,
        }
    )
    pyreadstat.write_sav(
        frame,
        str(file),
        column_labels={"ESCS": "Index of status"},
        variable_value_labels={"DURECEC": {2.0: "two years", 3.0: "three"}},
        missing_ranges={"TMINS": [9995, {"lo": 9997, "hi": 9999}]},
        note="a document",
        **options,
    )
    content = bytearray(file.read_bytes())
    assert struct.unpack_from("<i", content, ROWS_AT) == (rows,)
    assert find_rows(file) is None
    struct.pack_into("<i", content, ROWS_AT, -1)
    file.write_bytes(content)
    return bytes(content)


def test_a_plain_file_is_loaded_and_says_that_its_end_is_unknown(
    loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "s.sav"
    whole = without_count(file)
    assert find_rows(file) == RowsFound(ROWS, is_end_known=False)
    # Nothing shows that whole rows are missing.
    file.write_bytes(whole[: -3 * ROW_BYTES])
    report = loader.load(file=file)
    assert report.rows["file_students"] == ROWS - 3
    assert (
        "s.sav does not say how many students it has, nor where it ends: 37 were read; compare "
        "that with where it comes from."
    ) in report.notes


def test_a_file_with_its_end_marked_is_counted(loader: Loader, tmp_path: Path) -> None:
    file = tmp_path / "s.sav"
    without_count(file, row_compress=True)
    assert find_rows(file) == RowsFound(ROWS, is_end_known=True)
    report = loader.load(file=file)
    assert report.rows["file_students"] == ROWS
    assert not [note for note in report.notes if "where it ends" in note]


@pytest.mark.parametrize("options", [{}, {"row_compress": True}, {"compress": True}])
@pytest.mark.parametrize("cut", [1, 7, 8, 16, 80, 1001])
def test_a_cut_file_is_refused(
    options: dict[str, bool], cut: int, loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "s.sav"
    whole = without_count(file, **options)
    file.write_bytes(whole[:-cut])
    with pytest.raises(LoadError, match=r"s\.sav is (cut off: its last row is|not a whole)"):
        loader.load(file=file)
    file.write_bytes(whole)
    assert loader.load(file=file).rows["file_students"] == ROWS


def test_every_cut_between_two_units_is_seen_or_said(tmp_path: Path) -> None:
    file = tmp_path / "s.sav"
    whole = without_count(file, rows=4, row_compress=True)
    for size in range(len(whole) - 200, len(whole)):
        file.write_bytes(whole[:size])
        try:
            found = find_rows(file)
        except LoadError:
            continue
        assert found is not None
        assert not found.is_end_known
        assert found.rows < 4


@pytest.mark.parametrize("layout", [b"\0\0\0\2", b"\2\0\0\0"])
def test_rows_are_counted_in_both_orders_of_bytes(layout: bytes, tmp_path: Path) -> None:
    order = "<" if layout[0] else ">"
    header = b"$FL2".ljust(64) + layout + struct.pack(f"{order}iiii", 2, 0, 0, -1)
    variable = struct.pack(f"{order}iiiiii", 2, 0, 0, 0, 0, 0) + b"CNTSTUID"
    end = struct.pack(f"{order}ii", 999, 0)
    values = struct.pack(f"{order}6d", *range(6))
    file = tmp_path / "s.sav"
    file.write_bytes(header.ljust(176) + variable * 2 + end + values)
    assert find_rows(file) == RowsFound(3, is_end_known=False)
