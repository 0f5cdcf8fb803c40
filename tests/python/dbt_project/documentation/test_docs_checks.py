"""What reviewers rely on: each rule of dbt-bouncer.yml, broken in a copy of the artifacts."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from dbt_project.paths import ROOT
from tests.support.projects.never_loaded import NeverLoaded

Json = dict[str, Any]
Break = Callable[[Json, Json], None]
PREFIX = "model.warehouse."
WARD, FACT = f"{PREFIX}dim_ward", f"{PREFIX}fct_crimes"
STAGED, MIDDLE = f"{PREFIX}stg_chicago_crime__crimes", f"{PREFIX}int_crime__codes_listed"
SOURCE, SEED = "source.warehouse.chicago_crime.crimes", "seed.warehouse.wards"
EXPOSURE = "exposure.warehouse.site_crime_wards"


@pytest.fixture(scope="module")
def artifacts(never_loaded: NeverLoaded) -> tuple[Json, Json]:
    """Manifest and catalog of the project."""
    return never_loaded.artifact("manifest.json"), never_loaded.artifact("catalog.json")


def failures(folder: Path, manifest: Json, catalog: Json) -> set[tuple[str, str]]:
    """The rules that fail, and what they fail for."""
    (folder / "target").mkdir()
    (folder / "target/manifest.json").write_text(json.dumps(manifest))
    (folder / "target/catalog.json").write_text(json.dumps(catalog))
    config = yaml.safe_load((ROOT / "dbt-bouncer.yml").read_text())
    config["dbt_artifacts_dir"] = str(folder / "target")
    config["custom_checks_dir"] = str(ROOT / config["custom_checks_dir"])
    (folder / "dbt-bouncer.yml").write_text(yaml.safe_dump(config))
    bouncer = str(Path(sys.executable).with_name("dbt-bouncer"))
    done = subprocess.run(
        [bouncer, "run", "--config-file", "dbt-bouncer.yml", "--output-file", "found.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    results = json.loads((folder / "found.json").read_text())
    failed = [one["check_run_id"].split(":") for one in results if one["outcome"] != "success"]
    assert done.returncode == (1 if failed else 0), done.stdout
    return {(rule, resource) for rule, _, resource in failed}


def test_the_project_keeps_every_rule(artifacts: tuple[Json, Json], tmp_path: Path) -> None:
    assert failures(tmp_path, *artifacts) == set()


def edit(kind: str, id_: str, **values: Any) -> Break:
    return lambda manifest, _: manifest[kind][id_].update(values)


def edit_column(id_: str, column: str, **values: Any) -> Break:
    return lambda manifest, _: manifest["nodes"][id_]["columns"][column].update(values)


def depend(kind: str, id_: str, *others: str) -> Break:
    def break_it(manifest: Json, _: Json) -> None:
        manifest[kind][id_]["depends_on"]["nodes"] += others

    return break_it


def without_tests(id_: str) -> Break:
    def break_it(manifest: Json, _: Json) -> None:
        nodes = manifest["nodes"]
        for test in [one for one, node in nodes.items() if node.get("attached_node") == id_]:
            del nodes[test]

    return break_it


def without_unit_tests(manifest: Json, _: Json) -> None:
    tests = manifest["unit_tests"]
    for test in [one for one, node in tests.items() if node["model"] == "dim_ward"]:
        del tests[test]


def without_contract(manifest: Json, _: Json) -> None:
    ward = manifest["nodes"][WARD]
    ward["contract"]["enforced"] = ward["config"]["contract"]["enforced"] = False


def moved_last(id_: str, column: str) -> Break:
    def break_it(manifest: Json, _: Json) -> None:
        columns = manifest["nodes"][id_]["columns"]
        columns[column] = columns.pop(column)

    return break_it


def unlisted(kind: str, id_: str) -> Break:
    """A column that the database has and the YAML does not."""
    column = {"type": "VARCHAR", "index": 99, "name": "stranger", "comment": None}

    def break_it(_: Json, catalog: Json) -> None:
        catalog[kind][id_]["columns"]["stranger"] = column

    return break_it


def built_otherwise(**values: Any) -> Break:
    def break_it(_: Json, catalog: Json) -> None:
        catalog["nodes"][WARD]["columns"]["zip"].update(values)

    return break_it


def not_built(_: Json, catalog: Json) -> None:
    del catalog["nodes"][WARD]


BROKEN: dict[str, tuple[Break, set[tuple[str, str]]]] = {
    "a mart without description": (
        edit("nodes", WARD, description=""),
        {("check_model_description_populated", "dim_ward")},
    ),
    "a column without description": (
        edit_column(WARD, "zip", description=""),
        {("check_model_column_description_populated", "dim_ward")},
    ),
    "a column without type": (
        edit_column(WARD, "zip", data_type=None),
        {
            ("check_model_columns_have_types", "dim_ward"),
            ("check_columns_equal_the_catalog", "dim_ward"),
        },
    ),
    "a mart without contract": (
        without_contract,
        {("check_model_has_contracts_enforced", "dim_ward")},
    ),
    "a mart without a test of its key": (
        without_tests(WARD),
        {("check_model_has_unique_test", "dim_ward")},
    ),
    "a mart without key and without test": (
        without_tests(f"{PREFIX}submissions_total"),
        {("check_model_has_tests_by_type", "submissions_total")},
    ),
    "a mart without unit test": (
        without_unit_tests,
        {("check_model_has_unit_tests", "dim_ward")},
    ),
    "a mart of rejected rows unlike those of other domains": (
        edit_column(f"{PREFIX}rejected_readings", "reason", data_type="integer"),
        {
            ("check_frame_has_its_columns", "rejected_readings"),
            ("check_columns_equal_the_catalog", "rejected_readings"),
        },
    ),
    "a mart whose key stands after its measures": (
        moved_last(WARD, "ward_id"),
        {
            ("check_key_columns_come_first", "dim_ward"),
            ("check_columns_equal_the_catalog", "dim_ward"),
        },
    ),
    "a mart whose date stands after its measures": (
        moved_last(f"{PREFIX}crime_growth_by_month", "month_start"),
        {
            ("check_key_columns_come_first", "crime_growth_by_month"),
            ("check_columns_equal_the_catalog", "crime_growth_by_month"),
        },
    ),
    "a mart whose load stands before its measures": (
        moved_last(f"{PREFIX}sensor_traffic_hourly", "pct_diff"),
        {
            ("check_key_columns_come_first", "sensor_traffic_hourly"),
            ("check_columns_equal_the_catalog", "sensor_traffic_hourly"),
        },
    ),
    "a mart that reads staging": (
        depend("nodes", WARD, STAGED),
        {("check_lineage_permitted_upstream_models", "dim_ward")},
    ),
    "a mart that reads a source": (
        depend("nodes", WARD, SOURCE),
        {("check_lineage_source_cannot_be_used", "dim_ward")},
    ),
    "a staging model that reads a mart": (
        depend("nodes", STAGED, FACT),
        {("check_lineage_permitted_upstream_models", "stg_chicago_crime__crimes")},
    ),
    "YAML that lies elsewhere than its SQL": (
        edit("nodes", WARD, patch_path="warehouse://models/marts/core/dim_ward.yml"),
        {("check_model_documented_in_same_directory", "dim_ward")},
    ),
    "an exposure that names a mart which is not there": (
        depend("exposures", EXPOSURE, f"{PREFIX}crime_by_weather"),
        {("check_exposure_reads_marts", "site_crime_wards")},
    ),
    "an exposure that reads what is not a mart": (
        depend("exposures", EXPOSURE, MIDDLE),
        {("check_exposure_reads_marts", "site_crime_wards")},
    ),
    "an exposure that reads nothing": (
        edit("exposures", EXPOSURE, depends_on={"macros": [], "nodes": []}),
        {("check_exposure_based_on_model", "site_crime_wards")},
    ),
    "an exposure without description": (
        edit("exposures", EXPOSURE, description=""),
        {("check_exposure_description_populated", "site_crime_wards")},
    ),
    "an exposure without owner": (
        edit("exposures", EXPOSURE, owner={"name": None, "email": "x@example.org"}),
        {("check_exposure_has_owner", "site_crime_wards")},
    ),
    "a source without description": (
        edit("sources", SOURCE, description=""),
        {("check_source_description_populated", "chicago_crime_crimes")},
    ),
    "a seed without description": (
        edit("nodes", SEED, description=""),
        {("check_seed_description_populated", "wards")},
    ),
    "a mart with a column that its YAML does not list": (
        unlisted("nodes", WARD),
        {
            ("check_columns_are_all_documented", "dim_ward"),
            ("check_columns_equal_the_catalog", "dim_ward"),
        },
    ),
    "a source with a column that its YAML does not list": (
        unlisted("sources", SOURCE),
        {("check_source_columns_are_all_documented", "chicago_crime_crimes")},
    ),
    "a seed with a column that its YAML does not list": (
        unlisted("nodes", SEED),
        {("check_seed_columns_are_all_documented", "wards")},
    ),
    "a column of another type than its YAML says": (
        built_otherwise(type="INTEGER"),
        {("check_columns_equal_the_catalog", "dim_ward")},
    ),
    "columns in another order than the YAML's": (
        built_otherwise(index=98),
        {("check_columns_equal_the_catalog", "dim_ward")},
    ),
    "a mart that was not built": (
        not_built,
        {("check_columns_equal_the_catalog", "dim_ward")},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_copy_of_the_project_fails(
    what: str, artifacts: tuple[Json, Json], tmp_path: Path
) -> None:
    manifest, catalog = copy.deepcopy(artifacts)
    break_it, expected = BROKEN[what]
    break_it(manifest, catalog)
    assert failures(tmp_path, manifest, catalog) == expected


def test_every_rule_is_broken_once() -> None:
    config = yaml.safe_load((ROOT / "dbt-bouncer.yml").read_text())
    rules = {one["name"] for kind in ("manifest_checks", "catalog_checks") for one in config[kind]}
    assert rules == {rule for _, expected in BROKEN.values() for rule, _ in expected}
