"""An invocation of dbt as data: its command line and its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from dbt_project.paths import Paths


@dataclass(frozen=True)
class Invocation:
    """One invocation of dbt on the working file.

    Attributes:
        command: of dbt, which builds or tests nodes: `build`, `run`, `seed` or `test`.
        select: dbt selection; everything if empty.
        exclude: dbt selection of what to exclude.
        resource_types: `model`, `seed`, `test` and so on; if empty all but unit tests, which belong
            to `make test`.
        full_refresh: rebuild incremental models.
        environment: variables set for dbt in addition to those of the process, for `env_var()`.
    """

    command: str = "build"
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    resource_types: tuple[str, ...] = ()
    full_refresh: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def arguments(self) -> list[str]:
        """The command line, without what every invocation has."""
        arguments = [self.command]
        for kind in self.resource_types:
            arguments += ["--resource-type", kind]
        if not self.resource_types and self.command == "build":
            arguments += ["--exclude-resource-type", "unit_test"]
        arguments += ["--full-refresh"] if self.full_refresh else []
        arguments += ["--select", *self.select] if self.select else []
        arguments += ["--exclude", *self.exclude] if self.exclude else []
        return arguments

    def variables(self, paths: Paths, *, keep_failures: bool = False) -> dict[str, str]:
        """Variables set in dbt's environment, by which the profile finds its files."""
        return {
            "WAREHOUSE_DATA_DIR": str(paths.data),
            "WAREHOUSE_STORE_FAILURES": str(keep_failures),
            **self.environment,
        }

    def environ(self, paths: Paths) -> dict[str, str]:
        """Dbt's whole environment."""
        return {**os.environ, **self.variables(paths)}
