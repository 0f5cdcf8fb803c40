"""The simulated portal, as `warehouse simulate` and the demo start it."""

from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.simulators.simulator import Demo, Options, Service, Simulator

DEFAULT_ROWS = 260_000


@contextmanager
def _open(options: Options, port: int) -> Iterator[Service]:
    from ingestion.simulators.chicago_crime.portal import portal
    from ingestion.simulators.web import WebService, listening

    rows = DEFAULT_ROWS if options.rows is None else options.rows
    with (
        listening(port) as listener,
        portal(options.data, rows, options.seed, options.app_tokens) as app,
    ):
        yield WebService(app, listener)


def _revise(address: str) -> None:
    from ingestion.simulators.chicago_crime.revisions import revise

    revise(address)


SIMULATOR = Simulator(
    open=_open,
    takes=frozenset({"data", "rows", "seed", "app_tokens"}),
    # Two years, so that a month can be compared with the same one a year before.
    demo=Demo(choices={"rows": 2 * DEFAULT_ROWS}, change=_revise),
)
