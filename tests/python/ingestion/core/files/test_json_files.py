"""JSON as programs write it, in each source: every object is a row, or the file is refused."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingestion.core.errors import LoadError
from ingestion.core.files.form import FileForm
from ingestion.core.files.kinds import json_stream
from ingestion.core.files.reading import read_file
from ingestion.sources.chicago_crime.files import FORM as CRIMES
from ingestion.sources.pisa.survey.form import students_form
from ingestion.sources.store_sensors.files import FORM as READINGS

ROWS = 3


@dataclass(frozen=True)
class Source:
    """What a source reads, and rows of it."""

    form: FileForm
    rows: list[dict[str, Any]]

    @property
    def columns(self) -> list[str]:
        return [*self.rows[0]]

    def cells(self) -> list[list[str]]:
        return [[str(value) for value in row.values()] for row in self.rows]


def crime(number: int) -> dict[str, Any]:
    names = [column.name for column in CRIMES.columns if column.is_required]
    named = [name for name in names if name not in CRIMES.alternatives[1]]
    return {name: f"{name} [{number}, {{" for name in named}


SOURCES = {
    "crimes": Source(CRIMES, [crime(number) for number in range(ROWS)]),
    "readings": Source(
        READINGS,
        [
            {"date": "2024-07-01", "hour": n, "shop": 'Pa"r\\is', "sensor_id": 0}
            | {"count": n * 111, "units": "visits"}
            for n in range(ROWS)
        ],
    ),
    "students": Source(
        students_form(),
        [
            {"CNT": "EST", "CNTSTUID": n, "DURECEC": 2, "BELONG": 0.5, "ESCS": -1.25, "TMINS": 9}
            for n in range(ROWS)
        ],
    ),
}


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> Source:
    return SOURCES[request.param]


def read(source: Source, text: str | bytes, folder: Path) -> tuple[list[list[str]], list[str]]:
    """Return the cells of rows, and why others are rejected; checks that all are counted."""
    file = folder / "f.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    ours = [source.form.find(name) for name in source.columns]
    with read_file(file, source.form, scratch=folder) as rows:
        found = [row for table in rows.tables for row in table.to_pylist()]
    rows.counts.require_all(rows.name)
    assert rows.counts.lines == len(found)
    kept = [row for row in found if row["line_problem"] is None]
    problems = [row["line_problem"] for row in found if row["line_problem"]]
    return [[row[name] for name in ours] for row in kept], problems


def as_lines(source: Source, **options: Any) -> str:
    return "\n".join(json.dumps(row, **options) for row in source.rows)


def as_features(source: Source) -> str:
    features = [{"type": "Feature", "properties": row, "geometry": None} for row in source.rows]
    return json.dumps({"bbox": [1, 2, 3, 4], "features": features, "crs": {"a": [1, [2]]}})


def as_export(source: Source) -> str:
    columns = [{"fieldName": name} for name in source.columns]
    meta = {"view": {"columns": columns, "tags": ["a", "b", {"c": []}]}}
    return json.dumps({"meta": meta, "data": [[*row.values()] for row in source.rows]})


def as_split(source: Source) -> str:
    data = [[*row.values()] for row in source.rows]
    return json.dumps({"columns": source.columns, "index": [*range(ROWS)], "data": data})


def as_table(source: Source) -> str:
    fields = [{"name": name, "type": "string"} for name in source.columns]
    return json.dumps({"schema": {"fields": fields, "primaryKey": ["x"]}, "data": source.rows})


WAYS: dict[str, Callable[[Source], str | bytes]] = {
    "array": lambda source: json.dumps(source.rows),
    "indented": lambda source: json.dumps(source.rows, indent=4),
    "lines": as_lines,
    "indented lines": lambda source: as_lines(source, indent=1),
    "GeoJSON": as_features,
    "the portal's export": as_export,
    "pandas split": as_split,
    "pandas table": as_table,
    "UTF-16": lambda source: json.dumps(source.rows).encode("utf-16"),
    "gzip": lambda source: gzip.compress(json.dumps(source.rows).encode()),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_object_is_counted_and_read(way: str, source: Source, tmp_path: Path) -> None:
    assert read(source, WAYS[way](source), tmp_path) == (source.cells(), [])


@pytest.mark.parametrize("way", ["array", "lines", "GeoJSON", "the portal's export"])
def test_a_row_that_the_parser_loses_is_missed(
    way: str, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(json_stream.JsonStream):
        def items(self) -> Any:
            return (item for n, item in enumerate(super().items()) if n != 1)

    monkeypatch.setattr("ingestion.core.files.kinds.json_rows.JsonStream", Forgetful)
    with pytest.raises(LoadError, match=r"^f\.json has 3 lines, of which 2 were read"):
        read(source, WAYS[way](source), tmp_path)


REFUSED: dict[str, tuple[Callable[[Source], str], str]] = {
    "cut": (lambda s: json.dumps(s.rows)[:-9], "the file is not JSON"),
    "cut between rows": (lambda s: json.dumps(s.rows)[:-1], r"'\]' is expected|',' is expected"),
    "cut line": (lambda s: as_lines(s)[:-9], "the file is not JSON"),
    "something behind": (lambda s: json.dumps(s.rows) + "x", "goes on after its end"),
    "two arrays": (lambda s: json.dumps(s.rows) * 2, "goes on after its end"),
    "two collections": (lambda s: as_features(s) * 2, "goes on after its end"),
    "a word between lines": (lambda s: as_lines(s) + "\nnull\n", "has 'n' where a row should"),
    "a name twice": (lambda s: '[{"a": 1, "a": 2}]', "has a twice in one object"),
    "pandas columns": (
        lambda s: json.dumps({name: {"0": 1, "1": 2} for name in s.columns}),
        r"^f.json, line 1, .* has its rows by column or by index, .* orient='records'",
    ),
    "pandas index": (
        lambda s: json.dumps({str(n): row for n, row in enumerate(s.rows)}),
        "has its rows by column or by index",
    ),
    "lists by column": (
        lambda s: json.dumps({name: [1, 2] for name in s.columns}),
        "has its rows by column or by index",
    ),
    "pandas values": (
        lambda s: json.dumps([[*row.values()] for row in s.rows]),
        "has no objects of names and values in its list",
    ),
    "numbers": (lambda s: "[1, 2]", "has no objects of names and values in its list"),
    "an error": (
        lambda s: '{"code": "query.error", "error": true, "message": "no such column"}',
        r"is an answer with an error \(no such column\)",
    ),
}


@pytest.mark.parametrize("way", REFUSED)
def test_json_of_other_forms_is_refused(way: str, source: Source, tmp_path: Path) -> None:
    write, why = REFUSED[way]
    with pytest.raises(LoadError, match=why) as refused:
        read(source, write(source), tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_row_with_a_number_that_json_does_not_have_is_rejected(
    number: str, source: Source, tmp_path: Path
) -> None:
    bad = {**source.rows[1], source.columns[-1]: float(number)}
    text = json.dumps([source.rows[0], bad, source.rows[2]])
    cells, problems = read(source, text, tmp_path)
    assert cells == [source.cells()[0], source.cells()[2]]
    assert problems == ["it has NaN or Infinity, which JSON does not have: write null"]
