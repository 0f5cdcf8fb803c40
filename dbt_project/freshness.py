"""How old each source may be: what `dbt source freshness` checks, read from the same YAML."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dbt_project.project_yaml import read_yaml
from ingestion.core.errors import WarehouseError
from ingestion.core.warehouse_settings import WarehouseSettings, freshness_variable

HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}


def read_max_ages(project: Path) -> dict[str, float]:
    """The hours after which a source is too old, by its name on the command line.

    It is `error_after` of its sources.yml; of several tables with a limit the shortest counts.
    """
    ages: dict[str, float] = {}
    for _, content in read_yaml(project, "error_after"):
        for source in content.get("sources", []):
            name = source["name"].replace("_", "-")
            found = [_error_after(part) for part in (source, *source.get("tables", []))]
            if limits := [limit["count"] * HOURS[limit["period"]] for limit in found if limit]:
                ages[name] = min(limits)
    return ages


def freshness_limits(env: Mapping[str, str], project: Path) -> dict[str, float]:
    """The hours after which a source is too old: sources.yml, and what this installation sets.

    Args:
        env: WAREHOUSE_FRESHNESS_HOURS__<SOURCE> overrides the limit of sources.yml.
        project: the dbt project's root.

    Raises:
        WarehouseError: a value is not a number, or there is no such source.
    """
    hours = read_max_ages(project)
    for name, limit in WarehouseSettings.from_env(env, "freshness_hours").freshness_hours.items():
        hours[_source(name, hours)] = limit
    return hours


def _source(name: str, sources: Iterable[str]) -> str:
    """The source of a setting, by the end of its name."""
    source = name.replace("_", "-").lower()
    if source not in sources:
        known = ", ".join(map(freshness_variable, sources))
        msg = (
            f"{freshness_variable(name)} names no source with a freshness limit: use one of {known}"
        )
        raise WarehouseError(msg)
    return source


def _error_after(part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    freshness = part.get("config", {}).get("freshness") or {}
    limit: Mapping[str, Any] | None = freshness.get("error_after")
    return limit
