"""The survey from end to end: databases change while `watch` runs, and `serve` answers."""

import json
import os
import re
import signal
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingestion.simulators.pisa.servers import PostgresServer
from ingestion.simulators.pisa.survey import Survey
from tests.support.postgres import Postgres
from tests.support.warehouse import Command, Warehouse, query

pytestmark = pytest.mark.slow
TIMEOUT_SECONDS = 240.0
WATCH = ("watch", "pisa", "--every", "200ms")


def eventually(command: Command, holds: Callable[[], bool]) -> None:
    """Wait until it holds, while the command runs."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not holds():
        assert command.process.poll() is None, command.output
        assert time.monotonic() < deadline, command.output
        time.sleep(0.1)


def counts(warehouse: Warehouse) -> dict[str, int]:
    """Published submissions by country, valid and rejected ones."""
    if not (warehouse.data / "published").exists():
        return {}
    rows = query(
        warehouse.build,
        "select country, cast(sum(number) as bigint) from ("
        " select country_code as country, count(*) as number"
        " from education.fct_student_submissions group by all"
        " union all select country_code, count(*) from education.rejected_submissions group by all"
        ") group by country order by country",
    )
    return dict(rows)


def belonging(warehouse: Warehouse, country: str, submission: int) -> list[tuple[Any, ...]]:
    return query(
        warehouse.build,
        "select belonging from education.fct_student_submissions"
        f" where country_code = '{country}' and submission_id = '{submission}'",
    )


@pytest.fixture(scope="module")
def survey(postgres: Postgres) -> Iterator[Survey]:
    survey = Survey(PostgresServer(postgres.url), seed=7)
    try:
        for country in ("AUT", "BEL", "CHL"):
            survey.add_country(country, 300)
        yield survey
    finally:
        for country in [*survey.countries()]:
            survey.drop_country(country)


@pytest.fixture(scope="module")
def watched(warehouse: Warehouse, survey: Survey) -> Iterator[Command]:
    use(warehouse, survey)
    command = warehouse.start(*WATCH)
    try:
        eventually(command, lambda: counts(warehouse) == {"AUT": 300, "BEL": 300, "CHL": 300})
        yield command
    finally:
        command.process.kill()
        command.process.wait()


def use(warehouse: Warehouse, survey: Survey) -> None:
    warehouse.env["SOURCES__PISA__DATABASES"] = json.dumps(survey.databases())


def test_what_changes_during_watch_arrives_once(
    warehouse: Warehouse, survey: Survey, watched: Command
) -> None:
    late = survey.begin("BEL")
    survey.insert("AUT", 5, belong="0.5000")
    survey.insert("BEL", 5, belong="-0.5000")
    eventually(watched, lambda: counts(warehouse) == {"AUT": 305, "BEL": 305, "CHL": 300})
    # Ids are a country's own: both have a 303, and neither takes the other's place.
    assert belonging(warehouse, "AUT", 303) == [(0.5,)]
    assert belonging(warehouse, "BEL", 303) == [(-0.5,)]
    survey.commit(late, belong="0.2500", durecec="2")
    survey.edit("AUT", 303, belong="1.2500")
    eventually(watched, lambda: belonging(warehouse, "AUT", 303) == [(1.25,)])
    eventually(watched, lambda: counts(warehouse)["BEL"] == 306)
    assert belonging(warehouse, "BEL", late.ids[0]) == [(0.25,)]


def test_the_api_follows_and_answers_304_between_publications(
    warehouse: Warehouse, survey: Survey, watched: Command, tmp_path: Path
) -> None:
    output = warehouse("certificate", str(tmp_path / "pair"))
    pair = re.findall(r"--(?:cert|key)file (\S+)", output)
    trusted = ssl.create_default_context(cafile=pair[0])
    server = warehouse.start("serve", "--port", "0", "--certfile", pair[0], "--keyfile", pair[1])
    try:
        eventually(server, lambda: " at https://" in server.output)
        (url,) = re.findall(r" at (https://\S+),", server.output)
        with httpx.Client(base_url=url, verify=trusted) as client:
            before = client.get("/submissions")
            again = client.get("/submissions", headers={"If-None-Match": before.headers["ETag"]})
            assert (again.status_code, again.content) == (304, b"")
            survey.insert("CHL", 4, durecec="3", belong="0.1000", escs="0.1000", tmins="1500")
            eventually(watched, lambda: client.get("/submissions").json() != before.json())
            assert client.get("/submissions").json()["count"] == before.json()["count"] + 4
            assert client.get("/health").json()["build_id"] == warehouse.build.name
        server.process.send_signal(signal.SIGTERM)
        assert server.end() == 143, server.output
    finally:
        server.process.kill()


def test_a_database_that_disappears_delays_only_its_country(
    warehouse: Warehouse, survey: Survey, watched: Command
) -> None:
    before = counts(warehouse)
    survey.drop_country("BEL")
    survey.insert("AUT", 2)
    eventually(watched, lambda: counts(warehouse) == before | {"AUT": before["AUT"] + 2})
    eventually(watched, lambda: "pisa, BEL" in watched.output)
    failures = warehouse.status()["failures"]
    assert [*failures] == ["pisa, BEL"]
    assert "does not exist" in failures["pisa, BEL"]


def test_a_signal_ends_watch_cleanly_and_leaves_nothing_to_do(
    warehouse: Warehouse, survey: Survey, watched: Command
) -> None:
    os.kill(watched.process.pid, signal.SIGTERM)
    assert watched.end() == 143, watched.output
    use(warehouse, survey)
    status = warehouse.status()
    assert (status["run"], status["killed"], status["leftovers"]) == (None, None, [])
    build = warehouse.build
    assert "nothing new" in warehouse("run", "pisa")
    assert warehouse.build == build


def test_a_killed_watch_loses_and_duplicates_nothing(warehouse: Warehouse, survey: Survey) -> None:
    before = counts(warehouse)
    survey.add_country("DEU", 50)
    use(warehouse, survey)
    survey.insert("AUT", 3)
    fact = "*/target/run/*/fct_student_submissions.sql"
    # A build by plan writes nothing there.
    watching = warehouse.start_killed_at(*WATCH, "--ask-dbt", moment=("open", fact))
    assert watching.end() == -signal.SIGKILL, watching.output
    warehouse("run", "pisa")
    assert counts(warehouse) == before | {"AUT": before["AUT"] + 3, "DEU": 50}
