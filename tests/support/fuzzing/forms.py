"""The forms whose files are written with faults: readings and students."""

import random
import re
from datetime import date, timedelta

from tests.support.fuzzing.drafts import Cells, Form, Row

FIRST_DAY = date(2019, 1, 1)
# `1.000` may be a thousand.
WHOLE = re.compile(r"-?(?!(?!0[.])[0-9]{1,3}[.]000$)[0-9]{1,15}([.]0+)?")
DECIMAL = re.compile(r"-?[0-9]+([.][0-9]+)?([eE]-[0-9]{1,2})?")
NUMBER = re.compile(f"({DECIMAL.pattern})?")
MAX_STATUS, LAST_HOUR = 20, 23
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


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
    if not all(NUMBER.fullmatch(cells[name]) for name in ("DURECEC", "BELONG", "TMINS")):
        return None
    if not DECIMAL.fullmatch(escs) or abs(float(escs)) > MAX_STATUS:
        return None
    return (str(int(float(who))),), round(float(escs), 6)


READINGS = Form(
    ("date", "hour", "shop", "sensor_id", "count", "units"),
    reading_rows, read_reading, "count", "date", last_shows_cut=True,
)  # fmt: skip
STUDENTS = Form(
    ("CNT", "CNTSTUID", "DURECEC", "BELONG", "ESCS", "TMINS"),
    student_rows, read_student, "ESCS", None, last_shows_cut=False,
)  # fmt: skip
