"""The command that compares what was loaded with the sources."""

from __future__ import annotations

import typer

from dbt_project.cli.support import (
    AcceptShrink,
    Since,
    Sources,
    Until,
    check_window,
    run_context,
    summary,
)


def reconcile(
    context: typer.Context,
    *,
    sources: Sources = None,
    since: Since = None,
    until: Until = None,
    accept_shrink: AcceptShrink = False,
) -> None:
    """Compare what was loaded with the sources, fix differences, build and publish."""
    check_window(since, until)
    with run_context(context, "reconcile") as run:
        run.load(
            sources or (), since=since, until=until, accept_shrink=accept_shrink, reconcile=True
        )
        # When a source was compared is a row of raw too: it is published each time.
        if run.is_anything_new():
            run.build(sources=())
            run.publish()
        summary(run)
        run.require_all_loaded()
