"""The whole way of the data on this machine, from simulated sources."""

from __future__ import annotations

import os

from dbt_project.origin import SIMULATED, claim
from dbt_project.run import Run
from ingestion.simulators.chicago_crime.revisions import revise
from ingestion.simulators.process import running


def demo(run: Run) -> None:
    """Load a year of crimes, then what the portal revised a week later, and publish both times.

    A folder that has the first already gets the second only, which then brings nothing new.

    Raises:
        WarehouseError: a step failed, or the data folder holds rows of a real source.
    """
    claim(run.paths, "chicago-crime", SIMULATED)
    with running("chicago-crime") as base_url:
        os.environ["SOURCES__CHICAGO_CRIME__BASE_URL"] = base_url
        if not run.paths.published.exists():
            _once(run)
        revise(base_url)
        _once(run)


def _once(run: Run) -> None:
    run.load(["chicago-crime"], since=None, until=None, accept_shrink=False)
    run.build()
    run.publish()
