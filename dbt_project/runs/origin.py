"""Real and simulated rows never share a data folder."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from dbt_project.build.raw import summaries
from dbt_project.files import read_json, write_json
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError

LIVE, SIMULATED = "live", "simulated"


def classify_addresses(addresses: Iterable[str]) -> str:
    """A source on this machine is a simulator; without an address it is real."""
    found = [_is_here(address) for address in addresses]
    return SIMULATED if found and all(found) else LIVE


def _is_here(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        # The source's own configuration refuses it.
        return False
    if host == "localhost" or parts.scheme == "sqlite":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def assert_same_origin(paths: Paths, source: str, kind: str) -> None:
    """Record whether the data folder has live or simulated rows of a source.

    Raises:
        WarehouseError: it has rows of the other kind.
    """
    known = read_json(paths.origin) or {}
    before = known.get(source, kind)
    if before != kind and (source in summaries(paths.raw) or paths.published.exists()):
        msg = (
            f"{paths.data} has {before} rows of {source}, this would add {kind} ones:"
            " set WAREHOUSE_DATA_DIR to another folder"
            " (its address setting in .env.example says where rows come from)"
        )
        raise WarehouseError(msg)
    if known.get(source) != kind:
        write_json(paths.origin, known | {source: kind})
