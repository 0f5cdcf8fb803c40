"""A day of changes at the portal: new crimes, and revisions of earlier ones.

Most revised crimes are recent; a few are from any year.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import httpx

CRIMES = "ijzp-q8t2"
RECENT = timedelta(days=60)
OLD_DAYS = 25
BATCH = 100
REVISIONS = (
    {"arrest": "true"},
    {"location_description": "APARTMENT"},
    {"iucr": "0460", "primary_type": "BATTERY", "description": "SIMPLE", "fbi_code": "08B"},
    {"ward": "27", "beat": "1231", "district": "012"},
)


def change_a_day(url: str, rows: int, rng: random.Random) -> None:
    """Change the rows of a day: a quarter are new, a quarter old, half of the last weeks.

    Args:
        url: of a simulated portal.
        rows: how many rows change, no row twice.
        rng: chooses them.
    """
    with httpx.Client(base_url=url, timeout=300) as portal:
        days = sorted(
            date.fromisoformat(row["day"][:10])
            for row in _asked(portal, "date_trunc_ymd(date) as day", group="day")
        )
        newest = days[-1]
        old = [day for day in days if day < newest - RECENT]
        recent = _ids(portal, newest - RECENT, newest + timedelta(days=1))
        chosen = rng.sample(recent, rows // 2)
        for day in rng.sample(old, OLD_DAYS):
            chosen += rng.sample(_ids(portal, day, day + timedelta(days=1)), rows // 4 // OLD_DAYS)
        rng.shuffle(chosen)
        for number, batch in enumerate(_batches(chosen)):
            where = f"id in ({', '.join(batch)})"
            _control(portal, "edit", where=where, set=REVISIONS[number % len(REVISIONS)])
        _control(portal, "add", rows=list(_new(portal, newest, rows - len(chosen))))


def _new(portal: httpx.Client, newest: date, rows: int) -> Iterator[dict[str, str | None]]:
    """Yield crimes of the day after the newest: those of the week before, under new ids."""
    last_id = max(int(row["id"]) for row in _asked(portal, "max(id) as id"))
    where = f"date >= '{newest - timedelta(days=7)}T00:00:00.000'"
    like = _asked(portal, "*", where=where, order=":id", limit=rows)
    for number, row in enumerate(like, start=1):
        kept = {name: value or None for name, value in row.items() if name != "location"}
        new_id = last_id + number
        yield kept | {
            "id": str(new_id),
            "case_number": f"ZZ{new_id % 1_000_000:06d}",
            "date": f"{newest + timedelta(days=1)}{row['date'][10:]}",
        }


def _ids(portal: httpx.Client, since: date, until: date) -> list[str]:
    where = f"date >= '{since}T00:00:00.000' and date < '{until}T00:00:00.000'"
    return [row["id"] for row in _asked(portal, "id", where=where, order="id")]


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids in groups; each is one edit, with a time of its own."""
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _asked(
    portal: httpx.Client, select: str, *, limit: int = 100_000, **clauses: str
) -> list[dict[str, str]]:
    """Return the portal's answer, every value as text."""
    params = {f"${name}": value for name, value in clauses.items()}
    params |= {"$select": select, "$limit": str(limit)}
    answer = portal.get(f"/resource/{CRIMES}.csv", params=params).raise_for_status()
    return list(csv.DictReader(answer.text.splitlines(keepends=True)))


def _control(portal: httpx.Client, verb: str, **body: object) -> None:
    portal.post(f"/control/{verb}", json=body).raise_for_status()
