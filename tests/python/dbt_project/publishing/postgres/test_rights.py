"""Who may do what: the publication's own role, readers, real data and made-up data."""

import json

import psycopg2
import pytest

from dbt_project.files import write_json
from dbt_project.published import MANIFEST
from dbt_project.publishing.postgres.connection import LOCK, ServerError
from dbt_project.publishing.postgres.settings import PostgresSettings
from ingestion.core.errors import WarehouseError
from tests.python.dbt_project.publishing.postgres.conftest import Ask, Land
from tests.support.publishing.small_marts import EVERY, SmallMarts

READERS = {"WAREHOUSE_POSTGRES_READERS": "the readers"}
# As docs/operators.md has it.
LEAST = """
    create role warehouse login password 'another-2024';
    grant connect, create, temporary on database {} to warehouse
"""


def test_a_role_with_the_documented_rights_publishes(
    marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    name = url.rpartition("/")[2]
    ask(f"revoke all on database {name} from public")
    ask(LEAST.format(name))
    own = url.replace("survey:geheim-2018@", "warehouse:another-2024@")
    marts.publish(EVERY)
    land(own)
    marts.publish("update footfall.fct_visits set visitors = 1 where visit_id = 5")
    assert land(own).rows == 1
    ask(f"revoke temporary on database {name} from warehouse")
    marts.publish("update footfall.fct_visits set visitors = 2 where visit_id = 5")
    with pytest.raises(ServerError, match=r"permission denied .*rights that docs/operators.md"):
        land(own)
    ask("drop owned by warehouse cascade; drop role warehouse")


def test_readers_read_every_mart_and_nothing_else(marts: SmallMarts, land: Land, ask: Ask) -> None:
    marts.publish(EVERY)
    land(**READERS)
    for _ in range(2):
        ask('set role "the readers"')
        assert ask("select count(*) from footfall.fct_visits") == [(1000,)]
        assert len(ask("select build_id from warehouse.published_build")) == 1
        for refused in ("delete from footfall.fct_visits", "create table footfall.x (n integer)"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                ask(refused)
        ask("reset role")
        # A table that replaces another, and a new one, are readable too.
        marts.publish(
            "alter table footfall.fct_visits add column floor integer;"
            "create table footfall.more as select 1 as n"
        )
        land(**READERS)
        marts.publish("alter table footfall.fct_visits drop column floor; drop table footfall.more")
    ask('drop owned by "the readers"; drop role "the readers"')


def test_made_up_data_does_not_replace_real_data(marts: SmallMarts, land: Land, ask: Ask) -> None:
    first = marts.publish(EVERY)
    land()
    marts.publish("update footfall.fct_visits set visitors = 1 where visit_id = 5")
    file = marts.paths.published / MANIFEST
    made_up = json.loads(file.read_text()) | {"made_up": "all"}
    file.unlink()
    write_json(file, made_up)
    with pytest.raises(ServerError, match=r"has real data of build .*, and made-up data would"):
        land()
    assert ask("select build_id from warehouse.published_build") == [(first["build_id"],)]


def test_two_publications_at_once_do_not_mix(marts: SmallMarts, land: Land, ask: Ask) -> None:
    marts.publish(EVERY)
    ask("select pg_advisory_lock(%s)", [LOCK])
    with pytest.raises(ServerError, match="another publication to this database is under way"):
        land()
    ask("select pg_advisory_unlock(%s)", [LOCK])
    assert land().tables == 4


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"WAREHOUSE_POSTGRES_URL": "host/db"}, "WAREHOUSE_POSTGRES_URL is not the URL of a"),
        ({"WAREHOUSE_POSTGRES_URL": "postgresql://u:s3cretword@host"}, "is not the URL of a data"),
        ({"WAREHOUSE_POSTGRES_URL": "postgresql://u:s3cretword@h/d?x=1"}, "is not the URL of a d"),
        ({"WAREHOUSE_POSTGRES_READERS": "a\nb"}, "set it to the name of one role"),
        ({"WAREHOUSE_POSTGRES_TIMEOUT": "soon"}, "set it to a number of seconds, 1 or more"),
        ({"WAREHOUSE_POSTGRES_TIMEOUT": "nan"}, "set it to a number of seconds, 1 or more"),
    ],
)
def test_a_setting_that_cannot_be_right_is_refused(env: dict[str, str], message: str) -> None:
    base = {"WAREHOUSE_POSTGRES_URL": "postgresql://u@host/d"}
    with pytest.raises(WarehouseError, match=message) as refused:
        PostgresSettings.from_env(base | env)
    assert "s3cretword" not in str(refused.value)
    assert "s3cretword" not in repr(PostgresSettings({"password": "s3cretword"}, None, 1))
