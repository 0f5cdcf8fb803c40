"""Every setting there is, and what is in force: `warehouse config`.

Each part declares its own: the warehouse (`ingestion.core.warehouse_settings`), the API
(`reports.api.settings`), each source. Here they come together, so that a mistyped name can be
refused, and docs/settings.md be written: `python -m dbt_project.cli.settings > docs/settings.md`.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from difflib import get_close_matches
from typing import Annotated

import typer

from dbt_project.cli.support import failures_in_one_line
from dbt_project.monitoring.alert_settings import Limits
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError
from ingestion.core.memory import memory_limit, size_text
from ingestion.core.process.secrets import MASK, mask
from ingestion.core.registry import sources
from ingestion.core.warehouse_settings import (
    OF_SOURCES,
    PREFIX,
    Setting,
    WarehouseSettings,
    describe,
    freshness_variable,
    variable,
)
from reports.api.settings import PREFIX as API_PREFIX
from reports.api.settings import Settings as ApiSettings

OF_A_SOURCE = "SOURCES__"
# What is less like a setting's name is not a mistyped one.
ALIKE = 0.7
# What the pipeline sets for its own builds is cleared when a command starts.
LINEAGE = (
    Setting("OPENLINEAGE_URL", "receiver of lineage events, as OpenLineage names it"),
    Setting("OPENLINEAGE_API_KEY", "its key, sent in a header", is_secret=True),
)
PAGE = """# Settings

Every setting, with its default. This page is written from the code:
`python -m dbt_project.cli.settings > docs/settings.md`. `warehouse config` shows what is in force
on a machine, and where it comes from. [.env.example](../.env.example) is a file to copy from.
"""


def declared() -> dict[str, list[Setting]]:
    """The settings without values, by what they are of; imports the sources' settings.

    Raises:
        WarehouseError: a module that WAREHOUSE_SOURCES names declares no source.
    """
    found = {"Warehouse": _of_warehouse(), "JSON API": describe(ApiSettings, API_PREFIX)}
    for source in sources().values():
        found[f"Source {source.name}"] = source.settings_class().describe()
    return found | {"Lineage": list(LINEAGE)}


def _of_warehouse() -> list[Setting]:
    """One of them is a setting for each source."""
    found = []
    for setting in describe(WarehouseSettings, PREFIX):
        if setting.variable == variable(OF_SOURCES):
            default = "`error_after` of the source's YAML"
            found += [
                replace(setting, variable=freshness_variable(name), default=default)
                for name in sources()
            ]
        else:
            found.append(setting)
    return found


def require_known_settings(env: Mapping[str, str]) -> None:
    """Refuse a name that is not a setting: its value would be ignored, and the default used.

    Raises:
        WarehouseError: names the variable, and what it may have been meant to be.
    """
    names = sorted(name for name in env if name.upper().startswith((PREFIX, OF_A_SOURCE)))
    if not names:
        return
    known = {setting.variable for setting in _of_warehouse()}
    known |= {setting.variable for setting in describe(ApiSettings, API_PREFIX)}
    if any(name.upper().startswith(OF_A_SOURCE) for name in names):
        known |= {
            name for source in sources().values() for name in source.settings_class().variables()
        }
    for name in names:
        if name not in known:
            msg = f"{name} is not a setting: {_meant(name, known)}"
            raise WarehouseError(msg)


def _meant(name: str, known: set[str]) -> str:
    meant = get_close_matches(name.upper(), sorted(known), 1, ALIKE)
    if meant:
        return f"did you mean {meant[0]}? Correct it or unset it"
    return "unset it (`warehouse config` lists those that there are)"


def in_force(env: Mapping[str, str]) -> dict[str, list[Setting]]:
    """The settings as they are in force, secrets masked.

    Raises:
        WarehouseError: one cannot be used; names it.
    """
    paths, given = Paths.from_env(env), WarehouseSettings.from_env(env)
    actual = {
        variable("data_dir"): str(paths.data),
        variable("project_dir"): str(paths.project),
        variable("cache_dir"): str(given.cache_dir or paths.data / "cache"),
        variable("memory_limit"): size_text(memory_limit(env)),
    }
    for name, hours in Limits.from_env(env, paths.project).freshness_hours.items():
        actual[freshness_variable(name)] = f"{hours:g}"
    found = {
        "Warehouse": [_valued(one, env, actual) for one in _of_warehouse()],
        "JSON API": [_valued(one, env, {}) for one in describe(ApiSettings, API_PREFIX)],
    }
    ApiSettings.from_env(env)
    for source in sources().values():
        found[f"Source {source.name}"] = source.settings_class().in_force()
    return found | {"Lineage": [_valued(one, env, {}) for one in LINEAGE]}


def _valued(setting: Setting, env: Mapping[str, str], actual: Mapping[str, str]) -> Setting:
    """A setting with its value, from the environment or by default."""
    given = env.get(setting.variable, "").strip()
    value = actual.get(setting.variable) or given or setting.default
    if given and setting.is_secret:
        value = MASK
    return replace(setting, value=mask(value), origin="environment" if given else "default")


def lines(found: Mapping[str, list[Setting]]) -> Iterator[str]:
    """The settings as the terminal shows them."""
    width = max(len(setting.variable) for settings in found.values() for setting in settings)
    for title, settings in found.items():
        yield title
        for setting in settings:
            value = setting.value or "(none)"
            yield f"  {setting.variable:{width}}  {value}  [{setting.origin}]"


def page() -> str:
    """docs/settings.md."""
    parts = [PAGE]
    for title, settings in declared().items():
        rows = [
            f"| `{one.variable}` | {one.description}{_remark(one)} | {_default(one)} |"
            for one in settings
        ]
        head = [f"## {title}", "", "| setting | meaning | default |", "|---|---|---|"]
        parts.append("\n".join([*head, *rows, ""]))
    return "\n".join(parts)


def _remark(setting: Setting) -> str:
    return "; a secret" if setting.is_secret else ""


def _default(setting: Setting) -> str:
    is_value = setting.default and " " not in setting.default
    return f"`{setting.default}`" if is_value else setting.default


def config(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Show the settings in force and where they come from; secrets are masked."""
    with failures_in_one_line(context):
        found = in_force(os.environ)
        if as_json:
            every = [asdict(setting) for settings in found.values() for setting in settings]
            typer.echo(json.dumps(every, indent=2))
        else:
            for line in lines(found):
                typer.echo(line)


if __name__ == "__main__":
    sys.stdout.write(page())
