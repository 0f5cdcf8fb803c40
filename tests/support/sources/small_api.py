"""An API of one store and six hours, whose answers a test decides."""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.support.sources.hostile import Answer

HEADER = ("store_name", "sensor_id", "read_at_local", "visits")
DAY, NIGHT = "2026-06-16", "2026-06-16T06:00:00+00:00"
# By UTC, so that the hours of the day are those of the clock that loads.
STORE = {"store_name": "Paris", "time_zone": "UTC", "opened_on": "2018-03-01", "sensors": [0, 1]}
HOURS = [f"{DAY}T{hour:02}:00:00" for hour in range(6)]


@dataclass
class SmallApi:
    """Answers what a test decides, down to the byte."""

    stores: bytes = json.dumps([STORE]).encode()
    readings: Answer = field(default_factory=lambda: Answer(b""))
    single: Answer = field(default_factory=lambda: Answer(b"7", "application/json"))
    has_all: bool = True
    asked: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Be as at the start."""
        self.__dict__.update(vars(SmallApi()))

    def answer(self, path: str) -> Answer:
        route, given = urlsplit(path).path, parse_qs(urlsplit(path).query)
        self.asked.append(path)
        if route == "/":
            return self.single
        if not self.has_all or route == "/opening-hours":
            return Answer(b'{"detail": "Not Found"}', "application/json", 404)
        if route == "/stores":
            return Answer(self.stores, "application/json")
        return self.readings if given else Answer(b"{}", "application/json", 422)


def every_reading() -> tuple[tuple[str, ...], ...]:
    return tuple(
        ("Paris", str(sensor), hour, str(10 * sensor + n))
        for sensor in (0, 1)
        for n, hour in enumerate(HOURS)
    )
