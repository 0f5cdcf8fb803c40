"""Made-up crimes of two years, and what the portal made of some of them months later."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

FIRST_DAY, DAYS = date(2022, 1, 1), 700
TYPES = {"THEFT": "0820", "BATTERY": "0486", "ROBBERY": "031A", "BURGLARY": "0610"}
# Districts 013, 021 and 023 were closed in 2012: the portal has them in these.
BEATS = {"1132": "011", "1323": "012", "2122": "002", "2331": "019", "0411": "004"}

Row = dict[str, str | None]


def a_crime(number: int, at: datetime, rng: random.Random) -> Row:
    """A crime as the portal first publishes it, the day after."""
    kind, beat = rng.choice([*TYPES]), rng.choice([*BEATS])
    seen = f"{at + timedelta(days=1, minutes=number % 60):%Y-%m-%dT%H:%M:%S.000Z}"
    return {
        "socrata_id": f"row-{number}",
        "socrata_created_at": seen,
        "socrata_updated_at": seen,
        "socrata_version": f"rv-{number}-1",
        "id": str(number),
        "case_number": f"JA{number}",
        "date": f"{at:%Y-%m-%dT%H:%M:%S.000}",
        "block": "001XX N STATE ST",
        "iucr": TYPES[kind],
        "primary_type": kind,
        "description": "SIMPLE",
        "arrest": "true" if rng.random() < 0.2 else "false",
        "domestic": "true" if kind == "BATTERY" and rng.random() < 0.5 else "false",
        "beat": beat,
        "district": BEATS[beat],
        "ward": str(rng.randint(1, 50)),
        "community_area": "32",
        "fbi_code": "06",
        "updated_on": seen.removesuffix("Z"),
    }


def the_crimes(rng: random.Random) -> Iterator[Row]:
    """Some six a day, more on 4 July, and many at midnight."""
    number = 0
    for day in (FIRST_DAY + timedelta(days) for days in range(DAYS)):
        for _ in range(rng.randint(9, 12) if (day.month, day.day) == (7, 4) else rng.randint(4, 8)):
            number += 1
            hour, minute = rng.choice([0, 0, 8, 12, 20, 20, 21]), rng.choice([0, 1, 30])
            at = datetime(day.year, day.month, day.day, hour, minute)
            yield a_crime(number, at, rng)


def revised(row: Row, rng: random.Random) -> Row:
    """The same row as the portal has it months later: some are arrested, some are withdrawn."""
    days = rng.randint(20, 300)
    at = datetime.fromisoformat(str(row["date"])) + timedelta(days=days)
    seen = f"{at:%Y-%m-%dT%H:%M:%S.000Z}"
    changed = {
        "arrest": "false" if row["arrest"] == "true" else "true",
        "socrata_updated_at": seen,
        "socrata_version": f"rv-{row['id']}-2",
        "updated_on": seen.removesuffix("Z"),
    }
    if rng.random() < 0.3:
        changed |= {"primary_type": "ROBBERY", "iucr": TYPES["ROBBERY"]}
    return row | changed
