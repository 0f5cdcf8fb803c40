"""A sequence of loads: each incremental build equals a build of everything, row for row."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.support.journeys.education_steps import MEXICO, STEPS, Rows, Step
from tests.support.projects.education_raw import Education
from tests.support.projects.raw_project import check_increments

pytestmark = pytest.mark.slow


# Some increments are compared with one full refresh.
PARTS = (STEPS[:2], STEPS[2:])


@pytest.fixture(scope="module")
def increments(tmp_path_factory: pytest.TempPathFactory) -> Education:
    return Education(tmp_path_factory.mktemp("increments") / "data")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Education]:
    """A second warehouse, that is given the first one's raw file and built anew."""
    yield Education(tmp_path_factory.mktemp("whole") / "data")


@pytest.mark.parametrize("steps", PARTS, ids=lambda steps: steps[-1].__name__)
def test_increments_equal_a_full_refresh(
    steps: tuple[Step, ...], increments: Education, whole: Education
) -> None:
    check_increments(steps, STEPS[-1], increments, whole)


def test_the_journey_ends_where_it_should(increments: Education) -> None:
    assert increments.query(
        "select country_code, submission_source, count(*)"
        " from education.fct_student_submissions group by all order by all"
    ) == [
        ("DEU", "database", 59),
        ("FRA", "database", 196),
        ("FRA", "file", 50),
        ("ITA", "database", 169),
        ("MEX", "file", 300),
    ]
    assert increments.query(
        "select country_code, submission_id, reason"
        " from education.rejected_submissions order by all"
    ) == [
        ("FRA", "11", "cnt: not the country of its database"),
        ("MEX", "9000", "w_fsturwt7: not a number above 0, up to 1000000"),
    ]
    assert increments.query(
        "select rows_at_source, rows_in_warehouse, rows_rejected, rows_missing, is_reached"
        " from education.database_checks"
    ) == [(199, 196, 1, 2, True)]
    assert increments.query(
        "select country_code, submission_id, cast(detected_at as varchar)"
        " from education.deleted_submissions order by all"
    ) == [("FRA", "20", "2026-10-02 00:00:00+00"), ("FRA", "5", "2026-10-02 00:00:00+00")]
    assert increments.query(
        "select rows_at_source, rows_in_warehouse, rows_rejected, rows_deleted, difference"
        " from education.submission_source_reconciliation"
    ) == [(197, 196, 1, 2, 0)]
    hours = increments.query(
        "select strftime(hour_start, '%H'), submissions from education.submissions_by_hour"
        " where submissions > 0 order by all"
    )
    assert hours == [("03", 20), ("08", 196), ("09", 149), ("11", 40), ("13", 19)]
    assert increments.query("select count(*) from education.submissions_by_hour") == [(11,)]


def column(rows: Rows, name: str, *no_answer: str) -> np.ndarray:
    return np.array([np.nan if row[name] in no_answer else float(row[name]) for row in rows])


def mean_and_error(values: np.ndarray, rows: Rows) -> tuple[float, float]:
    """Weighted mean, and its standard error by balanced repeated replication (k = 0.5)."""
    known = ~np.isnan(values)
    names = ["w_fstuwt", *(f"w_fsturwt{n}" for n in range(1, 81))]
    weights = np.array([[float(row[name]) for name in names] for row in rows])[known]
    means = (weights * values[known, None]).sum(axis=0) / weights.sum(axis=0)
    return means[0], np.sqrt(((means[1:] - means[0]) ** 2).sum() / (80 * (1 - 0.5) ** 2))


def test_standard_errors_are_those_counted_here(increments: Education) -> None:
    years, belonging = column(MEXICO, "durecec", "97.0"), column(MEXICO, "belong", "99.0")
    hours = column(MEXICO, "tmins", "99999999.0") / 60
    both = ~np.isnan(years) & ~np.isnan(belonging)
    expected = {
        "belonging_by_early_education": [
            mean_and_error(np.where(both, years, np.nan), MEXICO),
            mean_and_error(np.where(both, belonging, np.nan), MEXICO),
        ],
        "learning_hours_by_country": [mean_and_error(hours, MEXICO)],
        "escs_by_country": [mean_and_error(column(MEXICO, "escs"), MEXICO)],
    }
    for mart, pairs in expected.items():
        (found,) = increments.query(
            f"select columns('^mean_.*_weighted(_se)?$') from education.{mart}"
            " where country_code = 'MEX'"
        )
        assert found == pytest.approx([part for pair in pairs for part in pair], abs=1e-6), mart
    by_years = increments.query(
        "select years_of_early_education, mean_belonging_weighted, mean_belonging_weighted_se"
        " from education.belonging_by_early_education_years where country_code = 'MEX' order by 1"
    )
    assert [number for number, _, _ in by_years] == [0, 1, 2, 3]
    for number, mean, error in by_years:
        of_years = np.where(years == number, belonging, np.nan)
        assert (mean, error) == pytest.approx(mean_and_error(of_years, MEXICO), abs=1e-6)


def test_a_country_with_missing_replicate_weights_has_no_standard_error(
    increments: Education,
) -> None:
    assert increments.query(
        "select country_code, mean_escs_weighted is null, mean_escs_weighted_se is null"
        " from education.escs_by_country order by all"
    ) == [
        ("DEU", False, True),
        ("FRA", False, True),
        ("ITA", False, True),
        ("MEX", False, False),
    ]
