"""A file of students under another name, or compressed: its students count once."""

import gzip
import zipfile
from pathlib import Path

import pytest

from tests.support.sources.pisa import Loader, configure

HEADER = "CNT,CNTSTUID,DURECEC,BELONG,ESCS,TMINS"
LINE = "EST,7,1,0,0,900"


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    configure(monkeypatch, None)
    return Loader(tmp_path / "data")


def save(folder: Path, name: str, *, cycle: str = "") -> Path:
    file = folder / name
    file.write_text(f"{HEADER}{',CYC' if cycle else ''}\n{LINE}{cycle and f',{cycle}'}\n")
    return file


def test_a_compressed_copy_is_the_same_file(loader: Loader, tmp_path: Path) -> None:
    file = save(tmp_path, "pisa2018.csv")
    assert loader.load(file=file).rows == {"file_students": 1}
    packed = tmp_path / "pisa2018.csv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    with zipfile.ZipFile(tmp_path / "pisa2018.zip", "w") as archive:
        archive.write(file, "students.csv")
    for other, name in ((packed, packed.name), (tmp_path / "pisa2018.zip", "pisa2018.zip/student")):
        report = loader.load(file=other)
        assert report.rows == {}
        (note,) = report.notes
        assert note.startswith(name)
        assert note.endswith(": every line of this file was loaded before, as pisa2018.csv.")


def test_a_name_with_another_year_stands_in_for_the_first(loader: Loader, tmp_path: Path) -> None:
    loader.load(file=save(tmp_path, "students.csv"))
    named = save(tmp_path, "students_2018.csv")
    report = loader.load(file=named)
    assert report.rows == {"file_students": 1}
    assert report.notes[0] == (
        "students_2018.csv: its lines were loaded before, as students.csv (file cycle: unknown); "
        "they count as those of this file now (2018)."
    )
    assert loader.load(file=named).rows == {}
    # A name that says nothing takes nothing back.
    again = loader.load(file=tmp_path / "students.csv")
    assert again.notes == [
        "students.csv: every line of this file was loaded before, as students_2018.csv."
    ]
    notes = loader.query("select content_sha256, file_cycle from files order by _dlt_load_id")
    assert [cycle for _, cycle in notes] == [None, "2018"]
    assert len({content for content, _ in notes}) == 1


def test_a_name_says_nothing_of_lines_that_name_their_cycle(loader: Loader, tmp_path: Path) -> None:
    loader.load(file=save(tmp_path, "pisa2018.csv", cycle="07MS"))
    report = loader.load(file=save(tmp_path, "pisa2022.csv", cycle="07MS"))
    assert report.rows == {}


def test_a_raw_file_of_before_takes_the_new_columns(loader: Loader, tmp_path: Path) -> None:
    import duckdb  # noqa: PLC0415

    file = save(tmp_path, "pisa2018.csv")
    loader.load(file=file)
    with duckdb.connect(str(loader.folder / "raw.duckdb")) as raw:
        raw.execute("alter table raw_pisa.files drop column content_sha256")
    assert loader.load(file=file).rows == {}
    assert loader.query("select content_sha256 from files") == [(None,)]
