"""Load the small demo, let dbt build it, and keep what it sent."""

import os
import shutil
from pathlib import Path
from typing import Any

from dbt_project.build.dbt_runner import ask_dbt, parsed
from dbt_project.build.plans.invocation import Invocation
from dbt_project.build.plans.recording import Sent, recording
from dbt_project.paths import Paths
from ingestion.core.progress import Silent
from tests.mutants import scenes
from tests.mutants.compiling import Compiled
from tests.mutants.inputs import load_twice
from tests.mutants.scenes import Scene
from tests.mutants.trial import Trial

KINDS = ("model", "seed")


def prepare(folder: Path) -> Trial:
    """Make a trial in a folder, which is emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    paths = Paths(data=folder / "data")
    paths.work.mkdir(parents=True)
    os.environ["WAREHOUSE_DATA_DIR"] = str(paths.data)
    load_twice(paths.data, lambda: _build(paths, Invocation(resource_types=KINDS)))
    before = _keep(paths, folder / "before")
    increment = _build(paths, Invocation())
    increment_built = _keep(paths, folder / "increment")
    # Once more, so that what is sent is what is sent where every relation exists.
    whole = _build(paths, Invocation(full_refresh=True))
    built = _keep(paths, folder / "whole")
    compiled = Compiled(paths, parsed.manifest(paths))
    if failed := [*compiled.unit_tests(compiled.models)]:
        raise SystemExit(f"unit tests that fail already: {', '.join(failed)}")
    return Trial(
        compiled,
        [
            _scene(compiled, built, built, whole, full_refresh=True),
            _scene(compiled, before, increment_built, increment, full_refresh=False),
        ],
        folder / "mutant",
    )


def _build(paths: Paths, invocation: Invocation) -> tuple[list[Sent], Any]:
    with recording() as sent:
        answer = ask_dbt(paths, invocation, progress=Silent())
    if answer.report.failures:
        raise SystemExit("\n".join(answer.report.failures))
    return sent, answer.outcomes


def _keep(paths: Paths, folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(paths.raw, folder)
    shutil.copy(paths.work_marts, folder)
    return folder


def _scene(
    compiled: Compiled,
    files: Path,
    result: Path,
    built: tuple[list[Sent], Any],
    *,
    full_refresh: bool,
) -> Scene:
    """The build as a scene, after it was repeated: it has to give the same."""
    sent, outcomes = built
    scene = Scene(
        files=files,
        result=result / "marts.duckdb",
        full_refresh=full_refresh,
        texts=compiled.texts(compiled.models | compiled.tests, full_refresh=full_refresh),
        relations=scenes.relations(sent, outcomes),
        tests=compiled.that_fail_a_build(scenes.tests(sent)),
    )
    with scenes.connect(scene.result.parent) as connection:
        expected = scene.marts(connection, compiled.models)
        scene.expected.update(expected)
        for relation in scene.relations:
            if relation.has_contract:
                text = scene.texts[relation.node_id]
                scene.columns[relation.node_id] = scenes.columns(connection, text)
    with scene.start(result.parent / "repeated") as connection:
        scene.build(connection, compiled.models, {})
        again = scene.marts(connection, compiled.models)
    different = [name for name, rows in again.items() if rows != expected[name]]
    if different:
        raise SystemExit(f"a build that is repeated gives others: {', '.join(different)}")
    return scene
