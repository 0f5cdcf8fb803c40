"""The full pipeline on this machine, on simulated data."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from dbt_project.runs.origin import SIMULATED, assert_same_origin
from dbt_project.runs.run import Run
from ingestion.core.intervals import Days
from ingestion.core.registry import find_source
from ingestion.core.source import LoadOptions
from ingestion.simulators.process import running
from ingestion.simulators.simulator import Demo, simulators


def demo(run: Run) -> None:
    """Load and publish every simulated source; then what changes in a week, reconciled.

    A folder that has the first already gets the second only, which then finds nothing new.

    Raises:
        WarehouseError: a step failed, or the data folder holds rows of a real source.
    """
    demos = {name: simulator.demo for name, simulator in simulators().items()}
    for name in demos:
        assert_same_origin(run.paths, name, SIMULATED)
    is_first = not run.paths.published.exists()
    with ExitStack() as stack:
        addresses = {
            name: stack.enter_context(running(name, **demo.choices)) for name, demo in demos.items()
        }
        for name, address in addresses.items():
            os.environ[find_source(name).address_variable] = address
        if is_first:
            for name, demo in demos.items():
                _load(run, name, demo.days[0])
            _publish(run)
        for name, demo in demos.items():
            if demo.change:
                demo.change(addresses[name])
            _load(run, name, demo.days[1])
            _load_file(run, name, demo)
            if is_first:
                run.load([name], LoadOptions(reconcile=True))
        _publish(run)


def _load(run: Run, name: str, days: Days) -> None:
    run.load([name], LoadOptions(days.since, days.until))


def _load_file(run: Run, name: str, demo: Demo) -> None:
    if demo.file:
        with TemporaryDirectory() as folder:
            options = LoadOptions(files=(demo.file(Path(folder)),))
            run.load([name], options, origin=SIMULATED)


def _publish(run: Run) -> None:
    run.require_all_loaded()
    if run.is_anything_new():
        run.build(sources=())
        run.publish()


def next_steps(published: Path) -> str:
    """What to try after the demo; full paths, so that no virtual environment need be activated."""
    python = Path(sys.executable)
    warehouse, marts = python.with_name("warehouse"), published / "marts.duckdb"
    return f"""
Next:
  {warehouse} status
  {warehouse} report --serve    # the report site, at http://127.0.0.1:8090
  {warehouse} serve             # the JSON API, at http://127.0.0.1:8080
  {published / "docs/index.html"}
  duckdb -readonly {marts}
  {python} -c "import duckdb; duckdb.connect('{marts}', read_only=True).sql('from crime.crime_by_district limit 5').show()"
"""  # noqa: E501
