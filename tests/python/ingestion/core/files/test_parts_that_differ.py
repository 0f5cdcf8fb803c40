"""Files of which one part is not like the others: a column, the end of a text, a folder."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.core.errors import LoadError
from tests.support.sources.sensors import Loader, use

HEADER = "date,hour,shop,sensor_id,count,units"
LINE = "2024-07-01,8,{},0,1,visits\n"


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    use(None, monkeypatch)
    return Loader(tmp_path / "data")


def parquet(file: Path, **columns: pa.Array) -> Path:
    same = {"date": ["2024-07-01"], "hour": [8], "shop": ["Paris"], "sensor_id": [0]}
    pq.write_table(pa.table({**same, "count": [1], "units": ["visits"], **columns}), file)
    return file


def test_a_column_that_is_not_text_is_named(loader: Loader, tmp_path: Path) -> None:
    file = parquet(tmp_path / "bytes.parquet", shop=pa.array([b"\xff\xfe"]))
    with pytest.raises(LoadError, match=r"^bytes.parquet, column shop: binary that is not text"):
        loader.load(file=file)


@pytest.mark.parametrize(
    "count", [pa.array([5.0], pa.float16()), pa.array([Decimal("5.000")], pa.decimal128(10, 3))]
)
def test_whole_numbers_of_every_type_are_written_whole(
    count: pa.Array, loader: Loader, tmp_path: Path
) -> None:
    loader.load(file=parquet(tmp_path / "f.parquet", count=count))
    assert loader.query("select count from file_readings") == [("5",)]


def test_utf8_behind_windows_1252_is_refused_at_its_line(loader: Loader, tmp_path: Path) -> None:
    between = LINE.format("Paris") * 400_000
    text = f"{HEADER}\n{LINE.format('Zürich')}".encode("cp1252")
    file = tmp_path / "mixed.csv"
    file.write_bytes(text + between.encode() + LINE.format("Zürich").encode())
    with pytest.raises(LoadError, match=r"^mixed.csv, line 400003, byte 15 is UTF-8"):
        loader.load(file=file)


def test_refused_files_of_the_same_name_are_all_counted(loader: Loader, tmp_path: Path) -> None:
    files = [tmp_path / folder / "f.csv" for folder in ("a", "b")]
    for file in files:
        file.parent.mkdir()
        file.write_text(f"{HEADER}\n")
    with pytest.raises(LoadError, match=r"f.csv has a header.*; f.csv has a header"):
        loader.load(files=tuple(files))


def test_the_column_to_be_named_is_one_name(loader: Loader, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1,2\n")
    with pytest.raises(LoadError, match=r"--columns THEIRS=date$"):
        loader.load(file=tmp_path / "f.csv")


def test_a_length_of_time_is_not_a_number(loader: Loader, tmp_path: Path) -> None:
    file = parquet(tmp_path / "f.parquet", count=pa.array([5], pa.duration("s")))
    with pytest.raises(LoadError, match=r"column count: duration\[s\] that is not text"):
        loader.load(file=file)


@pytest.mark.parametrize("hint", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_separator_may_be_named_above_the_header(
    hint: str, loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "f.csv"
    file.write_text(f"{hint}\n{HEADER}\n{LINE.format('Paris')}".replace(",", ";"))
    assert loader.load(file=file).rows == {"file_readings": 1}


@pytest.mark.parametrize("above", ["# by the counter\n# 2024\n", "Visits,,,,,\n\n", "Visits\n\n"])
def test_a_header_below_other_text_is_found_and_named(
    above: str, loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "f.csv"
    file.write_text(f"{above}{HEADER}\n{LINE.format('Paris')}")
    with pytest.raises(LoadError, match=r"^f\.csv has its header in line 3, below other text"):
        loader.load(file=file)
