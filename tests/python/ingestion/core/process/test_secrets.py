"""A secret of any shape is masked in whatever a library may make of it."""

import base64
import json
import logging
import os
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus, urlsplit

import httpx
import pytest

from ingestion.core.errors import LoadError
from ingestion.core.fetching.http import is_web_address
from ingestion.core.process import secrets
from ingestion.core.process.secrets import mask, mask_all, remember, remember_urls, wrong_letter
from ingestion.sources.chicago_crime.settings import ChicagoCrimeSettings
from ingestion.sources.pisa.settings import PisaSettings
from tests.support.secrets import SHAPES

TOKEN = "SOURCES__CHICAGO_CRIME__APP_TOKEN"


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_known", set())


def message_of(make: Callable[[], object]) -> str:
    try:
        return str(make())
    except Exception as error:  # noqa: BLE001 -- whatever a library raises
        return str(error)


def messages(secret: str) -> Iterator[str]:
    """What libraries make of a secret, in ten ways."""
    basic = base64.b64encode(f"user:{secret}".encode()).decode()
    yield message_of(lambda: httpx.URL(f"http://user:{secret}@[::1/"))
    yield message_of(lambda: int(secret + "x"))
    yield message_of(lambda: os.environ[f"{secret}?"])
    yield message_of(lambda: urlsplit(f"http://host:{quote(secret, safe='')}x").port)
    yield message_of(lambda: subprocess.CalledProcessError(1, ["curl", "-u", secret]))
    yield f"Authorization: Basic {basic}"
    yield f"GET /x?a={quote(secret, safe='')}&b={quote_plus(secret)}"
    yield json.dumps({"message": secret})
    yield "\n".join(textwrap.wrap(f"a message that is broken over lines: {secret}", 12))
    yield f'password authentication failed for "{secret}"'
    yield " ".join(f"in one line: {secret}".split())


@pytest.mark.parametrize("name", [name for name in SHAPES if len(SHAPES[name]) >= secrets.SHORTEST])
def test_no_form_of_a_secret_is_said(name: str) -> None:
    secret = SHAPES[name]
    remember(secret)
    core = "".join(secret.split())
    for message in messages(secret):
        masked = "".join(mask(message).split())
        for form in (core, quote(core, safe=""), repr(core)[1:-1], json.dumps(core)[1:-1]):
            assert form not in masked, message
        encoded = base64.b64encode(f"user:{secret}".encode()).decode()
        assert encoded not in masked


@pytest.mark.parametrize("secret", ["a", "ab", "x1z"])
def test_a_very_short_secret_is_masked_in_urls_alone(secret: str) -> None:
    remember(secret)
    assert mask("a table, about x1z") == "a table, about x1z"
    assert mask(f"at postgresql://user:{secret}@host/x") == "at postgresql://***@host/x"
    assert mask(f"password={secret} host=x") == "password=*** host=x"


def test_records_are_masked_however_deep() -> None:
    remember("planted-secret")
    record = {"failures": {"pisa, ALB": "no planted-secret"}, "notes": ["planted-secret"], "n": 1}
    assert "planted" not in json.dumps(mask_all(record))
    remember_urls("see http://me:another-one@host/")
    assert mask("another-one") == "***"


def test_what_anybody_logs_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    remember("planted-secret")
    factory = logging.getLogRecordFactory()
    secrets.mask_everything_said()
    try:
        logging.getLogger("some.library").warning("cannot use %s", "planted-secret")
        try:
            raise ValueError("planted-secret")
        except ValueError:
            logging.getLogger("some.library").exception("failed")
    finally:
        logging.setLogRecordFactory(factory)
    assert "cannot use ***" in caplog.text
    assert "planted" not in caplog.text


@pytest.mark.parametrize("end", ["\r", "\n", " ", "\r\n", "\t"])
def test_line_ends_around_a_setting_are_stripped(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, f" token-of-mine{end}")
    monkeypatch.setenv("SOURCES__CHICAGO_CRIME__BASE_URL", f"https://portal.example{end}")
    settings = ChicagoCrimeSettings.read_checked()
    assert (settings.app_token, settings.base_url) == ("token-of-mine", "https://portal.example")


@pytest.mark.parametrize("token", ["one\ntwo", "one\rtwo", "one\x1btwo", "tökén", "one\u2028two"])
def test_a_token_that_cannot_be_right_is_refused(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, token)
    with pytest.raises(LoadError, match=f"{TOKEN} has a l") as refused:
        ChicagoCrimeSettings.read()
    assert token not in str(refused.value)
    assert wrong_letter(token, is_header=True)


@pytest.mark.parametrize("secret", ["p@ss", "p/ss@word", "p#ss", "a@b@c"])
def test_an_address_that_would_be_torn_is_refused(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_web_address(f"http://user:{secret}@host")
    monkeypatch.setenv("SOURCES__PISA__DATABASES", f'{{"alb": "mysql://u:{secret}@h@host/x@y"}}')
    with pytest.raises(LoadError, match="has no database URL for ALB") as refused:
        PisaSettings.read_checked()
    assert secret not in str(refused.value)
