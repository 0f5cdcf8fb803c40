"""Files of the survey's cycles and of statistics programs: loaded as a whole, or refused."""

import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from ingestion.core.errors import LoadError
from tests.support.sources.pisa import Loader, configure

IDS = "select cntstuid from file_students order by cast(line_number as int)"
LABEL = "Müller, no"


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    configure(monkeypatch, None)
    return Loader(tmp_path / "data")


def students(rows: int, **more: Any) -> pd.DataFrame:
    """Students of the survey of 2022, which has periods instead of minutes."""
    columns: dict[str, Any] = {
        "CNT": ["EST"] * rows,
        "CYC": ["08MS"] * rows,
        "CNTSCHID": [23_300_001.0] * rows,
        "CNTSTUID": [23_300_000.0 + n for n in range(rows)],
        "ST059Q02JA": [30.0 + n for n in range(rows)],
        "DURECEC": [2.0] * rows,
        "BELONG": [n / 8 for n in range(rows)],
        "ESCS": [n / 4 for n in range(rows)],
        "W_FSTUWT": [1.5] * rows,
    }
    return pd.DataFrame({**columns, **more})


def save(frame: pd.DataFrame, file: Path, **options: Any) -> Path:
    pyreadstat.write_sav(frame, str(file), **options)
    return file


def with_a_label_that_is_not_utf8(file: Path) -> Path:
    """Write a label's letters as a program did that knows Latin-1 only; the file says UTF-8."""
    save(students(20), file, variable_value_labels={"DURECEC": {2.0: LABEL}})
    utf8, latin = LABEL.encode(), LABEL.encode("latin-1")
    content = file.read_bytes()
    assert content.count(utf8) == 1
    file.write_bytes(content.replace(utf8, latin.ljust(len(utf8))))
    return file


@pytest.mark.parametrize("name", ["students.sav", "STUDENTS.SAV", "students.zsav", "students.dat"])
def test_a_file_of_spss_is_loaded_whatever_its_name(
    name: str, loader: Loader, tmp_path: Path
) -> None:
    file = save(students(20), tmp_path / name, compress=name.endswith("zsav"))
    report = loader.load(file=file)
    assert report.rows["file_students"] == 20
    assert report.notes == [f"{name} has no TMINS: null for all its students."]
    assert loader.query(
        "select cyc, cntstuid, tmins, st059q02ja, file_cycle from file_students"
        " where line_number = '20'"
    ) == [("08MS", "23300019", None, "49", None)]


def test_the_zip_that_the_survey_publishes_is_loaded_as_it_is(
    loader: Loader, tmp_path: Path
) -> None:
    file = save(students(20).drop(columns="CYC"), tmp_path / "CY07_MSU_STU_QQQ.sav")
    with zipfile.ZipFile(tmp_path / "STU_QQQ_SPSS.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(file, file.name)
    report = loader.load(file=tmp_path / "STU_QQQ_SPSS.zip")
    assert report.rows["file_students"] == 20
    assert report.notes[-1].endswith("its name says that it is of the survey of 2018.")
    assert loader.query("select distinct file_name, file_cycle from file_students") == [
        ("STU_QQQ_SPSS.zip/CY07_MSU_STU_QQQ.sav", "2018")
    ]
    assert list((loader.folder / "cache").iterdir()) == []


def test_a_label_in_another_encoding_than_the_files_does_no_harm(
    loader: Loader, tmp_path: Path
) -> None:
    file = with_a_label_that_is_not_utf8(tmp_path / "s.sav")
    with pytest.raises(pyreadstat.ReadstatError, match="encoding"):
        pyreadstat.read_sav(str(file))
    assert loader.load(file=file).rows["file_students"] == 20
    assert loader.query(IDS) == [(str(23_300_000 + n),) for n in range(20)]


@pytest.mark.parametrize("form", [{}, {"row_compress": True}, {"compress": True}])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_leaves_nothing(
    form: dict[str, bool], share: float, loader: Loader, tmp_path: Path
) -> None:
    file = save(students(400), tmp_path / "s.sav", **form)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(LoadError, match=r"s\.sav") as failed:
        loader.load(file=file)
    assert "\n" not in str(failed.value)
    file.write_bytes(whole)
    assert loader.load(file=file).rows["file_students"] == 400
    assert loader.query("select count(*), count(distinct cntstuid) from file_students") == [
        (400, 400)
    ]


def test_what_spss_declares_missing_is_null_and_numbers_are_exact(
    loader: Loader, tmp_path: Path
) -> None:
    big = 9_007_199_254_740_991.0
    frame = students(3, CNTSTUID=[big, 1.0, 1e300], ESCS=[9997.0, 0.1, -0.0834])
    save(frame, tmp_path / "s.sav", missing_ranges={"ESCS": [{"lo": 9995.0, "hi": 9999.0}]})
    loader.load(file=tmp_path / "s.sav")
    assert loader.query(
        "select cntstuid, escs from file_students order by cast(line_number as int)"
    ) == [("9007199254740991", None), ("1", "0.1"), ("1e+300", "-0.0834")]


def test_columns_may_be_in_any_case_and_our_name_goes_before_another_spelling(
    loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "pisa2015.csv"
    file.write_text(
        "country;cnt;CntStuId;durecec;Belong;escs;tmins;W_FSTUWT\nEstonia;EST;7;1;0;0;900;1\n"
    )
    report = loader.load(file=file)
    assert report.notes == [
        "pisa2015.csv has no CYC: its name says that it is of the survey of 2015."
    ]
    assert loader.query("select cnt, cntstuid, tmins, file_cycle from file_students") == [
        ("EST", "7", "900", "2015")
    ]


def test_a_selection_without_belonging_is_loaded_and_says_what_it_lacks(
    loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "subset.csv"
    file.write_text("year,country,school_id,student_id,stu_wgt,escs\n2018,AUS,36,360,3.1,1.21\n")
    assert loader.load(file=file).notes == [
        "subset.csv has no DURECEC and no BELONG and no TMINS: null for all its students."
    ]
    assert loader.query("select cyc, cnt, cntstuid, w_fstuwt, escs from file_students") == [
        ("2018", "AUS", "360", "3.1", "1.21")
    ]


def test_one_of_two_columns_that_belong_together_is_not_enough(
    loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "s.csv"
    file.write_text("CNT,CNTSTUID,DURECEC,BEL0NG,ESCS\nEST,7,1,0,0\n")
    with pytest.raises(LoadError, match=r"has no column belong: it has .*BEL0NG"):
        loader.load(file=file)


def test_a_file_that_does_not_say_its_cycle_is_loaded_and_says_so(
    loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / "s.csv"
    file.write_text("CNT,CNTSTUID,DURECEC,BELONG,ESCS,TMINS\nEST,7,1,0,0,900\n")
    (note,) = loader.load(file=file).notes
    assert note == "s.csv has no CYC and no year in its name: its students are of an unknown cycle."


@pytest.mark.parametrize(("year", "rows"), [(2018, 1900), (2022, 1850)])
def test_a_real_subset_is_loaded(year: int, rows: int, loader: Loader, sample_data: Path) -> None:
    file = sample_data / "pisa" / f"student_subset_{year}.csv"
    assert loader.load(file=file).rows["file_students"] == rows
    expected = pd.read_csv(file, dtype=str)
    found = loader.query("select cyc, cnt, cntstuid, escs from file_students order by all")
    columns = ["year", "country", "student_id", "escs"]
    wanted = [
        tuple(None if pd.isna(cell) else cell for cell in row)
        for row in expected[columns].itertuples(index=False)
    ]
    assert sorted(found, key=repr) == sorted(wanted, key=repr)
