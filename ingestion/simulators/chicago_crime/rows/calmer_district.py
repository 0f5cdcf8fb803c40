"""A story to be found in the made-up crimes: from a day on, a district has far fewer thefts."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ingestion.simulators.chicago_crime.rows.codes import CODES

DISTRICT = 18
# Local; and the part of the thefts from then on that happens elsewhere.
FROM, SHARE = np.datetime64("2025-05-01", "s"), 0.45
_THEFT = np.array([code.primary_type == "THEFT" for code in CODES])


def calm_a_district(
    rng: np.random.Generator,
    code: NDArray[np.int64],
    seconds: NDArray[np.int64],
    place: Mapping[str, NDArray[np.generic]],
) -> None:
    """Give a part of the district's thefts the places of crimes in other districts.

    Args:
        rng: draws which ones.
        code: of each crime, its position in `CODES`.
        seconds: of each crime, its local time, since 1970.
        place: of each crime, where it was; is changed.
    """
    is_there = place["district"] == DISTRICT
    is_later = seconds >= FROM.astype(np.int64)
    drawn = rng.random(len(code)) < SHARE
    moved = np.flatnonzero(is_there & is_later & _THEFT[code] & drawn)
    if len(moved):
        places = rng.choice(np.flatnonzero(~is_there), len(moved))
        for values in place.values():
            values[moved] = values[places]
