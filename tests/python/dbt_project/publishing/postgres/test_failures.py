"""A server that fails delays itself alone: nothing else waits, and the next attempt catches up."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest

from dbt_project.publishing.postgres.connection import ServerError
from reports.api.web.certificate import make_certificate
from tests.python.dbt_project.publishing.postgres.conftest import Ask, Land
from tests.support.postgres import Postgres
from tests.support.publishing.small_marts import EVERY, SmallMarts, differences

NAMES = ("dim_store", "fct_visits", "visits_total", "visits_by_month")
TABLES = [f"footfall.{name}" for name in NAMES]
A_CHANGE = "update footfall.fct_visits set visitors = 99 where visit_id = 5"
WAITS = """
    select count(*) from pg_stat_activity
    where application_name = 'warehouse' and wait_event_type = 'Lock'
"""
SECONDS = 30.0


@contextmanager
def held_up(url: str) -> Iterator[Callable[[], None]]:
    """Hold up a swap in its middle: rows are loaded, and the first table cannot be changed.

    Yields a function that waits until the swap is there.
    """
    with closing(psycopg2.connect(url)) as session, closing(psycopg2.connect(url)) as other:
        other.autocommit = True
        with session.cursor() as cursor, other.cursor() as looking:
            cursor.execute("lock table footfall.fct_visits in share mode")

            def wait() -> None:
                deadline = time.monotonic() + SECONDS
                found = 0
                while not found:
                    assert time.monotonic() < deadline
                    time.sleep(0.01)
                    looking.execute(WAITS)
                    ((found,),) = looking.fetchall()

            yield wait


def builds(url: str) -> list[tuple[str]]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("select build_id from warehouse.published_build")
        found: list[tuple[str]] = cursor.fetchall()
        return found


def test_a_server_killed_in_the_middle_of_a_swap_keeps_its_build(
    marts: SmallMarts, land: Land, url: str, postgres: Postgres
) -> None:
    first = marts.publish(EVERY)
    land()
    marts.publish(A_CHANGE)
    failures: list[BaseException] = []

    def attempt() -> None:
        try:
            land()
        except ServerError as failure:
            failures.append(failure)

    with held_up(url) as wait:
        thread = threading.Thread(target=attempt)
        thread.start()
        wait()
        postgres.kill()
        thread.join(SECONDS)
    assert len(failures) == 1
    postgres.start()
    assert builds(url) == [(first["build_id"],)]
    assert land().rows == 1
    assert differences(marts.paths.published, url, TABLES) == {}


def test_a_server_that_hangs_is_given_up(marts: SmallMarts, land: Land, url: str, ask: Ask) -> None:
    first = marts.publish(EVERY)
    land()
    marts.publish(A_CHANGE)
    began = time.monotonic()
    with held_up(url), pytest.raises(ServerError, match=r"no answer in 1 s \(WAREHOUSE_POSTG"):
        land(WAREHOUSE_POSTGRES_TIMEOUT="1")
    assert time.monotonic() - began < 10
    assert ask("select build_id from warehouse.published_build") == [(first["build_id"],)]
    # The server ends that session when it notices; until then there is another one.
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            land()
        except ServerError as busy:
            assert "another publication" in str(busy)
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            break
    assert differences(marts.paths.published, url, TABLES) == {}


def test_an_address_that_accepts_and_never_answers_is_given_up(
    marts: SmallMarts, land: Land
) -> None:
    marts.publish(EVERY)
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(ServerError, match=r"no connection: .*timeout"):
            land(f"postgresql://u@127.0.0.1:{port}/d?connect_timeout=2")
    assert time.monotonic() - began < 10


def test_the_line_is_encrypted_and_the_server_known_where_the_url_says_so(
    marts: SmallMarts, land: Land, url: str, ask: Ask, postgres: Postgres
) -> None:
    marts.publish(EVERY)
    with pytest.raises(ServerError, match="server does not support SSL"):
        land(f"{url}?sslmode=require")
    certificate, key = make_certificate(marts.paths.data / "tls")
    stranger, _ = make_certificate(marts.paths.data / "stranger")
    owner = (postgres.folder / "data").owner()
    for source, name in ((certificate, "server.crt"), (key, "server.key")):
        target = postgres.folder / "data" / name
        shutil.copy(source, target)
        target.chmod(0o600)
        shutil.chown(target, owner)
    ask("alter system set ssl = on")
    ask("select pg_reload_conf()")
    deadline = time.monotonic() + SECONDS
    while subprocess.run(
        ["psql", "-Atc", "show ssl", f"{url}?sslmode=require"], capture_output=True, check=False
    ).returncode:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    local = url.replace("127.0.0.1", "localhost")
    with pytest.raises(ServerError, match="certificate verify failed"):
        land(f"{local}?sslmode=verify-full&sslrootcert={stranger}")
    assert land(f"{local}?sslmode=verify-full&sslrootcert={certificate}").tables == 4
