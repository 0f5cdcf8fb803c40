"""Files in raw: some by loads, the others by what loads read them with."""

from pathlib import Path

import duckdb

from ingestion.core.files.errors import FileError
from ingestion.core.files.form import FileForm
from ingestion.core.files.identity import sha256_of
from ingestion.core.files.reading import read_file
from ingestion.core.loading import load
from ingestion.core.progress import Silent
from ingestion.core.source import LoadOptions
from ingestion.sources.chicago_crime.files import FORM as CRIMES
from ingestion.sources.pisa.survey.form import students_form
from ingestion.sources.store_sensors.files import FORM as READINGS
from tests.support.projects.raw_project import RawProject

# A load commits each file by itself, which takes as long as reading twenty. The number of faults
# has other factors, so that in the long mode each of them is loaded, too.
LOADED_OF = 5
FORMS = {
    "store-sensors": ("file_readings", READINGS),
    "pisa": ("file_students", students_form()),
    "chicago-crime": ("file_crimes", CRIMES),
}


def loaded(project: RawProject, source: str, folder: Path) -> dict[str, tuple[str, int]]:
    """Bring files into raw; return the load and the lines of those not refused, by name."""
    files = sorted(folder.iterdir())
    by_load, refused = files[::LOADED_OF], set[str]()
    table, form = FORMS[source]
    for number, file in enumerate(file for file in files if file not in by_load):
        try:
            _read(project, file, table, form, f"16{number:08}.5")
        except FileError as error:
            assert "\n" not in str(error)
            refused.add(file.name)
    options = LoadOptions(files=tuple(by_load))
    report = load(source, options, data_dir=project.paths.data, progress=Silent())
    assert all("\n" not in why for why in report.failures.values())
    refused |= report.failures.keys()
    read = _noted(project)
    assert read.keys() | refused == {file.name for file in files}
    assert not read.keys() & refused
    return read


def _read(project: RawProject, file: Path, table: str, form: FileForm, load_id: str) -> None:
    with read_file(file, form, scratch=project.paths.work) as rows:
        lines = [line for part in rows.tables for line in part.to_pylist()]
        rows.counts.require_all(rows.name)
    which = {"file_sha256": sha256_of(file), "file_name": rows.name}
    counts = {name: str(getattr(rows.counts, name)) for name in ("lines", "header", "blank")}
    project.merge(load_id, table, [line | which for line in lines])
    project.merge(load_id, "files", [which | counts])


def _noted(project: RawProject) -> dict[str, tuple[str, int]]:
    with duckdb.connect(project.paths.raw) as raw:
        notes = raw.execute(
            f"select file_name, _dlt_load_id, cast(lines as int) - cast(header as int)"
            f" - cast(blank as int) from {project.raw_schema}.files"
        ).fetchall()
    return {name.split("/")[0]: (load_id, lines) for name, load_id, lines in notes}
