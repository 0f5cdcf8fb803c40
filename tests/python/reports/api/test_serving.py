"""How the API serves: limits, headers, origins, TLS, the log, settings, and shutdown."""

import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from reports.api.errors import ServeError
from reports.api.settings import Settings
from reports.api.web import server
from reports.api.web.certificate import make_certificate
from reports.api.web.server import serve
from tests.support.reports.api_builds import Publisher
from tests.support.reports.api_server import client_of, raw_answer, read_to_the_end, serving

ROOT = Path(__file__).parents[4]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    Publisher(tmp_path).publish()
    return tmp_path


def test_every_answer_has_the_security_headers(data: Path) -> None:
    with client_of(data) as client:
        for path in ("/submissions", "/submissions", "/docs", "/nope", "/escs?x=1"):
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["content-security-policy"].startswith("default-src 'none'; style-src")
            assert "strict-transport-security" not in headers
            assert "server" not in headers


def test_every_answer_calls_made_up_data_so_and_says_through_which_day_it_goes(
    tmp_path: Path,
) -> None:
    status = {"domain": "education", "made_up": "all", "data_through_date": "2026-11-21"}
    status |= {"newest_date": "2026-11-22", "time_zone": "UTC", "read_at": "2026-11-22T07:55:00Z"}
    Publisher(tmp_path, about={"made_up": "all", "sources": {"pisa": status}}).publish()
    with client_of(tmp_path) as client:
        etag = client.get("/submissions").headers["etag"]
        fresh = {"If-None-Match": etag}
        answers = [
            # The second is from the cache.
            *(client.get(path) for path in ("/submissions", "/submissions", "/escs?countries=GBR")),
            *(client.get(path, headers=fresh) for path in ("/submissions", "/marts")),
            client.get("/marts/education/escs_by_country?format=csv"),
            client.get("/health"),
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 304, 304, 200, 200]
    for answer in answers:
        assert answer.headers["x-made-up-data"] == "all"
        assert answer.headers["x-data-through"] == "education=2026-11-21"
    health = answers[-1].json()
    assert health["made_up"] == "all"
    (source,) = health["sources"]
    assert source.items() >= {"source_name": "pisa", **status}.items()


def test_real_data_has_no_such_header(data: Path) -> None:
    with client_of(data) as client:
        for path in ("/submissions", "/marts", "/health"):
            assert "x-made-up-data" not in client.get(path).headers
        assert client.get("/health").json()["made_up"] == "none"


def test_the_docs_need_no_script_and_no_other_host(data: Path) -> None:
    with client_of(data) as client:
        found = client.get("/docs")
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in found.text
    assert "//" not in found.text.replace("<!doctype", "")
    for path in ("/submissions_over_time", "/marts/{domain}/{mart}", "CountryHours"):
        assert path in found.text


def test_other_origins_are_refused_unless_configured(data: Path) -> None:
    origin = {"Origin": "https://charts.example.org"}
    with client_of(data) as client:
        for _ in range(2):
            assert "access-control-allow-origin" not in client.get("/escs", headers=origin).headers
    with client_of(data, cors_origins=("https://charts.example.org",)) as client:
        for _ in range(2):  # from the route, then from memory
            headers = client.get("/escs", headers=origin).headers
            assert headers["access-control-allow-origin"] == "https://charts.example.org"
            assert "ETag" in headers["access-control-expose-headers"]
        other = client.get("/escs", headers={"Origin": "https://else.example.org"})
        assert "access-control-allow-origin" not in other.headers
        asked = {**origin, "Access-Control-Request-Method": "GET"}
        asked["Access-Control-Request-Headers"] = "If-None-Match"
        assert client.options("/escs", headers=asked).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_can_only_be_read(data: Path, method: str) -> None:
    with client_of(data) as client:
        found = client.request(method, "/marts/education/escs_by_country")
    assert found.status_code == 405
    assert found.headers["allow"] == "GET"


def test_a_url_that_is_too_long_is_414(data: Path) -> None:
    with client_of(data, max_url_bytes=1_000) as client:
        assert client.get("/escs?countries=" + ",".join(["GBR"] * 200)).status_code == 200
        found = client.get("/escs?countries=" + ",".join(["GBR"] * 300))
    assert found.status_code == 414
    assert "at most 1000" in found.json()["detail"]


def test_a_body_is_413(data: Path) -> None:
    with client_of(data) as client:
        assert client.request("GET", "/escs", content=b"x" * 2_000).status_code == 413
        assert client.request("GET", "/escs", content=iter([b"x"])).status_code == 413
        assert client.get("/escs").status_code == 200


def test_a_head_without_end_is_cut_off(data: Path) -> None:
    with serving(data) as url:
        head = b"GET /escs HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 40_000
        with suppress(ConnectionError):
            assert raw_answer(url, head) == b""
        assert httpx.get(f"{url}/escs").status_code == 200


def test_a_head_that_does_not_come_is_waited_for_only_so_long(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    with serving(data) as url:
        for request in (b"", b"GET /escs HTTP/1.1\r\nHos"):
            assert raw_answer(url, request) == b""


def test_a_query_that_takes_too_long_is_interrupted(tmp_path: Path) -> None:
    rows = "select range as number, 'n' || range as name from range(200000)"
    Publisher(tmp_path, extra={"odd.many": rows}).publish()
    with client_of(tmp_path, timeout=0.001) as client:
        began = time.monotonic()
        found = client.get("/marts/odd/many?limit=10000&name__ne=n5")
        assert found.status_code == 503
        assert "took longer than 0.001 s" in found.json()["detail"]
        assert time.monotonic() - began < 2
        assert client.get("/submissions").json() == {"count": 6}


def test_the_log_has_requests_and_no_secrets(data: Path) -> None:
    log = StringIO()
    with client_of(data, log=log) as client:
        client.get("/escs?countries=GBR&token=hush")
        client.get("/marts/education/escs_by_country?country_code=hush&limit=5")
        client.get("/escs", headers={"Authorization": "hush", "Cookie": "hush"})
    assert "hush" not in log.getvalue()
    first, second, third = (json.loads(line) for line in log.getvalue().splitlines())
    assert (first["path"], first["status"], first["countries"]) == ("/escs", 422, "GBR")
    assert (second["limit"], second["other_parameters"]) == ("5", 1)
    assert (third["method"], third["client"], third["status"]) == ("GET", "127.0.0.1", 200)
    assert third["bytes"] > 0
    assert third["ms"] >= 0
    assert third["at"].endswith("+00:00")


def test_tls_with_the_certificate_made_for_trying_out(data: Path) -> None:
    certfile, keyfile = make_certificate(data / "tls")
    assert stat.S_IMODE(keyfile.stat().st_mode) == 0o600
    with serving(data, certfile=certfile, keyfile=keyfile) as url:
        assert url.startswith("https://127.0.0.1:")
        trust = ssl.create_default_context(cafile=str(certfile))
        found = httpx.get(f"{url}/submissions", verify=trust)
        assert found.json() == {"count": 6}
        assert found.headers["strict-transport-security"] == "max-age=31536000"
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{url}/submissions")


def test_a_certificate_is_never_written_over(tmp_path: Path) -> None:
    _, keyfile = make_certificate(tmp_path)
    before = keyfile.read_bytes()
    with pytest.raises(ServeError, match="exists already"):
        make_certificate(tmp_path)
    assert keyfile.read_bytes() == before


def test_an_unusable_certificate_gives_one_line(data: Path) -> None:
    wrong = data / "wrong.pem"
    wrong.write_text("no certificate")
    for certfile in (wrong, data / "none.pem"):
        with pytest.raises(ServeError, match="cannot be used for TLS") as caught:
            serve(data, port=0, certfile=certfile, keyfile=wrong, env={})
        assert "\n" not in str(caught.value)


def test_a_port_in_use_gives_one_line(data: Path) -> None:
    with serving(data) as url, pytest.raises(ServeError, match="choose another with --port"):
        serve(data, port=int(url.rpartition(":")[2]), env={})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("MAX_ROWS", "0"),
        ("TIMEOUT", "soon"),
        ("TIMEOUT", "-1"),
        ("ACCESS_LOG", "perhaps"),
        ("CORS_ORIGINS", "charts.example.org"),
        ("MEMORY_LIMIT", "much"),
        ("HOST", "no.such.host.invalid"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ServeError) as caught:
        serve(tmp_path, env={f"WAREHOUSE_API_{name}": value})
    assert value in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_other_machines_are_let_in_with_tls_or_when_asked_for(data: Path, host: str) -> None:
    with pytest.raises(ServeError) as caught:
        serve(data, host=host, port=0, env={})
    assert str(caught.value) == (
        f"{host} lets other machines in, without TLS: give --certfile and --keyfile, or --insecure"
        " where what passes requests on to it does TLS"
    )
    certfile, keyfile = make_certificate(data / "tls")
    with serving(data, host=host, certfile=certfile, keyfile=keyfile) as url:
        assert url.startswith("https://")
    with serving(data, host=host, insecure=True) as url:
        port = url.rpartition(":")[2]
        assert httpx.get(f"http://localhost:{port}/submissions").json() == {"count": 6}


def test_command_line_options_override_the_environment() -> None:
    env = {"WAREHOUSE_API_PORT": "1", "WAREHOUSE_API_CORS_ORIGINS": "https://a.org/, https://b.org"}
    chosen = Settings.from_env(env, port=2, host=None)
    assert (chosen.port, chosen.host) == (2, "127.0.0.1")
    assert chosen.cors_origins == ("https://a.org", "https://b.org")
    with pytest.raises(ServeError, match="give both"):
        Settings.from_env({}, certfile=Path("certificate.pem"))


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Any]:
    """`serve` as a process of its own, and its base URL."""
    rows = "select range as number, 'n' || range as name from range(200000)"
    Publisher(tmp_path, extra={"odd.many": rows}).publish()
    program = (
        "import sys; from pathlib import Path; from reports.api.web.server import serve;"
        "serve(Path(sys.argv[1]), port=0, ready=lambda url: print(url, flush=True))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    env = os.environ | {"WAREHOUSE_API_ACCESS_LOG": "off", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout
        yield process, process.stdout.readline().strip()
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_shuts_down_cleanly_and_answers_requests_in_flight(child: Any, number: int) -> None:
    process, url = child
    request = b"GET /marts/odd/many?name__gt=n5&limit=10000 HTTP/1.1\r\nHost: x\r\n\r\n"
    address = ("127.0.0.1", int(url.rpartition(":")[2]))
    clients = [socket.create_connection(address, timeout=20) for _ in range(8)]
    for client in clients:
        client.sendall(request)
    time.sleep(0.3)  # they are read, and most of them wait for their turn
    process.send_signal(number)
    answers = [read_to_the_end(client) for client in clients]
    # The signal is raised again after the last answer, for whoever started the server.
    assert process.wait(10) == -number
    assert [answer.splitlines()[0] for answer in answers] == [b"HTTP/1.1 200 OK"] * 8
    assert [answer[-1:] for answer in answers] == [b"}"] * 8
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")
