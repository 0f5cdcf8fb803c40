"""The commands with a PostgreSQL server: what they print, how they end, what they reveal."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import quote

import duckdb
import pytest

from dbt_project.monitoring.alert_settings import Limits
from dbt_project.monitoring.alerts import send_alerts
from dbt_project.paths import Paths
from dbt_project.runs.run import Run
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Silent
from tests.python.dbt_project.publishing.postgres.conftest import Ask
from tests.support.postgres import Postgres
from tests.support.projects.publications import NOW
from tests.support.projects.sample_project import Warehouse
from tests.support.publishing.small_marts import EVERY, SmallMarts, differences

URL = "WAREHOUSE_POSTGRES_URL"
NOWHERE = "postgresql://warehouse@127.0.0.1:1/marts"
NAMES = ("dim_store", "fct_visits", "visits_total", "visits_by_month")
TABLES = [f"footfall.{name}" for name in NAMES]
SECRET = "planted@s3cret+/9f3c"


def alerts(paths: Paths) -> list[str]:
    sent = send_alerts(paths, now=NOW, urls=(), limits=Limits(), echo=lambda _: None)
    return [f"{alert.title}: {alert.text}" for alert in sent if alert.kind != "unchecked"]


@pytest.fixture
def shop(marts: SmallMarts, shop_source: None) -> SmallMarts:
    return marts


def test_an_unreachable_server_delays_itself_alone(
    warehouse: Warehouse, shop: SmallMarts, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = {"data": shop.paths.data, "project": shop.paths.project}
    shop.build(EVERY)
    monkeypatch.setenv(URL, NOWHERE)
    failed = warehouse("publish", **where)
    build = shop.paths.published.resolve().name
    assert failed.returncode == 1
    assert f"published  {build} in" in failed.stdout
    (line,) = failed.stderr.strip().splitlines()[-1:]
    assert line.startswith(f"warehouse: PostgreSQL did not get build {build}: no connection: ")
    assert line.endswith("check WAREHOUSE_POSTGRES_URL and the server; the next run tries again")
    with duckdb.connect(shop.paths.published / "marts.duckdb", read_only=True) as connection:
        assert connection.sql("select count(*) from footfall.fct_visits").fetchall() == [(1000,)]
    status = warehouse("status", **where).stdout
    assert "postgres   has no build, not what is published: no connection: " in status
    (alert,) = alerts(shop.paths)
    assert alert.startswith(
        f"PostgreSQL does not have the published build: it has none, and {build} is published (no"
    )
    monkeypatch.setenv(URL, url)
    done = warehouse("publish", **where)
    assert done.returncode == 0, done.stderr
    assert f"postgres   {build}: 4 tables, 1,008 rows sent" in done.stdout
    assert f"postgres   has {build}\n" in warehouse("status", **where).stdout
    assert alerts(shop.paths) == []
    assert differences(shop.paths.published, url, TABLES) == {}


def test_watch_leaves_a_server_that_failed_alone_for_a_minute(
    shop: SmallMarts, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.publish(EVERY)
    tried = []
    monkeypatch.setenv(URL, NOWHERE)
    for seconds in (0, 1, 59, 61):
        run = Run(
            shop.paths,
            Silent(),
            "watch",
            clock=partial(NOW.__add__, timedelta(seconds=seconds)),
            is_watch_iteration=True,
        )
        run.build_id = shop.paths.published.resolve().name
        run.publish_to_server()
        with pytest.raises(WarehouseError, match=r"PostgreSQL did not get .*no connection"):
            run.require_all_done()
        tried.append("postgres" in run.steps)
    assert tried == [True, False, False, True]
    monkeypatch.setenv(URL, url)
    later = partial(NOW.__add__, timedelta(seconds=200))
    for is_needed in (True, False):
        run = Run(shop.paths, Silent(), "watch", clock=later, is_watch_iteration=True)
        run.build_id = shop.paths.published.resolve().name
        run.publish_to_server()
        run.require_all_done()
        assert ("postgres" in run.steps) == is_needed


def test_a_rollback_and_a_repeated_publication_reach_the_server(
    warehouse: Warehouse, shop: SmallMarts, url: str, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    where = {"data": shop.paths.data, "project": shop.paths.project}
    built = "select build_id from warehouse.published_build"
    monkeypatch.setenv(URL, url)
    first = shop.publish(EVERY)["build_id"]
    shop.build("update footfall.fct_visits set visitors = 99 where visit_id = 5")
    assert warehouse("publish", **where).returncode == 0
    second = shop.paths.published.resolve().name
    assert ask(built) == [(second,)]
    done = warehouse("publish", "--to", first, **where)
    assert f"postgres   {first}: 1 tables, 1 rows sent" in done.stdout
    assert ask(built) == [(first,)]
    ask("update footfall.fct_visits set visitors = -1")
    repeated = warehouse("publish", "--to-postgres", **where)
    assert f"postgres   {first}: 4 tables, 1,008 rows sent" in repeated.stdout
    assert differences(shop.paths.published, url, TABLES) == {}


def test_what_cannot_be_asked_for_is_said_in_one_line(
    warehouse: Warehouse, shop: SmallMarts, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = {"data": shop.paths.data, "project": shop.paths.project}
    unset = warehouse("publish", "--to-postgres", **where)
    assert unset.stderr == (
        "warehouse: there is nothing to publish to PostgreSQL: WAREHOUSE_POSTGRES_URL is not set;"
        " set it\n"
    )
    monkeypatch.setenv(URL, NOWHERE)
    nothing = warehouse("publish", "--to-postgres", **where)
    assert nothing.stderr.endswith("nothing is published yet; run `warehouse run` first\n")
    assert warehouse("publish", "--to-postgres", "--to", "x", **where).returncode == 2
    monkeypatch.setenv(URL, "mysql://host/d")
    refused = warehouse("run", **where)
    assert refused.stderr == (
        "warehouse: WAREHOUSE_POSTGRES_URL is not the URL of a database: write it as"
        " postgresql://host/database?user=name&sslmode=verify-full\n"
    )


@pytest.fixture
def roles(postgres: Postgres, url: str, ask: Ask) -> Callable[[str], str]:
    """Create a role; where it connects to."""

    def create(name: str) -> str:
        ask(f"create role {name} login superuser")
        return f"127.0.0.1:{postgres.port}/{url.rpartition('/')[2]}"

    return create


@pytest.mark.parametrize("form", ["{user}:{quoted}@{at}", "{user}@{at}?password={quoted}", "env"])
def test_no_failure_and_no_success_reveals_the_password(
    warehouse: Warehouse,
    shop: SmallMarts,
    ask: Ask,
    roles: Callable[[str], str],
    form: str,
) -> None:
    where = {"data": shop.paths.data, "project": shop.paths.project}
    user = f"planted_{len(form)}"
    at, quoted = roles(user), quote(SECRET, safe="")
    url = "{user}@{at}" if form == "env" else form
    env = {"PGPASSWORD": SECRET} if form == "env" else {}
    shop.build(EVERY)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {URL: f"postgresql://{url.format_map(locals())}", **env}.items():
            patch.setenv(name, value)
        wrong = warehouse("--debug", "publish", **where)
        assert "password authentication failed" in wrong.stderr
        ask(f"alter role {user} password '{SECRET}'")
        right = warehouse("publish", **where)
        assert right.returncode == 0, right.stderr
        shown = "".join((wrong.stdout, wrong.stderr, right.stdout, right.stderr))
        shown += warehouse("status", "--json", **where).stdout
    files = [path for path in shop.paths.data.rglob("*") if path.is_file()]
    assert any(path.name == "postgres.json" for path in files)
    for secret in (SECRET, quoted):
        assert secret not in shown
        assert [path for path in files if secret.encode() in path.read_bytes()] == []
