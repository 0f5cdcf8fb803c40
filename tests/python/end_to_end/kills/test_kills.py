"""Runs that are killed at a dozen moments: the next run publishes what it should.

The source is the one whose runs are the quickest; `test_every_kill.py` kills everywhere.
"""

from collections.abc import Callable

import pytest

from ingestion.simulators.pisa.survey import Survey
from tests.python.conftest import KILLS
from tests.support.all_sources import AllSources, run_undisturbed
from tests.support.crash_points import STEPS, Killer
from tests.support.survey_fixture import ROWS_PER_COUNTRY, SOURCE
from tests.support.warehouse import Warehouse

# Run after run is killed, each further on; the one after them has to make everything good.
IN_A_ROW = (
    ("as it extracts", "as it copies what is published", "as it writes parquet"),
    ("as it normalises", "as it starts dbt", "as it names the build"),
    ("as it begins to load", "as it keeps the audit", "as it publishes the build"),
    ("as it merges", "as it ends the load", "as it reads the plan", "as it gives the folder free"),
    ("as it gives the file to the build", "as it lets go of the file"),
)


@pytest.fixture(scope="module")
def changed(
    published: Warehouse, survey: Survey, tmp_path_factory: pytest.TempPathFactory
) -> AllSources:
    state = published.save(tmp_path_factory.mktemp("kills") / "state")
    survey.edit("AUT", ROWS_PER_COUNTRY, belong="1.2500")
    survey.insert("BEL", 40)
    return run_undisturbed(published, state, [SOURCE])


@pytest.fixture
def killer(changed: AllSources, record_property: Callable[[str, object], None]) -> Killer:
    return Killer(changed, lambda kills: record_property(KILLS, kills))


@pytest.mark.parametrize("steps", IN_A_ROW, ids=", then ".join)
def test_the_next_run_completes_killed_ones(steps: tuple[str, ...], killer: Killer) -> None:
    killer.at(SOURCE, *(STEPS[step] for step in steps))


def test_the_next_run_completes_one_killed_at_random(killer: Killer) -> None:
    killer.after(SOURCE, next(killer.seconds(SOURCE, seed=1)))
