"""No secret leaves the settings: into no file, no line of output, no error, however a run ends."""

import base64
import json
import re
import traceback
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from typer.testing import CliRunner

from dbt_project.cli.main import app
from ingestion.core.errors import LoadError
from ingestion.simulators.serving import serving
from tests.support.postgres import PASSWORD, Postgres
from tests.support.warehouse import Warehouse

# With letters that a URL has to quote.
PLAIN = "planted@s3cret+/9f3c"
PLANTED = quote(PLAIN, safe="")
NOWHERE = "127.0.0.1:1"


def forms(secret: str) -> set[bytes]:
    """How a secret may be written: as it is, quoted, in base64 at any offset."""
    found = {secret.encode(), quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode()}
    for offset in range(3):
        text = base64.b64encode(b"x" * offset + secret.encode()).rstrip(b"=")
        found.add(text[offset + 1 : -1])
    return found


def plain(content: bytes) -> Iterator[bytes]:
    """The bytes, and what dlt packs within them: base64 of zlib, as its state is kept."""
    yield content
    for packed in re.findall(rb"eJ[A-Za-z0-9+/=]{40,}", content):
        try:
            yield zlib.decompressobj().decompress(base64.b64decode(packed + b"=="))
        except (ValueError, zlib.error):
            continue


def holders(folder: Path, *secrets: str) -> list[str]:
    """The files that hold a secret in any form."""
    sought = [form for secret in secrets for form in forms(secret)]
    return [
        f"{path.relative_to(folder)}"
        for path in folder.rglob("*")
        if path.is_file()
        and any(form in text for text in plain(path.read_bytes()) for form in sought)
    ]


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(
        tmp_path / "data",
        {
            "SOURCES__PISA__TIMEOUT": "2",
            "SOURCES__STORE_SENSORS__TIMEOUT": "2",
            "SOURCES__CHICAGO_CRIME__TIMEOUT": "2",
        },
    )


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    for number, form in enumerate(sorted(forms(PLAIN))):
        (tmp_path / f"{number}").write_bytes(b"before " + form + b" after")
    packed = base64.b64encode(zlib.compress(f"a state of some length with {PLAIN} in it".encode()))
    (tmp_path / "packed").write_bytes(b"before " + packed + b" after")
    (tmp_path / "clean").write_text("nothing")
    assert len(holders(tmp_path, PLAIN)) == len(forms(PLAIN)) + 1


def test_no_failure_reveals_a_secret(warehouse: Warehouse, postgres: Postgres) -> None:
    wrong = {
        "alb": f"postgresql://survey:{PLANTED}@127.0.0.1:{postgres.port}/postgres",
        "fra": f"postgresql://survey:{PLANTED}@{NOWHERE}/postgres",
        "ita": f"postgresql://survey:{PLANTED}@host.invalid/postgres?connect_timeout=2",
    }
    alerts = f"json://user:{PLANTED}@{NOWHERE}/hook slack://{PLANTED}"
    with serving("chicago-crime", rows=50, app_tokens=["another"]) as portal:
        warehouse.use(portal, APP_TOKEN=PLAIN)
        warehouse.use(f"http://user:{PLANTED}@{NOWHERE}", "store-sensors")
        warehouse.env |= {"SOURCES__PISA__DATABASES": json.dumps(wrong)}
        line = warehouse.fails("run", WAREHOUSE_ALERT_URLS=alerts)
        debug = warehouse.start("--debug", "load", WAREHOUSE_ALERT_URLS=alerts)
        assert debug.end() == 1
        assert "Traceback" in debug.output
    # Each of them failed by its own fault, and says so.
    assert "chicago-crime: " in line
    assert "403" in line or "token" in line
    assert "store-sensors: " in line
    assert "ALB: connection to server" in line
    assert "password authentication failed" in line
    with duckdb.connect(warehouse.data / "raw.duckdb", read_only=True) as raw:
        checks = raw.execute(
            "select database_country, outcome = 'loaded' from raw_pisa.database_checks order by 1"
        ).fetchall()
    assert checks == [("ALB", False), ("FRA", False), ("ITA", False)]
    warehouse.fails("alerts", WAREHOUSE_ALERT_URLS=alerts)
    warehouse("status")
    assert "password authentication failed" in (warehouse.data / "runs.jsonl").read_text()
    assert holders(warehouse.data.parent, PLAIN, PLANTED) == []


@pytest.mark.parametrize(
    ("source", "setting", "value"),
    [
        ("pisa", "DATABASES", f"postgresql://survey:{PLANTED}@host/alb"),
        ("pisa", "DATABASES", f'{{"alb": "postgresql//survey:{PLANTED}@host"'),
        ("pisa", "DATABASES", f'{{"alb": "postgresql//survey:{PLANTED}@host"}}'),
        ("pisa", "DATABASES", f'{{"alb": "nodriver://survey:{PLANTED}@host/alb"}}'),
        ("pisa", "DATABASES", f'{{"alb": ["{PLANTED}"]}}'),
        ("chicago-crime", "BASE_URL", f"user:{PLAIN}@portal.example"),
        ("store-sensors", "BASE_URL", f"http://user:{PLAIN}@sensors.example"),
        ("store-sensors", "BASE_URL", f"http://user:{PLANTED}@[::1/"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_and_not_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, setting: str, value: str
) -> None:
    name = f"SOURCES__{source.replace('-', '_').upper()}__{setting}"
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("WAREHOUSE_DATA_DIR", str(tmp_path / "data"))
    result = CliRunner().invoke(app, ["--debug", "load", source])
    assert result.exit_code == 1
    text = "".join(traceback.format_exception(result.exception)) + result.output
    assert isinstance(result.exception, LoadError)
    assert not [form for form in forms(PLAIN) | forms(PLANTED) if form in text.encode()], text
    assert holders(tmp_path, PLAIN, PLANTED) == []


def test_secrets_of_the_secrets_file_open_the_sources_and_stay_there(
    warehouse: Warehouse, postgres: Postgres
) -> None:
    secrets = warehouse.data.parent / ".dlt/secrets.toml"
    secrets.parent.mkdir()
    with (
        serving("chicago-crime", rows=50, app_tokens=[PLAIN]) as portal,
        serving("pisa", rows=40, countries=["FRA", "GBR"], postgres=postgres.url) as databases,
    ):
        assert PASSWORD in databases
        pairs = "\n".join(f'{name} = "{url}"' for name, url in json.loads(databases).items())
        secrets.write_text(
            f'[sources.chicago_crime]\napp_token = "{PLAIN}"\n[sources.pisa.databases]\n{pairs}\n'
        )
        warehouse.use(portal)
        output = warehouse("run", "chicago-crime", "pisa")
    secrets.unlink()
    assert "crimes 50" in output
    assert (warehouse.build / "marts.duckdb").exists()
    with duckdb.connect(warehouse.data / "raw.duckdb", read_only=True) as raw:
        assert raw.execute("select count(*) > 0 from raw_pisa.responses").fetchall() == [(True,)]
    warehouse("status")
    assert holders(warehouse.data.parent, PLAIN, PASSWORD) == []
