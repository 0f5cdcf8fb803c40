"""The stores and their doors: from the API's `/stores`, or from the seed file where it has none."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from ingestion import ROOT
from ingestion.core.errors import LoadError
from ingestion.core.intervals import DAY
from ingestion.core.raw.text_tables import text_table
from ingestion.sources.store_sensors.hours import midnight
from ingestion.sources.store_sensors.tables import RAW_TABLES

SEED = ROOT / "seeds" / "footfall" / "stores.csv"
HIGHEST_SENSOR = 2**31 - 1
FIELDS = ("store_name", "city", "time_zone", "opened_on", "sensors")


@dataclass(frozen=True)
class Store:
    """One store.

    Attributes:
        name: as the API calls it.
        city: where it is.
        zone: the time zone of its hours.
        opened_on: its first day; readings begin the day after.
        sensors: the doors' numbers.
    """

    name: str
    city: str
    zone: ZoneInfo
    opened_on: date
    sensors: tuple[int, ...]

    @property
    def first_hour(self) -> datetime:
        """The first hour that can have a reading."""
        return midnight(self.opened_on + DAY)


def from_answer(answer: Any, asked: str) -> list[Store]:
    """Return the stores that `/stores` answered.

    Raises:
        LoadError: the answer is not what it must be; names the entry.
    """
    if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
        msg = f"{asked} did not answer a list of stores: the API may have changed, see its /docs"
        raise LoadError(msg)
    return _each_once([_store(entry, entry.get("sensors"), asked) for entry in answer], asked)


def from_seed(file: Path) -> list[Store]:
    """Return the stores of the seed file, whose `sensors` is the number of doors.

    Raises:
        LoadError: the file is not there, or a line is not what it must be.
    """
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            entries = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as error:
        msg = (
            f"the API has no /stores, and {file} cannot be read: {error}; write the stores there "
            f"({','.join(FIELDS)})"
        )
        raise LoadError(msg) from error
    stores = [_store(entry, _numbers(entry.get("sensors")), str(file)) for entry in entries]
    return _each_once(stores, str(file))


def _each_once(stores: list[Store], origin: str) -> list[Store]:
    names = [store.name for store in stores]
    if twice := [name for name in names if names.count(name) > 1]:
        msg = f"{origin}: it lists {twice[0]} twice; fix it there"
        raise LoadError(msg)
    return stores


def _numbers(count: str | None) -> list[int] | None:
    return list(range(int(count))) if count and count.isdigit() else None


def _store(entry: Mapping[str, Any], sensors: Any, origin: str) -> Store:
    name = entry.get("store_name")
    is_list = isinstance(sensors, list) and all(
        type(n) is int and 0 <= n <= HIGHEST_SENSOR for n in sensors
    )
    if not isinstance(name, str) or not name or not name.isprintable() or not is_list:
        entry_text = repr(dict(entry))[:200]
        msg = f"{origin}: {entry_text} has no store_name or no list of sensors; fix it there"
        raise LoadError(msg)
    try:
        zone = ZoneInfo(str(entry.get("time_zone")))
        opened_on = date.fromisoformat(str(entry.get("opened_on")))
        # Its readings begin the day after.
        opened_on + DAY
    except (ValueError, OSError, KeyError, OverflowError) as error:
        why = " ".join(str(error).split())[:200]
        msg = f"{origin}: {name} has an unusable time_zone or opened_on: {why}; fix it there"
        raise LoadError(msg) from error
    return Store(name, str(entry.get("city") or ""), zone, opened_on, tuple(sorted(set(sensors))))


def as_raw(stores: Sequence[Store]) -> dict[str, pa.Table]:
    """Return the stores and their doors as rows of the raw tables `stores` and `sensors`."""
    rows: dict[str, list[tuple[object, ...]]] = {
        "stores": [(one.name, one.city, one.zone.key, one.opened_on) for one in stores],
        "sensors": [(one.name, sensor) for one in stores for sensor in one.sensors],
    }
    return {name: text_table(RAW_TABLES[name].columns, found) for name, found in rows.items()}
