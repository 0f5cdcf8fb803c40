"""Mutants of the project's own SQL: those that a test catches, and those that change nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dbt_project.paths import ROOT
from tests.mutants.mutations import Mutation
from tests.mutants.preparing import prepare
from tests.mutants.trial import Mutant, Outcome, Trial

pytestmark = pytest.mark.slow
MONTHS = "models/marts/crime/crime_growth_by_month.sql"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    with pytest.MonkeyPatch.context() as env:
        env.setenv("WAREHOUSE_DATA_DIR", "set by what is prepared")
        yield prepare(tmp_path_factory.mktemp("mutants") / "trial")


def outcome(trial: Trial, file: str, before: str, after: str) -> Outcome:
    path: Path = ROOT / file
    start = path.read_text(encoding="utf-8").index(before)
    return trial.of(Mutant(path, Mutation(start, start + len(before), after)))


def test_a_wrong_sum_is_caught_by_a_test_of_the_data(trial: Trial) -> None:
    found = outcome(trial, MONTHS, "sum(arrests)", "max(arrests)")
    assert (found.verdict, found.why) == ("caught", "aggregates_sum_to_the_fact")


def test_a_wrong_macro_is_caught_by_a_unit_test(trial: Trial) -> None:
    found = outcome(trial, "macros/portable/ratios.sql", "/ 10000", "/ 10001")
    assert found.verdict == "caught"


def test_what_a_change_of_words_does_is_nothing(trial: Trial) -> None:
    file = "models/intermediate/crime/int_crime__versions_ranked.sql"
    assert outcome(trial, file, "count(*) > 1", "count(*) >= 2").verdict == "equivalent"


def test_what_only_increments_do_is_tried_too(trial: Trial) -> None:
    file = "macros/incremental/load_states.sql"
    found = outcome(trial, file, "else 'affected'", "else 'built'")
    assert found.verdict == "caught"


def test_sql_that_does_not_bind_cannot_be_built(trial: Trial) -> None:
    found = outcome(trial, MONTHS, "sum(arrests)", "sum(arests)")
    assert found.verdict == "unbuildable"
    assert "arests" in found.why
