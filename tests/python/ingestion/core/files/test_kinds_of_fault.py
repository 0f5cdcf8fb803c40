"""Files as people have them, in each form: taken whole, rejected by line, or refused."""

import gzip
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.core.errors import LoadError
from tests.support.sources.loading import RawLoader
from tests.support.sources.pisa import Loader as PisaLoader
from tests.support.sources.pisa import configure
from tests.support.sources.sensors import Loader as SensorsLoader
from tests.support.sources.sensors import use


@dataclass(frozen=True)
class Form:
    """A form of files, with three right lines."""

    loader: Callable[[Path], RawLoader]
    table: str
    header: str
    lines: tuple[str, str, str]
    last: str

    def text(self) -> str:
        return "\n".join([self.header, *self.lines, ""])


READINGS = Form(
    SensorsLoader,
    "file_readings",
    "date,hour,shop,sensor_id,count,units",
    tuple(f"2024-07-01,{hour},Paris,0,{hour * 111},visits" for hour in (8, 9, 10)),  # type: ignore[arg-type]
    "units",
)
STUDENTS = Form(
    PisaLoader,
    "file_students",
    "CNT,CNTSTUID,DURECEC,BELONG,ESCS,TMINS",
    tuple(f"EST,{number},2,0.5,-1.25,{number}00" for number in (8, 9, 10)),  # type: ignore[arg-type]
    "tmins",
)


@pytest.fixture(params=[READINGS, STUDENTS], ids=["readings", "students"])
def form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Form:
    use(None, monkeypatch)
    configure(monkeypatch, None)
    found: Form = request.param
    return found


@pytest.fixture
def loader(form: Form, tmp_path: Path) -> RawLoader:
    return form.loader(tmp_path / "data")


def cells(loader: RawLoader, form: Form) -> list[tuple[str, ...]]:
    names = form.header.lower()
    found: list[tuple[str, ...]] = loader.query(
        f"select {names} from {form.table} where line_problem is null"
        " order by cast(line_number as int)"
    )
    return found


def right(form: Form) -> list[tuple[str, ...]]:
    return [tuple(line.split(",")) for line in form.lines]


def test_a_quote_that_stays_open_swallows_no_line(
    form: Form, loader: RawLoader, tmp_path: Path
) -> None:
    first, second, third = form.lines
    bad = second.rpartition(",")[0] + ',"x'
    (tmp_path / "open.csv").write_text("\n".join([form.header, first, bad, third, ""]))
    report = loader.load(file=tmp_path / "open.csv")
    assert report.rows == {form.table: 3}
    assert report.notes[:1] == [
        "open.csv: 1 of 3 lines are rejected "
        "(line 3: a quote is opened and not closed on this line)."
    ]
    assert cells(loader, form) == [right(form)[0], right(form)[2]]
    assert loader.query(
        f"select line_number, line_text from {form.table} where line_problem is not null"
    ) == [("3", bad)]
    assert loader.query('select lines, header, "rows", rejected, blank from files') == [
        ("4", "1", "2", "1", "0")
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda line: line + ",7", "7 cells where the header has 6"),
        (lambda line: line.partition(",")[2], "5 cells where the header has 6"),
        (lambda line: f'"{line[0]}"{line[1:]}', "text stands beside a quoted cell"),
        (lambda line: f"{line[0]}\0{line[1:]}", "it has a NUL byte"),
    ],
)
def test_a_line_that_is_not_a_row_is_kept_with_its_text(
    change: Callable[[str], str], problem: str, form: Form, loader: RawLoader, tmp_path: Path
) -> None:
    bad = change(form.lines[1])
    lines = [form.header, form.lines[0], bad, form.lines[2], ""]
    (tmp_path / "bad.csv").write_text("\n".join(lines))
    assert loader.load(file=tmp_path / "bad.csv").rows == {form.table: 3}
    assert cells(loader, form) == [right(form)[0], right(form)[2]]
    assert loader.query(
        f"select line_text, line_problem from {form.table} where line_problem is not null"
    ) == [(bad.replace("\0", "␀"), problem)]


def test_a_line_break_in_quotes_makes_two_rejected_lines(
    form: Form, loader: RawLoader, tmp_path: Path
) -> None:
    broken = form.lines[1].rpartition(",")[0] + ',"a\nb"'
    (tmp_path / "b.csv").write_text("\n".join([form.header, form.lines[0], broken, ""]))
    assert loader.load(file=tmp_path / "b.csv").rows == {form.table: 3}
    assert cells(loader, form) == right(form)[:1]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"]
)
def test_separators_line_ends_and_encodings_give_the_same_cells(
    separator: str, end: str, encoding: str, form: Form, tmp_path: Path
) -> None:
    from ingestion.core.files.reading import read_file  # noqa: PLC0415
    from ingestion.sources.pisa.survey.form import students_form  # noqa: PLC0415
    from ingestion.sources.store_sensors.files import FORM  # noqa: PLC0415

    text = form.text().replace("Paris", "Zürich").replace(",", separator).replace("\n", end)
    (tmp_path / "f.csv").write_bytes(text.encode(encoding))
    declared = FORM if form is READINGS else students_form()
    with read_file(tmp_path / "f.csv", declared, scratch=tmp_path) as rows:
        found = pa.concat_tables(rows.tables).select(form.header.lower().split(","))
    rows.counts.require_all(rows.name)
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        tuple(cell.replace("Paris", "Zürich") for cell in row) for row in right(form)
    ]


def gz(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half]) + gzip.compress(data[half:])


def zst(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


@pytest.mark.parametrize("pack", [gz, zst])
def test_compressed_files_are_read_and_refused_where_they_are_cut(
    pack: Callable[[bytes], bytes], form: Form, loader: RawLoader, tmp_path: Path
) -> None:
    # By content: the name says nothing of it.
    data = pack(form.text().encode())
    (tmp_path / "whole.csv").write_bytes(data)
    (tmp_path / "cut.csv").write_bytes(data[:-5])
    with pytest.raises(LoadError, match=r"^cut.csv is damaged or cut off"):
        loader.load(file=tmp_path / "cut.csv")
    assert loader.load(file=tmp_path / "whole.csv").rows == {form.table: 3}
    assert cells(loader, form) == right(form)


def test_a_zip_is_read_if_it_has_one_table(form: Form, loader: RawLoader, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "one.zip", "w") as archive:
        archive.writestr("folder/export.csv", form.text())
        archive.writestr("__MACOSX/._export.csv", "x")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.csv", form.text())
        archive.writestr("b.csv", form.text())
    assert loader.load(file=tmp_path / "one.zip").rows == {form.table: 3}
    with pytest.raises(LoadError, match=r"two.zip has 2 files in it \(a.csv, b.csv\)"):
        loader.load(file=tmp_path / "two.zip")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "f.csv is empty"),
        ("{header}\n", "f.csv has a header and no "),
        ("<!DOCTYPE html><p>Sign in", "f.csv is a web page or XML"),
        ('{{"error": true, "message": "Not found"}}', "answer with an error (Not found)"),
        ("Report\n{header}\n", "f.csv has its header in line 2"),
        ("\0\0\0\0", "f.csv"),
        ("{header},{header}\n1", "f.csv, line 1 has a column twice"),
        ("{header}\n{line}\n{reversed}\n", "f.csv, line 3: a header with columns in another order"),
    ],
)
def test_what_is_not_a_table_is_refused_in_one_line_and_leaves_nothing(
    content: str, message: str, form: Form, loader: RawLoader, tmp_path: Path
) -> None:
    other = ",".join(reversed(form.header.split(",")))
    text = content.format(header=form.header, line=form.lines[0], reversed=other)
    (tmp_path / "f.csv").write_text(text)
    with pytest.raises(LoadError) as refused:
        loader.load(file=tmp_path / "f.csv")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    if (loader.folder / "raw.duckdb").exists():
        assert loader.query(f"from {form.table}") == []


def test_a_last_line_that_may_be_cut_is_rejected(
    form: Form, loader: RawLoader, tmp_path: Path
) -> None:
    (tmp_path / "f.csv").write_text(form.text()[:-2])
    assert loader.load(file=tmp_path / "f.csv").rows == {form.table: 3}
    # Of readings, the units show by themselves that they were cut.
    whole = 3 if form is READINGS else 2
    assert len(cells(loader, form)) == whole


def test_json_and_parquet_give_numbers_as_they_are_written(
    form: Form, loader: RawLoader, tmp_path: Path
) -> None:
    names = form.header.split(",")
    rows = [dict(zip(names, row, strict=True)) for row in right(form)]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, reversed(rows))))
    features = [{"type": "Feature", "properties": row} for row in rows]
    collection = {"type": "FeatureCollection", "features": features}
    (tmp_path / "c.geojson").write_text(json.dumps(collection))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "d.parquet")
    files = tuple(sorted(tmp_path.glob("?.*")))
    assert loader.load(files=files).rows == {form.table: 12}
    assert sorted(cells(loader, form)) == sorted(right(form) * 4)


def test_damaged_json_is_refused_with_its_place(
    form: Form, loader: RawLoader, tmp_path: Path
) -> None:
    (tmp_path / "f.json").write_text('[{"a": 1},\n {"a": }]')
    with pytest.raises(LoadError, match=r"f.json, line 2, column 8: the file is not JSON"):
        loader.load(file=tmp_path / "f.json")
    (tmp_path / "f.json").write_text('[{"a": 1, "a": 2}]')
    with pytest.raises(LoadError, match="has a twice in one object"):
        loader.load(file=tmp_path / "f.json")


def test_parquet_times_are_text_with_their_zone(tmp_path: Path) -> None:
    from ingestion.core.files.kinds.parquet_rows import as_text  # noqa: PLC0415

    moment = datetime(2024, 7, 1, 8)
    local = pa.array([moment], pa.timestamp("ns"))
    assert as_text(local).to_pylist() == ["2024-07-01T08:00:00"]
    instant = pa.array([moment], pa.timestamp("us", tz="Europe/Paris"))
    assert as_text(instant).to_pylist() == ["2024-07-01T08:00:00Z"]
    assert as_text(pa.array([10508693.0, 0.1, None])).to_pylist() == ["10508693", "0.1", None]
