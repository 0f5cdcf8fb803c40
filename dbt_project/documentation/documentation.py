"""Write the docs of the published build: dbt's pages, the diagram of the marts, column lineage.

They are in `published/docs`: `index.html` (dbt docs), `diagram.html`, `lineage.html`. Each is one
file that loads nothing from elsewhere. A publication keeps the docs of the previous build until
they are written again.
"""

import json
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbt_project.build.scope import fingerprint
from dbt_project.documentation.erd import diagram
from dbt_project.files import FOR_OTHERS, clone, remove, umask
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from ingestion.core.errors import WarehouseError
from ingestion.core.process.disk import sync
from ingestion.core.process.signals import raise_if_stopped
from ingestion.core.progress import Progress

NAMES = ("index.html", "diagram.html", "lineage.html")
# A hash of the project that the docs describe, and how much of the data is made up.
PROJECT = "project.sha256"
# In the overview, where made-up data is called so.
NOTICE = "<!-- made-up data -->"


def update_docs(paths: Paths, *, progress: Progress) -> None:
    """Write the docs unless those of the build describe this project; see `docs`."""
    found = paths.published / "docs" / PROJECT
    described = _described(paths, published_manifest(paths) or {})
    if not found.exists() or found.read_text(encoding="utf-8") != described:
        docs(paths, progress=progress)


def docs(paths: Paths, *, progress: Progress) -> Path:
    """Write the docs of what is published; returns their folder.

    dbt works on a copy of the published marts: the working file and readers are not affected.

    Raises:
        WarehouseError: nothing is published, raw is missing, or dbt could not read the project.
        OSError: the disk is full, or the folder cannot be written.
    """
    published = published_manifest(paths)
    if published is None:
        msg = "there is nothing to document: publish a build first, with `warehouse run`"
        raise WarehouseError(msg)
    if not paths.raw.exists():
        msg = f"{paths.raw} is missing, and with it half of what the docs describe: restore it"
        raise WarehouseError(msg)
    build = paths.published.resolve()
    sandbox = Paths(data=paths.work / "docs", project=paths.project)
    partial = build / f"docs-{time.time_ns():x}"
    with umask(FOR_OTHERS), progress.task("docs", len(NAMES), unit="pages") as task:
        try:
            remove(sandbox.data)
            sandbox.work.mkdir(parents=True)
            clone(build / "marts.duckdb", sandbox.work_marts)
            sandbox.raw.symlink_to(paths.raw.resolve())
            _generate(paths, sandbox)
            partial.mkdir()
            _overview(sandbox.target, partial / NAMES[0], published.get("made_up_notice"))
            task.advance(1)
            manifest = json.loads((sandbox.target / "manifest.json").read_text(encoding="utf-8"))
            (partial / NAMES[1]).write_text(
                diagram(manifest, published["build_id"]), encoding="utf-8"
            )
            task.advance(1)
            _lineage(sandbox.target, partial / NAMES[2])
            (partial / PROJECT).write_text(_described(paths, published), encoding="utf-8")
            raise_if_stopped()
            task.advance(1)
            _swap_docs_link(build, partial)
        except BaseException:
            remove(partial)
            raise
        finally:
            remove(sandbox.data)
    return paths.published / "docs"


def _generate(paths: Paths, sandbox: Paths) -> None:
    # dbt takes seconds to import.
    from dbt_project.build.dbt_runner import dbt_docs  # noqa: PLC0415

    dbt_docs(paths, sandbox)


def _described(paths: Paths, published: dict[str, Any]) -> str:
    return f"{fingerprint(paths.project)} {published.get('made_up_notice') or ''}".strip()


def _overview(target: Path, page: Path, notice: str | None) -> None:
    """Write dbt's pages; their first one calls made-up data so."""
    # The page has the texts of the project as JSON.
    said = json.dumps(f"> **{notice}**")[1:-1] if notice else ""
    pages = (target / "static_index.html").read_text(encoding="utf-8")
    page.write_text(pages.replace(NOTICE, said), encoding="utf-8")


def _lineage(target: Path, page: Path) -> None:
    """Write the page of column lineage, from dbt's manifest and catalog.

    Raises:
        WarehouseError: the lineage of a column could not be read from its SQL.
    """
    from dbt_colibri.lineage_extractor.extractor import (  # noqa: PLC0415
        DbtColumnLineageExtractor,
    )
    from dbt_colibri.report.generator import DbtColibriReportGenerator  # noqa: PLC0415
    from sqlglot.optimizer.scope import Scope  # noqa: PLC0415

    # dbt-colibri uses its name from before sqlglot 30; without it, each column of a union would
    # seem to have no source.
    if not hasattr(Scope, "union_scopes"):
        Scope.union_scopes = property(  # type: ignore[attr-defined]
            lambda scope: scope.set_operation_scopes
        )
    # It logs what it cannot read, and continues.
    with _collect_errors(logging.getLogger("colibri")) as errors:
        extractor = DbtColumnLineageExtractor(
            str(target / "manifest.json"), str(target / "catalog.json")
        )
        generator = DbtColibriReportGenerator(extractor, disable_telemetry=True)
        generator.generate_report(output_dir=str(target / "lineage"))
    if errors:
        msg = f"the column lineage is incomplete, {len(errors)} errors; the first: {errors[0]}"
        raise WarehouseError(msg)
    shutil.copyfile(target / "lineage" / "index.html", page)


@contextmanager
def _collect_errors(logger: logging.Logger) -> Iterator[list[str]]:
    """Collect the errors of a logger, and keep all of its output off the terminal."""
    errors: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: errors.append(record.getMessage())  # type: ignore[method-assign]
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield errors
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates


def _swap_docs_link(build: Path, folder: Path) -> None:
    """Make a folder the build's docs: a link is replaced, so that readers have old or new ones."""
    for path in folder.iterdir():
        sync(path)
    sync(folder)
    beside = build / ".docs.new"
    remove(beside)
    beside.symlink_to(folder.name, target_is_directory=True)
    beside.replace(build / "docs")
    sync(build)
    for old in build.glob("docs-*"):
        if old != folder:
            remove(old)
