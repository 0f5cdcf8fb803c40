"""Right files with one random fault each: every row is in a mart, or rejected with a reason, or the
file is refused; never a wrong value, never a loss.

Many files are loaded into one warehouse and built at once. Each has days, students or crimes of its
own. What may become of a file is reckoned from its text by `tests.support.fuzzing`.
"""

import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.python.conftest import Tried
from tests.support.fuzzing.drafts import Draft, Form, Outcome, Row, outcome
from tests.support.fuzzing.faults import FAULTS
from tests.support.fuzzing.forms import CRIMES, READINGS, STUDENTS
from tests.support.fuzzing.loaded import loaded
from tests.support.projects.crime_raw import Crimes
from tests.support.projects.education_raw import Education
from tests.support.projects.footfall_raw import Footfall
from tests.support.projects.raw_project import RawProject

IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
# Of one build: every fault of CSV comes up at least once.
FILES = {"csv": 300, "json": 30, "parquet": 20} if IS_LONG else {"csv": 88, "json": 7, "parquet": 5}
BUILDS = 5 if IS_LONG else 1
# Less than this says that the faults hide each other.
MIN_SHARE = 0.1
Record = Callable[[str, object], None]


@dataclass(frozen=True)
class Subject:
    """A source's files, and where their rows are to be found.

    Attributes:
        source: its name.
        form: of its files.
        project: makes its raw file and marts.
        facts: a query of keys, each with what is compared.
        entity: as the marts of rejected rows and of reconciliation are named.
        known: rows of raw tables that are there before.
    """

    source: str
    form: Form
    project: type[RawProject]
    facts: str
    entity: str
    known: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)


SUBJECTS = (
    Subject(
        "store-sensors",
        READINGS,
        Footfall,
        "select cast(traffic_date as varchar), hour_of_day, sensor_id, visits"
        " from footfall.sensor_traffic_hourly where reading_status = 'valid'",
        "reading",
        {
            "stores": [
                {
                    "store_name": "Paris",
                    "city": "Paris",
                    "time_zone": "Europe/Paris",
                    "opened_on": "2018-03-20",
                }
            ],
            "sensors": [{"store_name": "Paris", "sensor_id": "0"}],
        },
    ),
    Subject(
        "pisa",
        STUDENTS,
        Education,
        "select submission_id, round(cast(escs as double), 6)"
        " from education.fct_student_submissions where escs is not null",
        "submission",
    ),
    Subject(
        "chicago-crime",
        CRIMES,
        Crimes,
        "select crime_id, (strftime(occurred_at_local, '%Y-%m-%dT%H:%M:%S'), is_arrest, ward_id,"
        " round(cast(latitude as double), 6)) from crime.fct_crimes",
        "crime",
    ),
)


def written(folder: Path, form: Form, seed: int) -> dict[str, tuple[str, Outcome]]:
    """Write files with a fault each; return the fault and the outcome by the file's name."""
    folder.mkdir()
    expected: dict[str, tuple[str, Outcome]] = {}
    for kind, count in FILES.items():
        names = sorted(FAULTS[kind])
        # Where there are fewer files than faults, chance says which come up.
        random.Random(f"{seed} {kind}").shuffle(names)
        for place in range(count):
            number, fault = len(expected), names[place % len(names)]
            dice = random.Random(f"{seed} {number}")
            right = form.rows(number, dice)
            draft = Draft(form, dice, [*form.header], [[*cells] for cells in right], kind=kind)
            FAULTS[kind][fault](draft)
            name = f"{number:04}.{kind}"
            (folder / name).write_bytes(draft.content())
            expected[name] = (fault, outcome(draft, right))
    assert {fault for fault, _ in expected.values()} >= FAULTS["csv"].keys()
    return expected


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
        if (name in read and right.must_be_refused) or (name not in read and right.must_load):
            wrong.append(f"{name} ({fault}) was {'loaded' if name in read else 'refused'}")
        if name not in read or right.must_be_refused:
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


def compare(
    project: RawProject,
    expected: dict[str, tuple[str, Outcome]],
    read: dict[str, tuple[str, int]],
    *,
    facts: str,
    entity: str,
    record: Record,
) -> None:
    """Compare the marts with what may be in them, and count what became of the files.

    Args:
        facts: a query of keys with their values.
        entity: as the marts of rejected rows and of reconciliation are named.
    """
    rows = project.query(facts)
    found = {tuple(row[:-1]): row[-1] for row in rows}
    assert len(found) == len(rows), "a row is there twice"
    check(expected, read, found, accounted(project, entity))
    rejected = project.query(
        f"select load_id from {project.domain}.rejected_{entity}s"
        " where reason != '' and raw_row is not null"
    )
    partly = {load_id for (load_id,) in rejected}
    counts = Counter(
        "refused"
        if name not in read
        else "rejected in part"
        if read[name][0] in partly
        else "whole"
        for name in expected
    )
    for what in ("whole", "rejected in part", "refused"):
        record(f"faulty files of {entity}s: {what}", counts[what])
        assert counts[what] > MIN_SHARE * len(expected), counts
    (unexplained,) = project.query(
        f"select count(*) from {project.domain}.rejected_{entity}s"
        " where coalesce(reason, '') = '' or raw_row is null"
    )
    assert unexplained == (0,)


def accounted(project: RawProject, entity: str) -> dict[str, int]:
    """Return the rows of each load that are in a mart, rejected or superseded."""
    return dict(
        project.query(
            "select load_id, sum(rows_in_warehouse + rows_rejected + rows_superseded)"
            f" from {project.domain}.{entity}_load_reconciliation group by load_id"
        )
    )


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.entity)
@settings(max_examples=BUILDS)
@given(seed=st.integers(0, 2**64))
def test_rows_of_faulty_files_are_right_or_rejected(
    subject: Subject,
    seed: int,
    tmp_path_factory: pytest.TempPathFactory,
    tried: Tried,
    record_property: Record,
) -> None:
    folder = tmp_path_factory.mktemp(subject.entity)
    project = subject.project(folder / "data")
    for name, rows in subject.known.items():
        project.merge("1500000000.1", name, rows)
    expected = written(folder / "files", subject.form, seed)
    read = loaded(project, subject.source, folder / "files")
    project.build(tests=False)
    compare(
        project, expected, read, facts=subject.facts, entity=subject.entity, record=record_property
    )
    tried.inputs += len(expected)
