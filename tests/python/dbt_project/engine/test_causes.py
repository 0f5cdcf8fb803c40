"""What once made Spark's results differ: each has a model here that is wrong without its fix."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from dbt_project.paths import ROOT
from tests.support.spark.cluster import Spark

pytestmark = [pytest.mark.spark, pytest.mark.long, pytest.mark.xdist_group("spark")]
PROJECT = """
name: causes
version: "1.0"
config-version: 2
profile: warehouse
flags: {send_anonymous_usage_stats: false}
models:
  causes: {+schema: causes, +file_format: iceberg, +incremental_strategy: replace_affected}
seeds:
  causes: {+schema: causes, +file_format: iceberg, +quote_columns: false}
"""
CHANGES = """
{{ config(materialized='incremental', unique_key=['store', 'day']) }}
with keys as (
    {% if is_incremental() %}
    select * from values ('a', 1), ('a', 2), ('a', 4) as keys(store, day)
    {% else %}
    select * from values ('a', 1), ('a', 2), ('b', 1) as keys(store, day)
    {% endif %}
),

final as (
    {% if is_incremental() %}
    select * from values ('a', 1, 10), ('a', 1, 11), ('a', 4, 40) as rows(store, day, visits)
    {% else %}
    select * from values ('a', 1, 1), ('a', 2, 2), ('b', 1, 3), ('b', 1, 4)
        as rows(store, day, visits)
    {% endif %}
)

{{ rows_of_affected('keys', 'final', ['store', 'day']) }}
"""
TIMES = """
select
    number,
    cast({{ local_to_utc('local_time', 'zone') }} as string) as utc,
    cast({{ epoch_text_to_utc("'1793000000.123457'") }} as string) as of_epoch,
    {{ seconds_between("timestamp '2024-01-01 00:00:00.9'", "timestamp '2024-01-01 00:00:02.1'") }}
        as seconds
from values
    (1, timestamp '2024-10-27 02:30:00', 'Europe/Paris'),
    (2, timestamp '2024-10-27 01:59:59', 'Europe/Paris'),
    (3, timestamp '2024-10-27 03:00:00', 'Europe/Paris'),
    (4, timestamp '2024-03-31 02:30:00', 'Europe/Paris'),
    (5, timestamp '2024-04-07 01:45:00', 'Australia/Lord_Howe'),
    (6, timestamp '2024-04-07 02:00:00', 'Australia/Lord_Howe')
    as times(number, local_time, zone)
"""
TYPED = """
select
    cast(name as string) as name,
    cast('2024-03-01 09:00:00+00' as {{ type_instant() }}) as read_at
from {{ ref('names') }}
"""
YAML = """
version: 2
seeds:
  - {name: names, config: {column_types: {name: varchar, since: date}}}
models:
  - name: changes
    columns:
      - {name: visits, constraints: [{type: not_null}]}
  - name: typed
    config: {contract: {enforced: true}}
    columns:
      - {name: name, data_type: varchar}
      - {name: read_at, data_type: timestamp with time zone}
unit_tests:
  - name: typed__a_name_stays
    model: typed
    given:
      - {input: ref('names'), rows: [{name: "O'Hare"}]}
    expect: {rows: [{name: "O'Hare"}]}
"""
MODELS = {
    "looked_at": "{{ config(materialized='view') }} select 1 as answer",
    "changes": CHANGES,
    "times": TIMES,
    "typed": TYPED,
}


def write_project(root: Path, models: Mapping[str, str] = MODELS) -> Path:
    """Write a project with the macros and the profile of this one."""
    shutil.copytree(ROOT / "macros", root / "macros")
    shutil.copy(ROOT / "profiles.yml", root)
    (root / "models").mkdir()
    (root / "seeds").mkdir()
    (root / "dbt_project.yml").write_text(PROJECT)
    (root / "seeds/names.csv").write_text("name,since\nO'Hare,2024-02-29\n,\n")
    (root / "models/models.yml").write_text(YAML)
    for name, sql in models.items():
        (root / f"models/{name}.sql").write_text(sql)
    return root


def build(spark: Spark, project: Path, *arguments: str) -> None:
    done = spark.dbt("build", *arguments, project=project)
    assert done.returncode == 0, done.stdout[-4_000:]


@pytest.fixture(scope="module")
def project(spark: Spark, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project, built twice: what is incremental has an increment."""
    root = write_project(tmp_path_factory.mktemp("causes") / "project")
    build(spark, root, "--full-refresh")
    (root / "models/looked_at.sql").write_text(
        "{{ config(materialized='view') }} select 2 as answer, 'new' as column_of_a_later_body"
    )
    build(spark, root)
    return root


@pytest.mark.usefixtures("project")
def test_a_view_has_its_newest_body(spark: Spark) -> None:
    """Replaced through Iceberg's session catalogue, it keeps the first one, in silence."""
    assert spark.execute("select * from causes.looked_at") == [(2, "new")]


@pytest.mark.usefixtures("project")
def test_an_increment_replaces_the_rows_of_its_keys(spark: Spark) -> None:
    """One key is changed and gets a second row, one has no row left, one is new, one stays."""
    assert spark.execute("select store, day, visits from causes.changes order by 1, 2, 3") == [
        *(("a", 1, 10), ("a", 1, 11), ("a", 4, 40)),
        *(("b", 1, 3), ("b", 1, 4)),
    ]


@pytest.mark.usefixtures("project")
def test_an_increment_is_one_commit(spark: Spark) -> None:
    """A reader never sees the keys without their rows."""
    assert len(spark.execute("select snapshot_id from causes.changes.snapshots")) == 2


@pytest.mark.usefixtures("project")
def test_times_are_those_of_duckdb(spark: Spark) -> None:
    """Of an hour that comes twice the later one; a skipped one moves on; no microsecond is lost."""
    rows = spark.execute("select utc, of_epoch, seconds from causes.times order by number")
    assert [utc for utc, _, _ in rows] == [
        "2024-10-27 01:30:00",
        "2024-10-26 23:59:59",
        "2024-10-27 02:00:00",
        "2024-03-31 01:30:00",
        "2024-04-06 15:15:00",
        "2024-04-06 15:30:00",
    ]
    assert {row[1:] for row in rows} == {("2026-10-26 07:33:20.123457", 1)}


@pytest.mark.usefixtures("project")
def test_seeds_and_contracts_have_the_types_that_yaml_declares(spark: Spark) -> None:
    rows = spark.execute("select name, cast(since as string) from causes.names order by since")
    assert rows == [(None, None), ("O'Hare", "2024-02-29")]
    described = dict(row[:2] for row in spark.execute("describe causes.typed"))
    assert described["name"] == "string"
    assert described["read_at"] == "timestamp"
