"""What libraries read in the environment is meant for us, or it is cleared."""

import ssl
import warnings
from pathlib import Path

import certifi
import dlt
import httpx
import pytest

from ingestion.core.errors import LoadError
from ingestion.core.fetching.http import RetryingClient
from ingestion.core.fetching.network import (
    CERTIFICATE_FILES,
    CERTIFICATE_FOLDER,
    authorities,
    certificate_file,
    network_hint,
    proxy_for,
)
from ingestion.core.process.configuration import restrict_dlt
from ingestion.core.process.environment import is_cleared, prepare_environment
from ingestion.sources.chicago_crime.settings import ChicagoCrimeSettings
from ingestion.sources.pisa.settings import PisaSettings

PROXY = "http://user:secret@proxy.example:3128"


def prepared(**variables: str) -> dict[str, str]:
    environ = dict(variables)
    with warnings.catch_warnings():
        prepare_environment(environ)
    return environ


@pytest.mark.parametrize(
    "name",
    [
        *("DBT_EMPTY", "DBT_TARGET", "DBT_PROJECT_DIR", "DBT_ENGINE_EMPTY", "DLT_DATA_DIR"),
        *("PGHOSTADDR", "PGOPTIONS", "MOTHERDUCK_TOKEN", "motherduck_token", "WEB_CONCURRENCY"),
        *("PYTHONWARNINGS", "NODE_ENV", "npm_config_omit", "SSLKEYLOGFILE", "WAREHOUSE_AUDIT"),
        *("WAREHOUSE_SERVICE_HOST", "WAREHOUSE_SERVICE_PORT_HTTP", "WAREHOUSE_PORT_80_TCP"),
        *("LD_PRELOAD", "LD_AUDIT", "LD_DEBUG_OUTPUT", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES"),
    ],
)
def test_what_is_meant_for_others_is_cleared(name: str) -> None:
    assert is_cleared(name)
    assert name not in prepared(**{name: "x"})


@pytest.mark.parametrize(
    "name",
    [
        *(
            "LD_LIBRARY_PATH",
            "PGPASSWORD",
            "PGSSLROOTCERT",
            "SSL_CERT_FILE",
            "PYTHONPATH",
            "PATH",
            "HOME",
            "TZ",
        ),
        *("HTTPS_PROXY", "WAREHOUSE_DATA_DIR", "SOURCES__PISA__DATABASES", "OPENLINEAGE_URL"),
    ],
)
def test_what_is_used_knowingly_stays(name: str) -> None:
    assert prepared(**{name: "x"})[name] == "x"


def test_settings_without_their_source_are_not_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("TIMEOUT", "SOURCES__TIMEOUT", "WORKERS", "DATABASES", "SINCE", "PAGE_SIZE"):
        monkeypatch.setenv(name, "17")
    monkeypatch.setenv("SOURCES__CHICAGO_CRIME__PAGE_SIZE", "9")
    crime, pisa = ChicagoCrimeSettings.read(), PisaSettings.read()
    assert (crime.timeout, crime.since, crime.page_size) == (60.0, "2001-01-01", 9)
    assert (pisa.timeout, pisa.workers, pisa.databases) == (30.0, 4, None)


def test_no_variable_changes_what_a_load_relies_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOAD__WORKERS", "WORKERS", "RUNTIME__DLTHUB_TELEMETRY", "SCHEMA__NAMING"):
        monkeypatch.setenv(name, "7")
    restrict_dlt()
    assert dlt.config["load.workers"] == 1
    assert dlt.config["runtime.dlthub_telemetry"] is False
    assert dlt.config["schema.naming"] == "duck_case"
    assert dlt.config.get("sentry_dsn") is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1/x"])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_this_machine_is_asked_directly(url: str, name: str) -> None:
    environ = prepared(**{name: PROXY})
    assert proxy_for(url, environ) is None
    assert "127.0.0.1" in environ["NO_PROXY"]
    assert environ["NO_PROXY"] == environ["no_proxy"]


def test_what_is_exempt_stays_exempt() -> None:
    environ = prepared(HTTPS_PROXY=PROXY, NO_PROXY="intern.example, .corp.example")
    assert proxy_for("https://a.corp.example", environ) is None
    assert proxy_for("https://intern.example", environ) is None
    assert str(proxy_for("https://portal.example", environ)) == "through the proxy of HTTPS_PROXY"
    assert prepared(NO_PROXY="*")["no_proxy"] == "*"


@pytest.mark.parametrize("address", ["127.0.0.1:1", "http://user:secret@127.0.0.1:1"])
def test_a_proxy_that_fails_is_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", address)
    with (
        RetryingClient("http://portal.invalid", tries=1) as client,
        pytest.raises(LoadError, match=r"portal.invalid \(through the proxy of HTTP_PROXY\)") as no,
    ):
        client.get_json("/", {})
    assert "secret" not in str(no.value)


@pytest.mark.parametrize("address", ["socks5://user:secret@host:1", "foo://user:secret@h"])
def test_a_proxy_that_cannot_be_used_is_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", address)
    with pytest.raises(LoadError, match="all_proxy names no proxy that can be used") as refused:
        RetryingClient("http://portal.invalid").get_json("/", {})
    assert "secret" not in str(refused.value)
    RetryingClient("http://127.0.0.1:1").close()


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_certificate_file_that_is_gone_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in (*CERTIFICATE_FILES, CERTIFICATE_FOLDER):
        monkeypatch.delenv(other, raising=False)
    removed = tmp_path / "ca.pem"
    monkeypatch.setenv(name, str(removed))
    assert authorities("http://portal.invalid") is False
    with pytest.raises(LoadError, match=f"{name} names {removed}"):
        RetryingClient("https://portal.invalid")
    assert name in network_hint()
    removed.write_text("no certificate")
    with pytest.raises(LoadError, match="cannot be read as certificates"):
        RetryingClient("https://portal.invalid")
    removed.write_text(Path(certifi.where()).read_text())
    assert isinstance(authorities("https://portal.invalid"), ssl.SSLContext)
    assert certificate_file() == str(removed)


def test_plain_http_needs_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    with RetryingClient("http://127.0.0.1:1", tries=1) as client:
        with pytest.raises(LoadError, match="did not answer"):
            client.get_json("/", {})
        assert isinstance(client._http, httpx.Client)
    with pytest.raises(LoadError, match="SSL_CERT_DIR names /nowhere"):
        RetryingClient("https://127.0.0.1:1")
