"""Files of the survey beside each other: the newest line of a student, cycles, and collections."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.projects.education_raw import Education, response, student

Rows = list[dict[str, Any]]
REPLICATES = {f"w_fsturwt{n}": "1.5" for n in range(1, 81)}


def line(file: str, number: int, who: str | None, **answers: str | None) -> dict[str, Any]:
    """A line of an Estonian file; `who` is the student's number as the file writes it."""
    return student(file, number, "EST", **answers) | {"cntstuid": who}


def two_students_and_a_line_without_a_number(warehouse: Education) -> None:
    """The first file: student 7 is there twice, the second time as a float, and 8 is rejected."""
    lines = [
        line("a", 2, "007", escs="0.1"),
        line("a", 3, "7.0", escs=".2"),
        line("a", 4, "8", tmins="12000"),
        line("a", 5, None, escs="0.3"),
        line("a", 6, None, escs="0.3"),
        line("a", 7, "1.5"),
    ]
    warehouse.load("1793000009.5", file_students=lines)


def the_corrected_file(warehouse: Education) -> None:
    """A file with a greater load id, though not as text: 8 is valid, and 7 has a bad cell."""
    lines = [line("b", 2, "7", escs="many"), line("b", 3, "8", tmins="1092.5")]
    warehouse.load("1793000010.5", file_students=lines)


def another_cycle_and_a_database(warehouse: Education) -> None:
    lines = [
        line("c", 2, "7", cyc="08MS", tmins=None, st059q02ja="36.0", escs="-1.0"),
        line("c", 3, "8", cyc="08MS", tmins=None, st059q02ja="9999", escs="-2.0"),
        line("d", 2, "7", file_cycle="2018", escs="0.7"),
        student("c", 4, "LVA", cyc="06MS", escs="0.5"),
        line("e", 2, "9", cyc="07FT"),
    ]
    databases = [response("LVA", 7, "2026-10-01T08:00:00.000000Z", escs="0.9")]
    warehouse.load("1793000011.5", file_students=lines, responses=databases)


def the_first_file_of_2018_corrected(warehouse: Education) -> None:
    lines = [line("f", 2, "7", cyc="2018", escs="0.8")]
    warehouse.load("1793000012.5", file_students=lines)


STEPS = (
    two_students_and_a_line_without_a_number,
    the_corrected_file,
    another_cycle_and_a_database,
    the_first_file_of_2018_corrected,
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Education:
    """Each step is an increment."""
    made = Education(tmp_path_factory.mktemp("files") / "data")
    for step in STEPS:
        step(made)
        made.build(tests=step is STEPS[-1])
    return made


def test_increments_equal_a_full_refresh(warehouse: Education, tmp_path: Path) -> None:
    whole = Education(tmp_path / "data")
    for step in STEPS:
        step(whole)
    whole.build(tests=False, full_refresh=True)
    expected = whole.marts()
    for mart, rows in warehouse.marts().items():
        assert rows == expected[mart], mart


def test_a_student_is_there_once_in_each_cycle_by_the_newest_valid_line(
    warehouse: Education,
) -> None:
    assert warehouse.query(
        "select survey_cycle, submission_id, escs, learning_minutes_per_week,"
        " class_periods_per_week from education.fct_student_submissions"
        " where country_code = 'EST' order by all"
    ) == [
        (2018, "7", 0.8, 1500.0, None),
        (2022, "7", -1.0, None, 36.0),
        (2022, "8", -2.0, None, None),
        (None, "7", 0.2, 1500.0, None),
        (None, "8", -0.5, 1092.5, None),
    ]


def test_superseded_lines_say_where_they_were_and_what_came_instead(warehouse: Education) -> None:
    assert warehouse.query(
        "select survey_cycle, submission_id, file_name, line_number, superseded_by_file_name,"
        " superseded_by_line_number from education.superseded_submissions order by all"
    ) == [(2018, "7", "d.csv", 2, "f.csv", 2), (None, "7", "a.csv", 2, "a.csv", 3)]


def test_what_cannot_be_a_student_or_a_cycle_is_rejected(warehouse: Education) -> None:
    assert warehouse.query(
        "select file_name, line_number, reason from education.rejected_submissions order by all"
    ) == [
        ("a.csv", 4, "tmins: not a number from 0 to 10080"),
        ("a.csv", 5, "cntstuid: missing"),
        ("a.csv", 6, "cntstuid: missing"),
        ("a.csv", 7, "cntstuid: not a whole number"),
        ("b.csv", 2, "escs: not a number from -20 to 20"),
        ("e.csv", 2, "cyc: not a cycle of the survey"),
    ]


def test_every_line_received_is_accounted_for(warehouse: Education) -> None:
    assert warehouse.query(
        "select rows_received, rows_in_warehouse, rows_rejected, rows_superseded, rows_unaccounted"
        " from education.submission_load_reconciliation order by load_id"
    ) == [(6, 1, 4, 1, 0), (2, 1, 1, 0, 0), (6, 4, 1, 1, 0), (1, 1, 0, 0, 0)]


def test_a_mean_is_of_one_collection(warehouse: Education) -> None:
    """The database of a country, or the newest cycle that has the answer: of hours, 2018."""
    assert warehouse.query(
        "select country_code, submissions, mean_escs_unweighted, submission_source, survey_cycle"
        " from education.escs_by_country order by all"
    ) == [("EST", 2, -1.5, "file", 2022), ("LVA", 1, 0.9, "database", None)]
    assert warehouse.query(
        "select country_code, submissions, mean_learning_hours_unweighted, survey_cycle"
        " from education.learning_hours_by_country order by all"
    ) == [("EST", 1, 25.0, 2018), ("LVA", 1, 25.0, None)]
    for mart in ("belonging_by_early_education", "belonging_by_early_education_years"):
        assert warehouse.query(
            f"select country_code, submissions, survey_cycle from education.{mart} order by all"
        ) == [("EST", 2, 2022), ("LVA", 1, None)]


def weighted(students: Sequence[tuple[int, str, str]]) -> Rows:
    """Lines with all weights: number, years, belonging."""
    return [
        line("a", number, str(number), durecec=years, belong=belonging, **REPLICATES)
        for number, years, belonging in students
    ]


def test_one_student_has_no_standard_error(tmp_path: Path) -> None:
    """By every weight, the mean of one student is the same: the error is not 0 but unknown."""
    made = Education(tmp_path / "data")
    rows = weighted([(2, "1", "0.5"), (3, "2", "1.5"), (4, "2", "0.5"), (5, "NA", "9997")])
    made.load("1793000000.5", file_students=rows)
    made.build(tests=False)
    assert made.query(
        "select years_of_early_education, submissions, mean_belonging_weighted,"
        " mean_belonging_weighted_se"
        " from education.belonging_by_early_education_years order by all"
    ) == [(1, 1, 0.5, None), (2, 2, 1.0, 0.0)]
    assert made.query("select mean_escs_weighted_se from education.escs_by_country") == [(0.0,)]
