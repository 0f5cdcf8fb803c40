"""The client's file of real readings: what is rejected, and the days, counted here in Python."""

import csv
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest

from tests.python.dbt_project.footfall_raw import Footfall

KEYS = ("date", "hour", "shop", "sensor_id", "count")


@pytest.fixture(scope="module")
def lines(sample_data: Path) -> list[dict[str, str]]:
    with (sample_data / "sensors" / "dat.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def warehouse(lines: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Footfall:
    made = Footfall(tmp_path_factory.mktemp("file") / "data")
    rows = [
        ("0" * 64, str(number), "dat.csv", *(line[column] for column in (*KEYS, "units")))
        for number, line in enumerate(lines, start=2)
    ]
    made.load("1793000000.1", file_readings=rows)
    made.build()
    return made


def test_rejected_lines_by_reason(warehouse: Footfall, lines: list[dict[str, str]]) -> None:
    expected: Counter[str] = Counter()
    for line in lines:
        # Reasons stand in the order of the store, the sensor, the time and the count.
        missing = [
            f"{column}: missing"
            for column in ("shop", "sensor_id", "date", "hour", "count")
            if line[column] == "NULL"
        ]
        if missing:
            expected["; ".join(missing)] += 1
    found = warehouse.query("select reason, count(*) from footfall.rejected_readings group by 1")
    assert dict(found) == dict(expected)
    assert warehouse.query(
        "select rows_received, rows_rejected, rows_unaccounted"
        " from footfall.reading_load_reconciliation"
    ) == [(len(lines), expected.total(), 0)]


def test_daily_visits_of_the_stores(warehouse: Footfall, lines: list[dict[str, str]]) -> None:
    hours = {
        (line["shop"], int(line["sensor_id"]), date.fromisoformat(line["date"]), line["hour"]): (
            int(line["count"])
        )
        for line in lines
        if "NULL" not in (line[column] for column in KEYS)
    }
    totals: defaultdict[tuple[str, date], int] = defaultdict(int)
    valid: Counter[tuple[str, date]] = Counter()
    failed: Counter[tuple[str, date]] = Counter()
    for (store, _, day, _), visits in hours.items():
        if visits >= 0:
            totals[store, day] += visits
            valid[store, day] += 1
        else:
            failed[store, day] += 1
    found = warehouse.query(
        "select store_name, traffic_date, visits, readings_valid, readings_failed,"
        " avg_visits_last_4 from footfall.store_traffic_daily order by all"
    )
    assert len(found) == 5 * 38
    for store, day, visits, of_valid, of_failed, mean in found:
        assert (visits, of_valid) == (totals.get((store, day)), valid[store, day]), (store, day)
        assert of_failed == failed[store, day]
        before = [totals[store, slot] for slot in slots(day) if (store, slot) in totals]
        assert mean == rounded(Fraction(sum(before), len(before)))


def slots(day: date) -> list[date]:
    return [date.fromordinal(day.toordinal() - 7 * weeks) for weeks in range(4)]


def rounded(value: Fraction) -> float:
    """To four decimals, halves upward."""
    return floor(value * 10_000 + Fraction(1, 2)) / 10_000
