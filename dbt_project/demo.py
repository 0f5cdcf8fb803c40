"""The whole way of the data on this machine, from a simulated source."""

from __future__ import annotations

import os

from dbt_project.origin import SIMULATED, claim
from dbt_project.run import Run
from ingestion.simulators.process import running

SOURCES = ("chicago-crime",)


def demo(run: Run) -> None:
    """Start the simulators on loopback, load from them, build, audit and publish.

    Raises:
        WarehouseError: a step failed, or the data folder holds rows of a real source.
    """
    for source in SOURCES:
        claim(run.paths, source, SIMULATED)
        with running(source) as base_url:
            os.environ[f"SOURCES__{source.replace('-', '_').upper()}__BASE_URL"] = base_url
            run.load([source], since=None, until=None, accept_shrink=False)
    run.build()
    run.publish()
