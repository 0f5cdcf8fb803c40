"""Nobody writes, reads a file or runs SQL through the API."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import httpx
import pytest

from reports.api.data.build import Build, open_build
from tests.support.reports.api_builds import FACT, Publisher
from tests.support.reports.api_server import client_of

SECRET = "only-for-its-owner"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A published build, and beside it files that are not for others."""
    Publisher(tmp_path).publish()
    (tmp_path / "secret.csv").write_text(f"word\n{SECRET}\n")
    with duckdb.connect(tmp_path / "raw.duckdb") as raw:
        raw.execute(f"create table words as select '{SECRET}' as word")
    return tmp_path


@pytest.fixture
def build(data: Path) -> Iterator[Build]:
    build = open_build(data / "published", memory_limit="64MB")
    assert build
    yield build
    build.retire()


@pytest.mark.parametrize(
    "sql",
    [
        "from read_csv('{data}/secret.csv')",
        "from read_text('/etc/passwd')",
        "from '{data}/secret.csv'",
        "from glob('{data}/*')",
        "attach '{data}/raw.duckdb' as other",
        "attach '{data}/raw.duckdb' as other (read_only)",
        "attach ':memory:' as other; copy (select 1) to '{data}/copied.csv'",
        "copy education.escs_by_country to '{data}/copied.parquet' (format parquet)",
        "copy education.escs_by_country from '{data}/secret.csv'",
        "export database '{data}/exported'",
        "install httpfs",
        "load httpfs",
        "from read_csv('http://127.0.0.1:1/x.csv')",
        "insert into education.escs_by_country select * from education.escs_by_country",
        "delete from education.escs_by_country",
        "drop table education.escs_by_country",
        "create table education.mine as select 1",
        "set enable_external_access = true",
        "set global lock_configuration = false",
        "reset enable_external_access",
        "set memory_limit = '10GB'",
        "pragma temp_directory = '{data}'",
        "create secret (type s3, key_id 'x', secret 'y')",
    ],
)
def test_the_connection_that_serves_can_do_nothing_but_read_its_build(
    build: Build, data: Path, sql: str
) -> None:
    before = sorted(path.name for path in data.iterdir())
    with pytest.raises(duckdb.Error):
        build.cursor().execute(sql.format(data=data)).fetchall()
    assert sorted(path.name for path in data.iterdir()) == before
    assert build.cursor().execute(f"select count(*) from {FACT}").fetchall() == [(6,)]


ATTACKS = (
    "'; drop table education.escs_by_country; --",
    "' or '1'='1",
    "GBR' union select word from read_csv('secret.csv') --",
    "read_csv('{data}/secret.csv')",
    "..%2f..%2fraw.duckdb",
    "../../secret.csv",
    "\"; attach '{data}/raw.duckdb' as raw; select * from raw.words; --",
)


def attack_urls(attack: str) -> Iterator[str]:
    """Every place of a request in which a word of the client's can stand."""
    mart = "/marts/education/fct_student_submissions"
    yield f"/escs?countries={attack}"
    yield f"/marts/{attack}/fct_student_submissions"
    yield f"/marts/education/{attack}"
    yield f"{mart}?country_code={attack}"
    yield f"{mart}?{attack}=1"
    yield f"{mart}?country_code__{attack}=1"
    yield f"{mart}?limit={attack}"
    yield f"{mart}?cursor={attack}"
    yield f"{mart}?format={attack}"
    yield f"/{attack}"


def test_no_part_of_a_request_is_run_as_sql_or_opens_a_file(data: Path) -> None:
    before = (data / "published/marts.duckdb").read_bytes()
    with client_of(data) as client:
        for attack in ATTACKS:
            for question in attack_urls(quote(attack.format(data=data), safe="%")):
                found = client.get(question)
                # Refused, or a filter that nothing fits; never an answer of all rows or an error.
                assert found.status_code in {200, 400, 404, 422}, (question, found.text)
                assert SECRET not in found.text
                if found.status_code == 200:
                    assert json.loads(found.text)["rows"] == [], (question, found.text)
        assert client.get("/submissions").json() == {"count": 6}
    assert (data / "published/marts.duckdb").read_bytes() == before


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_route_takes_anything_but_questions(data: Path, verb: str) -> None:
    with client_of(data) as client:
        routes = ("/submissions", "/marts", "/marts/education/escs_by_country", "/health", "/docs")
        answers: list[httpx.Response] = [
            client.request(verb, route, content=b"delete from education.escs_by_country")
            for route in routes
        ]
    assert [answer.status_code for answer in answers] == [405] * len(routes)
