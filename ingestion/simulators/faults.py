"""What the control routes ask for: failures, actions between pages, and the record of requests."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Mode = Literal["status", "cut", "slow", "html", "text", "timeout", "throttle"]
# A load by single readings asks millions of times: the record keeps the newest.
_RECORDED = 100_000


@dataclass
class Fault:
    """A failure: it skips `after` matching requests, then befalls `times` of them."""

    mode: Mode
    status: int = 500
    seconds: float | None = None
    times: int = 1
    after: int = 0
    match: str = ""


@dataclass
class ScheduledAction:
    """Something to do once, when the `after`-th matching request has been answered."""

    after: int
    match: str
    do: Callable[[], object]


@dataclass(frozen=True)
class Asked:
    """A resource request as it came, and how it was answered."""

    path: str
    query: str
    status: int
    fault: str | None


class Faults:
    """Faults and actions waiting, and the requests so far. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._actions: list[ScheduledAction] = []
        self._asked: deque[Asked] = deque(maxlen=_RECORDED)
        self._count = 0

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its requests."""
        with self._lock:
            self._faults.append(fault)

    def plan(self, action: ScheduledAction) -> None:
        """Let an action wait for its request."""
        with self._lock:
            self._actions.append(action)

    def befalls(self, request: str) -> Fault | None:
        """Return the fault that this request meets, if one; the first that was added wins."""
        with self._lock:
            met = None
            for fault in [f for f in self._faults if f.match in request]:
                if fault.after > 0:
                    fault.after -= 1
                elif met is None and fault.times > 0:
                    fault.times -= 1
                    met = fault
            self._faults = [fault for fault in self._faults if fault.times > 0]
            return met

    def answered(self, asked: Asked, request: str) -> None:
        """Record a request, and do what was planned for after it."""
        with self._lock:
            self._asked.append(asked)
            self._count += 1
            for action in self._actions:
                action.after -= action.match in request
            due = [action for action in self._actions if action.after <= 0]
            self._actions = [action for action in self._actions if action.after > 0]
        for action in due:
            action.do()

    @property
    def count(self) -> int:
        """How many requests were answered, also those that the record keeps no longer."""
        with self._lock:
            return self._count

    def asked(self) -> list[Asked]:
        """Return the newest 100,000 requests, oldest first."""
        with self._lock:
            return list(self._asked)

    def reset(self) -> None:
        """Forget faults, actions and the record."""
        with self._lock:
            self._faults, self._actions, self._count = [], [], 0
            self._asked.clear()
