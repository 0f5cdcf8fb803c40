"""An API that fails, refuses, is slow or unreachable, and a load that is killed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ingestion.core.errors import LoadError
from ingestion.core.progress import Task
from ingestion.simulators.process import running
from ingestion.simulators.simulator import Routes
from ingestion.sources.store_sensors.api import per_reading_route, routes
from tests.support.sources.sensors import DOORS, Loader, Sensors, notes_of, use

TUESDAY, WEDNESDAY = "2026-06-16", "2026-06-17"
WHOLE_DAY = 24 * DOORS

# Small packages and windows, so that a kill finds some committed and some not.
PROGRAM = """
import sys
from datetime import date, datetime, UTC
from pathlib import Path
from ingestion.core.loading import load
from ingestion.core.progress import LineProgress
from ingestion.core.source import LoadOptions
from ingestion.sources.store_sensors.api import routes, per_reading_route
from ingestion.sources.store_sensors import writer
writer.ROWS_PER_PACKAGE = per_reading_route.READINGS_PER_BATCH = routes.READINGS_PER_WINDOW = 120
load("store-sensors", LoadOptions(date(2026, 6, 16), date(2026, 6, 17)), data_dir=Path(sys.argv[1]),
     progress=LineProgress(), clock=lambda: datetime(2026, 6, 18, tzinfo=UTC))
"""


def of_route(
    route: str, apis: dict[str, Sensors], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Sensors, Loader]:
    api = apis[route]
    api.control("reset")
    use(api, monkeypatch)
    return api, Loader(folder, api).at("2026-06-18T00:00:00+00:00")


@pytest.fixture
def one(
    apis: dict[str, Sensors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Sensors, Loader]:
    return of_route("one", apis, tmp_path, monkeypatch)


@pytest.fixture
def every(
    apis: dict[str, Sensors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Sensors, Loader]:
    return of_route("all", apis, tmp_path, monkeypatch)


@pytest.mark.parametrize("route", ["all", "one"])
@pytest.mark.parametrize(
    "fault", [{"mode": "status", "status": 500}, {"mode": "cut"}, {"mode": "slow", "seconds": 3}]
)
def test_a_request_that_fails_once_is_retried_within_the_load(
    route: str,
    fault: dict[str, object],
    apis: dict[str, Sensors],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    api, loader = of_route(route, apis, tmp_path, monkeypatch)
    use(api, monkeypatch, TIMEOUT=0.8)
    api.control("fail", match="store_name=Roma", times=1, **fault)
    report = loader.load(TUESDAY, WEDNESDAY)
    assert (report.rows["readings"], notes_of(report)) == (WHOLE_DAY, [])
    assert loader.number("visits is null") == 0


@pytest.mark.parametrize("fault", [{"mode": "status"}, {"mode": "slow", "seconds": 1.5}])
def test_a_reading_that_keeps_failing_is_not_received_and_asked_for_by_the_next_load(
    fault: dict[str, object], one: tuple[Sensors, Loader], monkeypatch: pytest.MonkeyPatch
) -> None:
    api, loader = one
    use(api, monkeypatch, TIMEOUT=0.5)
    match = "store_name=Roma&year=2026&month=6&day=16&hour=11&sensor_id=2"
    api.control("fail", match=match, times=4, **fault)
    report = loader.load(TUESDAY, WEDNESDAY)
    assert notes_of(report) == [
        "Roma: 1 readings were not received; the next load asks for them again."
    ]
    assert loader.readings("visits is null") == [("Roma", "2", "2026-06-16T11:00:00", None)]
    assert loader.number() == WHOLE_DAY
    assert loader.load(TUESDAY, WEDNESDAY).rows == {"readings": 1}
    assert loader.number("visits is null") == 0


def test_a_store_whose_stream_keeps_failing_is_skipped_and_the_others_continue(
    every: tuple[Sensors, Loader],
) -> None:
    api, loader = every
    api.control("fail", mode="status", status=503, match="store_name=Paris", times=4)
    report = loader.load(TUESDAY, WEDNESDAY)
    assert report.rows["readings"] == WHOLE_DAY - 24 * 20
    assert list(report.failures) == ["Paris"]
    why = "not loaded to its end: no whole answer in 4 tries: 503"
    assert report.failures["Paris"].startswith(why)
    assert loader.load(TUESDAY, WEDNESDAY).rows == {"readings": 24 * 20}


def test_a_load_fails_if_every_store_fails(every: tuple[Sensors, Loader]) -> None:
    api, loader = every
    api.control("fail", mode="status", match="/readings?store_name", times=100)
    with pytest.raises(LoadError, match="no store could be loaded; Madrid: no whole answer"):
        loader.load(TUESDAY, WEDNESDAY)
    assert loader.number() == 0
    api.control("reset")
    api.control("clock", now=loader.now)
    assert loader.load(TUESDAY, WEDNESDAY).rows["readings"] == WHOLE_DAY


def test_readings_that_the_api_refuses_are_noted_in_its_own_words(
    one: tuple[Sensors, Loader],
) -> None:
    api, loader = one
    # Its clock is behind ours: the last hours have not begun there.
    api.control("clock", now="2026-06-16T20:30:00Z")
    report = loader.load(TUESDAY, WEDNESDAY)
    assert loader.number() == WHOLE_DAY
    assert loader.number("visits is null") > 0
    assert (
        "Madrid refused readings, the first of door 0 at 2026-06-16T23:00:00: "
        "404 2026-06-16T23:00 has not begun in Madrid"
    ) in report.notes
    loader.at(loader.now).load(TUESDAY, WEDNESDAY)
    assert loader.number("visits is null") == 0


def test_an_api_that_answers_nothing_but_errors_ends_the_load_in_one_line(
    one: tuple[Sensors, Loader],
) -> None:
    api, loader = one
    api.control("fail", mode="status", status=502, match="/?store_name", times=100_000)
    with pytest.raises(LoadError, match=r"did not answer \d+ readings in a row") as error:
        loader.load(TUESDAY, WEDNESDAY)
    assert "\n" not in str(error.value)
    assert loader.number() == 0


class Dying:
    """Ends the API after the first batch, as a task that shows progress."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    @contextmanager
    def task(
        self, description: str, total: int | None = None, unit: str = "rows"
    ) -> Iterator[Task]:
        yield self

    def advance(self, n: int) -> None:
        self._stack.close()

    def total(self, n: int) -> None:
        pass


@pytest.mark.parametrize("route", ["all", "one"])
def test_an_api_that_dies_midway_loses_and_duplicates_nothing(
    route: Routes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(per_reading_route, "READINGS_PER_BATCH", 120)
    monkeypatch.setattr(routes, "READINGS_PER_WINDOW", 120)
    loader = Loader(tmp_path, now="2026-06-18T00:00:00+00:00")
    with ExitStack() as stack:
        api = Sensors(stack.enter_context(running("store-sensors", routes=route)))
        use(api, monkeypatch)
        loader.progress = Dying(stack)
        with pytest.raises(LoadError, match=r"cannot be reached|did not answer") as error:
            loader.load(TUESDAY, WEDNESDAY)
    assert "\n" not in str(error.value)
    begun = loader.number()
    assert 0 < begun < WHOLE_DAY
    # Those in flight when it died are asked for again.
    begun -= loader.number("visits is null")
    with running("store-sensors", routes=route) as url:
        use(Sensors(url), monkeypatch)
        rest = Loader(tmp_path, now=loader.now)
        assert rest.load(TUESDAY, WEDNESDAY).rows["readings"] == WHOLE_DAY - begun
        whole = Loader(tmp_path / "whole", now=loader.now)
        whole.load(TUESDAY, WEDNESDAY)
    assert rest.readings() == whole.readings()


@pytest.mark.long
@pytest.mark.parametrize("route", ["all", "one"])
def test_consecutive_kills_lose_and_duplicate_nothing(
    route: str, apis: dict[str, Sensors], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, whole = of_route(route, apis, tmp_path / "whole", monkeypatch)
    whole.load(TUESDAY, WEDNESDAY)
    killed = Loader(tmp_path / "killed", now=whole.now)
    path = "/readings" if route == "all" else "/"
    kills = 0
    for requests, seconds in ((1, 0.0), (3, 0.6), (4, 1.1)):
        before = len(api.asked(path))
        command = [sys.executable, "-c", PROGRAM, str(killed.folder)]
        child = subprocess.Popen(command, env={**os.environ})
        while child.poll() is None and len(api.asked(path)) < before + requests:
            time.sleep(0.01)
        time.sleep(seconds)
        kills += child.poll() is None
        child.kill()
        child.wait()
    assert kills >= 2
    killed.load(TUESDAY, WEDNESDAY)
    assert killed.readings() == whole.readings()
    assert not list((killed.folder / "work").iterdir())
    assert killed.load(TUESDAY, WEDNESDAY).load_ids == []
