"""Countries' databases compared with raw by hour: what loads do not see is found and repaired."""

from datetime import timedelta
from pathlib import Path

import pytest

from ingestion.core.errors import LoadError
from ingestion.simulators.pisa.servers import PostgresServer, Server
from ingestion.simulators.pisa.survey import Survey
from tests.support.postgres import Postgres
from tests.support.sources.pisa import COUNTRIES, ROWS, Loader, configure

DELETED = "select database_country, id from response_deletions order by all"
ANSWER = "select belong from responses where database_country = 'ALB' and id = '2'"


@pytest.fixture
def server(either_server: Server) -> Server:
    return either_server


@pytest.fixture
def survey(survey: Survey, loader: Loader) -> Survey:
    """The databases, after their first load."""
    loader.load()
    return survey


def test_what_loads_do_not_see_is_repaired(survey: Survey, loader: Loader) -> None:
    assert loader.reconcile().rows == {}
    survey.edit("alb", 2, belong="1.2345")
    survey.execute("alb", "delete from responses where id = 4")
    late = survey.insert("fra", created_at=loader.clock.now - timedelta(days=40))
    report = loader.reconcile()
    assert report.rows == {"responses": 2, "response_deletions": 1}
    assert report.notes == ["ALB: 1 rows are deleted."]
    assert loader.query(ANSWER) == [("1.2345",)]
    assert loader.query(DELETED) == [("ALB", "4")]
    held = loader.query("select id from responses where database_country = 'FRA'")
    assert (str(late[0]),) in held
    # A load counts without deleted rows: nothing is missing, and nothing is read again.
    assert loader.load().notes == []
    again = loader.reconcile()
    assert (again.rows, again.notes) == ({}, [])


def test_a_row_that_comes_back_is_current_again(survey: Survey, loader: Loader) -> None:
    columns = "id, created_at, cnt, durecec, belong, escs, tmins, w_fstuwt"
    survey.execute("alb", f"create table kept as select {columns} from responses where id = 4")
    survey.execute("alb", "delete from responses where id = 4")
    loader.reconcile()
    survey.execute("alb", f"insert into responses ({columns}) select {columns} from kept")
    # A load finds it by counting, though its cells are those that raw holds.
    assert loader.load().rows["responses"] == 1
    live = "select r._dlt_load_id > d._dlt_load_id from responses r join response_deletions d "
    assert loader.query(f"{live} using (database_country, id)") == [(True,)]
    assert loader.reconcile().rows == {}


def test_the_hours_that_are_over_are_noted_as_counted(survey: Survey, loader: Loader) -> None:
    loader.reconcile()
    counts = "select sum(cast(rows_at_source as integer)) from hour_counts"
    of_running = loader.query("select count(*) from responses where created_at >= '2026-06-17T10'")
    assert loader.query(counts) == [(2 * ROWS - of_running[0][0],)]
    parts = "select part, reconciled_at, periods_read_again from reconciliations order by 1"
    at = "2026-06-17T10:30:00.000000Z"
    assert loader.query(parts) == [("ALB", at, "0"), ("FRA", at, "0")]
    loader.clock.forward(hours=1)
    survey.execute("fra", "delete from responses where id = 1")
    loader.reconcile()
    noted = "select checked_at, count(*) from hour_counts group by 1 order by 2 limit 1"
    later = "2026-06-17T11:30:00.000000Z"
    assert loader.query(noted)[0][0] == later
    assert loader.query(parts) == [("ALB", later, "0"), ("FRA", later, "1")]


def test_days_narrow_what_is_compared(survey: Survey, loader: Loader) -> None:
    survey.execute("alb", "delete from responses where id = 1")
    assert loader.reconcile(since="2026-06-16").rows == {}
    assert loader.query("select count(*) from reconciliations") == [(0,)]
    assert loader.reconcile(until="2026-06-15").rows == {"response_deletions": 1}


def test_a_country_that_shrank_is_refused_until_it_is_accepted(
    survey: Survey, loader: Loader
) -> None:
    survey.execute("alb", f"delete from responses where id > {ROWS // 2}")
    survey.edit("fra", 2, belong="1.2345")
    why = f"it has {ROWS // 2} rows where {ROWS} are loaded"
    for work in (loader.load, loader.reconcile):
        report = work()
        assert why in report.failures["ALB"]
        assert "--accept-shrink" in report.failures["ALB"]
    # The other one was reconciled.
    assert loader.query("select belong from responses where belong = '1.2345'") == [("1.2345",)]
    assert loader.query(DELETED) == []
    accepted = loader.reconcile(accept_shrink=True)
    assert accepted.rows == {"response_deletions": ROWS // 2}
    assert loader.load().failures == {}


def test_rows_without_a_time_are_compared_too(survey: Survey, loader: Loader) -> None:
    is_postgres = isinstance(survey.server, PostgresServer)
    odd = "'infinity'" if is_postgres else "'soon'"
    survey.execute("alb", f"update responses set created_at = {odd} where id = 3")
    survey.execute("alb", "update responses set belong = 'ü, \"ö\"\n' where id = 5")
    counted = "select database_country, rows_at_source from hour_counts"
    counted += " where submitted_hour = 'none'"
    assert loader.reconcile().rows == {"responses": 2}
    assert loader.query(counted) == [("ALB", "1")]
    assert loader.reconcile().rows == {}
    survey.execute("alb", "delete from responses where id = 3")
    assert loader.reconcile().rows == {"response_deletions": 1}
    assert loader.query(counted) == [("ALB", "0")]


def test_nothing_is_read_where_nothing_differs(
    survey: Survey, loader: Loader, request: pytest.FixtureRequest
) -> None:
    if not isinstance(survey.server, PostgresServer):
        pytest.skip("SQLite makes no checksums: its rows are read to compare them")
    server: Postgres = request.getfixturevalue("postgres")
    for country in COUNTRIES:
        name = survey.server.url(country.upper()).rpartition("/")[2]
        survey.execute(country, f"alter database \"{name}\" set log_statement = 'all'")
    log = server.folder / "log"

    def pages() -> int:
        before = len(log.read_text())
        loader.reconcile()
        return log.read_text()[before:].count("copy (")

    assert pages() == 0
    survey.edit("alb", 2, belong="1.2345")
    assert pages() == 1


def test_no_database_at_all_gives_one_line(
    loader: Loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, None, alb=f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(LoadError, match=r"^no database of pisa could be compared; ALB: there is"):
        loader.reconcile()
