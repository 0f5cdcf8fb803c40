"""Every mart that Spark builds equals DuckDB's, row for row and in its types."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingestion.core.loading import load
from ingestion.core.progress import Silent
from ingestion.core.source import ORIGINS, LoadOptions
from tests.support.journeys.all_domains import STEPS, Domains, build_all, load_step
from tests.support.projects.raw_project import LOAD_ID
from tests.support.spark.cluster import Spark
from tests.support.spark.marts import differences

pytestmark = [pytest.mark.spark, pytest.mark.long, pytest.mark.xdist_group("spark")]
MODELS = ("--resource-type", "model", "--resource-type", "seed")


@pytest.fixture(scope="module")
def domains(tmp_path_factory: pytest.TempPathFactory) -> Domains:
    return Domains(tmp_path_factory.mktemp("journey") / "data")


@pytest.mark.parametrize("number", STEPS)
def test_increments(spark: Spark, domains: Domains, number: int) -> None:
    """Edits, late rows, deletions, rejections: as increments on both engines."""
    load_step(domains, number)
    domains.build()
    spark.land(domains.paths.raw)
    spark.build(*MODELS, *(["--full-refresh"] if number == 0 else []))
    assert differences(spark, domains.paths.work_marts) == {}


def test_all_tests_pass_on_what_increments_built(spark: Spark) -> None:
    done = spark.dbt("test")
    assert done.returncode == 0, done.stdout[-6_000:]


def test_increments_equal_a_full_refresh(spark: Spark, domains: Domains) -> None:
    spark.build(*MODELS, "--full-refresh")
    assert differences(spark, domains.paths.work_marts) == {}


def test_real_files(spark: Spark, sample_data: Path, tmp_path: Path) -> None:
    """The crimes of 2012, a store's sensors, and the survey's sample of students."""
    domains = Domains(tmp_path / "data")
    files = {
        "chicago-crime": sample_data / "crime/crimes_2012_full_year.csv.gz",
        "store-sensors": sample_data / "sensors/dat.csv",
        "pisa": sample_data / "pisa/df_pisa18_selected_raw_codes.csv",
    }
    for source, file in files.items():
        options = LoadOptions(files=(file,))
        load(source, options, data_dir=domains.paths.data, progress=Silent())
    build_all(domains.paths)
    there = spark.on(tmp_path / "lake")
    there.land(domains.paths.raw)
    there.build(*MODELS, "--full-refresh")
    assert differences(there, domains.paths.work_marts) == {}


def test_raw_is_what_raw_duckdb_has(spark: Spark, tmp_path: Path) -> None:
    """The lake keeps every load: of a key the newest row counts, and only of recorded files."""
    there = spark.on(tmp_path / "lake")
    loads = {
        "1": [["a", "true", "first"], ["b", "false", "first"]],
        "2": [["a", "true", "second"]],
        "3": [["b", "false", "of a load that was killed"]],
    }
    folder = there.lake / "raw/raw_pisa/origins"
    folder.mkdir(parents=True)
    for load_id, rows in loads.items():
        values = {
            name: [row[place] for row in rows] for place, name in enumerate(ORIGINS.columns)
        } | {LOAD_ID: [load_id] * len(rows)}
        pq.write_table(pa.table(values), folder / f"{load_id}.0.parquet")
        if load_id != "3":
            there.record("raw_pisa", load_id, [f"origins/{load_id}.0.parquet"])
    there.build("--select", "stg_pisa__origins")
    assert spark.execute(f"select part, noted_at, {LOAD_ID} from raw_pisa.origins order by 1") == [
        ("a", "second", "2"),
        ("b", "first", "1"),
    ]
    assert spark.execute("select count(*) from raw_pisa.responses") == [(0,)]
