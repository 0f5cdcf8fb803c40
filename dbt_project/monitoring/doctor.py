"""What a machine needs to run the warehouse, checked one by one, and what to do where it lacks.

It changes nothing: a file that it creates in the data folder, to see whether that can be done, is
removed at once.
"""

import os
import shutil
import socket
import sys
import tempfile
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
from packaging.requirements import Requirement

from dbt_project.data_version import VERSION, require_usable
from dbt_project.paths import Paths
from dbt_project.runs.clock import require_clock
from ingestion.core.errors import WarehouseError
from ingestion.core.fetching.http import RetryingClient, TransientError
from ingestion.core.memory import MB, available_memory, size_text
from ingestion.core.process.secrets import mask
from ingestion.core.registry import sources
from ingestion.core.source import Source

OK, WARNING, FAILED = "ok", "warning", "FAILED"
PYTHON = (3, 11)
DISTRIBUTION = "warehouse"
ZONES = ("America/Chicago", "Europe/Paris", "Asia/Tokyo")
# A build copies the marts and writes the Parquet files anew, and raw grows.
LEAST_FREE, FREE_SHARE = 1_000 * MB, 1.0
LEAST_MEMORY = 1_500 * MB
SECONDS = 10.0
UNAUTHORIZED = {401, 403}
PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        subject: what was checked.
        state: `ok`, `warning` or `FAILED`.
        text: what was found, and what to do where it is not ok; one line.
    """

    subject: str
    state: str
    text: str


def examine(paths: Paths, now: datetime) -> Iterator[Finding]:
    """Check everything, one finding at a time.

    Args:
        paths: of the warehouse.
        now: the time, UTC.
    """
    checks: dict[str, Callable[[], str]] = {
        "python": _python,
        "packages": _packages,
        "time zones": _time_zones,
        "clock": lambda: _clock(paths, now),
        "memory": _memory,
        "data folder": lambda: _data_folder(paths),
        "disk": lambda: _disk(paths),
        "files": lambda: _files(paths),
    }
    for subject, check in checks.items():
        yield _finding(subject, check)
    for source in sources().values():
        for address in _addresses(source):
            yield _finding(source.name, partial(_reachable, source, address))


def _finding(subject: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, OK, check())
    except Advice as advice:
        return Finding(subject, WARNING, mask(str(advice)))
    except (WarehouseError, OSError, duckdb.Error) as error:
        return Finding(subject, FAILED, " ".join(mask(str(error)).split()))


class Advice(Exception):  # noqa: N818 - it is not an error
    """Works, but something should be done."""


def _python() -> str:
    if sys.version_info < PYTHON:
        msg = f"is {sys.version.split()[0]}: install {PYTHON[0]}.{PYTHON[1]} or newer"
        raise WarehouseError(msg)
    return sys.version.split()[0]


def _packages() -> str:
    """Whether the installed packages are those that this version was made for."""
    try:
        required = [Requirement(text) for text in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        msg = "the project is not installed: run `make install`"
        raise WarehouseError(msg) from None
    wrong = [text for one in required if (text := _wrong_version(one))]
    if wrong:
        msg = f"{'; '.join(wrong)}: run `make install`"
        raise WarehouseError(msg)
    return f"{len(required)} packages in the versions that are required"


def _wrong_version(required: Requirement) -> str | None:
    if required.marker and not required.marker.evaluate({"extra": ""}):
        return None
    try:
        found = version(required.name)
    except PackageNotFoundError:
        return f"{required.name} is missing"
    fits = required.specifier.contains(found, prereleases=True)
    return None if fits else f"{required.name} is {found}, not {required.specifier}"


def _time_zones() -> str:
    for name in ZONES:
        try:
            zoneinfo.ZoneInfo(name)
        except zoneinfo.ZoneInfoNotFoundError:
            msg = f"{name} is unknown: install the Python package tzdata"
            raise WarehouseError(msg) from None
        with duckdb.connect() as connection:
            connection.execute("select timezone(?, timestamptz '2024-07-01 12:00:00+00')", [name])
    return f"{', '.join(ZONES)} are known to Python and DuckDB"


def _clock(paths: Paths, now: datetime) -> str:
    require_clock(paths, now)
    return now.isoformat(timespec="seconds")


def _memory() -> str:
    found = available_memory()
    if found < LEAST_MEMORY:
        msg = f"{size_text(found)}: builds of a history need {size_text(LEAST_MEMORY)} or more"
        raise Advice(msg)
    return size_text(found)


def _data_folder(paths: Paths) -> str:
    if not paths.data.exists():
        parent = next(path for path in paths.data.parents if path.exists())
        _try_to_write(parent)
        return f"{paths.data} will be created by the first run"
    _try_to_write(paths.data)
    require_usable(paths)
    owner = paths.data.stat().st_uid
    if owner != os.geteuid():
        msg = (
            f"{paths.data} belongs to user {owner}, and this is user {os.geteuid()}: run every "
            "command as one user"
        )
        raise Advice(msg)
    return f"{paths.data}, layout {VERSION}"


def _try_to_write(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        msg = (
            f"cannot write to {folder}: {error.strerror}; make the folder writable or set "
            "WAREHOUSE_DATA_DIR to one that is"
        )
        raise WarehouseError(msg) from None


def _disk(paths: Paths) -> str:
    folder = next(path for path in (paths.data, *paths.data.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    marts = paths.published / "marts.duckdb"
    used = sum(path.stat().st_size for path in (paths.raw, marts) if path.exists())
    needed = max(LEAST_FREE, int(used * FREE_SHARE))
    text = f"{size_text(free)} are free at {folder}"
    if free < needed:
        msg = f"{text}, and a run may need {size_text(needed)}: free some"
        raise WarehouseError(msg)
    return text


def _files(paths: Paths) -> str:
    """Whether the databases can be opened by the DuckDB that is installed."""
    found = []
    for file in (paths.raw, paths.published / "marts.duckdb"):
        if not file.exists():
            continue
        try:
            with duckdb.connect(file, read_only=True, config={"memory_limit": "256MB"}):
                found.append(file.name)
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            found.append(f"{file.name} (a run has it open)")
    return f"{', '.join(found)} can be read" if found else "nothing was loaded yet"


def _addresses(source: Source) -> list[str]:
    """Where a source is; none where it is not configured, or wrongly, which `_reachable` says."""
    try:
        return source.addresses()
    except WarehouseError:
        return [""]


def _reachable(source: Source, address: str) -> str:
    """Whether a source answers, and takes the token if there is one."""
    source.settings_class().read_checked()
    parts = urlsplit(address)
    if parts.scheme in {"http", "https"}:
        return _asked(source, address)
    if parts.scheme.startswith("sqlite"):
        return _file(Path(parts.path.removeprefix("/")))
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme.partition("+")[0], 0)
    try:
        socket.create_connection((host, port), timeout=SECONDS).close()
    except OSError as error:
        msg = (
            f"{host}:{port} cannot be reached ({error.strerror or error}): check the address in "
            f"{source.address_variable}, the network and firewalls"
        )
        raise WarehouseError(msg) from None
    return f"{host}:{port} accepts connections"


def _file(database: Path) -> str:
    if not database.is_file():
        msg = f"{database} does not exist: check the address"
        raise WarehouseError(msg)
    return f"{database} is a file"


def _asked(source: Source, address: str) -> str:
    probe = source.settings_class().read().probe()
    with RetryingClient(address, tries=1, timeout=SECONDS, headers=probe.headers) as client:
        try:
            answer = client.get(probe.path, probe.params, "an answer")
        except TransientError as error:
            msg = (
                f"{client.host} cannot be reached ({error}): check {source.address_variable}, the "
                "network and proxies"
            )
            raise WarehouseError(msg) from None
        if answer.status_code in UNAUTHORIZED:
            msg = f"{client.host} answered {answer.status_code}: check the token of {source.name}"
            raise WarehouseError(msg)
        return f"{client.host} answers ({answer.status_code})"
