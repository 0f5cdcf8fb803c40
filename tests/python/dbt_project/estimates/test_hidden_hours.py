"""Known hours are hidden at random: how far off the estimates are, and what their intervals cover.

Each store of a data set is loaded three times, with 5, 20 and 50 % of its readings hidden, so that
one build has everything. No sensor fails in what is hidden from: the truth of every sum is known.
"""

import csv
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ingestion.simulators.store_sensors import clock_hours, traffic
from ingestion.simulators.store_sensors.stores import STORES
from tests.support.projects.footfall_raw import Footfall

RATES = (5, 20, 50)
ZONES = {store.store_name: store.time_zone for store in STORES}
# Visits of a sensor by clock hour, in its order.
Sensor = Mapping[datetime, int]
Sensors = Mapping[tuple[str, int], Sensor]

OPEN_HOURS = """
    select 'hour' as level, hidden.rate, hidden.visits as truth, hours.visits_estimated as estimate,
        hours.visits_estimated_low as low, hours.visits_estimated_high as high
    from hidden
    inner join footfall.sensor_traffic_hourly as hours using (store_name, sensor_id, read_at_local)
    where hours.is_opening_hour
"""
SUMS = """
    select '{level}' as level, truth.store_name, truth.rate, truth.visits as truth,
        marts.visits_estimated as estimate, marts.visits_estimated_low as low,
        marts.visits_estimated_high as high
    from (
        select store_name, rate, {period} as period, sum(visits) as visits
        from truth group by all
    ) as truth
    inner join footfall.{mart} as marts
        on truth.store_name = marts.store_name and truth.period = marts.{column}
    where marts.readings_estimated > 0
"""
LEVELS = {
    "hour": OPEN_HOURS,
    "store-day": SUMS.format(
        level="store-day",
        period="cast(read_at_local as date)",
        mart="store_traffic_daily",
        column="traffic_date",
    ),
    "store-month": SUMS.format(
        level="store-month",
        period="cast(date_trunc('month', read_at_local) as date)",
        mart="store_trend_monthly",
        column="month_start",
    ),
}

MONTHS = f"""
    select regexp_extract(store_name, '^[^ ]+') as store_name, rate, truth, estimate,
        truth between low and high as covered
    from ({LEVELS["store-month"]})
    where low is not null
"""


def simulated(monkeypatch: pytest.MonkeyPatch) -> Sensors:
    """Nine months of the simulator's five stores, whose sensors never fail."""
    monkeypatch.setattr(traffic, "FAILURE_RATE", 0.0)
    first, end = (clock_hours.number_of(datetime(*day)) for day in ((2025, 1, 6), (2025, 10, 6)))
    sensors = {}
    for store in STORES:
        hours = clock_hours.existing(store.time_zone, first, end)
        times = [clock_hours.hour_of(int(hour)) for hour in hours]
        for door in store.doors:
            visits = traffic.readings(7, store, door, hours).tolist()
            sensors[store.store_name, door.sensor_id] = dict(zip(times, visits, strict=True))
    return sensors


def real(file: Path) -> Sensors:
    """The file's readings; in place of one that failed or cannot be read, that of a day before."""
    sensors: dict[tuple[str, int], dict[datetime, int]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            texts = (row["hour"], row["sensor_id"], row["count"])
            if row["shop"] not in ZONES or not all(text.lstrip("-").isdigit() for text in texts):
                continue
            if row["date"] == "NULL" or int(row["count"]) < 0:
                continue
            hour = datetime.fromisoformat(row["date"]) + timedelta(hours=int(row["hour"]))
            sensors.setdefault((row["shop"], int(row["sensor_id"])), {})[hour] = int(row["count"])
    last = max(max(sensor) for sensor in sensors.values())
    for sensor in sensors.values():
        hour = min(sensor) + timedelta(days=1)
        while hour <= last:
            before = hour - timedelta(days=3 if hour.isoweekday() == 1 else 1)
            if hour.isoweekday() != 7 and hour not in sensor and before in sensor:
                sensor[hour] = sensor[before]
            hour += timedelta(hours=1)
    return sensors


def hide(sensors: Sensors, seeds: Iterable[int]) -> pa.Table:
    """Every reading once per rate and seed, as another store each, and whether it is hidden."""
    columns: dict[str, list[object]] = {
        name: [] for name in ("store_name", "zone", "sensor_id", "rate", "hour", "visits", "hidden")
    }
    for seed in seeds:
        for rate in RATES:
            random = np.random.default_rng([seed, rate])
            for (store, sensor_id), visits in sensors.items():
                count = len(visits)
                columns["store_name"] += [f"{store} {rate} {seed}"] * count
                columns["zone"] += [ZONES[store]] * count
                columns["sensor_id"] += [sensor_id] * count
                columns["rate"] += [rate] * count
                columns["hour"] += list(visits)
                columns["visits"] += list(visits.values())
                columns["hidden"] += (random.random(count) < rate / 100).tolist()
    return pa.table(columns)


@contextmanager
def built(folder: Path, readings: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """Build the marts of the readings that are not hidden; yield them beside the truth."""
    warehouse = Footfall(folder / "data")
    with duckdb.connect(warehouse.paths.raw) as raw:
        raw.register("given", readings)
        raw.execute(
            "insert into raw_store_sensors.readings select store_name, sensor_id,"
            " strftime(hour, '%Y-%m-%dT%H:%M:%S'), if(hidden, -1, visits), '1793000000.1'"
            " from given"
        )
        raw.execute(
            "insert into raw_store_sensors.stores select distinct store_name, store_name, zone,"
            " '2014-01-01', '1793000000.1' from given"
        )
    warehouse.build(tests=False)
    with duckdb.connect(warehouse.paths.work_marts, read_only=True) as marts:
        marts.register("given", readings)
        marts.execute(
            "create temp table truth as select * exclude (hour), hour as read_at_local from given"
        )
        marts.execute("create temp table hidden as select * from truth where hidden")
        yield marts


def measured(folder: Path, readings: pa.Table) -> dict[tuple[str, int], tuple[float, float]]:
    """The bias and the coverage of the marts' estimates, by level and rate."""
    found = {}
    with built(folder, readings) as marts:
        for level, query in LEVELS.items():
            rows = marts.execute(
                "select rate, sum(estimate) / sum(truth) - 1,"
                f" avg(case when truth between low and high then 1 else 0 end) from ({query})"
                " where low is not null group by rate"
            ).fetchall()
            found.update({(level, rate): (bias, covered) for rate, bias, covered in rows})
    return found


def months(folder: Path, sensors: Sensors, draws: int, draws_per_build: int) -> pd.DataFrame:
    """Months of stores with hidden hours: `store_name`, `rate`, `truth`, `estimate`, `covered`."""
    found = []
    for first in range(0, draws, draws_per_build):
        readings = hide(sensors, range(first, first + draws_per_build))
        with built(folder / str(first), readings) as marts:
            found.append(marts.execute(MONTHS).df())
        shutil.rmtree(folder / str(first))
    return pd.concat(found)


def show(name: str, found: Mapping[tuple[str, int], tuple[float, float]]) -> Sequence[str]:
    return [
        f"{name} {level} {rate} %: bias {100 * bias:.2f} %, covered {100 * covered:.1f} %"
        for (level, rate), (bias, covered) in found.items()
    ]


def check(name: str, found: Mapping[tuple[str, int], tuple[float, float]]) -> None:
    """Bias of at most 1 %, and 88 to 92 % of the truths within the intervals of 90 %."""
    shown = "\n".join(show(name, found))
    for (level, rate), (bias, covered) in found.items():
        assert abs(bias) <= 0.01, shown
        # Of some hundred months 7 % more or less are chance.
        tolerance = 0.07 if level == "store-month" else 0.02
        assert abs(covered - 0.9) <= tolerance, f"{level} {rate}\n{shown}"
    months = [covered for (level, _), (_, covered) in found.items() if level == "store-month"]
    assert abs(sum(months) / len(months) - 0.9) <= 0.02, shown


def check_months(name: str, found: pd.DataFrame) -> None:
    """Of about 1,000 months per rate: 88 to 92 % covered, bias at most 1 % for each store."""
    covered = found.groupby("rate").covered.mean()
    sums = found.groupby(["store_name", "rate"])[["truth", "estimate"]].sum()
    bias = 100 * (sums.estimate / sums.truth - 1)
    shown = f"{name}, {len(found)} months\n{covered}\nbias in %\n{bias.unstack()}"
    assert found.groupby("rate").size().min() > 990, shown
    assert covered.between(0.88, 0.92).all(), shown
    assert bias.abs().max() <= 1, shown


@pytest.mark.slow
def test_estimates_of_hidden_hours_of_the_simulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check("simulator", measured(tmp_path, hide(simulated(monkeypatch), range(2))))


@pytest.mark.slow
def test_estimates_of_hidden_hours_of_real_readings(tmp_path: Path, sample_data: Path) -> None:
    check("file", measured(tmp_path, hide(real(sample_data / "sensors" / "dat.csv"), range(12))))


@pytest.mark.long
def test_a_thousand_months_of_the_simulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_months("simulator", months(tmp_path, simulated(monkeypatch), 20, 4))


@pytest.mark.long
def test_a_thousand_months_of_real_readings(tmp_path: Path, sample_data: Path) -> None:
    check_months("file", months(tmp_path, real(sample_data / "sensors" / "dat.csv"), 100, 20))
