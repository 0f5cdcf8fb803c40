"""When a plan is valid: its key is a hash of everything that determines what dbt sends."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from dbt_project.build.plans.connection import UnplannableError
from dbt_project.build.plans.invocation import Invocation
from dbt_project.build.scope import FOLDERS, fingerprint
from dbt_project.paths import Paths

# Variables that dbt itself reads, as options of its command line.
DBT_VARIABLE = "DBT_"
ENV_VAR = re.compile(r"""\benv_var\(\s*(?:(?:'(\w+)'|"(\w+)")\s*[,)])?""")
# Differs between invocations, and may occur in a statement.
CHANGING = re.compile(r"\brun_started_at\b|\bmodules\.|\bmicrobatch\b")
# Selections that depend on what earlier invocations wrote to the target folder.
OF_ARTIFACTS = ("state:", "result:", "source_status:")


def plan_key(paths: Paths, invocation: Invocation, definitions: Mapping[str, str]) -> str:
    """A hash of everything that determines which statements dbt sends, except rows.

    Args:
        paths: of the warehouse.
        invocation: of dbt.
        definitions: of the relations in the working files, before dbt runs.

    Raises:
        UnplannableError: the statements depend on what no key can cover.
    """
    if any(
        kind in part for part in invocation.select + invocation.exclude for kind in OF_ARTIFACTS
    ):
        msg = "the selection depends on earlier invocations"
        raise UnplannableError(msg)
    environ = invocation.environ(paths)
    names = {name for name in environ if name.startswith(DBT_VARIABLE)}
    project = fingerprint(paths.project)
    names |= project_variables(paths.project, project)
    parts = {
        "plans": _own_code(),
        "project": [str(paths.project), project],
        "invocation": {**asdict(invocation), "environment": None},
        "environment": {name: environ.get(name) for name in sorted(names)},
        "catalog": definitions,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=8)
def project_variables(project: Path, fingerprint: str) -> frozenset[str]:
    """The environment variables that the project reads, except those of its profile.

    Those of the profile are about connecting, which is looked up each time.

    Args:
        project: its root.
        fingerprint: of its files, which are read once for each value.

    Raises:
        UnplannableError: a name is computed, or a model depends on the time of the invocation.
    """
    names = set()
    for path in _files(project):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".sql" and CHANGING.search(text):
            msg = f"{path.name} depends on when it is built"
            raise UnplannableError(msg)
        for match in ENV_VAR.finditer(text):
            name = match[1] or match[2]
            if name is None:
                msg = f"{path.name} computes the name of an environment variable"
                raise UnplannableError(msg)
            names.add(name)
    return frozenset(names)


def _files(project: Path) -> Iterator[Path]:
    yield project / "dbt_project.yml"
    for folder in FOLDERS:
        for path in (project / folder).rglob("*.*"):
            if path.suffix in (".sql", ".yml", ".yaml"):
                yield path


def _own_code() -> str:
    """A hash of this package, since another version may record and execute differently."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
