"""`--file` and `--columns`: what they may name, and loads of several files."""

import os
from pathlib import Path

import pytest

from ingestion.core.errors import LoadError
from ingestion.core.files import loading
from ingestion.core.files.errors import display_name
from ingestion.core.files.paths import find_files
from ingestion.core.source import LoadOptions
from tests.support.sources.sensors import Loader, use

HEADER = "date,hour,shop,sensor_id,count,units\n"


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    use(None, monkeypatch)
    return Loader(tmp_path / "data")


def lines(hour: int, count: int = 1) -> str:
    return "".join(f"2024-07-0{day + 1},{hour},Paris,0,5,visits\n" for day in range(count))


@pytest.mark.parametrize(
    "name",
    [
        "it's.csv", 'a "quote".csv', "50%.csv", "what?.csv", "[2024].csv", "{a,b}.csv", "a b.csv",
        "zürich €.csv", "line\nend.csv", "-dash.csv", os.fsdecode(b"caf\xe9.csv"), "*.csv",
    ],
)  # fmt: skip
def test_a_file_of_any_name_is_loaded(name: str, loader: Loader, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(HEADER + lines(8))
    assert loader.load(file=file).rows == {"file_readings": 1}
    assert loader.query("select file_name from files") == [(display_name(name),)]
    display_name(name).encode()


def test_folders_patterns_links_and_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("b.csv", "a.CSV.gz", "notes.md", ".hidden.csv", "c.parquet"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "d.csv").write_text("x")
    (tmp_path / "link.csv").symlink_to(tmp_path / "folder" / "d.csv")

    def found(*given: str) -> list[str]:
        return [file.name for file in find_files([Path(name) for name in given])]

    assert found(str(tmp_path)) == ["a.CSV.gz", "b.csv", "c.parquet", "link.csv"]
    assert found("~/b.csv") == ["b.csv"]
    assert found("~/*.csv") == ["b.csv", "link.csv"]
    # Each file once.
    assert found("~/b.csv", str(tmp_path / "b.csv"), "~/folder") == ["b.csv", "d.csv"]
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "nowhere")
    for name, why in (
        ("~/none*.csv", "matches none"),
        ("~/dangling.csv", "cannot be read"),
        ("/dev/null", "is not a regular file"),
    ):
        with pytest.raises(LoadError, match=why):
            found(name)
    (tmp_path / "folder" / "d.csv").unlink()
    with pytest.raises(LoadError, match="is a folder without any file"):
        found("~/folder")


def test_columns_are_found_in_other_spellings_and_by_the_option(
    loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "f.csv"
    file.write_text("Read At,STORE_NAME,Sensor ID,people\n2024-07-01 08:00,Paris,0,5\n")
    with pytest.raises(LoadError, match=r"has no columns count, units: it has Read At, STORE_N"):
        loader.load(file=file)
    file.write_text("when,STORE_NAME,Sensor ID,people,unit\n2024-07-01 08:00,Paris,0,5,visits\n")
    with pytest.raises(LoadError, match=r"line 1 has no column for --columns persons=count: it"):
        loader.load(file=file, columns=("persons=count,when=timestamp",))
    with pytest.raises(LoadError, match="--columns people=number names no column of readings"):
        loader.load(file=file, columns=("people=number",))
    with pytest.raises(LoadError, match="--columns has 'people': write THEIRS=OURS"):
        loader.load(file=file, columns=("people",))
    # Either way round.
    assert loader.load(file=file, columns=("people=count", "timestamp=when")).rows == {
        "file_readings": 1
    }
    assert loader.query('select "timestamp", shop, sensor_id, count from file_readings') == [
        ("2024-07-01 08:00", "Paris", "0", "5")
    ]
    # Other columns make it another file.
    assert loader.load(file=file, columns=("people=count,when=timestamp,shop=STORE_NAME",)).rows


def test_columns_without_a_file_are_refused() -> None:
    with pytest.raises(LoadError, match="give the files with --file"):
        LoadOptions(columns=("a=b",)).require_taken([])


def test_a_refused_file_is_named_and_others_are_loaded(loader: Loader, tmp_path: Path) -> None:
    for name, text in (("a", lines(8)), ("b", ""), ("c", lines(9))):
        (tmp_path / f"{name}.csv").write_text(HEADER + text)
    report = loader.load(file=tmp_path / "?.csv")
    assert report.rows == {"file_readings": 2}
    assert report.failures == {
        "b.csv": "b.csv has a header and no readings: nothing was loaded "
        "(2 of 3 files were loaded; nothing of this one)"
    }


def test_a_file_that_is_refused_in_its_middle_leaves_nothing(
    loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingestion.core.files.opening.CHUNK_BYTES", 1000)
    monkeypatch.setattr("ingestion.core.files.opening.HEAD_BYTES", 1000)
    monkeypatch.setattr(loading, "ROWS_PER_PACKAGE", 20)
    file = tmp_path / "f.csv"
    file.write_bytes((HEADER + lines(8, 9) * 40).encode() + b"2024-07-01,8,Par\x81s,0,5,visits\n")
    with pytest.raises(LoadError, match=r"f.csv, line 362, byte 17 \(0x81\) is not UTF-8"):
        loader.load(file=file)
    assert loader.query("select count(*) from file_readings") == [(0,)]
    assert loader.query("from files") == []


def test_a_load_that_was_killed_starts_over_and_doubles_nothing(
    loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "f.csv"
    file.write_text(HEADER + lines(8, 9))
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(loading, "in_packages", killed_after_one)
        patched.setattr(loading, "ROWS_PER_PACKAGE", 4)
        loader.load(file=file)
    assert loader.query("select count(*) from file_readings") == [(4,)]
    assert loader.query("from files") == []
    assert loader.load(file=file).rows == {"file_readings": 9}
    assert loader.query("select count(*), count(distinct line_number) from file_readings") == [
        (9, 9)
    ]
    again = loader.load(file=file)
    assert (again.rows, again.notes) == (
        {},
        ["f.csv: every line of this file was loaded before."],
    )


def killed_after_one(tables, size):  # type: ignore[no-untyped-def]
    del size
    table = next(iter(tables))
    yield table.slice(0, 4)
    yield table.slice(4, 1)
    raise KeyboardInterrupt
