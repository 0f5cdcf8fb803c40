"""Loads of submissions, one after another: edits, late rows, files, deletions."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.projects.education_raw import Education, response, student

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
