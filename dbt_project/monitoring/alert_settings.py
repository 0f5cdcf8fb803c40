"""The settings of alerts: where they go, and from when on there is one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingestion.core.errors import WarehouseError
from ingestion.core.registry import sources

URLS = "WAREHOUSE_ALERT_URLS"
REJECTED_LIMIT = "WAREHOUSE_REJECTED_LIMIT"
FRESHNESS = "WAREHOUSE_FRESHNESS_HOURS__"

# Hours without a load, or without a change at the source, that are still in order. The portal
# revises six days a week; doors count every hour.
FRESHNESS_HOURS: Mapping[str, float] = {"chicago-crime": 72, "store-sensors": 24, "pisa": 48}
OTHER_SOURCES_HOURS = 48.0

REJECTED_SHARE = 0.01
REJECTED_AT_LEAST = 100


@dataclass(frozen=True)
class Limits:
    """From when on something is wrong.

    Attributes:
        freshness_hours: by source; what is absent has its default.
        rejected: rejected rows that a mart may hold; None for 1 % of the rows of its domain's
            largest mart, and at least 100.
    """

    freshness_hours: Mapping[str, float] = field(default_factory=dict)
    rejected: int | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Limits:
        """Read WAREHOUSE_REJECTED_LIMIT and WAREHOUSE_FRESHNESS_HOURS__<SOURCE>.

        Raises:
            WarehouseError: a value is no number, or there is no such source.
        """
        hours = {
            _source(name): _hours(name, value)
            for name, value in env.items()
            if name.startswith(FRESHNESS) and value
        }
        rejected = env.get(REJECTED_LIMIT) or None
        if rejected is not None and not rejected.isdecimal():
            msg = f"{REJECTED_LIMIT} is {rejected!r}: set it to a whole number of rows, 0 or more"
            raise WarehouseError(msg)
        return cls(hours, None if rejected is None else int(rejected))

    def hours(self, source: str) -> float:
        """How old a source may be, in hours."""
        default = FRESHNESS_HOURS.get(source, OTHER_SOURCES_HOURS)
        return self.freshness_hours.get(source, default)

    def rejected_rows(self, domain_rows: int) -> int:
        """How many rejected rows are in order where the largest mart has so many rows."""
        if self.rejected is not None:
            return self.rejected
        return max(REJECTED_AT_LEAST, int(REJECTED_SHARE * domain_rows))


def urls_from(env: Mapping[str, str]) -> list[str]:
    """The URLs of WAREHOUSE_ALERT_URLS, apart by white space, or by a comma before a scheme."""
    urls = re.split(r"\s+,?\s*|,+(?=\s|$|[\w.+-]+://)", env.get(URLS, ""))
    return list(dict.fromkeys(url for url in urls if url))


def freshness_variable(source: str) -> str:
    """The variable that sets a source's limit."""
    return FRESHNESS + source.replace("-", "_").upper()


def _source(variable: str) -> str:
    source = variable.removeprefix(FRESHNESS).replace("_", "-").lower()
    if source not in sources():
        known = ", ".join(map(freshness_variable, sources()))
        msg = f"{variable} names no source: use one of {known}"
        raise WarehouseError(msg)
    return source


def _hours(variable: str, value: str) -> float:
    try:
        hours = float(value)
    except ValueError:
        hours = math.nan
    if not (math.isfinite(hours) and hours > 0):
        msg = f"{variable} is {value!r}: set it to a number of hours above 0"
        raise WarehouseError(msg)
    return hours
