"""The jobs of Dagster, and when they run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import dagster as dg

from dbt_project.orchestration.assets import Assets
from dbt_project.orchestration.steps import (
    RECONCILE,
    RUN,
    STEP,
    backfill_step,
    command_step,
    page_assets,
    warehouse_assets,
)
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from ingestion.core.registry import sources
from ingestion.core.source import Source

# One at a time of those that work on the data folder; see `instance.CONFIGURATION`.
LOCKED = "warehouse/data_folder"
# The report site is written by one at a time too, beside the runs.
REPORTS = "warehouse/report_site"
REPORT, ALERTS = "report", "alerts"
# A run that waits, and one that has a process.
QUEUE_STATES = (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED)
PROCESS_STATES = (
    *(dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED),
    dg.DagsterRunStatus.CANCELING,
)


@dataclass(frozen=True)
class Rhythm:
    """How often a source is loaded, and what a backfill of it loads at a time.

    Attributes:
        word: in names of schedules.
        cron: when it is loaded, UTC.
        partitions: the parts of a backfill.
    """

    word: str
    cron: str
    partitions: Any


HOURLY = Rhythm("hourly", "5 * * * *", dg.DailyPartitionsDefinition("2020-01-01"))
DAILY = Rhythm("daily", "17 6 * * *", dg.MonthlyPartitionsDefinition("2001-01-01"))


def rhythm(assets: Assets, source: Source) -> Rhythm:
    """How often to load a source: hourly if sources.yml warns before it is a day old."""
    for spec in assets.raw:
        policy = spec.freshness_policy
        if spec.metadata["source"] == source.name and policy is not None:
            window = policy.warn_window or policy.fail_window
            return HOURLY if window.to_timedelta() < timedelta(days=1) else DAILY
    return DAILY


def source_jobs(assets: Assets) -> list[tuple[Any, Any]]:
    """A job for each source, and its schedule, which runs where the source is configured.

    Checks are not among what a job promises: a run with nothing new leaves them as they are.
    """
    found = []
    for source in sources().values():
        keys = assets.raw_keys(source)
        if not keys:
            continue
        selection = (
            dg.AssetSelection.assets(*keys).downstream() & _written(assets)
        ).without_checks()
        job = dg.define_asset_job(
            f"load_{source.key}",
            selection=selection,
            description=f"Load {source.name}, build what depends on it, audit and publish.",
            tags={LOCKED: "run"},
            config=_config(RUN),
        )
        often = rhythm(assets, source)
        found.append((job, _schedule(f"{source.key}_{often.word}", job, often.cron, source)))
    return found


def reconcile_job(assets: Assets) -> tuple[Any, Any]:
    """The comparison with all sources, and its schedule."""
    job = dg.define_asset_job(
        "reconcile_sources",
        selection=_written(assets).without_checks(),
        description="Compare what was loaded with the sources, fix differences and publish.",
        tags={LOCKED: "run"},
        config=_config(RECONCILE),
    )
    return job, _schedule("reconciliation_nightly", job, "40 1 * * *")


def alerts_job() -> tuple[Any, Any]:
    """The job that reports new problems, and its schedule."""
    step = command_step(ALERTS)
    job = _job_of(step, name=ALERTS, description="Report new problems to their receivers.")
    return job, _schedule("alerts_every_quarter", job, "*/15 * * * *")


def backfill_jobs(assets: Assets) -> list[Any]:
    """A job for each source that takes a range of days, with a partition for each."""
    jobs = []
    for source in sources().values():
        if not (source.load_options.since and source.load_options.until):
            continue
        step = backfill_step(assets, source.name)
        often = rhythm(assets, source)
        part = "month" if often is DAILY else "day"
        jobs.append(
            _job_of(
                step,
                name=f"backfill_{source.key}",
                description=f"Load a {part} of {source.name}, build, audit and publish.",
                tags={LOCKED: "run"},
                partitions_def=often.partitions,
            )
        )
    return jobs


def _job_of(step: Any, **settings: Any) -> Any:
    """A job of one step."""

    def compose() -> None:
        step()

    return dg.job(**settings)(compose)


def report_job(assets: Assets) -> Any:
    """The job that writes the report site."""
    return dg.define_asset_job(
        REPORT,
        selection=dg.AssetSelection.assets(*(spec.key for spec in assets.pages)),
        description="Write the report site for the published build.",
        tags={REPORTS: "site"},
    )


def alert_sensor(alerts: Any, jobs: Sequence[Any]) -> Any:
    """Alerts at once when a job failed; what was sent already is not sent again."""

    def sense(context: Any) -> Any:
        return dg.RunRequest(run_key=context.dagster_run.run_id)

    return dg.run_failure_sensor(
        name="alerts_after_failure",
        monitored_jobs=list(jobs),
        request_job=alerts,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=10,
    )(sense)


def report_sensor(report: Any, paths: Paths) -> Any:
    """Pages for each publication, whoever published it; one report at a time."""

    def sense(context: Any) -> Any:
        build = (published_manifest(paths) or {}).get("build_id")
        if build is None:
            return dg.SkipReason("Nothing is published yet.")
        under_way = dg.RunsFilter(job_name=REPORT, statuses=[*QUEUE_STATES, *PROCESS_STATES])
        if context.instance.get_runs_count(under_way):
            return dg.SkipReason("The report site is being written.")
        return dg.RunRequest(run_key=build)

    return dg.sensor(
        name="report_after_publication",
        job=report,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
    )(sense)


def definitions(assets: Assets) -> Any:
    """Everything that Dagster shows and runs."""
    loads = source_jobs(assets)
    reconcile, alerts = reconcile_job(assets), alerts_job()
    report = report_job(assets)
    backfills = backfill_jobs(assets)
    runs = [*(job for job, _ in loads), reconcile[0], *backfills]
    return dg.Definitions(
        assets=[warehouse_assets(assets), page_assets(assets), *assets.routes],
        jobs=[*runs, alerts[0], report],
        schedules=[*(schedule for _, schedule in loads), reconcile[1], alerts[1]],
        sensors=[alert_sensor(alerts[0], [*runs, report]), report_sensor(report, assets.paths)],
        executor=dg.in_process_executor,
    )


def _written(assets: Assets) -> Any:
    return dg.AssetSelection.assets(*(spec.key for spec in (*assets.raw, *assets.marts)))


def _config(command: str) -> dict[str, Any]:
    return {"ops": {STEP: {"config": {"command": command}}}}


def _schedule(name: str, job: Any, cron: str, source: Source | None = None) -> Any:
    runs = source is None or source.is_configured()
    status = dg.DefaultScheduleStatus
    return dg.ScheduleDefinition(
        name=name,
        job=job,
        cron_schedule=cron,
        default_status=status.RUNNING if runs else status.STOPPED,
    )
