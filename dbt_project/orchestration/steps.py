"""The steps of Dagster's jobs: each is a command of `warehouse`, and reports what that did."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import dagster as dg

from dbt_project.build.audit import PASSED, SKIPPED, WARNED
from dbt_project.orchestration.assets import Assets
from dbt_project.orchestration.commands import MAX_WAIT, TRIES_AGAIN, Outcome, run_command
from dbt_project.orchestration.reporting import written_tables
from dbt_project.published import published_manifest
from ingestion.core.registry import sources

RUN, RECONCILE = "run", "reconcile"
STEP, SITE_STEP = "warehouse", "site"
# A tag of Dagster's.
DATA_VERSION = "dagster/data_version"
WAITS = ("--wait", str(MAX_WAIT))


def warehouse_assets(assets: Assets) -> Any:
    """The raw tables and the marts, which a run of the warehouse writes, whatever is selected.

    What is selected says which sources are loaded: those of its raw tables, or else those that its
    marts are made of.
    """

    def step(context: dg.AssetExecutionContext) -> Iterator[Any]:
        checked = {key.asset_key for key in context.selected_asset_check_keys}
        names = asked_sources(assets, {*context.selected_asset_keys, *checked})
        outcome = run_command(context, [context.op_config["command"], *names, *WAITS])
        yield from events(assets, outcome, context.selected_asset_keys)
        outcome.require_success()

    command = dg.Field(
        dg.Enum("Command", [dg.EnumValue(RUN), dg.EnumValue(RECONCILE)]),
        default_value=RUN,
        description="load what is new, or compare what was loaded with the sources",
    )
    return dg.multi_asset(
        specs=[*assets.raw, *assets.marts],
        check_specs=list(assets.checks.values()),
        can_subset=True,
        name=STEP,
        retry_policy=TRIES_AGAIN,
        config_schema={"command": command},
    )(step)


def page_assets(assets: Assets) -> Any:
    """The pages of the report site, which are written together."""

    def step(context: dg.AssetExecutionContext) -> Iterator[Any]:
        run_command(context, ["report"]).require_success()
        build = (published_manifest(assets.paths) or {}).get("build_id")
        for spec in assets.pages:
            yield dg.MaterializeResult(asset_key=spec.key, metadata={"build_id": build})

    return dg.multi_asset(specs=assets.pages, name=SITE_STEP, retry_policy=TRIES_AGAIN)(step)


def backfill_step(assets: Assets, source: str) -> Any:
    """A step that loads the days of its job's partition, then builds, audits and publishes."""

    def step(context: dg.OpExecutionContext) -> Iterator[Any]:
        window = context.partition_time_window
        days = ("--since", _day(window.start), "--until", _day(window.end))
        outcome = run_command(context, [RUN, source, *days, *WAITS])
        yield from events(assets, outcome, ())
        outcome.require_success()
        yield dg.Output(None)

    return dg.op(name=f"load_days_of_{source.replace('-', '_')}", retry_policy=TRIES_AGAIN)(step)


def command_step(command: str) -> Any:
    """A step that runs a command without options."""

    def step(context: dg.OpExecutionContext) -> None:
        run_command(context, [command]).require_success()

    return dg.op(name=f"{command}_step", retry_policy=TRIES_AGAIN)(step)


def asked_sources(assets: Assets, selected: Collection[Any]) -> list[str]:
    """The sources that a selection asks for, by name; none for all that are configured."""
    above = {spec.key: {dep.asset_key for dep in spec.deps} for spec in assets.marts}
    raw = {spec.key: spec.metadata["source"] for spec in assets.raw}
    keys, seen = {*selected} & raw.keys(), {*selected}
    left = [] if keys else list(seen)
    while left:
        new = above.get(left.pop(), set()) - seen
        seen |= new
        left += new
    found = sorted({raw[key] for key in keys or seen & raw.keys()})
    return [] if found == sorted(sources()) else found


def events(assets: Assets, outcome: Outcome, selected: Collection[Any]) -> Iterator[Any]:
    """What a run wrote and what its audit found, as events of a step.

    Args:
        assets: of the project.
        outcome: of the run.
        selected: the assets that the step is about; others that the run wrote, since they had new
            rows too, are reported all the same.
    """
    written = (
        {
            dg.AssetKey(name.split(".")): figures
            for name, figures in written_tables(outcome.record).items()
        }
        if outcome.record
        else {}
    )
    place, versions = assets.order, _raw_versions(assets)
    for key in sorted(written.keys() & place.keys(), key=lambda key: place[key]):
        version = versions.get(key)
        if key in selected:
            found = version and dg.DataVersion(version)
            yield dg.MaterializeResult(asset_key=key, metadata=written[key], data_version=found)
        else:
            tags = {DATA_VERSION: version} if version else {}
            yield dg.AssetMaterialization(asset_key=key, metadata=written[key], tags=tags)
    verdicts = (outcome.record.get("audit") or {}).get("verdicts", {})
    for name, verdict in verdicts.items():
        spec = assets.checks.get(name)
        if spec and verdict != SKIPPED:
            yield _check(spec, verdict)


def _raw_versions(assets: Assets) -> dict[Any, str]:
    """The newest load of each raw table's source that was published: marts are in step with it.

    Without it, a load that found nothing new would make every mart look behind.
    """
    published = (published_manifest(assets.paths) or {}).get("freshness", {})
    loads = {spec.key: published.get(spec.metadata["source"], {}) for spec in assets.raw}
    return {
        key: str(load["last_load_id"]) for key, load in loads.items() if load.get("last_load_id")
    }


def _check(spec: Any, verdict: str) -> Any:
    warned = verdict == WARNED
    return dg.AssetCheckEvaluation(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=verdict == PASSED,
        severity=dg.AssetCheckSeverity.WARN if warned else dg.AssetCheckSeverity.ERROR,
        metadata={} if verdict == PASSED else {"found": verdict},
    )


def _day(moment: Any) -> str:
    return date(moment.year, moment.month, moment.day).isoformat()
