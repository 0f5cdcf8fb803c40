"""Readings from files, and the messages when they cannot be read."""

import hashlib
from pathlib import Path

import pytest

from ingestion.core.errors import LoadError
from ingestion.core.registry import find_source
from tests.support.sources.sensors import Loader, use

HEADER = "date,hour,shop,sensor_id,count,units\n"


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    use(None, monkeypatch)
    return Loader(tmp_path / "data")


def test_cells_arrive_as_they_are_with_the_line_and_the_files_sum(
    loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "some.csv"
    file.write_text(f"{HEADER}NULL,14,Madrid,0,0,visits\n\n2024-07-01,1,Paris,NULL,-1,\n")
    assert loader.load(file=file).rows == {"file_readings": 2}
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    columns = "file_sha256, line_number, file_name, date, hour, shop, sensor_id, count, units"
    assert loader.query(f"select {columns} from file_readings order by line_number") == [
        (sha256, "2", "some.csv", "NULL", "14", "Madrid", "0", "0", "visits"),
        (sha256, "4", "some.csv", "2024-07-01", "1", "Paris", "NULL", "-1", None),
    ]
    assert loader.query("select count(*) from readings") == [(0,)]


def test_the_same_file_loaded_twice_adds_no_row(loader: Loader, tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text(f"{HEADER}2024-07-01,1,Paris,0,5,visits\n")
    loader.load(file=file)
    renamed = file.rename(tmp_path / "other.csv")
    report = loader.load(file=renamed)
    assert (report.rows, report.load_ids) == ({}, [])
    assert report.notes == ["other.csv: every line of this file was loaded before, as some.csv."]


def test_the_real_file_arrives_whole(loader: Loader, sample_data: Path) -> None:
    file = sample_data / "sensors" / "dat.csv"
    assert loader.load(file=file).rows == {"file_readings": 35_217}
    nulls = sum(line.count("NULL") for line in file.read_text().splitlines())
    found = loader.query(
        "select count(*) from (unpivot file_readings on date, hour, shop, sensor_id, count, units)"
        " where value = 'NULL'"
    )
    assert found == [(nulls,)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "bad.csv is empty: give a file of readings"),
        (
            b"date,hour,shop\n",
            "bad.csv, line 1 has no columns sensor_id, count, units: it has date, hour, shop; give",
        ),
        (HEADER.encode(), "bad.csv has a header and no readings: nothing was loaded"),
        (HEADER.encode() + b"\x81,1,a,0,0,v\n", "bad.csv, line 2, byte 1 (0x81) is not UTF-8"),
    ],
)
def test_a_file_in_another_format_is_refused_in_one_line(
    content: bytes, message: str, loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    with pytest.raises(LoadError) as error:
        loader.load(file=file)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(loader: Loader, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"none\.csv names neither a file nor a folder"):
        loader.load(file=tmp_path / "none.csv")


def test_without_an_address_only_files_can_be_loaded(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        find_source("chicago-crime").is_configured(),
        find_source("store-sensors").is_configured(),
    ) == (True, False)
    with pytest.raises(LoadError, match="SOURCES__STORE_SENSORS__BASE_URL"):
        loader.load()
    use(None, monkeypatch, BASE_URL="http://127.0.0.1:9")
    assert find_source("store-sensors").is_configured()
    with pytest.raises(LoadError, match=r"127\.0\.0\.1:9 did not answer /stores in 4 tries"):
        loader.load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SINCE", "soon"),
        ("TIMEOUT", "0"),
        ("CONNECTIONS", "none"),
        ("CONNECTIONS", "9999"),
        ("BASE_URL", "ftp://x"),
    ],
)
def test_an_invalid_setting_is_named(
    name: str, value: str, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(None, monkeypatch, **{"BASE_URL": "http://127.0.0.1:9", name: value})
    with pytest.raises(LoadError, match=rf"(?i){name}") as error:
        loader.load()
    assert "\n" not in str(error.value)
