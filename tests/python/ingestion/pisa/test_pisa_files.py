"""Students from the survey's own files, and the messages about a configuration."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from ingestion.core.errors import LoadError
from ingestion.core.registry import find_source
from ingestion.sources.pisa.survey import files
from tests.support.sources.pisa import Loader, configure, settings

HEADER = "cnt,CNTSCHID,CntStuId,DURECEC,BELONG,ESCS,TMINS,W_FSTUWT,OTHER\n"
LINES = "FRA,1,11,99.0,-0.5,0.25,840,165.8,x\nITA,2,22,3,NA,,99999999,5.2,\n"


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    configure(monkeypatch, None)
    return Loader(tmp_path / "data")


def students(rows: int) -> pd.DataFrame:
    columns: dict[str, object] = {
        "CNT": [("ALB", "FRA")[n % 2] for n in range(rows)],
        "CNTSCHID": [800_000.0 + n for n in range(rows)],
        "CNTSTUID": [80_000_000.0 + n for n in range(rows)],
        "DURECEC": [float(n % 9) for n in range(rows)],
        "BELONG": [None if n == 1 else n / 8 for n in range(rows)],
        "ESCS": [n / 4 for n in range(rows)],
        "TMINS": [99999999.0 for _ in range(rows)],
        "ST001D01T": [7.0 for _ in range(rows)],
        "W_FSTUWT": [1.5 for _ in range(rows)],
    }
    weights = {f"W_FSTURWT{n}": [n / 2 for _ in range(rows)] for n in range(1, 81)}
    return pd.DataFrame({**columns, **weights})


def test_a_csv_file_is_loaded_as_it_is_and_once(loader: Loader, tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_text(HEADER + LINES)
    assert loader.load(file=file).rows == {"file_students": 2}
    assert loader.query(
        "select line_number, file_name, cnt, cntschid, cntstuid, durecec, belong, escs, tmins, "
        "w_fstuwt, w_fsturwt1, length(file_sha256) from file_students order by 1"
    ) == [
        ("2", file.name, "FRA", "1", "11", "99.0", "-0.5", "0.25", "840", "165.8", None, 64),
        ("3", file.name, "ITA", "2", "22", "3", "NA", None, "99999999", "5.2", None, 64),
    ]
    again = loader.load(file=file)
    assert (again.rows, again.load_ids) == ({}, [])
    assert again.notes == ["students.csv: every line of this file was loaded before."]


def test_an_spss_file_is_loaded_in_chunks_with_its_weights(
    loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROWS_PER_CHUNK", 4)
    file = tmp_path / "STUDENTS.SAV"
    pyreadstat.write_sav(students(10), str(file))
    assert loader.load(file=file).rows == {"file_students": 10}
    assert loader.query(
        "select cnt, cntstuid, durecec, belong, escs, tmins, w_fstuwt, w_fsturwt1, w_fsturwt80 "
        "from file_students where line_number in ('2', '10') order by cast(line_number as int)"
    ) == [
        ("FRA", "80000001", "1", None, "0.25", "99999999", "1.5", "0.5", "40"),
        ("FRA", "80000009", "0", "1.125", "2.25", "99999999", "1.5", "0.5", "40"),
    ]
    assert loader.query("select count(distinct line_number) from file_students") == [(10,)]
    assert loader.load(file=file).rows == {}


def test_the_real_file_is_loaded(loader: Loader, sample_data: Path) -> None:
    file = sample_data / "pisa" / "df_pisa18_selected_raw_codes.csv"
    assert loader.load(file=file).rows == {"file_students": 1269}
    assert loader.query(
        "select round(avg(cast(tmins as double)), 2) from file_students "
        "where cnt = 'FRA' and tmins <> '99999999.0'"
    ) == [(1691.19,)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "s.csv",
            "CNT,CNTSTUID,DURECEC,ESCS\n1,2,3,4\n",
            "s.csv, line 1 has no column belong: it has CNT, CNT",
        ),
        ("s.csv", "", "s.csv is empty"),
        ("s.csv", HEADER, "s.csv has a header and no students"),
        ("s.sav", "no such thing", "s.sav is not a whole .sav file"),
        ("s.sas7bdat", "no such thing", "s.sas7bdat is not a whole .sas7bdat file"),
        ("s.xlsx", "x", "s.xlsx, line 1 has no columns cnt, "),
    ],
)
def test_an_unreadable_file_gives_one_clear_line(
    name: str, content: str, message: str, loader: Loader, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(content)
    with pytest.raises(LoadError, match=message) as failed:
        loader.load(file=file)
    assert "\n" not in str(failed.value)


def test_an_spss_file_without_a_column_gives_one_clear_line(loader: Loader, tmp_path: Path) -> None:
    file = tmp_path / "s.sav"
    pyreadstat.write_sav(students(2).drop(columns=["ESCS"]), str(file))
    with pytest.raises(LoadError, match=r"s.sav has no column escs"):
        loader.load(file=file)


def test_days_do_not_apply_to_a_file(loader: Loader, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="--file loads the whole file"):
        loader.load(file=tmp_path / "s.csv", since="2026-01-01")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("geheim", "is not a JSON object"),
        ('["geheim"]', "is not a JSON object"),
        ('{"albania": "postgresql://u:geheim@h/d"}', "'albania', which is not a country code"),
        ('{"alb": "geheim"}', "has no database URL for ALB"),
        ('{"alb": "sqlite:///a", "ALB": "sqlite:///geheim"}', "names ALB twice"),
    ],
)
def test_an_invalid_list_of_databases_is_reported_but_not_quoted(
    value: str, message: str, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(monkeypatch, DATABASES=value)
    with pytest.raises(LoadError, match=message) as failed:
        loader.load()
    assert "geheim" not in str(failed.value)


def test_without_databases_the_source_is_not_configured(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not find_source("pisa").is_configured()
    with pytest.raises(LoadError, match="set SOURCES__PISA__DATABASES"):
        loader.load()
    settings(monkeypatch, DATABASES='{"alb": "sqlite:///a"}', WORKERS=0)
    assert find_source("pisa").is_configured()
    with pytest.raises(LoadError, match="SOURCES__PISA__WORKERS is 0"):
        loader.load()
