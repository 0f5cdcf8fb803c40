"""The rows on which mutants are built: a small demo, loaded twice, since increments count too.

The simulators of the demo serve it: crimes of a year and their revisions, readings of five weeks
to the day on which the clocks go back, students of four countries. Added are what they do not have:
the day in spring on which the clocks go forward, files, rows that no rule accepts, rows that are
corrected or deleted without notice and found by reconciliation.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.core.loading import load
from ingestion.core.progress import Silent
from ingestion.core.registry import find_source
from ingestion.core.source import LoadOptions
from ingestion.simulators.chicago_crime.revisions import revise
from ingestion.simulators.pisa.servers import SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from ingestion.simulators.serving import serving
from tests.support.sources.loading import Simulated

CRIMES = 6_000
STUDENTS = 250
COUNTRIES = ("AUT", "BEL", "CHL", "JPN")
FIRST_DAY, SECOND_LOAD, LAST_DAY = date(2025, 9, 24), date(2025, 10, 20), date(2025, 10, 29)
# Cells that no rule accepts, or no list knows, of a few crimes each.
CRIMES_TO_EDIT = {
    "district = '024' and arrest = true": {"ward": "north"},
    "district = '020' and arrest = true": {"district": "031", "beat": "9999"},
    "district = '017' and arrest = true": {"latitude": "91.5"},
    "district = '022' and arrest = true": {"date": "2000-12-31T23:00:00.000"},
}
READINGS_HEADER = "date,hour,shop,sensor_id,count,units"
# Paris skips hour 2 on the 30th of March, and has it twice on the 26th of October.
READINGS = (
    *(
        f"2025-03-{day},{hour},Paris,0,{day + hour},visits"
        for day in (29, 30)
        for hour in range(24)
    ),
    *(f"2025-10-26,{hour},Paris,0,{hour},visits" for hour in range(5)),
    "2025-03-31,9,Paris,0,NULL,visits",
    "2025-03-31,10,Paris,0,-1,visits",
    "2025-03-31,11,Paris,0,many,visits",
    "2025-03-31,24,Paris,0,7,visits",
    "2025-13-31,3,Paris,0,7,visits",
    "2025-03-31,12,Atlantis,0,7,visits",
    "2025-03-31,13,Paris,-3,7,visits",
    "2025-03-31,14,Paris,0,1000001,visits",
    "2025-03-31,15,Paris,0,5,visits",
    "2025-03-31,15,Paris,0,6,visits",
)
REPLICATES = range(1, 81)
STUDENTS_HEADER = ",".join(
    (
        "CYC,CNT,CNTSCHID,CNTSTUID,DURECEC,BELONG,ESCS,TMINS,W_FSTUWT",
        *(f"W_FSTURWT{number}" for number in REPLICATES),
    )
)


def _student(line: str, number: int = 1) -> str:
    weights = (f"{0.5 + (number * replicate) % 3}" for replicate in REPLICATES)
    return ",".join((line, *weights))


FILE_STUDENTS = tuple(
    _student(f"07MS,FRA,1,{n},{n % 9},{n / 8},{n / 4},{600 + n},{1 + n / 10}", n) for n in range(30)
)
# A corrected file: five students again, others of another cycle, and what no rule accepts.
FILE_STUDENTS_AGAIN = (
    *(
        _student(f"07MS,FRA,1,{n},{n % 9},{n / 4},{n / 2},{700 + n},{2 + n / 10}", n)
        for n in range(5)
    ),
    *(
        _student(f"06MS,FRA,1,{n},{n % 9},{n / 9},{n / 3},{500 + n},{1 + n / 20}", n)
        for n in range(9)
    ),
    *(
        _student(line)
        for line in (
            "07MS,ITA,2,101,99,NA,,99999999,5.2",
            "07MS,ITA,2,102,9,0.5,0.5,840,1.5",
            "07MS,ITA,2,103,1,21,0.5,840,1.5",
            "07MS,ITA,2,104,1,0.5,0.5,10081,1.5",
            "07MS,ITA,2,105,1,0.5,0.5,840,0",
            "07MS,XXX,2,106,1,0.5,0.5,840,1",
            "99XX,ITA,2,107,1,0.5,0.5,840,1",
        )
    ),
    "07MS,ITA,2,108",
)


def load_twice(data: Path, between: Callable[[], object]) -> None:
    """Load raw rows, let the sources change, and load again.

    Args:
        data: the folder to whose raw file rows are loaded.
        between: called after the first load.
    """
    survey = Survey(SqliteFolder(data.with_name("survey")), seed=7)
    with ExitStack() as stack:
        stack.callback(survey.close)
        crimes = Simulated(stack.enter_context(serving("chicago-crime", rows=CRIMES, seed=5)))
        sensors = Simulated(stack.enter_context(serving("store-sensors")))
        for country in COUNTRIES:
            survey.add_country(country, STUDENTS)
        databases = json.dumps(survey.databases())
        addresses = (crimes.url, sensors.url, databases)
        stack.enter_context(_addresses(dict(zip(SOURCES, addresses, strict=True))))
        load_one = _Loader(data)
        load_one("chicago-crime")
        load_one("store-sensors", since=FIRST_DAY, until=SECOND_LOAD)
        load_one("store-sensors", files=_file(data, "readings", READINGS_HEADER, READINGS[:40]))
        load_one("pisa")
        load_one("pisa", files=_file(data, "students", STUDENTS_HEADER, FILE_STUDENTS))
        between()
        _change(crimes, sensors, survey)
        load_one("chicago-crime")
        load_one("store-sensors", until=LAST_DAY)
        load_one("store-sensors", files=_file(data, "readings_2", READINGS_HEADER, READINGS[36:]))
        load_one("pisa", files=_file(data, "again", STUDENTS_HEADER, FILE_STUDENTS_AGAIN))
        for source in SOURCES:
            load_one(source, reconcile=True)


SOURCES = ("chicago-crime", "store-sensors", "pisa")


class _Loader:
    """Loads into a data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, source: str, **options: Any) -> None:
        load(source, LoadOptions(**options), data_dir=self.data, progress=Silent())


@contextmanager
def _addresses(addresses: Mapping[str, str]) -> Iterator[None]:
    names = {find_source(name).address_variable: value for name, value in addresses.items()}
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            os.environ.update({name: value} if value else {})


def _file(data: Path, name: str, header: str, lines: Iterable[str]) -> tuple[Path]:
    file = data.with_name(f"{name}.csv")
    file.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return (file,)


def _change(crimes: Simulated, sensors: Simulated, survey: Survey) -> None:
    """What changes at the sources: also without notice, for reconciliation to find."""
    revise(crimes.url)
    for where, cells in CRIMES_TO_EDIT.items():
        crimes.control("edit", where=where, set=cells)
    for hour, visits in ((10, -1), (11, "many"), (12, 2_000_000), (13, 12), (14, -2)):
        sensors.control(
            "set",
            store_name="Paris",
            sensor_id=1,
            read_at_local=f"2025-10-19T{hour}:00:00",
            visits=visits,
        )
    survey.edit(COUNTRIES[0], STUDENTS - 9, belong="1.2500")
    survey.edit(COUNTRIES[1], STUDENTS - 9, escs="much", tmins="-5")
    survey.edit(COUNTRIES[2], STUDENTS - 9, cnt="XXX")
    survey.execute(COUNTRIES[3], f"delete from responses where id > {STUDENTS - 3}")
    survey.insert(COUNTRIES[1], 40)
