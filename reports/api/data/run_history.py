"""How runs ended and how fresh each source is: `runs.json` of what is published.

A run writes it when it ends, also one that published nothing; it is read again when it changed.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

NAME = "runs.json"


@dataclass(frozen=True)
class Freshness:
    """When a source was last read to its end, and how old that may become.

    Attributes:
        last_read_at: UTC; None where it never was.
        max_age_hours: None where there is no limit.
    """

    last_read_at: datetime | None
    max_age_hours: float | None

    def age_seconds(self, now: datetime) -> float | None:
        """How long ago that was; None where it was never read."""
        if self.last_read_at is None:
            return None
        return max(0.0, (now - self.last_read_at).total_seconds())

    def is_stale(self, now: datetime) -> bool:
        """Whether it was read too long ago."""
        age = self.age_seconds(now)
        return (
            None not in (age, self.max_age_hours) and (age or 0) > (self.max_age_hours or 0) * 3600
        )


@dataclass(frozen=True)
class RunHistory:
    """What the last runs left.

    Attributes:
        sources: by name.
        failures: what failed when it was last tried: `step`, `source` or None, `at`.
        last_runs: the last run that ended, by command.
        rolled_back_at: when readers were given an older build again; None where they were not.
    """

    sources: Mapping[str, Freshness] = field(default_factory=dict)
    failures: Sequence[Mapping[str, Any]] = ()
    last_runs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    rolled_back_at: datetime | None = None


class RunHistoryFile:
    """The file of a published folder.

    Args:
        folder: the link to the newest build.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._stamp: tuple[int, ...] = ()
        self._history = RunHistory()

    def read(self) -> RunHistory:
        """What it says now; nothing where a publication has none.

        Raises:
            ValueError: it is not what a run writes.
        """
        try:
            found = os.stat(self._path)  # noqa: PTH116 - at every health check
        except FileNotFoundError:
            return RunHistory()
        stamp = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            self._history = _parsed(json.loads(self._path.read_bytes()))
            self._stamp = stamp
        return self._history


def _parsed(history: Mapping[str, Any]) -> RunHistory:
    # A publication of an older version lacks some of it.
    sources = {
        name: Freshness(_time(one["last_read_at"]), one["max_age_hours"])
        for name, one in history.get("sources", {}).items()
    }
    ended = [run for run in history.get("runs", ()) if run["end"]]
    return RunHistory(
        sources=sources,
        failures=[one for one in history.get("failures", ()) if "source" in one],
        last_runs={run["command"]: run for run in ended},
        rolled_back_at=_time((history.get("rolled_back") or {}).get("at")),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
