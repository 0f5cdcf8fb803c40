"""The full pipeline on this machine, on simulated data."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import date

from dbt_project.runs.origin import SIMULATED, assert_same_origin
from dbt_project.runs.run import Run
from ingestion.simulators.chicago_crime.revisions import revise
from ingestion.simulators.process import running
from ingestion.simulators.sources import Choices, setting_of

# Students of twenty countries, at the time at which the year of crimes ends.
SIMULATED_SOURCES: dict[str, Choices] = {
    "chicago-crime": {},
    "store-sensors": {},
    "pisa": {"rows": 100_000, "rate": 0.0, "now": "2026-01-01T00:00:00Z"},
}
# The year of the simulated crimes. Its last week of footfall arrives with their revisions.
YEAR_BEGINS, LAST_WEEK, YEAR_ENDS = date(2025, 1, 1), date(2025, 12, 25), date(2026, 1, 1)


def demo(run: Run) -> None:
    """Load and publish a year of crimes and footfall, and a survey; then the changes of a week.

    A folder that has the first already gets the second only, which then finds nothing new.

    Raises:
        WarehouseError: a step failed, or the data folder holds rows of a real source.
    """
    for source in SIMULATED_SOURCES:
        assert_same_origin(run.paths, source, SIMULATED)
    with ExitStack() as stack:
        addresses = {
            source: stack.enter_context(running(source, **choices))
            for source, choices in SIMULATED_SOURCES.items()
        }
        for source, address in addresses.items():
            os.environ[setting_of(source)] = address
        if not run.paths.published.exists():
            _once(run, until=LAST_WEEK)
        revise(addresses["chicago-crime"])
        _once(run, until=YEAR_ENDS)


def _once(run: Run, *, until: date) -> None:
    run.load(["chicago-crime"])
    run.load(["store-sensors"], since=YEAR_BEGINS, until=until)
    run.load(["pisa"])
    run.require_all_loaded()
    if run.is_anything_new():
        run.build(sources=())
        run.publish()
