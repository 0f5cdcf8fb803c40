"""The rows on which mutants are built: a small demo, loaded twice, since increments count too.

The simulators of the demo serve it, with all that theirs has: rows to reject, versions and
deletions, failed and missing readings, a session of students of each country. There are fewer rows,
and days of three seasons: the clocks change in spring and autumn.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx

from dbt_project.paths import ROOT
from ingestion.core.registry import find_source
from ingestion.simulators.chicago_crime.revisions import revise
from ingestion.simulators.pisa.servers import SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from ingestion.simulators.serving import serving

CRIMES = 6_000
STUDENTS = 250
COUNTRIES = ("AUT", "BEL", "CHL", "JPN")
# Five weeks, for the mean of four, to the day after the clocks go back; then those after spring.
DAYS_BEFORE = ("--since", "2025-03-29", "--until", "2025-04-01")
DAYS_AFTER = ("--since", "2025-09-27", "--until", "2025-10-28")
# Cells that no rule accepts, of a few crimes each.
HOSTILE = {
    "district = '024' and arrest = true": {"ward": "north"},
    "district = '020' and arrest = true": {"district": "031", "beat": "9999"},
    "district = '017' and arrest = true": {"latitude": "91.5"},
}


def load_twice(data: Path, between: Callable[[], None]) -> None:
    """Load raw rows, let the sources change, and load again.

    Args:
        data: a folder, to which raw rows are written.
        between: called after the first load.
    """
    survey = Survey(SqliteFolder(data.with_name("survey")), seed=7)
    with ExitStack() as stack:
        stack.callback(survey.close)
        portal = stack.enter_context(serving("chicago-crime", rows=CRIMES, seed=5))
        sensors = stack.enter_context(serving("store-sensors"))
        for country in COUNTRIES:
            survey.add_country(country, STUDENTS)
        env = {
            find_source("chicago-crime").address_variable: portal,
            find_source("store-sensors").address_variable: sensors,
            find_source("pisa").address_variable: json.dumps(survey.databases()),
        }
        _load(data, env, DAYS_BEFORE)
        between()
        revise(portal)
        for where, cells in HOSTILE.items():
            _edit(portal, where, cells)
        survey.edit(COUNTRIES[0], STUDENTS - 9, belong="1.2500")
        survey.edit(COUNTRIES[1], STUDENTS - 9, escs="much", tmins="-5")
        survey.insert(COUNTRIES[1], 40)
        _load(data, env, DAYS_AFTER)


def _edit(portal: str, where: str, cells: Mapping[str, str]) -> None:
    answer = httpx.post(
        f"{portal}/control/edit", json={"where": where, "set": cells}, timeout=30
    )
    answer.raise_for_status()


def _load(data: Path, env: Mapping[str, str], days: Sequence[str]) -> None:
    """Load every source by the command, in a process of its own."""
    warehouse = Path(sys.executable).with_name("warehouse")
    for arguments in (["load", "store-sensors", *days], ["load", "chicago-crime", "pisa"]):
        subprocess.run(  # noqa: S603
            [warehouse, *arguments],
            env={**os.environ, **env, "WAREHOUSE_DATA_DIR": str(data)},
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
