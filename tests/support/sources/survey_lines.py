"""Made-up students of three countries as the survey's file has them, with weights and scores."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.projects.education_raw import student

REPLICATES, PLAUSIBLE_VALUES = 80, 10
STUDENTS, STUDENTS_PER_SCHOOL = 150, 5
DOMAINS = {"math": "mathematics", "read": "reading", "scie": "science"}
# Of each country: how far its students are from the others, in belonging, status and scores.
COUNTRIES: Mapping[str, tuple[float, float, float]] = {
    "ALB": (0.3, -0.8, -110.0),
    "BEL": (0.0, 0.1, 10.0),
    "CHL": (-0.2, -0.3, -60.0),
}


def survey_lines(file: str = "a", countries: Sequence[str] = (*COUNTRIES,)) -> list[dict[str, Any]]:
    """Lines of a file; the same ones each time.

    A replicate halves the weights of some schools, and adds half to the others. Scores go with
    status. Chile's students have no scores in reading.
    """
    dice = random.Random(2022)
    return [
        _student(dice, file, place * STUDENTS + n, country)
        for place, country in enumerate(countries)
        for n in range(STUDENTS)
    ]


def _student(dice: random.Random, file: str, number: int, country: str) -> dict[str, Any]:
    belonging, status, score = COUNTRIES[country]
    school = number // STUDENTS_PER_SCHOOL
    years = dice.choice((0, 0, 1, 2, 3, 3, 4))
    escs = dice.gauss(status, 1)
    weight = dice.uniform(5, 60)
    answers = {
        "cyc": "08MS",
        "stratum": f"{country}{school % 4:02}",
        "cntschid": f"{school + 1}.0",
        "durecec": dice.choice([f"{years}.0"] * 9 + ["99"]),
        "belong": dice.choice([f"{dice.gauss(belonging + 0.05 * years, 1):.4f}"] * 9 + ["NA"]),
        "escs": f"{escs:.4f}",
        "tmins": dice.choice([f"{dice.randrange(900, 2400)}.0"] * 3 + ["99999999.0"]),
        "w_fstuwt": f"{weight:.5f}",
    }
    return student(file, number + 2, country, **answers, **_weights(school, weight)) | (
        _scores(dice, score + 35 * escs, ("math", "scie") if country == "CHL" else (*DOMAINS,))
    )


def _weights(school: int, weight: float) -> dict[str, str]:
    halves = random.Random(school)
    return {
        f"w_fsturwt{n}": f"{weight * halves.choice((0.5, 1.5)):.5f}"
        for n in range(1, REPLICATES + 1)
    }


def _scores(dice: random.Random, expected: float, domains: Sequence[str]) -> dict[str, str]:
    ability = {domain: dice.gauss(expected + 480, 70) for domain in domains}
    return {
        f"pv{n}{domain}": f"{dice.gauss(ability[domain], 35):.3f}"
        for domain in domains
        for n in range(1, PLAUSIBLE_VALUES + 1)
    }
