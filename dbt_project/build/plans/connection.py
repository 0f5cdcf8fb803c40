"""Open the working files from the profile as dbt does, without dbt."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml  # type: ignore[import-untyped]

from ingestion.core.memory import build_limit
from ingestion.core.raw.sql import literal

ENV_VAR = re.compile(r"\{\{\s*env_var\(\s*'(\w+)'\s*(?:,\s*'([^']*)'\s*)?\)\s*\}\}")
# Any other setting of a profile, such as secrets, is left to dbt.
CONNECTION = {"path", "attach", "settings", "config_options", "plugins"}
# The one plugin that is supported: it sets the memory limit.
MEMORY_PLUGIN = [{"module": "dbt_project.build.profile_plugin"}]
STATEMENTS = {"type", "schema", "threads"}


class UnplannableError(Exception):
    """What dbt sends cannot be planned; the message says why."""


@dataclass(frozen=True)
class Profile:
    """How dbt connects: the only output of the project's only profile, variables resolved."""

    path: str
    attach: Mapping[str, str]
    settings: Mapping[str, Any]
    config_options: Mapping[str, Any]

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the files; `cursor` returns what dbt calls a connection."""
        with duckdb.connect(self.path, config=dict(self.config_options)) as connection:
            for alias, path in self.attach.items():
                connection.execute(f"attach {literal(path)} as {alias}")
            yield connection

    @contextmanager
    def cursor(self, connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own, with its own transaction and temporary tables."""
        with connection.cursor() as cursor:
            for name, value in self.settings.items():
                cursor.execute(f"set {name} = {literal(str(value))}")
            yield cursor


def read_profile(project: Path, environ: Mapping[str, str]) -> Profile:
    """Read profiles.yml.

    Raises:
        UnplannableError: it does not say by itself where builds write, or has unsupported settings.
    """
    output = _output((project / "profiles.yml").read_text(encoding="utf-8"))
    unknown = output.keys() - CONNECTION - STATEMENTS
    attached = output.get("attach", [])
    unknown |= {key for entry in attached for key in entry.keys() - {"path", "alias"}}
    unknown |= {key for key in STATEMENTS & output.keys() if "{" in str(output[key])}
    unknown |= {"plugins"} if output.get("plugins", []) not in ([], MEMORY_PLUGIN) else set()
    if unknown:
        msg = (
            f"profiles.yml has settings that a plan does not support: {', '.join(sorted(unknown))}"
        )
        raise UnplannableError(msg)
    return Profile(
        path=_resolved(output["path"], environ),
        attach={entry["alias"]: _resolved(entry["path"], environ) for entry in attached},
        settings=_resolved(output.get("settings", {}), environ),
        config_options={
            **_resolved(output.get("config_options", {}), environ),
            **({"memory_limit": build_limit(environ)} if "plugins" in output else {}),
        },
    )


def _output(text: str) -> Mapping[str, Any]:
    """The output of the default target: `warehouse` builds name no other."""
    profiles = yaml.safe_load(text)
    if len(profiles) != 1:
        msg = "profiles.yml has more than one profile"
        raise UnplannableError(msg)
    (profile,) = profiles.values()
    outputs: Mapping[str, Mapping[str, Any]] = profile["outputs"]
    target = profile.get("target", "default")
    if target not in outputs:
        msg = f"profiles.yml has no output {target!r}, its target"
        raise UnplannableError(msg)
    return outputs[target]


def _resolved(value: Any, environ: Mapping[str, str]) -> Any:
    """A value of the profile with its variables substituted."""
    if isinstance(value, dict):
        return {name: _resolved(part, environ) for name, part in value.items()}
    if not isinstance(value, str):
        return value
    if "{" in ENV_VAR.sub("", value):
        msg = f"profiles.yml computes {value}"
        raise UnplannableError(msg)
    return ENV_VAR.sub(lambda match: _variable(match[1], match[2], environ), value)


def _variable(name: str, default: str | None, environ: Mapping[str, str]) -> str:
    value = environ.get(name, default)
    if value is None:
        msg = f"{name}, which profiles.yml reads, is not set"
        raise UnplannableError(msg)
    return value
