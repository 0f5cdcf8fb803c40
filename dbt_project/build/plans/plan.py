"""A plan: the statements of one invocation, stored in a file."""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from dbt_project.files import read_json, write_json
from dbt_project.paths import Paths

MAX_PLANS = 60
# A test's expected verdict: whether it warns, whether it is an error.
VERDICT = "verdict {:d} {:d}"
PASSED = VERDICT.format(False, False)


@dataclass(frozen=True)
class Step:
    """A statement of a node.

    Attributes:
        sql: its text; may be several statements.
        expect: its expected result: None for any, a `VERDICT` of a test, else a hash of the rows.
    """

    sql: str
    expect: str | None = None


@dataclass(frozen=True)
class Node:
    """A node of dbt's graph that was built or tested.

    Attributes:
        fqn: dbt's full name of it, which selects only this node.
        kind: `test`, `model`, `seed`, or `operation` for a hook of the project.
        mart: `schema.name` of its table in the published file; None if it has none.
        steps: what remains to be done if the catalog is unchanged; often nothing.
    """

    fqn: str
    kind: str
    mart: str | None
    steps: Sequence[Step]


@dataclass(frozen=True)
class Plan:
    """What one invocation of dbt does.

    Attributes:
        nodes: each after those that it depends on.
    """

    nodes: Sequence[Node]


def read_plan(paths: Paths, key: str) -> Plan | None:
    """The plan of a key; None if there is none, or it is damaged."""
    file = _file(paths, key)
    try:
        found = read_json(file) or {}
        nodes = found.get("nodes", [])
        if found.get("sha256") != _checksum(key, nodes):
            return None
        os.utime(file)
    except (OSError, UnicodeDecodeError):
        return None
    return Plan(
        [Node(**{**node, "steps": [Step(**step) for step in node["steps"]]}) for node in nodes]
    )


def write_plan(paths: Paths, key: str, plan: Plan) -> None:
    """Keep a plan, and of all plans those used last.

    On a full disk the plan is lost, not the build.
    """
    nodes = asdict(plan)["nodes"]
    with suppress(OSError):
        paths.plans.mkdir(exist_ok=True)
        write_json(_file(paths, key), {"sha256": _checksum(key, nodes), "nodes": nodes})
        files = sorted(paths.plans.glob("*.json"), key=lambda file: -file.stat().st_mtime)
        for old in files[MAX_PLANS:]:
            old.unlink(missing_ok=True)


def forget_plan(paths: Paths, key: str) -> None:
    """Remove a plan that failed: dbt records another once everything passes again."""
    with suppress(OSError):
        _file(paths, key).unlink(missing_ok=True)


def digest(rows: object) -> str:
    """A hash of a result."""
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def _file(paths: Paths, key: str) -> Path:
    return paths.plans / f"{key}.json"


def _checksum(key: str, nodes: object) -> str:
    return hashlib.sha256(f"{key}{json.dumps(nodes)}".encode()).hexdigest()
