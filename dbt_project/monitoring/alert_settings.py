"""The settings of alerts: where they go, and the limits that trigger one."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from dbt_project.monitoring.freshness import read_max_ages
from ingestion.core.errors import WarehouseError

URLS = "WAREHOUSE_ALERT_URLS"
REJECTED_LIMIT = "WAREHOUSE_REJECTED_LIMIT"
FRESHNESS = "WAREHOUSE_FRESHNESS_HOURS__"

REJECTED_SHARE = 0.01
REJECTED_AT_LEAST = 100


@dataclass(frozen=True)
class Limits:
    """The limits that trigger an alert.

    Attributes:
        freshness_hours: hours by source that may pass without a load or without a change at the
            source; no limit where one is absent.
        rejected: rejected rows that a mart may hold; None for 1 % of the rows of its domain's
            largest mart, and at least 100.
    """

    freshness_hours: Mapping[str, float] = field(default_factory=dict)
    rejected: int | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str], project: Path) -> Self:
        """Read sources.yml, WAREHOUSE_FRESHNESS_HOURS__<SOURCE> and WAREHOUSE_REJECTED_LIMIT.

        Raises:
            WarehouseError: a value is not a number, or there is no such source.
        """
        hours = read_max_ages(project)
        for variable, value in env.items():
            if variable.startswith(FRESHNESS) and value:
                hours[_source(variable, hours)] = _hours(variable, value)
        rejected = env.get(REJECTED_LIMIT) or None
        if rejected is not None and not rejected.isdecimal():
            msg = f"{REJECTED_LIMIT} is {rejected!r}: set it to a whole number of rows, 0 or more"
            raise WarehouseError(msg)
        return cls(hours, None if rejected is None else int(rejected))

    def hours(self, source: str) -> float:
        """How old a source may be, in hours; without end where sources.yml sets no limit."""
        return self.freshness_hours.get(source, math.inf)

    def rejected_rows(self, domain_rows: int) -> int:
        """How many rejected rows are acceptable where the largest mart has so many rows."""
        if self.rejected is not None:
            return self.rejected
        return max(REJECTED_AT_LEAST, int(REJECTED_SHARE * domain_rows))


def read_urls(env: Mapping[str, str]) -> list[str]:
    """The URLs of WAREHOUSE_ALERT_URLS, separated by white space, or by a comma before a scheme."""
    urls = re.split(r"\s+,?\s*|,+(?=\s|$|[\w.+-]+://)", env.get(URLS, ""))
    return list(dict.fromkeys(url for url in urls if url))


def freshness_variable(source: str) -> str:
    """The variable that sets a source's limit."""
    return FRESHNESS + source.replace("-", "_").upper()


def _source(variable: str, sources: Iterable[str]) -> str:
    source = variable.removeprefix(FRESHNESS).replace("_", "-").lower()
    if source not in sources:
        known = ", ".join(map(freshness_variable, sources))
        msg = f"{variable} names no source with a freshness limit: use one of {known}"
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
