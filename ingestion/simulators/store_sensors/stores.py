"""The chain's stores and their doors."""

from dataclasses import dataclass, replace
from datetime import date

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Door:
    """A door's sensor.

    Attributes:
        sensor_id: its number in the store.
        counts_from: the first local clock hour with a reading, in hours since 1970-01-01T00:00.
    """

    sensor_id: int
    counts_from: int


@dataclass(frozen=True)
class Store:
    """A store.

    Attributes:
        store_name: as the client names it.
        city: where it stands.
        time_zone: an IANA name.
        opened_on: local; readings begin the day after.
        doors: by number, from 0.
        visits_an_hour: through a mean door in a mean opening hour at the beginning of 2024.
        growth: how much more visits a year, as a part of those at the beginning of 2024.
    """

    store_name: str
    city: str
    time_zone: str
    opened_on: date
    doors: tuple[Door, ...]
    visits_an_hour: float
    growth: float

    def with_door(self, counts_from: int) -> "Store":
        """Return the store with one door more."""
        return replace(self, doors=(*self.doors, Door(len(self.doors), counts_from)))


def store_of(
    store_name: str,
    *,
    city: str,
    time_zone: str,
    opened_on: date,
    sensors: int,
    visits_an_hour: float,
    growth: float,
) -> Store:
    """Return a store whose `sensors` doors all count from the day after its opening."""
    counts_from = (opened_on.toordinal() + 1 - _EPOCH) * 24
    doors = tuple(Door(number, counts_from) for number in range(sensors))
    return Store(store_name, city, time_zone, opened_on, doors, visits_an_hour, growth)


STORES = tuple(
    store_of(
        city,
        city=city,
        time_zone=zone,
        opened_on=opened_on,
        sensors=sensors,
        visits_an_hour=visits,
        growth=growth,
    )
    for city, zone, opened_on, sensors, visits, growth in (
        ("Madrid", "Europe/Madrid", date(2024, 2, 15), 1, 140, 0.11),
        ("Paris", "Europe/Paris", date(2018, 3, 20), 20, 75, -0.03),
        ("Berlin", "Europe/Berlin", date(2022, 9, 5), 6, 60, 0.06),
        ("Roma", "Europe/Rome", date(2019, 5, 13), 4, 85, -0.05),
        ("London", "Europe/London", date(2014, 3, 24), 8, 110, 0.02),
    )
)
