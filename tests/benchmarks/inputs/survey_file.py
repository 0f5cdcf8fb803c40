"""Write a survey file of the OECD's size: generated students as compressed .sav.

Run: python -m tests.benchmarks.inputs.survey_file FILE [STUDENTS]. Memory is bounded: the
header comes from pyreadstat, the rows are encoded here, some thousand at a time.
"""

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
from numpy.typing import NDArray

STUDENTS, COLUMNS = 613_744, 388
ROWS_PER_BLOCK = 8_000
COUNTRIES = np.array(["ALB", "ARG", "AUS", "BRA", "CAN", "CHE", "DEU", "ESP", "FRA", "ITA"])
WEIGHTS = 80
ESTIMATES = ("BELONG", "ESCS")
SCORES = [f"PV{n}{domain}" for domain in ("MATH", "READ", "SCIE") for n in range(1, 11)]

# Of the .sav format: where the header keeps the number of rows; what ends the dictionary; the
# commands of the compression, eight of which precede the values that they announce.
ROWS_AT = 80
END_OF_DICTIONARY = struct.pack("<ii", 999, 0)
BIAS, LITERAL, MISSING = 100, 253, 255
COMMANDS = 8

Values = NDArray[np.float64]


def columns() -> list[str]:
    """Return the names of the columns: keys, scores, weights, and answers up to the full width."""
    names = ["CNT", "CNTSCHID", "CNTSTUID", "DURECEC", *ESTIMATES, "TMINS", "W_FSTUWT"]
    names += [f"W_FSTURWT{n}" for n in range(1, WEIGHTS + 1)]
    names += SCORES
    return [*names, *(f"ST{n:03}Q01TA" for n in range(1, COLUMNS - len(names) + 1))]


def write(file: Path, students: int = STUDENTS) -> None:
    """Write a file of so many made-up students; the same ones each time."""
    names = columns()
    frame = pd.DataFrame([["ALB", *(None for _ in names[1:])]], columns=names).astype(
        dict.fromkeys(names[1:], float)
    )
    pyreadstat.write_sav(frame, str(file), row_compress=True)
    header = bytearray(file.read_bytes())
    del header[header.rindex(END_OF_DICTIONARY) + len(END_OF_DICTIONARY) :]
    struct.pack_into("<i", header, ROWS_AT, students)
    with file.open("wb") as out:
        out.write(header)
        for values, texts in _blocks(names, students):
            out.write(_compressed(values, texts))


def _blocks(names: list[str], students: int) -> Iterator[tuple[Values, NDArray[np.uint64]]]:
    """Yield rows as numbers (rows by columns), and the texts of the first column as eight bytes."""
    random = np.random.default_rng(2018)
    for first in range(0, students, ROWS_PER_BLOCK):
        rows = min(ROWS_PER_BLOCK, students - first)
        number = np.arange(first, first + rows)
        values = random.integers(1, 9, (rows, len(names))).astype(np.float64)
        values[random.random(values.shape) < 0.1] = np.nan
        column = {name: values[:, n] for n, name in enumerate(names)}
        country = number * len(COUNTRIES) // students
        column["CNTSCHID"][:] = 800_000 + number // 35
        column["CNTSTUID"][:] = 80_000_000 + number
        column["TMINS"][:] = random.integers(10, 60, rows) * 30
        for name in ESTIMATES:
            column[name][:] = np.round(random.normal(0, 1, rows), 4)
        ability = 470 + 35 * column["ESCS"] + random.normal(0, 70, rows)
        for name in SCORES:
            column[name][:] = np.round(ability + random.normal(0, 35, rows), 3)
        weight = np.round(random.uniform(1, 300, rows), 5)
        column["W_FSTUWT"][:] = weight
        replicates = random.choice([0.2929, 0.6464, 1.3536, 1.7071], (rows, WEIGHTS))
        first_weight = names.index("W_FSTURWT1")
        values[:, first_weight : first_weight + WEIGHTS] = np.round(
            weight[:, None] * replicates * random.uniform(0.99, 1.01, (rows, WEIGHTS)), 5
        )
        yield values, np.char.ljust(COUNTRIES[country], 8).astype("S8").view(np.uint64)


def _compressed(values: Values, texts: NDArray[np.uint64]) -> bytes:
    """Return rows in the format's compression; the count of all values is a multiple of eight."""
    is_small = (values == np.floor(values)) & (values > -BIAS) & (values <= LITERAL - 2 - BIAS)
    commands = np.where(is_small, np.where(is_small, values, 0) + BIAS, LITERAL).astype(np.uint8)
    commands[np.isnan(values)] = MISSING
    literals = values.view(np.uint64).copy()
    commands[:, 0], literals[:, 0] = LITERAL, texts
    is_literal = (commands == LITERAL).ravel()
    # Pad the last block of the file: what is behind the last row is not read.
    padded = np.zeros(-(-commands.size // COMMANDS) * COMMANDS, np.uint8)
    padded[: commands.size] = commands.ravel()
    octets = padded.reshape(-1, COMMANDS)
    literals_before = np.concatenate(([0], np.cumsum((octets == LITERAL).sum(axis=1))[:-1]))
    at = np.arange(len(octets)) + literals_before
    out = np.empty(len(octets) + int(is_literal.sum()), np.uint64)
    is_command = np.zeros(len(out), bool)
    is_command[at] = True
    out[at] = octets.view(np.uint64).ravel()
    out[~is_command] = literals.ravel()[is_literal]
    return out.tobytes()


def main() -> None:
    """Write the file that the command line names."""
    file, *students = sys.argv[1:]
    write(Path(file), *map(int, students))


if __name__ == "__main__":
    main()
