"""Settings of the API, from the environment: WAREHOUSE_API_*."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reports.api.errors import ServeError

PREFIX = "WAREHOUSE_API_"


@dataclass(frozen=True)
class Settings:
    """How the API serves; each field is read from WAREHOUSE_API_<NAME>.

    Attributes:
        host: address to listen at.
        port: 0 takes a free one.
        certfile: certificate chain, PEM; with it the API speaks HTTPS only.
        keyfile: its private key, PEM, without a passphrase.
        cors_origins: whose pages may read; none by default, `*` for all.
        max_rows: most rows of one page of a mart.
        max_url_bytes: longest path and query that are read.
        timeout: seconds that a query may take, waiting for its turn included.
        memory_limit: of DuckDB, for each open build.
        access_log: whether each request is written as a line of JSON.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    certfile: Path | None = None
    keyfile: Path | None = None
    cors_origins: tuple[str, ...] = ()
    max_rows: int = 10_000
    max_url_bytes: int = 8_192
    timeout: float = 10.0
    memory_limit: str = "256MB"
    access_log: bool = True

    def __post_init__(self) -> None:
        """Check what a user can set.

        Raises:
            ServeError: a value that cannot be served with; the message names the setting.
        """
        if not 0 <= self.port <= 65_535:  # noqa: PLR2004 - of TCP
            _wrong("port", self.port, "a number from 0 to 65535")
        if self.max_rows < 1:
            _wrong("max_rows", self.max_rows, "a whole number of 1 or more")
        if self.max_url_bytes < 256:  # noqa: PLR2004 - the shortest that still takes a cursor
            _wrong("max_url_bytes", self.max_url_bytes, "a whole number of 256 or more")
        if not 0 < self.timeout < float("inf"):
            _wrong("timeout", self.timeout, "seconds above 0")
        if (self.certfile is None) != (self.keyfile is None):
            msg = "TLS takes a certificate and its key: give both --certfile and --keyfile"
            raise ServeError(msg)
        if not re.fullmatch(r"[0-9.]+ ?([KMG]i?B|%)", self.memory_limit):
            _wrong("memory_limit", self.memory_limit, "a size such as 256MB")
        for origin in self.cors_origins:
            if origin != "*" and not _is_origin(origin):
                _wrong("cors_origins", origin, "origins such as https://charts.example.org")

    @classmethod
    def from_env(cls, env: Mapping[str, str], **given: Any) -> Settings:
        """Read the environment; what is given and not None stands before it.

        Args:
            env: the environment.
            given: fields by name, for example from the command line.

        Raises:
            ServeError: a value that cannot be read; the message names the variable.
        """
        values: dict[str, Any] = {}
        for field in fields(cls):
            text = env.get(PREFIX + field.name.upper(), "").strip()
            if text:
                values[field.name] = _parsed(field.name, str(field.type), text)
        values |= {name: value for name, value in given.items() if value is not None}
        return cls(**values)


def _parsed(name: str, kind: str, text: str) -> Any:
    try:
        if kind in {"int", "float"}:
            return int(text) if kind == "int" else float(text)
        if kind == "bool":
            return {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}[
                text.lower()
            ]
    except (ValueError, KeyError):
        wanted = {"int": "a whole number", "float": "a number", "bool": "on or off"}[kind]
        _wrong(name, text, wanted)
    if kind.startswith("Path"):
        return Path(text)
    if kind.startswith("tuple"):
        return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    return text


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and text == f"{parts.scheme}://{parts.netloc}"


def _wrong(name: str, value: object, wanted: str) -> None:
    msg = f"{PREFIX}{name.upper()} is {str(value)!r}: set it to {wanted}"
    raise ServeError(msg)
