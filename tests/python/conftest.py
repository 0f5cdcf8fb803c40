"""Fixtures that every kind of test shares."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.python import postgres as database
from tests.python.postgres import Postgres, binaries, running_postgres
from tests.python.reports import site_server as report_site

ROOT = Path(__file__).parents[2]
# What tests count, told at the end: see `record_property`.
KILLS = "kills survived"


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder of real rows; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("WAREHOUSE_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real rows at {folder}: set WAREHOUSE_SAMPLE_DATA to check against them")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server; tests that need it skip where the machine has none."""
    found = binaries()
    if found is None:
        pytest.skip(database.NOT_CHECKED)
    with running_postgres(found) as server:
        yield server


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not checked: a skip is easily overlooked."""
    skipped = terminalreporter.stats.get("skipped", [])
    for why in (database.NOT_CHECKED, report_site.NOT_CHECKED):
        tests = [report for report in skipped if why in str(report.longrepr)]
        if tests:
            terminalreporter.write_sep("!", "NOT CHECKED", red=True, bold=True)
            terminalreporter.write_line(f"{len(tests)} tests skipped. {why}", red=True)

    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    counted = Counter[str]()
    for report in reports:
        for name, number in report.user_properties:
            counted[name] += number
    for name, number in counted.items():
        terminalreporter.write_line(f"{number:,} {name}")
