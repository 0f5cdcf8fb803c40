"""The settings of alerts: where they go, and the limits that trigger one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from dbt_project.freshness import freshness_limits
from ingestion.core.warehouse_settings import WarehouseSettings, variable

URLS = variable("alert_urls")
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
        settings = WarehouseSettings.from_env(env, "rejected_limit")
        return cls(freshness_limits(env, project), settings.rejected_limit)

    def hours(self, source: str) -> float:
        """How old a source may be, in hours; without end where sources.yml sets no limit."""
        return self.freshness_hours.get(source, math.inf)

    def rejected_rows(self, domain_rows: int) -> int:
        """How many rejected rows are acceptable where the largest mart has so many rows."""
        if self.rejected is not None:
            return self.rejected
        return max(REJECTED_AT_LEAST, int(REJECTED_SHARE * domain_rows))


def read_urls(env: Mapping[str, str]) -> list[str]:
    """The URLs of WAREHOUSE_ALERT_URLS, each once."""
    return list(WarehouseSettings.from_env(env, "alert_urls").alert_urls or ())
