"""A file of made-up students as the survey publishes them, with replicate weights.

Students sit in schools, schools in pairs, and the replicate weights are those of the survey: 80 of
the balanced kind with Fay's factor, so that standard errors grow as schools differ. In one country
they differ much more than elsewhere: see `SCHOOLS_DIFFER`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.core.simulated import COLUMN
from ingestion.simulators.pisa.profiles import profile_of
from ingestion.simulators.store_sensors.hashing import Floats

NAME = "made_up_students_2022.parquet"
SCHOOLS, STUDENTS = 40, 25
REPLICATES, FAY = 80, 0.5
PLAUSIBLE_VALUES = 10
# Of the spread of answers, what lies between schools; the planted country's is the second.
BETWEEN_SCHOOLS, BETWEEN_THESE = 0.15, 0.75
SCHOOLS_DIFFER = "HUN"
SUBJECTS = {"math": 28.0, "read": 26.0, "scie": 27.0}


def write_students(folder: Path, countries: Sequence[str], seed: int) -> Path:
    """Write the file of some countries' students; the same seed writes the same bytes.

    Returns:
        The file, whose name says the cycle.
    """
    tables = [_students(country, n, seed) for n, country in enumerate(countries)]
    file = folder / NAME
    pq.write_table(pa.concat_tables(tables), file, compression="zstd")
    return file


def _students(country: str, number: int, seed: int) -> pa.Table:
    profile = profile_of(country)
    random = np.random.default_rng([seed, *country.encode()])
    share = BETWEEN_THESE if country == SCHOOLS_DIFFER else BETWEEN_SCHOOLS
    school = np.repeat(np.arange(SCHOOLS), STUDENTS)
    rows = len(school)

    def answers(mean: float, spread: float) -> Floats:
        """Return answers of which a share of the variance lies between schools."""
        schools = random.normal(0, np.sqrt(share), SCHOOLS)[school]
        found: Floats = mean + spread * (schools + random.normal(0, np.sqrt(1 - share), rows))
        return found

    escs = answers(profile.escs, 0.9)
    years = np.clip(np.round(profile.early_years + 1.2 * random.normal(size=rows)), 0, 8)
    belonging = answers(profile.belonging, 0.95) + 0.04 * (years - profile.early_years)
    minutes = np.clip(np.round(answers(60 * profile.hours, 330) / 5) * 5, 0, 6000)
    weight = np.exp(2.5 + 0.3 * random.normal(size=SCHOOLS))[school]
    columns = {
        "CNT": np.full(rows, country),
        "CNTSCHID": 100_000 * (number + 1) + school,
        "CNTSTUID": 10_000_000 * (number + 1) + np.arange(rows),
        "DURECEC": _with_gaps(random, years.astype(int).astype(str), 0.06),
        "BELONG": _with_gaps(random, _texts(belonging, 4), 0.05),
        "ESCS": _with_gaps(random, _texts(escs, 4), 0.02),
        "TMINS": _with_gaps(random, minutes.astype(int).astype(str), 0.1),
        "W_FSTUWT": _texts(weight, 5),
        COLUMN: np.full(rows, "true"),
    }
    for name, factors in _replicates(school):
        columns[name] = _texts(weight * factors, 5)
    for subject, slope in SUBJECTS.items():
        mean = 470 + 20 * profile.escs
        ability = answers(mean, 70) + slope * (escs - profile.escs)
        for n in range(1, PLAUSIBLE_VALUES + 1):
            columns[f"PV{n}{subject.upper()}"] = _texts(ability + 30 * random.normal(size=rows), 3)
    return pa.table({name: pa.array(cells.astype(str)) for name, cells in columns.items()})


def _replicates(school: np.ndarray) -> Iterator[tuple[str, Floats]]:
    """Yield the names and factors of the replicate weights: of a pair, one school counts more."""
    signs = hadamard()
    pair, side = school // 2, np.where(school % 2, -1, 1)
    for n in range(REPLICATES):
        # The first column has one sign only.
        yield f"W_FSTURWT{n + 1}", 1 + FAY * side * signs[n, 1 + pair]


def hadamard() -> np.ndarray:
    """Return a matrix of 80 orthogonal rows of 1 and -1, by Paley's construction of 79."""
    prime = REPLICATES - 1
    squares = {i * i % prime for i in range(1, prime)}
    signs = np.array([0, *(1 if i in squares else -1 for i in range(1, prime))])
    inner = signs[(np.arange(prime)[:, None] - np.arange(prime)[None, :]) % prime]
    matrix = np.ones((REPLICATES, REPLICATES), int)
    matrix[1:, 0] = -1
    matrix[1:, 1:] = inner + np.eye(prime, dtype=int)
    return matrix


def _texts(numbers: Floats, places: int) -> np.ndarray:
    return np.array([f"{number:.{places}f}" for number in numbers.tolist()])


def _with_gaps(random: np.random.Generator, texts: np.ndarray, share: float) -> np.ndarray:
    return np.where(random.random(len(texts)) < share, "NA", texts)
