"""Dbt's graph as Dagster shows it: raw tables, marts and what reads them, with the tests of each.

Views between raw and marts are the pipeline's own: a mart depends on the raw tables and marts that
it is made of, through whatever lies between, and a test of what lies between belongs to the nearest
mart made of it.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dbt_project.files import read_json, write_json
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError
from ingestion.core.registry import sources

FILE = "graph.json"
MARTS = "marts"


@dataclass(frozen=True)
class Graph:
    """The parts of dbt's manifest that are left, in dbt's own form.

    Attributes:
        manifest: as dbt writes it; each test depends on the one node that it belongs to.
    """

    manifest: Mapping[str, Any]

    def nodes(self, kind: str) -> Sequence[Mapping[str, Any]]:
        """The `model`s, `test`s, `source`s or `exposure`s, sorted by name."""
        found = [*self.manifest["nodes"].values(), *self.manifest["sources"].values()]
        found += self.manifest["exposures"].values()
        return sorted((n for n in found if n["resource_type"] == kind), key=lambda n: n["name"])


def write_graph(paths: Paths) -> None:
    """Parse the project, and write its graph where Dagster's processes read it.

    Raises:
        WarehouseError: the project does not parse.
        OSError: the data folder cannot be written.
    """
    # dbt takes seconds to import.
    from dbt_project.build.dbt_runner import parsed  # noqa: PLC0415

    # With a target of its own, so that a run is not disturbed.
    manifest = parsed.manifest(replace(paths, data=paths.dagster))
    raw = {source.schema for source in sources().values()}
    write_json(paths.dagster / FILE, contract(manifest.writable_manifest().to_dict(), raw))


def read_graph(paths: Paths) -> Graph:
    """The graph that `write_graph` wrote.

    Raises:
        WarehouseError: it was not written.
    """
    found = read_json(paths.dagster / FILE)
    if found is None:
        msg = f"{paths.dagster / FILE} is missing: start Dagster with `warehouse orchestrate`"
        raise WarehouseError(msg)
    return Graph(found)


def contract(manifest: Mapping[str, Any], raw_schemas: set[str]) -> dict[str, Any]:
    """Leave raw tables, marts, exposures and tests, and connect them through what is left out.

    Args:
        manifest: of dbt.
        raw_schemas: of the sources; what others declare as a source is left out.
    """
    nodes, found = manifest["nodes"], manifest["sources"]
    kept_sources = {key: _text(one) for key, one in found.items() if one["schema"] in raw_schemas}
    marts = {key: one for key, one in nodes.items() if _is_mart(one)}
    kept = marts.keys() | kept_sources.keys()
    parents, children = _edges(nodes)
    tests = {key: one for key, one in nodes.items() if one["resource_type"] == "test"}
    belongs = {key: _owner(one, kept, parents, children) for key, one in tests.items()}
    connected = {
        key: one | {"depends_on": {"nodes": _nearest(one["depends_on"]["nodes"], kept, parents)}}
        for key, one in (marts | manifest["exposures"]).items()
    }
    attached = {
        key: one | {"attached_node": owner, "depends_on": {"nodes": [owner]}}
        for key, one in tests.items()
        if (owner := belongs[key])
    }
    return {
        "metadata": manifest["metadata"],
        "groups": {},
        "nodes": {key: one for key, one in connected.items() if key in marts} | attached,
        "sources": kept_sources,
        "exposures": {key: one for key, one in connected.items() if key not in marts},
        "parent_map": {key: one["depends_on"]["nodes"] for key, one in attached.items()},
    }


def _text(source: Mapping[str, Any]) -> dict[str, Any]:
    """A raw table, whose columns are text."""
    columns = {name: one | {"data_type": "varchar"} for name, one in source["columns"].items()}
    return {**source, "columns": columns}


def _is_mart(node: Mapping[str, Any]) -> bool:
    is_table = node["config"]["materialized"] != "view"
    return bool(node["resource_type"] == "model" and node["database"] == MARTS and is_table)


def _edges(nodes: Mapping[str, Any]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What each model or seed depends on, and what depends on it; tests are not among them."""
    built = {key: one for key, one in nodes.items() if one["resource_type"] != "test"}
    # dbt leaves out the key for what depends on nothing.
    parents = {key: one.get("depends_on", {}).get("nodes", []) for key, one in built.items()}
    children: dict[str, list[str]] = {}
    for key, above in parents.items():
        for one in above:
            children.setdefault(one, []).append(key)
    return parents, children


def _owner(
    test: Mapping[str, Any],
    kept: set[str],
    parents: Mapping[str, Sequence[str]],
    children: Mapping[str, Sequence[str]],
) -> str | None:
    """The node that a test belongs to: the one that it tests, or else the nearest made of it."""
    tested = test.get("attached_node")
    starts = [tested] if tested else sorted(test["depends_on"]["nodes"])
    for edges in (children, parents):
        for found in _breadth_first(starts, lambda key, e=edges: e.get(key, ())):  # type: ignore[misc]
            if found in kept:
                return found
    return None


def _nearest(
    starts: Sequence[str], kept: set[str], parents: Mapping[str, Sequence[str]]
) -> list[str]:
    """The kept nodes that are reached without passing another kept one, sorted."""
    walk = _breadth_first(starts, lambda key: () if key in kept else parents.get(key, ()))
    return sorted(key for key in walk if key in kept)


def _breadth_first(
    starts: Sequence[str], following: Callable[[str], Sequence[str]]
) -> Iterator[str]:
    queue, seen = deque(starts), set(starts)
    while queue:
        key = queue.popleft()
        yield key
        new = [one for one in sorted(following(key)) if one not in seen]
        seen.update(new)
        queue.extend(new)
