"""Fixtures that every kind of test shares."""

import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.support import postgres as database
from tests.support.orchestration import dagster
from tests.support.postgres import Postgres, binaries, running_postgres
from tests.support.reports import site_server as report_site
from tests.support.spark import cluster

ROOT = Path(__file__).parents[2]
# The first file of each kind makes what others wait for: the report site, which takes minutes, the
# survey that is published, and the project built without any source.
MAKERS = ("test_site_frame.py", "test_kills.py", "test_docs_checks.py")
# What tests count, reported at the end: see `record_property`.
KILLS, TRIED = "kills survived", "hostile inputs tried"
SIGNALS = "signals obeyed"

# `quick` tries the same inputs each time; `long` new ones, thirty times as many.
settings.register_profile(
    "quick",
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    # Shrinking what failed would take minutes of requests.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "long",
    settings.get_profile("quick"),
    max_examples=1_200,
    derandomize=False,
    print_blob=True,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start: a shell ignores it for what runs in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Tried:
    """Counts the hostile inputs that a test tried."""

    def __init__(self) -> None:
        self.inputs = 0

    def one(self) -> None:
        self.inputs += 1


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Iterator[Tried]:
    """A counter; the end of the test run shows the sum."""
    count = Tried()
    yield count
    request.node.user_properties.append((TRIED, count.inputs))


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder that the workers of a test run share; see `sharing.made_once`."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The folder of real rows; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("WAREHOUSE_SAMPLE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real rows at {folder}: set WAREHOUSE_SAMPLE_DATA to check against them")
    return folder


@pytest.fixture(scope="session")
def dagster_installed() -> None:
    """Tests that need Dagster skip where the extra is not installed."""
    if find_spec("dagster") is None:
        pytest.skip(dagster.NOT_CHECKED)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server of one file, so that none finds what another file left in it.

    Tests that need it skip where the machine has none.
    """
    found = binaries()
    if found is None:
        pytest.skip(database.NOT_CHECKED)
    with running_postgres(found) as server:
        yield server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Call slow what needs the report site or real rows, and put what others wait for in front.

    Other slow files follow, and those that need the site come last.
    """
    for item in items:
        if needs(item, "site", "sample_data"):
            item.add_marker(pytest.mark.slow)
    items.sort(key=_place)


def needs(item: pytest.Item, *fixtures: str) -> bool:
    """Whether a test's fixtures include one of some."""
    return not {*fixtures}.isdisjoint(getattr(item, "fixturenames", ()))


def _place(item: pytest.Item) -> int:
    if item.path.name in MAKERS:
        return 0
    if needs(item, "site"):
        return 3
    return 2 if item.get_closest_marker("slow") is None else 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not checked, for a skip is easily overlooked; and what was counted."""
    skipped = terminalreporter.stats.get("skipped", [])
    missing = (database, report_site, cluster, dagster)
    for why in (part.NOT_CHECKED for part in missing):
        tests = [report for report in skipped if why in str(report.longrepr)]
        if tests:
            terminalreporter.write_sep("!", "NOT CHECKED", red=True, bold=True)
            terminalreporter.write_line(f"{len(tests)} tests skipped. {why}", red=True)
    for name, number in _counted(terminalreporter).items():
        terminalreporter.write_line(f"{number:,} {name}")


def _counted(terminalreporter: pytest.TerminalReporter) -> Counter[str]:
    """What the tests counted, by name; a test's last report holds all of its own."""
    last: dict[str, Sequence[tuple[str, int]]] = {}
    for report in (report for kind in terminalreporter.stats.values() for report in kind):
        properties = getattr(report, "user_properties", ())
        if len(properties) >= len(last.get(report.nodeid, ())):
            last[report.nodeid] = properties
    counted = Counter[str]()
    for properties in last.values():
        for name, number in properties:
            counted[name] += number
    return counted
