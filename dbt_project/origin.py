"""Real rows and made-up rows never share a data folder."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from dbt_project.files import read_json, write_json
from dbt_project.paths import Paths
from dbt_project.raw import source_states
from ingestion.errors import WarehouseError

LIVE, SIMULATED = "live", "simulated"


def kind_of(base_url: str | None) -> str:
    """A source on this machine is a simulator; without a base URL it is the real one."""
    host = urlsplit(base_url or "").hostname or ""
    if host == "localhost":
        return SIMULATED
    try:
        return SIMULATED if ipaddress.ip_address(host).is_loopback else LIVE
    except ValueError:
        return LIVE


def base_url_of(source: str) -> str | None:
    """Where dlt's configuration says that a source is; None where it says nothing."""
    from dlt import config  # noqa: PLC0415 - takes most of a second to import

    found: str | None = config.get(f"sources.{source.replace('-', '_')}.base_url", str)
    return found


def claim(paths: Paths, source: str, kind: str) -> None:
    """Remember what kind of rows the data folder holds of a source.

    Raises:
        WarehouseError: it holds rows of the other kind.
    """
    known = read_json(paths.origin) or {}
    before = known.get(source, kind)
    if before != kind and (source in source_states(paths.raw) or paths.published.exists()):
        msg = (
            f"{paths.data} holds {before} rows of {source}, this would add {kind} ones:"
            " set WAREHOUSE_DATA_DIR to another folder"
            " (SOURCES__<SOURCE>__BASE_URL says where rows come from)"
        )
        raise WarehouseError(msg)
    if known.get(source) != kind:
        write_json(paths.origin, known | {source: kind})
