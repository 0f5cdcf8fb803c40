"""Settings of the API, from the environment: WAREHOUSE_API_*."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from reports.api.errors import ServeError

PREFIX = "WAREHOUSE_API_"


def _split(value: object) -> object:
    """The parts of comma-separated text; anything else as it is."""
    if not isinstance(value, str):
        return value
    return [part.strip().rstrip("/") for part in value.split(",") if part.strip()]


def _require_origin(text: str) -> str:
    parts = urlsplit(text)
    is_origin = parts.scheme in {"http", "https"} and text == f"{parts.scheme}://{parts.netloc}"
    if text != "*" and not is_origin:
        msg = "use origins such as https://charts.example.org"
        raise ValueError(msg)
    return text


def _require_size(text: str) -> str:
    if not re.fullmatch(r"[0-9.]+ ?([KMG]i?B|%)", text):
        msg = "use a size such as 256MB"
        raise ValueError(msg)
    return text


class Settings(BaseModel):
    """How the API serves; each field is read from WAREHOUSE_API_<NAME>."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65_535, description="port; 0 takes a free one")
    certfile: Path | None = Field(
        None, description="certificate chain, PEM; with it and the key the API speaks HTTPS only"
    )
    keyfile: Path | None = Field(
        None, description="private key of the certificate, PEM, without a passphrase"
    )
    insecure: bool = Field(
        default=False,
        description="let other machines in without TLS, which something before it does: on or off",
    )
    cors_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_require_origin)], ...], BeforeValidator(_split)
    ] = Field(
        (), description="origins whose pages may read it, comma-separated; none by default, * all"
    )
    max_rows: int = Field(10_000, ge=1, description="largest page of a mart, in rows")
    # The shortest that still has room for a cursor.
    max_url_bytes: int = Field(
        8_192, ge=256, description="longest path and query that are accepted, in bytes"
    )
    timeout: float = Field(
        10.0,
        gt=0,
        allow_inf_nan=False,
        description="seconds that a query may take, including the wait for its turn",
    )
    memory_limit: Annotated[str, AfterValidator(_require_size)] = Field(
        "256MB", description="memory of DuckDB, for each open build"
    )
    access_log: bool = Field(
        default=True, description="a line of JSON on standard output for each request: on or off"
    )

    @model_validator(mode="after")
    def _require_certificate_with_key(self) -> Self:
        if (self.certfile is None) != (self.keyfile is None):
            msg = "TLS takes a certificate and its key: give both --certfile and --keyfile"
            raise ValueError(msg)
        return self

    @classmethod
    def from_env(cls, env: Mapping[str, str], **options: Any) -> Self:
        """Read the environment; an option that is not None overrides it.

        Args:
            env: the environment.
            options: fields by name, for example from the command line.

        Raises:
            ServeError: a value cannot be used; the message names the variable.
        """
        texts = {name: env.get(PREFIX + name.upper(), "").strip() for name in cls.model_fields}
        values: dict[str, Any] = {name: text for name, text in texts.items() if text}
        values |= {name: value for name, value in options.items() if value is not None}
        try:
            return cls(**values)
        except ValidationError as error:
            raise ServeError(_message(error)) from None


def _message(error: ValidationError) -> str:
    """One line for the first value that is wrong."""
    first = error.errors()[0]
    why = first["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    if not first["loc"]:
        return why
    return f"{PREFIX}{str(first['loc'][0]).upper()} is {str(first['input'])!r}: {why}"
