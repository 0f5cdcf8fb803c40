"""Questions of a journalist who distrusts the figures, each answered by one query of `core`.

The answers are checked against pandas on raw, as the loads left it.
"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from dbt_project.paths import Paths
from ingestion.core.loading import load
from ingestion.core.progress import Silent
from ingestion.core.simulated import COLUMN
from ingestion.core.source import LoadOptions
from ingestion.simulators.pisa.servers import SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from ingestion.simulators.serving import serving
from tests.support.projects.building import build
from tests.support.sources import pisa, sensors
from tests.support.sources.loading import set_only
from tests.support.warehouse import Portal

NOW = datetime(2026, 6, 17, 10, 30, tzinfo=UTC)
# By source, the raw tables of its rows and of what it counted.
READ_FROM = {
    "chicago-crime": ("crimes", "day_counts"),
    "pisa": ("responses", "hour_counts"),
    "store-sensors": ("file_readings", "day_counts"),
}
HEADER = "date,hour,shop,sensor_id,count,units"
# The last day is not over; one line has no number, and one says another one of the same hour.
LINES = [
    *(f"2026-06-{day},{hour},Paris,0,{hour},visits" for day in (15, 16) for hour in range(24)),
    *(f"2026-06-17,{hour},Paris,0,{hour},visits" for hour in range(9)),
    *("2026-06-16,9,Paris,0,many,visits", "2026-06-16,9,Paris,0,77,visits"),
]


class Warehouse:
    """Rows of simulators and real ones, loaded in several loads, and the marts of them."""

    def __init__(self, data: Path) -> None:
        self.paths = Paths(data=data)

    def load(self, source: str, now: datetime = NOW, **options: Any) -> None:
        load(
            source,
            LoadOptions(**options),
            data_dir=self.paths.data,
            progress=Silent(),
            clock=lambda: now,
        )

    def answer(self, question: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.paths.work_marts, read_only=True) as marts:
            marts.execute("set TimeZone = 'UTC'")
            return marts.execute(question).fetchall()

    def raw(self, table: str) -> pd.DataFrame:
        """The rows of a raw table, as text."""
        with duckdb.connect(self.paths.raw, read_only=True) as raw:
            return raw.execute(f"from {table}").df()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Crimes are made up, and one of two countries of the survey; the file of readings is not."""
    folder = tmp_path_factory.mktemp("frame")
    made = Warehouse(folder / "data")
    made.paths.work.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as env:
        with serving("chicago-crime", rows=1_500) as url:
            set_only(env, "CHICAGO_CRIME", BASE_URL=url)
            made.load("chicago-crime")
            portal = Portal(url)
            deleted, edited, broken = portal.rows("id", "district = '008'")[:3]
            portal.control("delete", where=f"id = '{deleted['id']}'")
            portal.control("edit", where=f"id = '{edited['id']}'", set={"ward": "7"})
            portal.control("edit", where=f"id = '{broken['id']}'", set={"ward": "north"})
            made.load("chicago-crime", NOW + timedelta(hours=1))
        file = folder / "doors.csv"
        file.write_text("\n".join([HEADER, *LINES]) + "\n")
        sensors.use(sensors.Sensors("http://127.0.0.1:9"), env)
        made.load("store-sensors", files=(file,))
        survey = Survey(SqliteFolder(folder), seed=7, clock=pisa.Clock())
        for country in ("alb", "fra"):
            survey.add_country(country, 60)
        with sqlite3.connect(folder / "pisa_fra.sqlite") as real:
            real.execute(f"alter table responses drop column {COLUMN}")
        pisa.configure(env, survey)
        made.load("pisa")
        survey.execute("alb", "delete from responses where id = 7")
        survey.edit("fra", 9, belong="a lot")
        made.load("pisa", NOW + timedelta(hours=2), reconcile=True)
        survey.close()
    build(made.paths, ["+data_status"])
    yield made


IS_IT_MADE_UP = """
select source_name, made_up from core.data_status order by source_name
"""


def test_12_is_what_i_see_made_up(warehouse: Warehouse) -> None:
    """Is what I see made up?"""
    kinds = {"{'true'}": "all", "{'false'}": "none"}
    expected = []
    for source in ("chicago-crime", "pisa", "store-sensors"):
        notes = warehouse.raw(f"raw_{source.replace('-', '_')}.origins")
        expected.append((source, kinds.get(str({*notes["is_made_up"]}), "partly")))
    assert expected == [("chicago-crime", "all"), ("pisa", "partly"), ("store-sensors", "none")]
    assert warehouse.answer(IS_IT_MADE_UP) == expected


THROUGH_WHICH_DATE = """
select source_name, data_through_date, newest_date, time_zone, read_at
from core.data_status
order by source_name
"""


def test_13_through_which_date_the_data_go_and_when_they_were_read(warehouse: Warehouse) -> None:
    """Through which date do the data of each subject go, and when were they read?"""
    crimes = pd.to_datetime(
        warehouse.raw("raw_chicago_crime.crimes")["date"]
    ).dt.date.value_counts()
    days = crimes.sort_index()
    usual = days.shift(1).rolling(28, min_periods=1).mean()
    whole = days[~(days < usual / 2)]
    students = pd.to_datetime(warehouse.raw("raw_pisa.responses")["created_at"], utc=True)
    newest_student = students.max().date()
    doors = warehouse.raw("raw_store_sensors.file_readings")
    over = doors.loc[doors["hour"] == "23", "date"].max()
    expected = [
        ("chicago-crime", whole.index[-1], days.index[-1], "America/Chicago"),
        # Loaded on that day.
        ("pisa", newest_student - timedelta(days=1), newest_student, "UTC"),
        *[("store-sensors", *pd.to_datetime([over, doors["date"].max()]).date, "Europe/Paris")],
    ]
    answer = warehouse.answer(THROUGH_WHICH_DATE)
    assert [row[:-1] for row in answer] == expected
    for source, *_, read_at in answer:
        assert read_at == last_read(warehouse, source)


def last_read(warehouse: Warehouse, source: str) -> pd.Timestamp:
    """When the last row came, or the source was counted or compared, by the notes in raw."""
    rows, counts = READ_FROM[source]
    schema = f"raw_{source.replace('-', '_')}"
    loads = warehouse.raw(f"{schema}.{rows}")["_dlt_load_id"].astype(float).max()
    times = [
        *warehouse.raw(f"{schema}.{counts}")["checked_at"],
        *warehouse.raw(f"{schema}.reconciliations")["reconciled_at"],
    ]
    return max([pd.Timestamp(loads, unit="s", tz="UTC").round("us"), *map(pd.Timestamp, times)])


DOES_IT_ADD_UP = """
select
    source_name,
    sum(rows_received) as received,
    sum(rows_in_warehouse) as in_the_marts,
    sum(rows_rejected) as rejected,
    sum(rows_superseded) as superseded,
    sum(rows_deleted) as deleted,
    sum(rows_unaccounted) as unaccounted
from core.load_reconciliation
group by source_name
order by source_name
"""


def test_14_rows_received_are_in_the_marts_rejected_superseded_or_deleted(
    warehouse: Warehouse,
) -> None:
    """How many rows were received, and how many of them are in the marts, rejected, superseded,
    deleted; does it add up for every source?"""
    answer = {source: counts for source, *counts in warehouse.answer(DOES_IT_ADD_UP)}
    crimes = warehouse.raw("raw_chicago_crime.crimes")
    students = warehouse.raw("raw_pisa.responses")
    assert {source: counts[0] for source, counts in answer.items()} == {
        "chicago-crime": len(crimes),
        "pisa": len(students),
        "store-sensors": len(LINES),
    }
    for received, in_the_marts, rejected, superseded, deleted, unaccounted in answer.values():
        assert in_the_marts + rejected + superseded + deleted == received
        assert unaccounted == 0
    # Of the two crimes that have a second version, one has one that is rejected.
    second = int((crimes.groupby("id").size() - 1).sum())
    assert (second, *answer["chicago-crime"][2:5]) == (2, 1, 1, 1)
    assert answer["pisa"][4] == 1
    # The number that is none; of the hour that two lines name, the later one counts.
    assert answer["store-sensors"][1:5] == [len(LINES) - 2, 1, 1, 0]
