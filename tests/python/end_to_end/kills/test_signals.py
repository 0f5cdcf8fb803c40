"""Runs that get Ctrl-C or SIGTERM end by it, publish nothing after it, and leave nothing behind."""

import signal
from collections.abc import Callable

import pytest

from ingestion.simulators.pisa.survey import Survey
from tests.python.conftest import SIGNALS
from tests.support.all_sources import AllSources, run_undisturbed
from tests.support.crash_points import BEFORE_PUBLICATION, STEPS, Killer
from tests.support.survey_fixture import ROWS_PER_COUNTRY, SOURCE
from tests.support.warehouse import Warehouse

# One while each step of a run is under way.
MOMENTS = (
    ("as it normalises", signal.SIGINT),
    ("as it merges", signal.SIGTERM),
    ("as it starts dbt", signal.SIGTERM),
    ("as it keeps the audit", signal.SIGHUP),
    ("as it writes parquet", signal.SIGINT),
    ("as it names the build", signal.SIGTERM),
)


@pytest.fixture(scope="module")
def changed(
    published: Warehouse, survey: Survey, tmp_path_factory: pytest.TempPathFactory
) -> AllSources:
    state = published.save(tmp_path_factory.mktemp("signals") / "state")
    survey.edit("AUT", ROWS_PER_COUNTRY, belong="1.2500")
    survey.insert("BEL", 40)
    return run_undisturbed(published, state, [SOURCE])


@pytest.fixture
def killer(changed: AllSources, record_property: Callable[[str, object], None]) -> Killer:
    return Killer(changed, lambda stops: record_property(SIGNALS, stops))


@pytest.mark.parametrize(("step", "number"), MOMENTS)
def test_a_signal_ends_a_run(step: str, number: signal.Signals, killer: Killer) -> None:
    assert step in BEFORE_PUBLICATION
    killer.stop_at(SOURCE, STEPS[step], number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_at_random(number: signal.Signals, killer: Killer) -> None:
    killer.stop_after(SOURCE, next(killer.seconds(SOURCE, seed=int(number))), number)
