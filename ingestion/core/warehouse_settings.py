"""Settings of the warehouse, from the environment: WAREHOUSE_*.

The one place that says which there are, their types, defaults and meanings: what reads one asks
here, and `warehouse config` and docs/settings.md list them. Settings of a source are declared by
the source (`ingestion.core.settings`), those of the API by the API.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ingestion.core.errors import WarehouseError
from ingestion.core.process.places import read_lake, why_unusable

PREFIX = "WAREHOUSE_"
# A setting for each source: WAREHOUSE_FRESHNESS_HOURS__PISA.
OF_SOURCES, BETWEEN = "freshness_hours", "__"
# PostgreSQL cuts a longer name off.
MAX_ROLE_BYTES = 63
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
UNITS = {
    "B": 1,
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("KMGT", 1)},
    **{f"{prefix}IB": 1024**power for power, prefix in enumerate("KMGT", 1)},
}


@dataclass(frozen=True)
class Setting:
    """A setting, and what is in force.

    Attributes:
        variable: the environment variable that sets it.
        description: what it means, without a full stop.
        default: what holds where it is not set.
        is_secret: whether its value may be shown to nobody.
        value: what is in force, as text; masked where it is or may hold a secret.
        origin: where the value comes from: `environment`, `config.toml`, `secrets.toml`, `default`.
    """

    variable: str
    description: str
    default: str = ""
    is_secret: bool = False
    value: str = ""
    origin: str = "default"


def _whole_number(least: int, advice: str) -> BeforeValidator:
    def check(value: object) -> int:
        text = str(value).strip()
        if not (text.isascii() and text.isdecimal()) or int(text) < least:
            msg = f"set it to a whole number {advice}"
            raise ValueError(msg)
        return int(text)

    return BeforeValidator(check)


def _folder(value: object) -> Path:
    """An absolute path; `~` is the user's home."""
    try:
        path = Path(str(value)).expanduser().absolute()
    except RuntimeError:
        msg = "there is no such home: write the whole path"
        raise ValueError(msg) from None
    if why := why_unusable(str(path)):
        msg = f"it {why}: use another folder"
        raise ValueError(msg)
    return path


def read_size(value: object) -> int:
    """Bytes of a size with its unit.

    Raises:
        ValueError: it is not a size; the message says how to write one.
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]+)", str(value).strip())
    unit = UNITS.get(found[2].upper()) if found else None
    size = int(float(found[1]) * unit) if found and unit else 0
    if size <= 0:
        msg = "set it to a size such as 768MB, 2GB or 1.5GiB"
        raise ValueError(msg)
    return size


def _names(value: object) -> object:
    """The parts of comma-separated text."""
    parts = str(value).split(",") if isinstance(value, str) else value
    return [part.strip() for part in parts if part.strip()] if isinstance(parts, list) else parts


def _urls(value: object) -> object:
    """URLs separated by white space, or by a comma before a scheme; each once."""
    if not isinstance(value, str):
        return value
    urls = re.split(r"\s+,?\s*|,+(?=\s|$|[\w.+-]+://)", value)
    return list(dict.fromkeys(url for url in urls if url))


def _number(is_right: Callable[[float], bool], what: str) -> BeforeValidator:
    def check(value: object) -> float:
        text = str(value).strip()
        if not (NUMBER.fullmatch(text) and is_right(float(text))):
            raise ValueError(f"set it to a number of {what}")  # noqa: EM102
        return float(text)

    return BeforeValidator(check)


def _role(value: object) -> str:
    """The name of a role of a PostgreSQL server."""
    name = str(value).strip()
    if not name.isprintable() or len(name.encode()) > MAX_ROLE_BYTES:
        msg = "set it to the name of one role, such as warehouse_readers"
        raise ValueError(msg)
    return name


def _web_address(value: object) -> str:
    address = str(value).strip().rstrip("/")
    if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@?#]*)?", address):
        msg = "set it to an address such as http://127.0.0.1:3000, without a password"
        raise ValueError(msg)
    return address


Folder = Annotated[Path, BeforeValidator(_folder)]


def _documented(description: str, default: str, *, is_secret: bool = False) -> Any:
    """A setting without a value of its own; `default` says what holds then."""
    more: dict[str, Any] = {"default": default, "is_secret": is_secret}
    return Field(default=None, description=description, json_schema_extra=more, repr=not is_secret)


class WarehouseSettings(BaseModel):
    """The settings of the warehouse; each field is read from WAREHOUSE_<NAME>."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Folder | None = _documented(
        "the folder of all run-time files: raw.duckdb, work/, published/", "data"
    )
    project_dir: Folder | None = _documented("the dbt project's root", "where the Python code is")
    keep_builds: Annotated[int, _whole_number(1, "of 1 or more")] = Field(
        3, description="how many publications stay on disk, including the newest"
    )
    cache_dir: Folder | None = _documented(
        "where the report site's packages and built pages are kept", "data/cache"
    )
    memory_limit: Annotated[int, BeforeValidator(read_size)] | None = _documented(
        "memory of a load, build or publication, such as 1GB; what does not fit is spilled to disk",
        "a quarter of the machine's or container's memory, at least 512MB",
    )
    lake: Annotated[str, BeforeValidator(partial(read_lake, read_folder=_folder))] | None = (
        _documented(
            "where raw lands as Parquet: a folder, or a place in an object store (s3://bucket/path)",
            "",
        )
    )
    # The default fits into 512 MB of memory, and is more than a day of any source.
    rows_per_increment: Annotated[int, _whole_number(1, "of rows such as 500000")] = Field(
        1_000_000, description="rows of new loads that a build reads at a time"
    )
    sources: Annotated[tuple[str, ...], BeforeValidator(_names)] = Field(
        (), description="modules of sources outside this repository, comma-separated"
    )
    log_size: Annotated[int, BeforeValidator(read_size)] = Field(
        5_000_000,
        description="size at which the log is rotated, such as 20MB",
        json_schema_extra={"default": "5MB"},
    )
    log_files: Annotated[int, _whole_number(1, "of 1 or more")] = Field(
        3, description="how many rotated files of it stay"
    )
    sample_data: Path | None = _documented(
        "a folder of real rows for tests, which are skipped without it", ""
    )
    alert_urls: Annotated[tuple[str, ...], BeforeValidator(_urls)] | None = _documented(
        "receivers of alerts: apprise URLs, separated by spaces or commas",
        "alerts are printed",
        is_secret=True,
    )
    freshness_hours: Mapping[
        str, Annotated[float, _number(lambda hours: hours > 0, "hours above 0")]
    ] = Field(
        {}, description="hours that may pass without a load, or without a change at the source"
    )
    rejected_limit: Annotated[int, _whole_number(0, "of rows, 0 or more")] | None = _documented(
        "rejected rows that a mart may have before an alert",
        "1 % of its domain's largest mart, at least 100",
    )
    postgres_url: str | None = _documented(
        "a PostgreSQL database to publish to as well, as a URL", "", is_secret=True
    )
    postgres_readers: Annotated[str, BeforeValidator(_role)] | None = _documented(
        "a role of that server that may read every mart, created where it is missing", ""
    )
    postgres_timeout: Annotated[
        float, _number(lambda seconds: seconds >= 1, "seconds, 1 or more")
    ] = Field(
        600.0, description="seconds that the server may take for a statement, or to take more rows"
    )
    dagster_url: Annotated[str, BeforeValidator(_web_address)] | None = _documented(
        "Dagster's web server, for `warehouse watch` and cron to report to", ""
    )
    dagster_postgres_url: str | None = _documented(
        "a PostgreSQL database for Dagster's own storage; files without one", "", is_secret=True
    )

    spark_host: str = Field("127.0.0.1", description="where Spark's Thrift server is")
    spark_port: Annotated[int, _whole_number(1, "below 65535, such as 10010")] = Field(
        10010, lt=65535, description="its port; the cluster of this machine takes the next one too"
    )

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ, *names: str) -> Self:
        """Read the settings; an empty value is none.

        Args:
            env: the environment.
            names: the fields to read; all by default.

        Raises:
            WarehouseError: a value cannot be used; the message names the variable.
        """
        texts = {name: env.get(variable(name), "") for name in names or cls.model_fields}
        values: dict[str, Any] = {name: text for name, text in texts.items() if text.strip()}
        if OF_SOURCES in texts:
            prefix = variable(OF_SOURCES) + BETWEEN
            values[OF_SOURCES] = {
                name.removeprefix(prefix): text
                for name, text in env.items()
                if name.startswith(prefix) and text.strip()
            }
        try:
            return cls(**values)
        except ValidationError as error:
            raise WarehouseError(_message(error)) from None


def describe(model: type[BaseModel], prefix: str) -> list[Setting]:
    """The settings that a model declares, without values.

    Args:
        model: a model whose fields are read from variables.
        prefix: of the variables.
    """
    found = []
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra
        more = extra if isinstance(extra, dict) else {}
        default = more.get("default", setting_text(field.default))
        is_secret = bool(more.get("is_secret"))
        found.append(
            Setting(prefix + name.upper(), field.description or "", str(default), is_secret)
        )
    return found


def setting_text(value: object) -> str:
    """A value as it is written in a variable."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value in (None, (), {}) else str(value)


def variable(field: str) -> str:
    """The variable of a field."""
    return PREFIX + field.upper()


def freshness_variable(source: str) -> str:
    """The variable that sets a source's limit."""
    return variable(OF_SOURCES) + BETWEEN + source.replace("-", "_").upper()


def _message(error: ValidationError) -> str:
    """One line for the first value that is wrong."""
    first = error.errors()[0]
    field, *source = map(str, first["loc"])
    name = BETWEEN.join([variable(field), *source[:1]])
    return f"{name} is {first['input']!r}: {first['msg'].removeprefix('Value error, ')}"
