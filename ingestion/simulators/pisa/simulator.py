"""The simulated databases of the survey, as `warehouse simulate` and the demo start them."""

from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.simulators.simulator import Demo, Options, Service, Simulator

DEFAULT_SUBMISSIONS = 20_000


@contextmanager
def _open(options: Options, port: int) -> Iterator[Service]:
    del port  # Databases have their own.
    from ingestion.simulators.pisa.service import databases

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


SIMULATOR = Simulator(
    open=_open,
    takes=frozenset({"rows", "seed", "countries", "rate", "postgres", "folder", "now"}),
    # Students of twenty countries; the clock stands where the year of crimes ends.
    demo=Demo(choices={"rows": 100_000, "rate": 0.0, "now": "2026-01-01T00:00:00Z"}),
)
