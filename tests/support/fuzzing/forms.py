"""The forms whose files are written with faults: readings, students and crimes."""

import random
import re
from contextlib import suppress
from datetime import date, datetime, timedelta

from tests.support.fuzzing.drafts import Form, Row
from tests.support.fuzzing.kinds import Cells

FIRST_DAY = date(2019, 1, 1)
# `1.000` may be a thousand.
WHOLE = re.compile(r"-?(?!(?!0[.])[0-9]{1,3}[.]000$)[0-9]{1,15}([.]0+)?")
DECIMAL = re.compile(r"-?[0-9]+([.][0-9]+)?([eE]-[0-9]{1,2})?")
NUMBER = re.compile(f"({DECIMAL.pattern})?")
MAX_STATUS, LAST_HOUR = 20, 23
# What is certainly taken; more may be.
RANGES = {"DURECEC": (0, 8), "BELONG": (-20, 20), "TMINS": (0, 9_990)}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# As the portal exports times, and as spreadsheets save them again.
EXPORTED = re.compile(r"(\d\d?/\d\d?/\d{4}) (\d\d?:\d\d)(:\d\d)?( [AP]M)?", re.ASCII)
YES, NO = {"true", "t", "yes", "y", "1"}, {"false", "f", "no", "n", "0"}
WARDS = range(1, 51)
FIRST_YEAR = 2001
ONE_DAY = timedelta(days=1)


def reading_rows(number: int, dice: random.Random) -> list[list[str]]:
    day = FIRST_DAY + timedelta(days=number)
    return [
        [day.isoformat(), str(hour), "Paris", "0", str(dice.randrange(100, 9000)), "visits"]
        for hour in range(8, 18)
    ]


def read_reading(cells: Cells) -> tuple[Row, object] | None:
    if not DAY.fullmatch(cells["date"]) or cells["shop"] != "Paris":
        return None
    numbers = [cells[name] for name in ("hour", "sensor_id", "count")]
    if not all(WHOLE.fullmatch(text) for text in numbers):
        return None
    hour, sensor, visits = (int(float(text)) for text in numbers)
    if cells["units"].strip().lower() not in {"", "null", "visits"} or not 0 <= hour <= LAST_HOUR:
        return None
    return (cells["date"], hour, sensor), visits


def student_rows(number: int, dice: random.Random) -> list[list[str]]:
    status = [f"{dice.randrange(-2000, 2000) / 1000:.3f}" for _ in range(10)]
    first = number * 1000 + 100
    return [["EST", str(first + n), "2", "0.5", text, "900"] for n, text in enumerate(status)]


def read_student(cells: Cells) -> tuple[Row, object] | None:
    who, escs = cells["CNTSTUID"], cells["ESCS"]
    if cells["CNT"].strip().upper() != "EST" or not WHOLE.fullmatch(who):
        return None
    if not all(NUMBER.fullmatch(cells[name]) for name in RANGES):
        return None
    if not all(low <= float(cells[name] or 0) <= high for name, (low, high) in RANGES.items()):
        return None
    if not (WHOLE.fullmatch(cells["DURECEC"]) or not cells["DURECEC"]):
        return None
    if not DECIMAL.fullmatch(escs) or abs(float(escs)) > MAX_STATUS:
        return None
    return (str(int(float(who))),), round(float(escs), 6)


def crime_rows(number: int, dice: random.Random) -> list[list[str]]:
    rows = []
    for place in range(10):
        at = datetime(2016, 5, dice.randrange(13, 29), dice.randrange(24), dice.randrange(60))
        latitude, longitude = f"41.{dice.randrange(7, 9)}5", f"-87.{dice.randrange(6, 8)}5"
        rows.append(
            [
                str(10_000_000 + number * 1000 + place), f"HZ{number:03}{place:03}",
                at.strftime("%m/%d/%Y %I:%M:00 %p"), "001XX N STATE ST", "0820", "THEFT",
                '"HANDS, FISTS, FEET"', "STREET", dice.choice(["true", "false"]), "false", "0111",
                "001", str(dice.choice(WARDS)), "32", "06", "1150000", "1850000", "2016",
                "06/10/2016 03:40:00 PM", latitude, longitude, f'"({latitude}, {longitude})"',
            ]
        )  # fmt: skip
    return rows


def read_crime(cells: Cells) -> tuple[Row, object] | None:
    """Return the id of a crime, and when it was, whether with an arrest, its ward and latitude."""
    at, place = read_exported(cells["Date"]), (cells["Latitude"], cells["Longitude"])
    arrest, ward = cells["Arrest"].lower(), cells["Ward"]
    if not WHOLE.fullmatch(cells["ID"]) or at is None or arrest not in YES | NO:
        return None
    if cells["Domestic"].lower() not in YES | NO or not all(map(NUMBER.fullmatch, place)):
        return None
    updated = read_exported(cells["Updated On"])
    if cells["Updated On"] and (updated is None or at.date() > updated.date() + ONE_DAY):
        return None
    grid = [cells[name] for name in ("X Coordinate", "Y Coordinate")]
    if not all(WHOLE.fullmatch(text) for text in (*grid, ward) if text):
        return None
    number = int(float(ward)) if ward else 0
    latitude, longitude = (float(text) if text else 0.0 for text in place)
    if abs(latitude) > 90 or abs(longitude) > 180 or at.year < FIRST_YEAR:
        return None
    in_city = 41.6 <= latitude <= 42.1 and -88.0 <= longitude <= -87.4
    at_origin = all(grid) and not any(float(text) for text in grid)
    known = round(latitude, 6) if in_city and not at_origin else None
    value = (at.isoformat(), arrest in YES, number if number in WARDS else 0, known)
    return (int(float(cells["ID"])),), value


def read_exported(text: str) -> datetime | None:
    """Return a time with the month first."""
    parts = EXPORTED.fullmatch(text)
    if parts is None:
        return None
    day, minute, second, half = parts.groups()
    form = f"%m/%d/%Y {'%I' if half else '%H'}:%M:%S{' %p' if half else ''}"
    with suppress(ValueError):
        return datetime.strptime(f"{day} {minute}{second or ':00'}{half or ''}", form)
    return None


READINGS = Form(
    ("date", "hour", "shop", "sensor_id", "count", "units"),
    reading_rows, read_reading, "sensor_id", "count", "date", last_shows_cut=True,
)  # fmt: skip
STUDENTS = Form(
    ("CNT", "CNTSTUID", "DURECEC", "BELONG", "ESCS", "TMINS"),
    student_rows, read_student, "CNTSTUID", "ESCS", None, last_shows_cut=False,
)  # fmt: skip
# The portal's export.
CRIMES = Form(
    (
        "ID", "Case Number", "Date", "Block", "IUCR", "Primary Type", "Description",
        "Location Description", "Arrest", "Domestic", "Beat", "District", "Ward", "Community Area",
        "FBI Code", "X Coordinate", "Y Coordinate", "Year", "Updated On", "Latitude", "Longitude",
        "Location",
    ),
    crime_rows, read_crime, "ID", "ID", "Date", last_shows_cut=True,
)  # fmt: skip
