"""A sequence of loads: each incremental build equals a build of everything, row for row."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from tests.support.projects.education_raw import Education, response, student
from tests.support.projects.raw_project import check_increments

pytestmark = pytest.mark.slow
Rows = list[dict[str, Any]]
HALF = ("int_education__submissions_affected", "fct_student_submissions")


def responses(country: str, numbers: Sequence[int], hour: str) -> Rows:
    """Submissions a minute apart, each with answers of its own."""
    return [
        response(
            country,
            number,
            f"2026-10-01T{hour}:{number % 60:02}:00.000000Z",
            durecec=str(number % 7),
            belong=f"{(number * 37 % 400 - 200) / 100}",
            tmins=str(1000 + number * 13 % 900),
            w_fstuwt=f"{1 + number % 5}.25",
        )
        for number in numbers
    ]


def weighted_students(file: str, country: str, lines: Sequence[int], seed: int) -> Rows:
    """Lines with answers, some of them missing, and replicate weights by half or one and a half."""
    dice = random.Random(seed)
    rows = []
    for line in lines:
        weight = dice.randrange(100_000, 9_999_999)
        replicates = {
            f"w_fsturwt{n}": f"{weight * dice.choice((5, 15)) / 1_000_000:.5f}"
            for n in range(1, 81)
        }
        answers = {
            "durecec": dice.choice(["0.0", "1.0", "2.0", "3.0", "97.0"]),
            "belong": dice.choice([f"{dice.uniform(-3, 3):.4f}", "99.0"]),
            "escs": f"{dice.uniform(-3, 3):.4f}",
            "tmins": dice.choice([f"{dice.randrange(600, 2400)}.0", "99999999.0"]),
            "w_fstuwt": f"{weight / 100_000:.5f}",
        }
        rows.append(student(file, line, country, **answers, **replicates))
    return rows


# Of two files, the second of which comes later.
MEXICO = [
    *weighted_students("a", "MEX", range(2, 202), seed=1),
    *weighted_students("b", "MEX", range(202, 302), seed=3),
]


def two_countries_with_the_same_ids(warehouse: Education) -> None:
    fra = responses("FRA", range(1, 200), "08")
    fra[9] |= {"belong": "a lot"}
    fra[10] |= {"cnt": "ITA"}
    checks = [{"database_country": "FRA", "outcome": "loaded", "rows_at_source": "199"}]
    warehouse.load("1793000000.1", responses=fra, database_checks=checks)
    warehouse.load("1793000000.2", responses=responses("ITA", range(1, 150), "09"))


def edits_and_late_rows(warehouse: Education) -> None:
    """One becomes invalid, one is fixed, some are older than what is there, two are deleted."""
    rows = responses("FRA", [4, 5, 10], "08")
    rows[0] |= {"durecec": "NA"}
    rows[1] |= {"durecec": "many"}
    late = responses("ITA", range(900, 920), "03")
    warehouse.load("1793000001.1", responses=[*rows, *late])
    at = "2026-10-02T00:00:00.000000Z"
    deleted = [
        {"database_country": "FRA", "id": id_, "detected_at": at} for id_ in ("5", "20", "21")
    ]
    warehouse.load("1793000001.2", response_deletions=deleted)


def files_beside_databases(warehouse: Education) -> None:
    bad = student("a", 9000, "MEX", w_fsturwt7="abc")
    lines = [*MEXICO[:200], bad, *weighted_students("a", "FRA", range(400, 450), seed=2)]
    warehouse.load("1793000002.1", file_students=lines)


def a_build_that_ends_half_way_and_a_country_added(warehouse: Education) -> None:
    warehouse.load("1793000003.1", responses=responses("DEU", range(1, 50), "11"))
    warehouse.build(select=HALF, tests=False)
    rows = responses("DEU", range(41, 60), "13")
    warehouse.load("1793000004.1", responses=rows, file_students=MEXICO[200:])
    back = responses("FRA", [21], "08")
    hour = {"database_country": "FRA", "submitted_hour": "2026-10-01T08", "rows_at_source": "197"}
    count = hour | {"checked_at": "2026-10-02T00:00:00.000000Z"}
    warehouse.load("1793000004.2", responses=back, hour_counts=[count])


def a_submission_is_edited_and_nothing_else(warehouse: Education) -> None:
    row = responses("FRA", [7], "08")[0]
    warehouse.load("1793000005.1", responses=[row | {"created_at": "2026-10-01T08:07:00.5Z"}])


Step = Callable[[Education], None]
STEPS: tuple[Step, ...] = (
    two_countries_with_the_same_ids,
    edits_and_late_rows,
    files_beside_databases,
    a_build_that_ends_half_way_and_a_country_added,
    a_submission_is_edited_and_nothing_else,
)


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
