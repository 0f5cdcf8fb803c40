"""Secrets that the process knows, and masks in everything that it says.

No message of a library is passed on before it went through `mask`: a library quotes what it was
given, as it is, escaped, percent-encoded, in base64 or broken over lines.
"""

import base64
import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any
from urllib.parse import quote, quote_plus, unquote

MASK = "***"
# Masking a shorter one wherever its letters are would destroy every message; it is masked within
# URLs and beside its name.
SHORTEST = 4
# A longer one is not looked for with its letters apart.
MAX_APART = 4_096
# Our own messages are cut off: of a long secret its beginning may be left.
LONG, BEGINNING = 24, 8
SECRET_NAME = re.compile(r"SOURCES__\w+(TOKEN|PASSWORD|SECRET|KEY)|PGPASSWORD|OPENLINEAGE_API_KEY")
# Names of the settings in which URLs with user and password may be.
URL_NAME = re.compile(r"^SOURCES__|^WAREHOUSE_ALERT_URLS$|^OPENLINEAGE_URL$|_PROXY$", re.IGNORECASE)
IN_URL = re.compile(r"""://([^\s"'<>]*)@""")
IN_QUERY = re.compile(r"[?&](password|sslpassword)=([^&]+)")
NAMED = re.compile(
    r"""\b(password|passwd|pwd|token|api_?key|secret)(=|%3D|["']?:\s*["']?)[^\s&"',;]+""", re.I
)

_known: set[str] = set()


def remember(*secrets: str | None) -> None:
    """Mask these from here on."""
    _known.update(secret for secret in secrets if secret and secret.strip())


def remember_urls(text: str) -> None:
    """Mask what URLs in a text say of users and passwords, from here on."""
    for user_info in IN_URL.findall(text):
        password = user_info.partition(":")[2] or user_info
        remember(password, user_info if ":" in user_info else None)


def remember_environment(environ: Mapping[str, str] = os.environ) -> None:
    """Mask the secrets of the environment, from here on."""
    for name, value in environ.items():
        if SECRET_NAME.fullmatch(name):
            remember(value)
        if URL_NAME.search(name):
            remember_urls(value)
        if name == "WAREHOUSE_POSTGRES_URL":
            # A user's name alone is not a secret, and may be a word of every message.
            remember(*(user.partition(":")[2] for user in IN_URL.findall(value)))
            remember(*(unquote(found[2]) for found in IN_QUERY.finditer(value)))
        if name == "WAREHOUSE_ALERT_URLS":
            # Services have their keys in every part of a URL.
            remember(*(part for url in value.split() for part in _parts_of(url)))


def mask(text: str) -> str:
    """Return a text without any secret."""
    text = IN_URL.sub(f"://{MASK}@", text)
    text = NAMED.sub(rf"\1\2{MASK}", text)
    for pattern in _patterns(frozenset(_known)):
        text = pattern.sub(MASK, text)
    return text


def mask_all(value: Any) -> Any:
    """Return a record without any secret, however deep."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask(str(key)): mask_all(part) for key, part in value.items()}
    return [mask_all(part) for part in value] if isinstance(value, list) else value


def mask_everything_said() -> None:
    """Mask what is logged by anybody, and what ends the process."""
    logging.setLogRecordFactory(_masked_record)
    sys.excepthook = _print_masked


def wrong_letter(secret: str, *, is_header: bool) -> str | None:
    """Return what a secret has that cannot be right; it is not quoted."""
    if any(not letter.isprintable() for letter in secret):
        return "has a line end or a control character within"
    if is_header and not secret.isascii():
        return "has a letter that cannot be sent in a header"
    return None


@lru_cache(maxsize=4)
def _patterns(secrets: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
    # The longest first: a part of one may be another.
    whole = [_pattern(form) for form in sorted(forms, key=len, reverse=True)]
    begun = {re.escape(form[:BEGINNING]) for form in forms if len(form) >= LONG}
    return (*whole, *(re.compile(rf"{beginning}\S*") for beginning in sorted(begun)))


def _pattern(form: str) -> re.Pattern[str]:
    if len(form) > MAX_APART:
        return re.compile(re.escape(form), re.IGNORECASE)
    return re.compile(r"\s*".join(map(re.escape, re.sub(r"\s", "", form))), re.IGNORECASE)


def _forms(secret: str) -> Iterator[str]:
    """How a secret may be written."""
    for plain in {secret, secret.strip(), unquote(secret).strip()}:
        yield plain
        yield quote(plain, safe="")
        yield quote(plain)
        yield quote_plus(plain)
        yield repr(plain)[1:-1]
        yield json.dumps(plain)[1:-1]
        yield ascii(plain)[1:-1]
        if len(plain) >= SHORTEST:
            yield from (line for line in plain.splitlines() if len(line) >= 2 * SHORTEST)
            yield from _in_base64(plain)


def _in_base64(plain: str) -> Iterator[str]:
    """The middle of a base64 text that has the secret anywhere, as basic authentication has."""
    data = plain.encode(errors="surrogateescape")
    for offset in range(3):
        encoded = base64.b64encode(b"x" * offset + data).decode().rstrip("=")
        # The letters at the ends are also of what stands beside it.
        middle = encoded[offset + bool(offset) : -1]
        if len(middle) >= SHORTEST:
            yield middle
            yield middle.replace("+", "-").replace("/", "_")


def _parts_of(url: str) -> Iterable[str]:
    """The parts of an alert's URL that may be keys: all but its scheme, and short ones."""
    rest = url.partition("://")[2]
    return (part for part in re.split(r"[/?&=:@,]", rest) if len(part) >= 2 * SHORTEST)


def _masked_record(*arguments: Any, **named: Any) -> logging.LogRecord:
    record = logging.LogRecord(*arguments, **named)
    try:
        said = record.getMessage()
    except (TypeError, ValueError):
        return record
    masked = mask(said)
    if masked != said:
        record.msg, record.args = masked, None
    if record.exc_info and record.exc_info[0]:
        record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip())
    return record


def _print_masked(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    sys.stderr.write(mask("".join(traceback.format_exception(kind, error, trace))))
