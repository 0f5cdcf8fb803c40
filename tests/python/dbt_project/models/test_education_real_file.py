"""The survey's own file of students: the means of its README, and weighted ones computed here."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.projects.education_raw import Education

Line = dict[str, str]


@pytest.fixture(scope="module")
def lines(sample_data: Path) -> list[Line]:
    with (sample_data / "pisa" / "df_pisa18_selected_raw_codes.csv").open() as file:
        return [
            {name.lower(): text for name, text in line.items()} for line in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def warehouse(lines: list[Line], tmp_path_factory: pytest.TempPathFactory) -> Education:
    made = Education(tmp_path_factory.mktemp("file") / "data")
    where = {"file_sha256": "0" * 64, "file_name": "students.csv"}
    rows = [line | where | {"line_number": str(n)} for n, line in enumerate(lines, start=2)]
    made.load("1793000000.1", file_students=rows)
    made.build()
    return made


def test_every_line_is_a_submission(warehouse: Education, lines: list[Line]) -> None:
    assert warehouse.query("from education.submissions_total") == [(len(lines), None, None)]
    assert warehouse.query("from education.rejected_submissions") == []
    # The numbers of students are written as 25002218.0 there.
    assert warehouse.query(
        "select country_code from education.fct_student_submissions"
        " where submission_id = '25002218'"
    ) == [("FRA",)]


def test_the_unweighted_means_are_the_published_ones(warehouse: Education) -> None:
    assert warehouse.query(
        "select country_code, submissions, round(mean_years_of_early_education_unweighted, 4),"
        " round(mean_belonging_unweighted, 4)"
        " from education.belonging_by_early_education order by all"
    ) == [
        ("FRA", 221, 3.0588, 0.0069),
        ("ITA", 461, 2.9046, 0.0705),
        ("MEX", 253, 2.5296, 0.0821),
    ]
    assert warehouse.query(
        "select country_code, submissions, round(60 * mean_learning_hours_unweighted, 2)"
        " from education.learning_hours_by_country order by all"
    ) == [("FRA", 194, 1691.19), ("ITA", 421, 1755.53), ("MEX", 130, 1750.15)]


def test_the_weighted_means_are_those_counted_here(warehouse: Education, lines: list[Line]) -> None:
    found = warehouse.query(
        "select country_code, submissions, mean_escs_unweighted, mean_escs_weighted,"
        " mean_escs_weighted_se from education.escs_by_country order by all"
    )
    assert len(found) == 3
    for country, submissions, mean, weighted, error in found:
        values = [
            (Decimal(line["w_fstuwt"]), Decimal(line["escs"]))
            for line in lines
            if line["cnt"] == country and line["escs"] and Decimal(line["escs"]) < 95
        ]
        assert submissions == len(values)
        assert mean == pytest.approx(float(sum(v for _, v in values) / len(values)), abs=6e-7)
        expected = sum(w * v for w, v in values) / sum(w for w, _ in values)
        assert weighted == pytest.approx(float(expected), abs=6e-7)
        # The sample has no replicate weights.
        assert error is None
