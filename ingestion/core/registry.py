"""Every source there is: the packages of `ingestion.sources`, and modules that a setting names.

A source is a package with a module `source` that declares `SOURCE`. One outside of this project is
a module that can be imported and declares the same; WAREHOUSE_SOURCES names it (several are
comma-separated).
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from ingestion import sources as packages
from ingestion.core.errors import WarehouseError
from ingestion.core.source import Source
from ingestion.core.warehouse_settings import WarehouseSettings, variable

SETTING = variable("sources")


def sources() -> Mapping[str, Source]:
    """Return the sources by name.

    Raises:
        WarehouseError: a module that the setting names declares no source.
    """
    return _sources(WarehouseSettings.from_env(os.environ, "sources").sources)


def find_source(name: str) -> Source:
    """Return the source of a name.

    Raises:
        WarehouseError: there is none.
    """
    if name not in sources():
        msg = f"there is no source {name!r}; available: {', '.join(sources())}"
        raise WarehouseError(msg)
    return sources()[name]


@lru_cache(maxsize=4)
def _sources(others: tuple[str, ...]) -> Mapping[str, Source]:
    own = [f"{packages.__name__}.{found.name}.source" for found in iter_modules(packages.__path__)]
    found: dict[str, Source] = {}
    for module in (*own, *others):
        source = _declared(module)
        if source.name in found:
            msg = f"{module} declares {source.name}, which is declared already: use another name"
            raise WarehouseError(msg)
        found[source.name] = source
    return found


def _declared(module: str) -> Source:
    try:
        found = getattr(import_module(module), "SOURCE", None)
    except ModuleNotFoundError as error:
        msg = f"{SETTING} names {module}, which cannot be imported ({error}): check PYTHONPATH"
        raise WarehouseError(msg) from error
    if not isinstance(found, Source):
        msg = f"{module} declares no SOURCE: see docs/adding-a-source.md"
        raise WarehouseError(msg)
    return found
