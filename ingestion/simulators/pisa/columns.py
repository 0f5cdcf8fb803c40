"""The table's columns, and a bank of answers for those that nobody reads."""

import numpy as np

from ingestion.simulators.store_sensors.hashing import bits, key, uniform

KEY = ("id", "created_at")
READ = ("cnt", "durecec", "belong", "escs", "tmins", "w_fstuwt")
# Blocks of a questionnaire: students, computers, parents, well-being, finance, and what is derived.
_BLOCKS = {"st": 70, "ic": 35, "pa": 25, "wb": 20, "fl": 18}
_ITEMS = range(1, 7)
OTHERS = (
    *("cntryid", "cntschid", "cntstuid", "cycle", "natcen", "stratum", "subnatio", "oecd", "lang"),
    *(f"{b}{n:03d}q{i:02d}ta" for b, last in _BLOCKS.items() for n in range(last) for i in _ITEMS),
    *(f"pv{n}{subject}" for subject in ("math", "read", "scie") for n in range(1, 11)),
    *(f"derived{n:02d}" for n in range(1, 46)),
)
# Where they stand among the others, as in the survey's files: somewhere in the middle.
_MIDDLE = 900
COLUMNS = (*KEY, *OTHERS[:_MIDDLE], *READ, *OTHERS[_MIDDLE:])
BANK_ROWS = 64
MISSING = "NA"
_SHARE_MISSING = 0.6
_CODES = 5


def bank(seed: int) -> list[list[str]]:
    """Return `BANK_ROWS` rows of codes for `OTHERS`, most of them missing."""
    cells = BANK_ROWS * len(OTHERS)
    drawn = uniform(bits(key(seed, "bank"), np.arange(cells, dtype=np.int64)))
    codes = 1 + np.floor((drawn - _SHARE_MISSING) / (1 - _SHARE_MISSING) * _CODES).astype(int)
    texts = np.where(drawn < _SHARE_MISSING, MISSING, codes.astype(str))
    rows: list[list[str]] = texts.reshape(BANK_ROWS, len(OTHERS)).tolist()
    return rows
