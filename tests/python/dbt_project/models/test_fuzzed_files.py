"""Right files with one random fault each: every row is in a mart, or rejected with a reason, or the
file is refused; never a wrong value, never a loss.

Many files are loaded into one warehouse and built at once. Each has days, or students, of its own.
What may become of a file is reckoned from its text by `tests.support.fuzzing`.
"""

import os
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.core.loading import load
from ingestion.core.progress import Silent
from ingestion.core.source import LoadOptions
from tests.python.conftest import Tried
from tests.support.fuzzing.drafts import Draft, Form, Outcome, Row, outcome
from tests.support.fuzzing.faults import FAULTS
from tests.support.fuzzing.forms import READINGS, STUDENTS
from tests.support.projects.education_raw import Education
from tests.support.projects.footfall_raw import Footfall
from tests.support.projects.raw_project import RawProject

FILES = 150
# The long mode tries as many files as 17 of these.
BUILDS = 17 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 1
STORES = [("Paris", "Paris", "Europe/Paris", "2018-03-20")]
SEEDS = st.lists(st.integers(0, 2**32), min_size=FILES, max_size=FILES)


def written(folder: Path, form: Form, seeds: list[int]) -> dict[str, tuple[str, Outcome]]:
    """Write files with a fault each; return the fault and the outcome by the file's name."""
    folder.mkdir()
    expected = {}
    names = sorted(FAULTS)
    for number, seed in enumerate(seeds):
        dice = random.Random(f"{seed} {number}")
        right = form.rows(number, dice)
        draft = Draft(form, dice, [*form.header], [[*cells] for cells in right])
        # Every fault comes up, in whatever order of places.
        fault = names[number % len(names)]
        FAULTS[fault](draft)
        name = f"{number:04}.csv"
        (folder / name).write_bytes(draft.content())
        expected[name] = (fault, outcome(draft, right))
    return expected


def loaded(project: RawProject, source: str, folder: Path) -> dict[str, tuple[str, int]]:
    """Load the files; return the load and the lines of those that were not refused, by name."""
    options = LoadOptions(files=tuple(sorted(folder.iterdir())))
    report = load(source, options, data_dir=project.paths.data, progress=Silent())
    with duckdb.connect(project.paths.raw) as raw:
        schema = project.raw_schema
        rows = raw.execute(
            f"select file_name, _dlt_load_id, cast(lines as int) - cast(header as int)"
            f" - cast(blank as int) from {schema}.files"
        ).fetchall()
    read = {name.split("/")[0]: (load_id, lines) for name, load_id, lines in rows}
    assert read.keys() | report.failures.keys() == {file.name for file in folder.iterdir()}
    assert not read.keys() & report.failures.keys()
    assert all("\n" not in why for why in report.failures.values())
    return read


def check(
    expected: dict[str, tuple[str, Outcome]],
    read: dict[str, tuple[str, int]],
    facts: dict[Row, object],
    accounted: dict[str, int],
) -> None:
    """Compare the marts with what may be in them; name every fault that is not met."""
    allowed: dict[Row, set[object]] = defaultdict(set)
    for name in read:
        for key, value in expected[name][1].allowed:
            allowed[key].add(value)
    wrong = [f"{key}: {value}" for key, value in facts.items() if value not in allowed[key]]
    for name, (fault, right) in expected.items():
        if name not in read:
            if right.must_load:
                wrong.append(f"{name} ({fault}) was refused")
            continue
        load_id, lines = read[name]
        if lines != right.lines or accounted.get(load_id) != right.lines:
            wrong.append(
                f"{name} ({fault}): {right.lines} lines, {lines}, {accounted.get(load_id)}"
            )
        for key, value in right.rows.items():
            if allowed[key] == {value} and facts.get(key) != value:
                wrong.append(f"{name} ({fault}): {key} is {facts.get(key)}, not {value}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:40])


@settings(max_examples=BUILDS)
@given(seeds=SEEDS)
def test_readings_of_faulty_files_are_right_or_rejected(
    seeds: list[int], tmp_path_factory: pytest.TempPathFactory, tried: Tried
) -> None:
    folder = tmp_path_factory.mktemp("readings")
    project = Footfall(folder / "data")
    project.load("1500000000.1", stores=STORES, sensors=[("Paris", "0")])
    expected = written(folder / "files", READINGS, seeds)
    read = loaded(project, "store-sensors", folder / "files")
    project.build(tests=False)
    facts = project.query(
        "select cast(traffic_date as varchar), hour_of_day, sensor_id, visits"
        " from footfall.sensor_traffic_hourly where reading_status = 'valid'"
    )
    check(expected, read, by_key(facts), accounted(project, "footfall.reading"))
    require_reasons(project, "footfall.rejected_readings")
    tried.inputs += len(seeds)


@settings(max_examples=BUILDS)
@given(seeds=SEEDS)
def test_students_of_faulty_files_are_right_or_rejected(
    seeds: list[int], tmp_path_factory: pytest.TempPathFactory, tried: Tried
) -> None:
    folder = tmp_path_factory.mktemp("students")
    project = Education(folder / "data")
    expected = written(folder / "files", STUDENTS, seeds)
    read = loaded(project, "pisa", folder / "files")
    project.build(tests=False)
    facts = project.query(
        "select submission_id, round(cast(escs as double), 6)"
        " from education.fct_student_submissions"
        " where escs is not null and submission_id is not null"
    )
    check(expected, read, by_key(facts), accounted(project, "education.submission"))
    require_reasons(project, "education.rejected_submissions")
    tried.inputs += len(seeds)


def by_key(facts: list[tuple[Any, ...]]) -> dict[Row, object]:
    found = {tuple(row[:-1]): row[-1] for row in facts}
    assert len(found) == len(facts), "a row is there twice"
    return found


def accounted(project: RawProject, entity: str) -> dict[str, int]:
    """Return the rows of each load that are in a mart, rejected or superseded."""
    return dict(
        project.query(
            "select load_id, rows_in_warehouse + rows_rejected + rows_superseded"
            f" from {entity}_load_reconciliation"
        )
    )


def require_reasons(project: RawProject, mart: str) -> None:
    unexplained = project.query(f"from {mart} where coalesce(reason, '') = '' or raw_row is null")
    assert unexplained == []
