"""The table functions of the published file: means and differences with their errors."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.support.projects.education_raw import Education, response
from tests.support.projects.raw_project import Row
from tests.support.sources.survey_lines import REPLICATES, survey_lines

Line = Mapping[str, Any]
WEIGHTS = ("w_fstuwt", *(f"w_fsturwt{n}" for n in range(1, REPLICATES + 1)))


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """Belgium's first student lacks a replicate weight, and Chile's first one its own weight."""
    found = survey_lines()
    belgium = next(line for line in found if line["cnt"] == "BEL")
    chile = next(line for line in found if line["cnt"] == "CHL")
    belgium["w_fsturwt80"], chile["w_fstuwt"] = "NA", None
    return found


@pytest.fixture(scope="module")
def marts(lines: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of marts, which nobody may write."""
    made = Education(tmp_path_factory.mktemp("functions") / "data")
    submissions = [response("ALB", n, "2026-10-01T08:00:00.000000Z") for n in range(3)]
    made.load("1793000000.5", file_students=lines, responses=submissions)
    made.build(tests=False)
    file = made.paths.data / "marts.duckdb"
    shutil.copy(made.paths.work_marts, file)
    file.chmod(0o444)
    return file


def query(marts: Path, sql: str) -> list[Row]:
    with duckdb.connect(marts, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def mean_and_error(lines: list[Line], measure: str) -> tuple[int, float, float]:
    """Students, mean, and error by balanced repeated replication with Fay's factor 0.5."""
    known = [line for line in lines if line[measure] not in ("NA", "99", "99999999.0")]
    weights = np.array([[float(line[name]) for name in WEIGHTS] for line in known])
    answers = np.array([float(line[measure]) for line in known])
    means = weights.T @ answers / weights.sum(axis=0)
    variance = ((means[1:] - means[0]) ** 2).sum() / (REPLICATES * (1 - 0.5) ** 2)
    return len(known), float(means[0]), float(np.sqrt(variance))


@pytest.mark.parametrize(
    ("column", "by"),
    [
        ("durecec", "years_of_early_education"),
        ("stratum", "stratum"),
        ("cntschid", "school_id"),
    ],
)
def test_means_and_errors_of_groups_are_those_computed_here(
    marts: Path, lines: list[dict[str, Any]], column: str, by: str
) -> None:
    ours = [line for line in lines if line["cnt"] == "ALB" and line[column] != "99"]
    expected = {
        str(group).removesuffix(".0"): mean_and_error(
            [line for line in ours if line[column] == group], "escs"
        )
        for group in {line[column] for line in ours}
    }
    found = query(
        marts,
        f"select cast(group_value as varchar), n, mean, standard_error"
        f" from education.weighted_mean(escs, by := {by}, filter := country_code = 'ALB'"
        " and submission_source = 'file') where group_value is not null",
    )
    assert {group: rest for group, *rest in found} == {
        group: pytest.approx(rest, abs=1e-6) for group, rest in expected.items()
    }


def test_two_surveys_are_never_in_one_mean(marts: Path) -> None:
    assert query(
        marts,
        "select submission_source, survey_cycle, n, standard_error is null"
        " from education.weighted_mean(escs, filter := country_code = 'ALB')",
    ) == [("database", None, 3, True), ("file", 2022, 150, False)]


def test_a_group_with_a_student_without_all_weights_has_no_error(marts: Path) -> None:
    assert query(
        marts,
        "select group_value, n, standard_error is null from education.weighted_mean("
        "escs, by := country_code, filter := submission_source = 'file')",
    ) == [("ALB", 150, False), ("BEL", 150, True), ("CHL", 149, True)]
    assert query(
        marts,
        "select n_a, n_b, difference is null, standard_error is null"
        " from education.weighted_mean_difference(escs, by := country_code, group_a := 'ALB',"
        " group_b := 'BEL', filter := submission_source = 'file')",
    ) == [(150, 150, False, True)]


def test_one_student_has_no_error_and_a_group_without_students_no_difference(marts: Path) -> None:
    one = (
        "select n, standard_error from education.weighted_mean(escs, filter := submission_id = '2'"
    )
    assert query(marts, f"{one} and submission_source = 'file')") == [(1, None)]
    assert query(
        marts,
        "select n_a, n_b, mean_b, difference, standard_error"
        " from education.weighted_mean_difference(escs, by := country_code, group_a := 'ALB',"
        " group_b := 'nobody', filter := submission_source = 'file')",
    ) == [(150, 0, None, None, None)]


def test_a_share_is_the_mean_of_a_condition(marts: Path) -> None:
    ((share,),) = query(
        marts, "select mean from education.weighted_mean(escs < 0) where survey_cycle = 2022"
    )
    expected = query(
        marts,
        "select sum(student_weight) filter (where escs < 0) / sum(student_weight)"
        " from education.fct_student_submissions where survey_cycle = 2022",
    )
    assert [(pytest.approx(share),)] == expected


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("weighted_mean(beloning)", 'column "beloning" not found'),
        ("weighted_mean(escs, by := nation)", 'column "nation" not found'),
        ("weighted_mean(escs, filter := country = 'ALB')", 'column "country" not found'),
        ("weighted_mean('escs')", "Could not convert string 'escs' to DOUBLE"),
        ("weighted_mean(escs, groups := stratum)", "weighted_mean(measure, by := 'all'"),
        ("weighted_mean(escs, database := 'w')", 'Catalog "w" does not exist'),
    ],
)
def test_a_wrong_name_is_an_error_that_names_it(marts: Path, call: str, said: str) -> None:
    with pytest.raises(duckdb.Error) as raised:
        query(marts, f"from education.{call}")
    assert said in str(raised.value)


def test_a_file_that_is_attached_has_its_functions(marts: Path) -> None:
    means = "education.weighted_mean(escs, by := country_code"
    expected = query(marts, f"from {means})")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{marts}' as survey (read_only)")
        named = connection.execute(f"from survey.{means}, database := 'survey')").fetchall()
        connection.execute("use survey")
        assert connection.execute(f"from {means})").fetchall() == named == expected


def test_functions_say_what_they_do(marts: Path) -> None:
    described = query(
        marts,
        "select function_name, comment from duckdb_functions()"
        " where schema_name = 'education' order by all",
    )
    assert [name for name, _ in described] == ["weighted_mean", "weighted_mean_difference"]
    assert all("standard error" in comment for _, comment in described)
