"""Runs that are killed at every step and at random: the next run publishes what it should."""

from collections.abc import Callable, Iterator
from itertools import count, islice

import pytest

from tests.python.conftest import KILLS
from tests.python.end_to_end.kills import STEPS, Killer, nodes
from tests.python.end_to_end.subjects import NEWS, Subjects, subjects
from tests.python.end_to_end.warehouse import Warehouse

SOURCES = tuple(NEWS)
# In the long mode each source has a process of its own.
EACH = pytest.mark.parametrize(
    "source", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in SOURCES]
)
RANDOM_KILLS = 15
# A dozen for every day, most of them of the source whose runs are the quickest.
SHORT = [
    ("as it merges", "chicago-crime"),
    ("as it names the build", "store-sensors"),
    ("as it extracts", "pisa"),
    ("as it begins to load", "pisa"),
    ("as it ends the load", "pisa"),
    ("as it copies what is published", "pisa"),
    ("as it keeps the audit", "pisa"),
    ("as it writes parquet", "pisa"),
    ("as it shows the build", "pisa"),
    ("as it gives the folder free", "pisa"),
]


@pytest.fixture(scope="module")
def moved_on(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subjects]:
    with subjects(warehouse, tmp_path_factory.mktemp("kills")) as found:
        yield found


@pytest.fixture
def killer(moved_on: Subjects, record_property: Callable[[str, object], None]) -> Killer:
    return Killer(moved_on, lambda: record_property(KILLS, 1))


@pytest.mark.parametrize(("step", "source"), SHORT)
def test_a_run_that_is_killed_is_made_good_by_the_next(
    step: str, source: str, killer: Killer
) -> None:
    killer.at(source, *STEPS[step])


def test_a_load_that_is_killed_between_its_packages_is_made_good_by_the_next(
    killer: Killer,
) -> None:
    assert killer.in_package("chicago-crime", 2)


def test_a_run_that_is_killed_at_random_is_made_good_by_the_next(killer: Killer) -> None:
    killer.after("pisa", next(killer.seconds("pisa", seed=1)))


@pytest.mark.long
@EACH
@pytest.mark.parametrize("step", STEPS)
def test_every_source_survives_every_step(step: str, source: str, killer: Killer) -> None:
    killer.at(source, *STEPS[step])


@pytest.mark.long
@EACH
def test_every_source_survives_every_package(source: str, killer: Killer) -> None:
    packages = next(n for n in count(1) if not killer.in_package(source, n)) - 1
    assert packages >= 1


@pytest.mark.long
@EACH
def test_every_source_survives_any_moment(source: str, killer: Killer) -> None:
    for seconds in islice(killer.seconds(source, seed=2), RANDOM_KILLS):
        killer.after(source, seconds)


@pytest.mark.long
@EACH
def test_every_source_survives_every_node(source: str, killer: Killer) -> None:
    killer.subjects.warehouse.restore(killer.subjects.state)
    names = nodes(killer.subjects.warehouse, source)
    assert len(names) > 20
    for name in names:
        killer.at(source, "open", f"*/target/run/*/{name}")
