"""The assets of Dagster: raw tables, marts, report pages and API routes, and the audit's checks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from dbt_project.monitoring.alert_settings import Limits
from dbt_project.orchestration.graph import Graph
from dbt_project.paths import Paths
from ingestion.core.registry import sources

if TYPE_CHECKING:
    from ingestion.core.source import Source

OWNERS = ("team:The warehouse team",)
PAGES, ROUTES = "dashboard", "application"
# Groups of what reads the marts; other groups are the domains.
GROUPS = {PAGES: "report_site", ROUTES: "json_api"}


class Translator(DagsterDbtTranslator):  # type: ignore[misc]
    """What an asset of dbt's graph is called, and where it is shown."""

    def get_asset_key(self, props: Mapping[str, Any]) -> dg.AssetKey:
        """The schema and the name, as analysts write them."""
        return dg.AssetKey([props["schema"], props.get("alias") or props["name"]])

    def get_group_name(self, props: Mapping[str, Any]) -> str:
        """The domain: a mart's schema, a raw table's source's."""
        domains = {source.schema: source.domain for source in sources().values()}
        return str(domains.get(props["schema"], props["schema"]))

    def get_description(self, props: Mapping[str, Any]) -> str:
        """The description alone: the SQL is in the docs."""
        return str(props["description"])

    def get_owners(self, props: Mapping[str, Any]) -> Sequence[str]:
        """Who answers for it."""
        del props
        return OWNERS


@dataclass(frozen=True)
class Assets:
    """The assets of a project.

    Attributes:
        graph: of dbt.
        paths: of the warehouse.
    """

    graph: Graph
    paths: Paths

    @cached_property
    def translator(self) -> Translator:
        """It remembers the specs that it made."""
        return Translator(DagsterDbtTranslatorSettings(enable_source_metadata=False))

    def _spec(self, node: Mapping[str, Any]) -> dg.AssetSpec:
        return self.translator.get_asset_spec(self.graph.manifest, node["unique_id"], None)

    @cached_property
    def raw(self) -> list[dg.AssetSpec]:
        """The raw tables, with the freshness that sources.yml demands."""
        limits = Limits.from_env(os.environ, self.paths.project)
        by_schema = {source.schema: source for source in sources().values()}
        found = []
        for node in self.graph.nodes("source"):
            name = by_schema[node["schema"]].name
            spec = self._spec(node).replace_attributes(
                kinds={"dlt", "duckdb"}, freshness_policy=freshness(node, limits.hours(name))
            )
            found.append(spec.merge_attributes(metadata={"source": name}))
        return found

    @cached_property
    def marts(self) -> list[dg.AssetSpec]:
        """The published marts."""
        return [self._spec(node) for node in self.graph.nodes("model")]

    @cached_property
    def checks(self) -> dict[str, dg.AssetCheckSpec]:
        """The tests of the audit, by dbt's full name."""
        found = {}
        for test in self.graph.nodes("test"):
            owner = test["attached_node"]
            nodes = self.graph.manifest["nodes"] | self.graph.manifest["sources"]
            spec = self.translator.get_asset_check_spec(
                self._spec(nodes[owner]), self.graph.manifest, test["unique_id"], None
            )
            found[".".join(test["fqn"])] = spec
        return found

    @cached_property
    def exposures(self) -> list[dg.AssetSpec]:
        """The report pages and the API routes."""
        nodes = self.graph.manifest["nodes"] | self.graph.manifest["sources"]
        return [
            dg.AssetSpec(
                key=dg.AssetKey([GROUPS.get(one["type"], one["type"]), one["name"]]),
                deps=[self._spec(nodes[mart]).key for mart in one["depends_on"]["nodes"]],
                description=f"{one['label']}: {one['description']}",
                group_name=GROUPS.get(one["type"], one["type"]),
                owners=[f"team:{one['owner']['name']}"],
                kinds={one["type"]},
                skippable=True,
            )
            for one in self.graph.nodes("exposure")
        ]

    @property
    def pages(self) -> list[dg.AssetSpec]:
        """The pages of the report site."""
        return [spec for spec in self.exposures if spec.group_name == GROUPS[PAGES]]

    @property
    def routes(self) -> list[dg.AssetSpec]:
        """The routes of the API and the like, which follow each publication by themselves."""
        return [spec for spec in self.exposures if spec.group_name != GROUPS[PAGES]]

    def raw_keys(self, source: Source) -> list[dg.AssetKey]:
        """The raw tables of a source."""
        return [spec.key for spec in self.raw if spec.key.path[0] == source.schema]

    @cached_property
    def order(self) -> dict[dg.AssetKey, int]:
        """A place for each asset that a run writes, after those that it is made of."""
        written = (*self.raw, *self.marts)
        above = {spec.key: {dep.asset_key for dep in spec.deps} for spec in written}
        return {key: place for place, key in enumerate(TopologicalSorter(above).static_order())}


def freshness(node: Mapping[str, Any], hours: float) -> dg.FreshnessPolicy | None:
    """The policy of a raw table; None where sources.yml sets none.

    Args:
        node: of dbt.
        hours: after which it is too old, by sources.yml or by a setting.
    """
    limits = node.get("freshness") or {}
    if not (limits.get("error_after") or {}).get("count"):
        return None
    fail = timedelta(hours=hours)
    warned = limits.get("warn_after") or {}
    warn = timedelta(**{f"{warned['period']}s": warned["count"]}) if warned.get("count") else None
    if warn and warn >= fail:
        warn = None
    return dg.FreshnessPolicy.time_window(fail_window=fail, warn_window=warn)
