"""What a simulator declares of itself, in `simulator.py` of its package; its source names it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, Protocol, TypedDict

from ingestion.core.errors import WarehouseError
from ingestion.core.intervals import Days
from ingestion.core.registry import find_source, sources

DEFAULT_RATE = 5.0
DEFAULT_SEED = 42
DEFAULT_TOKENS = ("demo-token",)
Routes = Literal["all", "one"]


class Choices(TypedDict, total=False):
    """What may be chosen about a simulator, see `Options`."""

    data: Path | None
    rows: int | None
    seed: int
    app_tokens: Sequence[str]
    routes: Routes
    countries: Sequence[str]
    rate: float
    postgres: str | None
    folder: Path | None
    now: str | None


@dataclass(frozen=True)
class Options:
    """What was chosen about a simulator.

    Attributes:
        data: a file whose rows are served; None generates rows.
        rows: how many rows to generate, of all countries together; None: the simulator's default.
        seed: decides every generated value.
        app_tokens: the tokens that are accepted.
        routes: `one` serves only `GET /`.
        countries: codes of the countries to make a database for; twenty where none is given.
        rate: submissions per second, of all countries together; 0: none after the first ones.
        postgres: the URL of the PostgreSQL server to make databases on; SQLite files for None.
        folder: where SQLite files are kept; None: in a temporary folder.
        now: the time at which the clock stands, ISO with its zone, so that times are the same
            again; None: it goes as the machine's does.
    """

    data: Path | None = None
    rows: int | None = None
    seed: int = DEFAULT_SEED
    app_tokens: Sequence[str] = DEFAULT_TOKENS
    routes: Routes = "all"
    countries: Sequence[str] = ()
    rate: float = DEFAULT_RATE
    postgres: str | None = None
    folder: Path | None = None
    now: str | None = None


class Service(Protocol):
    """A simulated source that is ready to run."""

    def run(self, ready: Callable[[str], None]) -> None:
        """Run until stopped or interrupted; reports its address once."""

    def stop(self) -> None:
        """Make `run` return."""


class Factory(Protocol):
    """Makes a service from options and a port, and closes it afterwards."""

    def __call__(self, options: Options, port: int) -> AbstractContextManager[Service]:
        """Return the service, opened."""


@dataclass(frozen=True)
class Demo:
    """How the demo uses a simulator.

    Attributes:
        choices: of the simulator.
        days: what the first load asks for, and what the second one does.
        change: changes the source between the two, given its address.
        file: writes a file of the source into a folder, to be loaded as well.
    """

    choices: Choices = field(default_factory=Choices)
    days: tuple[Days, Days] = (Days(), Days())
    change: Callable[[str], None] | None = None
    file: Callable[[Path], Path] | None = None


@dataclass(frozen=True)
class Simulator:
    """A simulated source.

    Attributes:
        open: makes it.
        takes: the options that mean something to it.
        demo: how the demo uses it.
    """

    open: Factory
    takes: frozenset[str]
    demo: Demo = Demo()


def simulators() -> dict[str, Simulator]:
    """Return the simulators by the name of their source."""
    found = {name: source.find_simulator() for name, source in sources().items()}
    return {name: simulator for name, simulator in found.items() if simulator}


def unsuitable(name: str, options: Options) -> str | None:
    """Return which option a source's simulator does not take, in a line; None if it takes all.

    Raises:
        WarehouseError: the source has no simulator.
    """
    takes = _simulator(name).takes
    for option in fields(Options):
        if option.name not in takes and getattr(options, option.name) != option.default:
            others = [other for other, one in simulators().items() if option.name in one.takes]
            flag = option.name.replace("_", "-")
            return f"--{flag} is for {', '.join(others)} only; {name} does not take it"
    return None


def find_simulator(name: str, options: Options) -> Simulator:
    """Return a source's simulator.

    Raises:
        WarehouseError: there is none, or it does not take an option.
    """
    if wrong := unsuitable(name, options):
        raise WarehouseError(wrong)
    return _simulator(name)


def _simulator(name: str) -> Simulator:
    find_source(name)
    known = simulators()
    if name not in known:
        msg = f"{name} has no simulator; available: {', '.join(known)}"
        raise WarehouseError(msg)
    return known[name]
