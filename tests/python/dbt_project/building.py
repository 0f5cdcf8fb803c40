"""Builds of selected nodes within the process of the tests."""

import io
from collections.abc import Iterable

import pytest

from dbt_project.paths import Paths
from dbt_project.plans.invocation import Invocation
from dbt_project.runner import dbt_build
from ingestion.progress import progress_for
from tests.python.forking import parse


def build(
    paths: Paths, select: Iterable[str], *, tests: str = "empty", full_refresh: bool = False
) -> None:
    """Build nodes, and test them: everything has to pass.

    Args:
        paths: where the data lies.
        select: as dbt takes it.
        tests: which of the nodes' tests, as DBT_INDIRECT_SELECTION: `empty` for none that are
            not selected themselves.
        full_refresh: build incremental models anew.
    """
    parse()
    with pytest.MonkeyPatch.context() as env:
        env.setenv("DBT_INDIRECT_SELECTION", tests)
        report = dbt_build(
            paths,
            Invocation(select=tuple(select), full_refresh=full_refresh),
            progress=progress_for(io.StringIO()),
        )
    assert report.failures == []
