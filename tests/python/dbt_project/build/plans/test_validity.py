"""A plan is valid for what it was recorded from; dbt builds anything else."""

import json
import os
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from dbt_project.build import scope
from dbt_project.build.plans.connection import UnplannableError, read_profile
from dbt_project.build.plans.invocation import Invocation
from dbt_project.build.plans.plan import MAX_PLANS
from dbt_project.paths import ROOT
from tests.support.projects.recorded_project import RecordedProject

CATALOG_CHANGES = {
    "a column added by hand": "alter table shop.totals add column note varchar",
    "a table dropped": "drop table shop.totals",
    "a view changed": "create or replace view raw.staging.stg_orders as"
    " select 1 as order_id, 2 as amount",
    "a view dropped": "drop view raw.staging.stg_orders",
    "a comment changed": "comment on table shop.orders is 'mine'",
    "a constraint dropped": "create or replace table shop.totals (orders bigint, amount integer)",
    "a column of raw added": "alter table raw.raw_shop.orders add column note varchar",
}


@pytest.mark.parametrize("sql", CATALOG_CHANGES.values(), ids=CATALOG_CHANGES.keys())
def test_another_catalog_is_built_by_dbt(recorded: RecordedProject, sql: str) -> None:
    recorded.execute(sql)
    assert recorded.build().failures == []
    assert not recorded.used_plan
    assert not recorded.continued


INVOCATIONS = {
    "a selection": Invocation(select=("orders",)),
    "an exclusion": Invocation(exclude=("orders",)),
    "kinds of nodes": Invocation(resource_types=("model",)),
    "another command": Invocation(command="run"),
    "a full refresh": Invocation(full_refresh=True),
    "a variable": Invocation(environment={"SHOP_NAME": "market"}),
}


@pytest.mark.parametrize("invocation", INVOCATIONS.values(), ids=INVOCATIONS.keys())
def test_another_invocation_has_a_plan_of_its_own(
    recorded: RecordedProject, invocation: Invocation
) -> None:
    reports = []
    for used in (False, True):
        reports.append(recorded.build(invocation))
        assert recorded.used_plan is used, recorded.events_seen
    by_dbt, by_plan = reports
    assert by_dbt.models > 0
    assert (by_plan.models, by_plan.tests, by_plan.marts) == (
        by_dbt.models,
        by_dbt.tests,
        by_dbt.marts,
    )


def test_a_variable_that_the_project_does_not_read_does_not_matter(
    recorded: RecordedProject,
) -> None:
    recorded.build(Invocation(environment={"SHOP_STREET": "High Street"}))
    assert recorded.used_plan


def another_version(
    recorded: RecordedProject, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = folder / "site/dbt_duckdb-99.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Name: dbt-duckdb\nVersion: 99.0\n")
    monkeypatch.syspath_prepend(str(installed.parent))
    # As a process finds it that starts after the installation.
    monkeypatch.setattr(scope, "_installed", metadata.version)


def another_model(recorded: RecordedProject, *_: object) -> None:
    with recorded.model("totals").open("a") as model:
        model.write("\nwhere true")


def another_test(recorded: RecordedProject, *_: object) -> None:
    file = recorded.paths.project / "models/extra.yml"
    file.write_text(file.read_text().replace("[1, 2, 3]", "[1, 2, 3, 4]"))


def another_var(recorded: RecordedProject, *_: object) -> None:
    file = recorded.paths.project / "dbt_project.yml"
    file.write_text(file.read_text().replace("EUR", "USD"))


def another_seed(recorded: RecordedProject, *_: object) -> None:
    with (recorded.paths.project / "seeds/currencies.csv").open("a") as seed:
        seed.write("USD,Dollar\n")


def another_variable(
    _shop: RecordedProject, _folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_NAME", "market")


def another_setting_of_dbt(
    _shop: RecordedProject, _folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_WARN_ERROR_OPTIONS", "{silence: [NoNodesForSelectionCriteria]}")


Change = Callable[[RecordedProject, Path, pytest.MonkeyPatch], None]


@pytest.mark.parametrize(
    "change",
    [
        another_model,
        another_test,
        another_seed,
        another_var,
        another_variable,
        another_version,
        another_setting_of_dbt,
    ],
)
def test_another_project_is_built_by_dbt(
    editable: RecordedProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    editable.build()
    assert editable.used_plan
    change(editable, tmp_path, monkeypatch)
    assert editable.build().failures == []
    assert not editable.used_plan
    assert not editable.continued


CHANGING = ("run_started_at.isoformat()", "invocation_id", "env_var('SHOP' ~ '_NAME', 'x')")


@pytest.mark.slow
@pytest.mark.parametrize("value", CHANGING)
def test_no_plan_is_kept_for_what_its_key_cannot_cover(
    editable: RecordedProject, value: str
) -> None:
    editable.model("settings").write_text("select '{{ " + value + " }}' as setting")
    for _ in range(2):
        editable.build()
        assert not editable.used_plan


def damaged(text: str) -> str:
    return text[: len(text) // 2]


def altered(text: str) -> str:
    return text.replace("select count(*) as orders", "select 5 as orders")


def foreign(_text: str) -> str:
    return json.dumps(["nothing", "of", "ours"])


def outdated(text: str) -> str:
    return json.dumps({"version": 0, **json.loads(text), "nodes": [{"name": "orders"}]})


@pytest.mark.parametrize("damage", [damaged, altered, foreign, outdated])
def test_a_file_that_is_not_a_plan_is_ignored(
    recorded: RecordedProject, damage: Callable[[str], str]
) -> None:
    for file in recorded.paths.plans.glob("*.json"):
        text = file.read_text()
        assert damage(text) != text or "select count(*) as orders" not in text
        file.write_text(damage(text))
    assert recorded.build().failures == []
    assert not recorded.used_plan
    recorded.build()
    assert recorded.used_plan


def test_a_binary_plan_is_ignored(recorded: RecordedProject) -> None:
    for file in recorded.paths.plans.glob("*.json"):
        file.write_bytes(os.urandom(1000))
    assert recorded.build().failures == []
    assert not recorded.used_plan


def test_old_plans_are_removed(recorded: RecordedProject) -> None:
    (used,) = (
        file for file in recorded.paths.plans.iterdir() if "entries__dbt" in file.read_text()
    )
    for number in range(2 * MAX_PLANS):
        old = recorded.paths.plans / f"{number}.json"
        old.write_text("{}")
        os.utime(old, (number, number))
    recorded.build(Invocation(select=("settings",)))
    assert len([*recorded.paths.plans.iterdir()]) == MAX_PLANS
    assert used.exists()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda text: text.replace("target: local", "target: spark"), "settings .* not support"),
        (lambda text: text.replace("target: local", "target: nowhere"), "no output 'nowhere'"),
        (lambda text: f"{text}\nanother: {{outputs: {{}}}}\n", "more than one profile"),
    ],
)
def test_no_plan_is_made_where_builds_write_elsewhere(
    tmp_path: Path, changed: Callable[[str], str], why: str
) -> None:
    text = (ROOT / "profiles.yml").read_text()
    (tmp_path / "profiles.yml").write_text(text)
    assert read_profile(tmp_path, {}).path
    (tmp_path / "profiles.yml").write_text(changed(text))
    with pytest.raises(UnplannableError, match=why):
        read_profile(tmp_path, {})
