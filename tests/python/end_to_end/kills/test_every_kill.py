"""Runs of every source, killed at every step: the next run publishes what it should."""

import signal
from collections.abc import Callable, Iterator
from itertools import count, islice

import pytest

from tests.python.conftest import KILLS, SIGNALS
from tests.support.all_sources import RUN_CHANGED, AllSources, all_sources
from tests.support.crash_points import STEPS, Killer, nodes
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.long
# Each source has a process of its own.
EACH = pytest.mark.parametrize(
    "source", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in RUN_CHANGED]
)
RANDOM_KILLS = 15
# Of two kinds and three sources: sixty.
RANDOM_SIGNALS = 10


@pytest.fixture(scope="module")
def changed(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AllSources]:
    with all_sources(warehouse, tmp_path_factory.mktemp("kills")) as found:
        yield found


@pytest.fixture
def killer(changed: AllSources, record_property: Callable[[str, object], None]) -> Killer:
    return Killer(changed, lambda kills: record_property(KILLS, kills))


@EACH
@pytest.mark.parametrize("step", STEPS)
def test_every_source_survives_every_step(step: str, source: str, killer: Killer) -> None:
    killer.at(source, STEPS[step])


@EACH
def test_every_source_survives_every_package(source: str, killer: Killer) -> None:
    packages = next(n for n in count(1) if not killer.in_package(source, n)) - 1
    assert packages >= 1


@EACH
def test_every_source_survives_any_moment(source: str, killer: Killer) -> None:
    for seconds in islice(killer.seconds(source, seed=2), RANDOM_KILLS):
        killer.after(source, seconds)


@EACH
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_every_source_obeys_a_signal_at_any_moment(
    source: str, number: int, changed: AllSources, record_property: Callable[[str, object], None]
) -> None:
    killer = Killer(changed, lambda stops: record_property(SIGNALS, stops))
    for seconds in islice(killer.moments(source, seed=10 + number), RANDOM_SIGNALS):
        killer.stop_after(source, seconds, number)


@EACH
def test_every_source_survives_every_node(source: str, killer: Killer) -> None:
    killer.all_sources.warehouse.restore(killer.all_sources.state)
    names = nodes(killer.all_sources.warehouse, source)
    assert len(names) > 20
    for name in names:
        killer.at(source, ("open", f"*/target/run/*/{name}"))
