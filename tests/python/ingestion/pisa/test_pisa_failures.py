"""Databases that are unreachable, hang, lack something or disappear, and a killed load."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from ingestion.core.errors import LoadError
from ingestion.simulators.pisa.servers import PostgresServer
from ingestion.simulators.pisa.survey import Survey
from tests.support.postgres import PASSWORD, binaries, running_postgres
from tests.support.sources.pisa import ROWS, Loader, configure, settings

# Every row that is read takes a while.
SLOW_VIEW = "create view responses as select *, cast(pg_sleep({}) as text) as nap from slow"
# Small pages and packages, so that a kill finds some committed and some not.
PROGRAM = """
import sys
from datetime import datetime
from pathlib import Path
from ingestion.core.loading import load
from ingestion.core.progress import LineProgress
from ingestion.sources.pisa.databases import database
from ingestion.sources.pisa import writer
database.PAGE_ROWS, writer.ROWS_PER_PACKAGE = 20, 40
load("pisa", data_dir=Path(sys.argv[1]), progress=LineProgress(),
     clock=lambda: datetime.fromisoformat(sys.argv[2]))
"""


def only_france_is_loaded(loader: Loader, why: str) -> None:
    report = loader.load()
    assert list(report.failures) == ["ALB"]
    assert why in report.failures["ALB"]
    assert "\n" not in report.failures["ALB"]
    assert report.notes == [
        f"ALB was not loaded: {report.failures['ALB']}; the next load tries again."
    ]
    assert loader.numbers() == {"FRA": ROWS}
    assert loader.checks() == {"ALB": report.failures["ALB"], "FRA": "loaded"}
    # The same failure again is not recorded.
    assert loader.load().load_ids == []


def test_a_missing_database_delays_only_its_country(
    survey: Survey, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = survey.databases()["alb"]
    configure(monkeypatch, survey, alb=url.replace("pisa_alb", "pisa_xyz"))
    only_france_is_loaded(loader, 'database "pisa_xyz" does not exist')
    configure(monkeypatch, survey)
    assert loader.load().failures == {}
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS}
    assert loader.checks() == {"ALB": "loaded", "FRA": "loaded"}


def test_a_database_dropped_after_a_load_keeps_its_rows(survey: Survey, loader: Loader) -> None:
    loader.load()
    survey.close_country("alb")
    survey.server.drop("ALB")
    survey.insert("fra")
    report = loader.load()
    assert 'database "pisa_alb" does not exist' in report.failures["ALB"]
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS + 1}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("alter table responses drop column escs", "its table responses has no column escs"),
        ("alter table responses rename to answers", 'relation "responses" does not exist'),
        (
            "alter table responses alter created_at type text",
            "its column created_at is of another type than timestamptz",
        ),
        (
            "alter table responses alter id type text",
            "its column id is of another type than bigint",
        ),
    ],
)
def test_a_table_with_another_schema_delays_only_its_country(
    change: str, why: str, survey: Survey, loader: Loader
) -> None:
    survey.execute("alb", change)
    only_france_is_loaded(loader, why)


def test_answers_that_are_numbers_at_the_source_are_loaded(survey: Survey, loader: Loader) -> None:
    survey.execute(
        "alb",
        "alter table responses alter tmins type numeric using 840, alter escs type float8"
        " using 0.5, alter created_at type timestamp using created_at at time zone 'UTC'",
    )
    assert loader.load().failures == {}
    assert loader.query(
        "select distinct tmins, escs from responses where database_country = 'ALB'"
    ) == [("840", "0.5")]
    assert loader.query("select max(created_at) from responses") == [
        ("2026-06-17T10:30:00.000000Z",)
    ]
    assert loader.load().rows == {}


def test_a_wrong_password_is_reported_but_not_quoted(
    survey: Survey,
    loader: Loader,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    url = survey.databases()["alb"].replace(PASSWORD, "swordfish")
    configure(monkeypatch, survey, alb=url)
    only_france_is_loaded(loader, "password authentication failed")
    report = loader.load()
    output = f"{report} {caplog.text} {loader.query('from database_checks')}"
    assert "swordfish" not in output
    assert PASSWORD not in output


def test_a_load_fails_if_no_database_can_be_read(
    survey: Survey, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = {code: f"{url}_gone" for code, url in survey.databases().items()}
    configure(monkeypatch, None, **urls)
    with pytest.raises(
        LoadError, match=r"no database of pisa could be read; ALB: .*_gone"
    ) as failed:
        loader.load()
    assert PASSWORD not in str(failed.value)
    assert set(loader.checks()) == {"ALB", "FRA"}


def test_a_query_that_takes_too_long_delays_only_its_country(
    survey: Survey, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(monkeypatch, TIMEOUT=1)
    survey.execute("alb", "alter table responses rename to slow")
    survey.execute("alb", SLOW_VIEW.format(0.1))
    only_france_is_loaded(loader, "it took longer than 1 s to answer")


def test_a_silent_server_delays_only_its_country(
    survey: Survey, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        configure(monkeypatch, survey, alb=f"postgresql://u:{PASSWORD}@127.0.0.1:{port}/x")
        settings(monkeypatch, TIMEOUT=2)
        only_france_is_loaded(loader, "timeout expired")


@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL])
def test_a_server_that_hangs_or_dies_mid_answer_delays_only_its_countries(
    how: signal.Signals, survey: Survey, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = binaries()
    assert folder is not None
    with running_postgres(folder) as other:
        second = Survey(PostgresServer(other.url), clock=loader.clock)
        second.add_country("ita", ROWS)
        second.execute("ita", "alter table responses rename to slow")
        second.execute("ita", SLOW_VIEW.format(0.05))
        configure(monkeypatch, survey, **second.databases())
        settings(monkeypatch, TIMEOUT=2)
        stopped = threading.Timer(0.7, lambda: _signal_all(other.process.pid, how))
        stopped.start()
        report = loader.load()
        stopped.join()
        _signal_all(other.process.pid, signal.SIGCONT)
    assert list(report.failures) == ["ITA"]
    assert loader.numbers() == {"ALB": ROWS, "FRA": ROWS}


def _signal_all(pid: int, how: signal.Signals) -> None:
    """Signal a server, first itself, so that it replaces none of its children, and then them."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in [pid, *map(int, children)]:
        with suppress(ProcessLookupError):
            os.kill(one, how)


def test_a_missing_file_is_not_created(
    loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, None, alb=f"sqlite:///{tmp_path}/pisa_alb.sqlite")
    with pytest.raises(LoadError, match="ALB: there is no file"):
        loader.load()
    assert not (tmp_path / "pisa_alb.sqlite").exists()


@pytest.mark.long
def test_a_load_killed_at_any_moment_and_run_again_loses_and_duplicates_nothing(
    survey: Survey, loader: Loader
) -> None:
    survey.insert("alb", 300)
    program = [sys.executable, "-c", PROGRAM, str(loader.folder), loader.clock.now.isoformat()]
    begun = time.monotonic()
    subprocess.run(program, check=True, capture_output=True)
    whole = time.monotonic() - begun
    expected = loader.query("select * exclude (_dlt_load_id) from responses order by all")
    assert loader.numbers() == {"ALB": ROWS + 300, "FRA": ROWS}
    for share in (0.5, 0.7, 0.9):
        shutil.rmtree(loader.folder)
        for _ in range(2):
            child = subprocess.Popen(program, stderr=subprocess.DEVNULL)
            time.sleep(whole * share)
            child.kill()
            child.wait()
        loader.load()
        rows = loader.query("select * exclude (_dlt_load_id) from responses order by all")
        assert rows == expected
        assert loader.load().rows == {}
