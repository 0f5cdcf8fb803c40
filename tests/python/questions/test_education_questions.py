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


LEARNING_TIME = """
select
    country_code, submissions_without_answer, non_response_pct, mean_weighted,
    mean_weighted_low, mean_weighted_high
from education.non_response_by_country
where measure = 'learning_minutes_per_week'
order by country_code
"""


def test_29_non_response_on_learning_time_and_the_bounds_of_its_mean(
    warehouse: Education, students: pd.DataFrame
) -> None:
    """How many students did not answer the question on learning time, by country, and between which
    bounds does the mean lie?"""
    expected = {}
    for country, ours in students.groupby("cnt"):
        minutes, weights = ours.tmins, ours.w_fstuwt
        low, high = np.percentile(minutes.dropna(), [5, 95])
        expected[country] = (
            minutes.isna().sum(),
            100 * minutes.isna().mean(),
            means_by_weight(ours, "tmins")[0],
            np.average(minutes.fillna(low), weights=weights),
            np.average(minutes.fillna(high), weights=weights),
        )
    answer = warehouse.query(LEARNING_TIME)
    assert {country: rest for country, *rest in answer} == {
        country: pytest.approx(rest, abs=1e-4) for country, rest in expected.items()
    }


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


DOMAINS = {"math": "mathematics", "read": "reading", "scie": "science"}
BASELINE = {"math": 420.07, "read": 407.47, "scie": 409.54}


def scored(students: pd.DataFrame, domain: str) -> pd.DataFrame:
    return students[students[f"pv10{domain}"].notna()]


def by_plausible_values(
    students: pd.DataFrame, domain: str, below: float | None = None
) -> tuple[float, float]:
    """The mean score, or the share up to a score, with its error by Rubin's rules."""
    weights = students[WEIGHTS].to_numpy()
    values = students[[f"pv{n}{domain}" for n in range(1, 11)]].to_numpy()
    answers = values if below is None else values <= below
    # A row for each weight, a column for each plausible value.
    estimates = weights.T @ answers / weights.sum(axis=0)[:, None]
    sampling = np.mean([error(of_value) ** 2 for of_value in estimates.T])
    between = estimates[0].var(ddof=1)
    return float(estimates[0].mean()), float(np.sqrt(sampling + (1 + 1 / 10) * between))


MATHEMATICS = """
select country_code, students, mean_score, mean_score_se
from education.achievement_by_country
where domain = 'mathematics' and survey_cycle = 2022
order by country_code
"""


def test_27_mean_score_in_mathematics_by_country_with_its_error(
    warehouse: Education, students: pd.DataFrame
) -> None:
    """What is the mean score in mathematics by country, with its error by the plausible values?"""
    answer = warehouse.query(MATHEMATICS)
    expected = {
        country: (len(scored(ours, "math")), *by_plausible_values(scored(ours, "math"), "math"))
        for country, ours in students.groupby("cnt")
    }
    assert {country: rest for country, *rest in answer} == {
        country: pytest.approx(rest, abs=1e-6) for country, rest in expected.items()
    }


BELOW_LEVEL_2 = """
select country_code, domain, share_below_level_2_pct, share_below_level_2_pct_se
from education.achievement_by_country
where survey_cycle = 2022
order by country_code, domain
"""


def test_28_share_of_students_below_level_2_by_country_and_domain(
    warehouse: Education, students: pd.DataFrame
) -> None:
    """Which share of students is below level 2 in mathematics, reading and science, by country?"""
    answer = warehouse.query(BELOW_LEVEL_2)
    expected = {
        (country, name): [
            100 * part
            for part in by_plausible_values(scored(ours, domain), domain, BASELINE[domain])
        ]
        for country, ours in students.groupby("cnt")
        for domain, name in DOMAINS.items()
        if len(scored(ours, domain))
    }
    assert ("CHL", "reading") not in expected
    assert {(country, domain): rest for country, domain, *rest in answer} == {
        key: pytest.approx(rest, abs=1e-6) for key, rest in expected.items()
    }


LEVELS = """
select domain, sum(share_pct), min(share_pct) >= 0, count(*)
from education.proficiency_by_country
where country_code = 'BEL'
group by domain
order by domain
"""


def test_shares_of_levels_add_up(warehouse: Education) -> None:
    found = warehouse.query(LEVELS)
    assert [(domain, levels) for domain, _, _, levels in found] == [
        ("mathematics", 9),
        ("reading", 9),
        ("science", 8),
    ]
    assert all(total == pytest.approx(100, abs=1e-5) for _, total, _, _ in found)
    assert all(is_share for _, _, is_share, _ in found)
