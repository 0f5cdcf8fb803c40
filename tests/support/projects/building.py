"""Builds of selected nodes within the process of the tests: by dbt, and then by its plan."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dbt_project.build.audit import DbtReport
from dbt_project.build.plans.build import planned_build
from dbt_project.build.plans.invocation import Invocation
from dbt_project.paths import Paths
from ingestion.core.progress import progress_for
from tests.support.forking import parse
from tests.support.sharing import share_plans


@dataclass
class Plans:
    """Where all builds of a test run keep what dbt sent."""

    folder: Path | None = None


plans = Plans()


def build(
    paths: Paths, select: Iterable[str], *, tests: str = "empty", full_refresh: bool = False
) -> DbtReport:
    """Build nodes, and test them: everything has to pass, if with a warning.

    Args:
        paths: where the data lies.
        select: as dbt takes it.
        tests: which of the nodes' tests, as DBT_INDIRECT_SELECTION: `empty` for none that are
            not selected themselves.
        full_refresh: rebuild incremental models.
    """
    parse()
    if plans.folder and not paths.plans.exists():
        share_plans(paths.data, plans.folder)
    with pytest.MonkeyPatch.context() as env:
        env.setenv("DBT_INDIRECT_SELECTION", tests)
        report = planned_build(
            paths,
            Invocation(select=tuple(select), full_refresh=full_refresh),
            progress=progress_for(io.StringIO()),
        )
    assert report.failures == [], report.failures
    return report
