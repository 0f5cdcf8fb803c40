"""The real crimes of 2012 on a server: equal row for row, quickly, and a day moves only itself."""

import shutil
import time
from pathlib import Path

import duckdb
import pytest

from dbt_project.paths import Paths
from tests.python.dbt_project.publishing.postgres.conftest import Ask, Land
from tests.support.projects.building import build
from tests.support.projects.crime_raw import MODELS
from tests.support.projects.crime_year import write_raw
from tests.support.publishing.small_marts import SmallMarts, differences

pytestmark = pytest.mark.long
FACT = "city.crimes"
# A fraction of what a quiet machine does, so that only a wrong way of loading fails.
LEAST_ROWS_PER_SECOND = 50_000
# Edits of any age, new crimes, and some that are deleted.
A_DAY = f"""
    update {FACT} set is_arrest = not is_arrest where hash(crime_id) % 300 = 0;
    insert into {FACT}
    select * replace (crime_id + 900000000 as crime_id)
    from {FACT} order by occurred_date desc, crime_id limit 700;
    delete from {FACT} where hash(crime_id) % 20000 = 1
"""
YAML = """
version: 2
models:
  - name: crimes
    config: {meta: {parquet_partition: {column: occurred_date, period: month}}}
    columns: [{name: crime_id, data_tests: [unique]}]
"""


@pytest.fixture(scope="module")
def crimes(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fact of the year's crimes, built by the project's own models, in a file."""
    paths = Paths(data=tmp_path_factory.mktemp("crimes") / "data")
    paths.work.mkdir(parents=True)
    write_raw(paths.raw, sample_data / "crime" / "crimes_2012_full_year.csv.gz")
    build(paths, MODELS)
    return paths.work_marts


def test_the_crimes_of_a_year_and_a_day_of_changes(
    crimes: Path, marts: SmallMarts, land: Land, url: str, ask: Ask
) -> None:
    copy = marts.paths.data / "crimes.duckdb"
    shutil.copy(crimes, copy)
    marts.describe(YAML)
    marts.publish(
        f"attach '{copy}' as year (read_only); create schema city;"
        f"create table {FACT} as from year.crime.fct_crimes;"
        f"alter table {FACT} alter crime_id set not null; detach year"
    )
    began = time.monotonic()
    landed = land()
    rate = landed.rows / (time.monotonic() - began)
    assert landed.rows > 330_000
    assert rate > LEAST_ROWS_PER_SECOND, f"{rate:,.0f} rows/s"
    assert differences(marts.paths.published, url, [FACT]) == {}
    with duckdb.connect(marts.paths.published / "marts.duckdb", read_only=True) as connection:
        ((edited, deleted),) = connection.execute(
            "select count_if(hash(crime_id) % 300 = 0), count_if(hash(crime_id) % 20000 = 1)"
            f" from {FACT}"
        ).fetchall()
    marts.publish(A_DAY)
    assert edited + 700 - 50 < land().rows <= edited + 700 + deleted
    assert differences(marts.paths.published, url, [FACT]) == {}
    assert ask(f"select count(*) from {FACT} where crime_id > 900000000") != [(0,)]
