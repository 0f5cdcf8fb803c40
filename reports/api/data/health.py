"""Whether what is served is current: not where a source is stale or something failed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reports.api.data.build import Build
from reports.api.data.run_history import RunHistory

Status = Literal["ok", "degraded", "stale"]
# The steps between a load and a publication.
STEPS = ("build", "audit", "publish")
HOUR = 3600


@dataclass(frozen=True)
class Health:
    """A verdict.

    Attributes:
        status: `ok`; `degraded`: all sources are fresh, but something failed; `stale`: a source
            was not read for longer than its limit.
        reasons: a line for each thing that keeps it from being ok.
    """

    status: Status
    reasons: tuple[str, ...]


def judge(build: Build, history: RunHistory, now: datetime) -> Health:
    """Judge what is served.

    Args:
        build: that is served.
        history: what the last runs left.
        now: UTC.
    """
    stale, failed = tuple(_stale(history, now)), tuple(_failed(build, history))
    status: Status = "stale" if stale else "degraded" if failed else "ok"
    return Health(status, stale + failed)


def _stale(history: RunHistory, now: datetime) -> Iterator[str]:
    for name, source in history.sources.items():
        if source.is_stale(now):
            hours = (source.age_seconds(now) or 0) / HOUR
            limit = f"the limit is {source.max_age_hours:g}"
            yield f"{name} was last read {hours:.0f} hours ago, {limit}"


def _failed(build: Build, history: RunHistory) -> Iterator[str]:
    shown = f"what is served is of {build.catalogue.published_at:%Y-%m-%d %H:%M} UTC"
    for failure in history.failures:
        if failure["source"]:
            yield f"the last load of {failure['source']} failed at {failure['at']}"
        elif failure["step"] in STEPS:
            if datetime.fromisoformat(failure["at"]) >= build.catalogue.published_at:
                yield f"the newest build failed at {failure['at']}; {shown}"
        else:
            yield f"{failure['step']} failed at {failure['at']}"
    if history.rolled_back_at:
        at = history.rolled_back_at.isoformat()
        yield f"the newest publication was rolled back at {at}; {shown}"
