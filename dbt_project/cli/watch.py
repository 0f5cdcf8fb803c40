"""`warehouse watch`: runs in one process, until it is stopped."""

import os
from typing import Annotated

import typer

from dbt_project.cli.support import (
    AskDbt,
    Sources,
    Wait,
    locked_data_dir,
    seconds,
    time_of_day,
)


def watch(
    context: typer.Context,
    *,
    sources: Sources = None,
    every: Annotated[
        str, typer.Option(metavar="TIME", help="Time between iterations: 1s, 5m …")
    ] = "1s",
    reconcile_at: Annotated[
        str | None,
        typer.Option(metavar="HH:MM", help="Reconcile daily at this time of UTC, as `reconcile`."),
    ] = None,
    ask_dbt: AskDbt = False,
    wait: Wait = 0,
) -> None:
    """Load, build, audit and publish again and again, until Ctrl-C."""
    pause, daily = seconds(every), time_of_day(reconcile_at) if reconcile_at else None
    with locked_data_dir(context, wait=wait) as (paths, log):
        from dbt_project.orchestration.reporting import create_reporter  # noqa: PLC0415
        from dbt_project.runs.run import Run  # noqa: PLC0415
        from dbt_project.runs.watch import (  # noqa: PLC0415
            DailyReconciliation,
            last_reconciliation,
        )
        from dbt_project.runs.watch import watch as run_iterations  # noqa: PLC0415
        from ingestion.core.loading import LoadSession  # noqa: PLC0415
        from ingestion.core.progress import Silent  # noqa: PLC0415

        reconciliation = (
            DailyReconciliation(daily, last_reconciliation(paths)) if daily is not None else None
        )
        reporter = create_reporter(os.environ)
        with LoadSession() as session:
            run_iterations(
                lambda: Run(
                    paths,
                    Silent(),
                    "watch",
                    ask_dbt=ask_dbt,
                    is_watch_iteration=True,
                    session=session,
                    report=reporter,
                ),
                sources or (),
                log=log,
                every=pause,
                reconciliation=reconciliation,
            )
