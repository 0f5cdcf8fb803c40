"""Questions of an education ministry, each answered by one query of the published marts.

The answers are checked against pandas and numpy on the lines of the survey's file.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from tests.support.projects.education_raw import Education
from tests.support.sources.survey_lines import REPLICATES, survey_lines

NO_ANSWER = ("NA", "99", "99999999.0")
WEIGHTS = ["w_fstuwt", *(f"w_fsturwt{n}" for n in range(1, REPLICATES + 1))]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Education]:
    made = Education(tmp_path_factory.mktemp("questions") / "data")
    made.load("1793000000.5", file_students=survey_lines())
    made.build()
    yield made


@pytest.fixture(scope="module")
def students() -> pd.DataFrame:
    """The lines of the file; codes for no answer are NaN."""
    lines = pd.DataFrame(survey_lines()).replace([*NO_ANSWER], np.nan)
    texts = ["cnt", "stratum", "file_sha256", "file_name", "cyc"]
    numbers = lines.columns.difference(texts)
    return lines.assign(**{name: lines[name].astype(float) for name in numbers})


def means_by_weight(students: pd.DataFrame, measure: str) -> np.ndarray:
    """The mean by the final weight, and by each replicate."""
    known = students[students[measure].notna()]
    weights = known[WEIGHTS].to_numpy()
    return np.asarray(weights.T @ known[measure].to_numpy() / weights.sum(axis=0))


def error(estimates: np.ndarray) -> float:
    """The standard error of an estimate by balanced repeated replication, Fay's factor 0.5."""
    return float(np.sqrt(((estimates[1:] - estimates[0]) ** 2).sum() / (REPLICATES * 0.5**2)))


BELONGING_BY_COUNTRY = """
select group_value, n, mean, standard_error
from education.weighted_mean(belonging, by := country_code)
"""


def test_25_mean_sense_of_belonging_with_its_standard_error_and_the_number_of_students(
    warehouse: Education, students: pd.DataFrame
) -> None:
    """What is the mean sense of belonging of our students, with its standard error and the number
    of students?"""
    expected = []
    for country, of_country in students.groupby("cnt"):
        means = means_by_weight(of_country, "belong")
        expected.append((country, of_country.belong.count(), means[0], error(means)))
    answer = warehouse.query(BELONGING_BY_COUNTRY)
    assert [row[:2] for row in answer] == [row[:2] for row in expected]
    np.testing.assert_allclose(
        [row[2:] for row in answer], [row[2:] for row in expected], atol=1e-6
    )


EARLY_EDUCATION = """
select n_a, n_b, difference, standard_error, difference_low > 0 or difference_high < 0
from education.weighted_mean_difference(
    belonging,
    by := case
        when years_of_early_education >= 3 then 'three or more'
        when years_of_early_education = 0 then 'none'
    end,
    group_a := 'three or more',
    group_b := 'none',
    filter := country_code = 'BEL'
)
"""


def test_26_difference_of_students_with_three_years_of_early_education_and_none(
    warehouse: Education, students: pd.DataFrame
) -> None:
    """By how much do students with three or more years of early education differ from those with
    none, and is the difference larger than its error?"""
    ours = students[students.cnt == "BEL"]
    many, none = ours[ours.durecec >= 3], ours[ours.durecec == 0]
    differences = means_by_weight(many, "belong") - means_by_weight(none, "belong")
    ((n_a, n_b, difference, standard_error, is_larger),) = warehouse.query(EARLY_EDUCATION)
    assert (n_a, n_b) == (many.belong.count(), none.belong.count())
    assert (difference, standard_error) == pytest.approx(
        (differences[0], error(differences)), abs=1e-6
    )
    assert is_larger == (abs(differences[0]) > 1.959964 * error(differences))


STATUS_OF_TWO_COUNTRIES = """
select difference, standard_error, difference_low > 0 or difference_high < 0
from education.weighted_mean_difference(
    escs, by := country_code, group_a := 'BEL', group_b := 'CHL'
)
"""


def test_30_status_of_two_countries_differs_by_more_than_chance(
    warehouse: Education, students: pd.DataFrame
) -> None:
    """Does our socio-economic status differ from another country's by more than chance?"""
    ours, theirs = (
        means_by_weight(students[students.cnt == country], "escs") for country in ("BEL", "CHL")
    )
    # Two countries are two samples: the variance of the difference is the sum of both.
    expected = float(np.hypot(error(ours), error(theirs)))
    ((difference, standard_error, differs),) = warehouse.query(STATUS_OF_TWO_COUNTRIES)
    assert (difference, standard_error) == pytest.approx((ours[0] - theirs[0], expected), abs=1e-6)
    assert differs == (abs(ours[0] - theirs[0]) > 1.959964 * expected)
