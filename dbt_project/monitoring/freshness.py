"""How old each source may be: what `dbt source freshness` checks, read from the same YAML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbt_project.project_yaml import read_yaml

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


def _error_after(part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    freshness = part.get("config", {}).get("freshness") or {}
    limit: Mapping[str, Any] | None = freshness.get("error_after")
    return limit
