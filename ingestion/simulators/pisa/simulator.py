"""The simulated databases of the survey, as `warehouse simulate` and the demo start them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.simulators.simulator import DEFAULT_SEED, Demo, Options, Service, Simulator

DEFAULT_SUBMISSIONS = 20_000
# The demo's.
DATABASES = ("alb", "arg", "aut", "bel", "bgr", "bra", "chl", "col", "deu", "esp")


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


def _write_file(folder: Path) -> Path:
    from ingestion.simulators.pisa.profiles import PROFILES
    from ingestion.simulators.pisa.survey_file import write_students

    others = [country for country in PROFILES if country.lower() not in DATABASES]
    return write_students(folder, others, DEFAULT_SEED)


SIMULATOR = Simulator(
    open=_open,
    takes=frozenset({"rows", "seed", "countries", "rate", "postgres", "folder", "now"}),
    # Ten countries collect students in databases; of the others, the survey's file has the students
    # of an earlier year. The clock stands where the years of crimes end.
    demo=Demo(
        choices={
            "rows": 50_000,
            "rate": 0.0,
            "now": "2025-12-31T23:59:59Z",
            "countries": DATABASES,
        },
        file=_write_file,
    ),
)
