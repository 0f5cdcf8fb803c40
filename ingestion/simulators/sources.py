"""The simulated sources: one line for each, whose program is imported when it is run."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, Protocol, TypedDict

from ingestion.core.errors import WarehouseError

DEFAULT_ROWS = 260_000
DEFAULT_SUBMISSIONS = 20_000
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
        data: a file whose rows are served; None makes rows.
        rows: how many rows to make, of all countries together; None: the simulator's default.
        seed: decides every made value.
        app_tokens: the tokens that are accepted.
        routes: `one` serves only `GET /`.
        countries: codes of the countries to make a database for; twenty where none is given.
        rate: submissions a second, of all countries together; 0: none after the first ones.
        postgres: the URL of the PostgreSQL server to make databases on; SQLite files for None.
        folder: where SQLite files lie and stay; None: in a folder that goes with the simulator.
        now: where the clock stands, ISO with its zone, so that times are the same again; None: it
            goes as the machine's does.
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
        """Run until stopped or interrupted; tells its address once."""

    def stop(self) -> None:
        """Make `run` return."""


class Factory(Protocol):
    """Makes a service from options and a port, and closes it afterwards."""

    def __call__(self, options: Options, port: int) -> AbstractContextManager[Service]:
        """Return the service, opened."""


@dataclass(frozen=True)
class Simulator:
    """A simulated source.

    Attributes:
        opened: makes it.
        takes: the options that mean something to it.
        setting: the variable that its address belongs into, after `SOURCES__<SOURCE>__`.
    """

    opened: Factory
    takes: frozenset[str]
    setting: str = "BASE_URL"


# Imported in the functions: DuckDB, Arrow and web frameworks are not needed to print a usage line.
@contextmanager
def _chicago_crime(options: Options, port: int) -> Iterator[Service]:
    from ingestion.simulators.chicago_crime.portal import portal  # noqa: PLC0415
    from ingestion.simulators.web import WebService, listening  # noqa: PLC0415

    rows = DEFAULT_ROWS if options.rows is None else options.rows
    with (
        listening(port) as listener,
        portal(options.data, rows, options.seed, options.app_tokens) as app,
    ):
        yield WebService(app, listener)


@contextmanager
def _store_sensors(options: Options, port: int) -> Iterator[Service]:
    from ingestion.simulators.store_sensors.service import service  # noqa: PLC0415
    from ingestion.simulators.web import WebService, listening  # noqa: PLC0415

    with listening(port) as listener:
        yield WebService(service(seed=options.seed, routes=options.routes), listener)


@contextmanager
def _pisa(options: Options, port: int) -> Iterator[Service]:
    del port  # Databases have their own.
    from ingestion.simulators.pisa.service import databases  # noqa: PLC0415

    with databases(
        countries=options.countries,
        rows=DEFAULT_SUBMISSIONS if options.rows is None else options.rows,
        rate=options.rate,
        seed=options.seed,
        postgres=options.postgres,
        folder=options.folder,
        now=options.now,
    ) as service:
        yield service


SIMULATORS = {
    "chicago-crime": Simulator(_chicago_crime, frozenset({"data", "rows", "seed", "app_tokens"})),
    "store-sensors": Simulator(_store_sensors, frozenset({"seed", "routes"})),
    "pisa": Simulator(
        _pisa,
        frozenset({"rows", "seed", "countries", "rate", "postgres", "folder", "now"}),
        setting="DATABASES",
    ),
}
SOURCES = tuple(SIMULATORS)


def setting_of(source: str) -> str:
    """Return the variable that a known source's address belongs into."""
    return f"SOURCES__{source.replace('-', '_').upper()}__{SIMULATORS[source].setting}"


def unsuitable(source: str, options: Options) -> str | None:
    """Return what is wrong with these options for a known source, in a line; None if nothing is."""
    takes = SIMULATORS[source].takes
    for field in fields(Options):
        if field.name not in takes and getattr(options, field.name) != field.default:
            others = [name for name, one in SIMULATORS.items() if field.name in one.takes]
            flag = field.name.replace("_", "-")
            return f"--{flag} is for {', '.join(others)} only; {source} does not take it"
    return None


def simulator_of(source: str, options: Options) -> Simulator:
    """Return a source's simulator.

    Raises:
        WarehouseError: there is none, or an option means nothing to it.
    """
    if source not in SIMULATORS:
        message = f"no simulator of {source}; there is {', '.join(SIMULATORS)}"
        raise WarehouseError(message)
    if wrong := unsuitable(source, options):
        raise WarehouseError(wrong)
    return SIMULATORS[source]
