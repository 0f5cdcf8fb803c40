"""The simulated sources: one line for each, whose application is imported when it is served."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict

from ingestion.errors import WarehouseError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

DEFAULT_ROWS = 260_000
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


@dataclass(frozen=True)
class Options:
    """What was chosen about a simulator.

    Attributes:
        data: a file whose rows are served; None makes rows.
        rows: how many rows to make; None: the simulator's default.
        seed: decides every made value.
        app_tokens: the tokens that are accepted.
        routes: `one` serves only `GET /`.
    """

    data: Path | None = None
    rows: int | None = None
    seed: int = DEFAULT_SEED
    app_tokens: Sequence[str] = DEFAULT_TOKENS
    routes: Routes = "all"


class Factory(Protocol):
    """Makes an application from options and closes it afterwards."""

    def __call__(self, options: Options) -> AbstractContextManager["ASGIApp"]:
        """Return the application, opened."""


@dataclass(frozen=True)
class Simulator:
    """A simulated source: how it is made, and which options mean something to it."""

    application: Factory
    takes: frozenset[str]


@contextmanager
def _chicago_crime(options: Options) -> Iterator["ASGIApp"]:
    # Imported here: DuckDB, Arrow and the web framework are not needed to print a usage line.
    from ingestion.simulators.chicago_crime.portal import portal  # noqa: PLC0415

    rows = DEFAULT_ROWS if options.rows is None else options.rows
    with portal(options.data, rows, options.seed, options.app_tokens) as app:
        yield app


@contextmanager
def _store_sensors(options: Options) -> Iterator["ASGIApp"]:
    from ingestion.simulators.store_sensors.service import service  # noqa: PLC0415

    yield service(seed=options.seed, routes=options.routes)


SIMULATORS = {
    "chicago-crime": Simulator(_chicago_crime, frozenset({"data", "rows", "seed", "app_tokens"})),
    "store-sensors": Simulator(_store_sensors, frozenset({"seed", "routes"})),
}
SOURCES = tuple(SIMULATORS)


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
