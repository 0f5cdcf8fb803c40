"""The survey's own file of students: the means of its README, and weighted ones computed here."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.core.loading import load
from ingestion.core.progress import Silent
from ingestion.core.source import LoadOptions
from tests.support.projects.education_raw import Education

Line = dict[str, str]


@pytest.fixture(scope="module")
def file(sample_data: Path) -> Path:
    return sample_data / "pisa" / "df_pisa18_selected_raw_codes.csv"


@pytest.fixture(scope="module")
def lines(file: Path) -> list[Line]:
    with file.open() as content:
        return [
            {name.lower(): text for name, text in line.items()} for line in csv.DictReader(content)
        ]


@pytest.fixture(scope="module")
def warehouse(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Education:
    made = Education(tmp_path_factory.mktemp("file") / "data")
    load("pisa", LoadOptions(files=(file,)), data_dir=made.paths.data, progress=Silent())
    made.build()
    return made


def test_every_line_is_a_submission(warehouse: Education, lines: list[Line]) -> None:
    assert warehouse.query("from education.submissions_total") == [(None, None, len(lines))]
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
