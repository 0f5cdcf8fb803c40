"""The simulated API of door sensors, as `warehouse simulate` and the demo start it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from ingestion.core.intervals import Days
from ingestion.simulators.simulator import Demo, Options, Service, Simulator

# The years of the simulated crimes; their last week arrives with the second load.
FIRST_DAY, LAST_WEEK, END = date(2024, 1, 1), date(2025, 12, 25), date(2026, 1, 1)


@contextmanager
def _open(options: Options, port: int) -> Iterator[Service]:
    from ingestion.simulators.store_sensors.service import service
    from ingestion.simulators.web import WebService, listening

    with listening(port) as listener:
        yield WebService(service(seed=options.seed, routes=options.routes), listener)


SIMULATOR = Simulator(
    open=_open,
    takes=frozenset({"seed", "routes"}),
    demo=Demo(days=(Days(FIRST_DAY, LAST_WEEK), Days(FIRST_DAY, END))),
)
