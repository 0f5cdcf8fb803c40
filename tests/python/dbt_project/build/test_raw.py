"""What the raw file contains of each source, without reading all of it each time."""

import json
import subprocess
import sys

import duckdb
import pytest

from dbt_project.build.raw import RawInUseError, source_states, summaries
from dbt_project.paths import Paths
from tests.support.projects.publications import publish
from tests.support.projects.sample_project import add_orders, write_work

pytestmark = pytest.mark.usefixtures("shop_source")


@pytest.fixture
def published(paths: Paths) -> Paths:
    """A publication of one load of the shop, whose rows have dlt's load ids."""
    add_orders(paths.raw, "values ('1', '10', '2024-01-01')", "1.1")
    with duckdb.connect(paths.raw) as raw:
        raw.execute("alter table raw_shop.orders add column _dlt_load_id varchar default '1.1'")
    write_work(paths, 1)
    publish(paths)
    return paths


def test_a_warehouse_without_raw_rows_has_no_sources(paths: Paths) -> None:
    assert summaries(paths.raw) == {}
    assert source_states(paths) == {}


def test_a_source_is_described_by_its_loads_and_rows(published: Paths) -> None:
    assert summaries(published.raw)["shop"].last_load_id == "1.1"
    assert source_states(published) == {
        "shop": {
            "loads": 1,
            "last_load_id": "1.1",
            "last_loaded_at": "2024-01-02T03:04:05Z",
            "newest_change": "2024-01-01",
            "rows": {"orders": 1},
        }
    }


def test_rows_of_a_killed_load_are_its_newest_load(published: Paths) -> None:
    with duckdb.connect(published.raw) as raw:
        raw.execute("insert into raw_shop.orders values ('2', '20', '2024-01-03', '1.2')")
    assert summaries(published.raw)["shop"].last_load_id == "1.2"
    state = source_states(published)["shop"]
    assert (state["loads"], state["last_load_id"]) == (1, "1.2")
    assert (state["newest_change"], state["rows"]) == ("2024-01-03", {"orders": 2})


def test_a_load_by_a_clock_that_was_ahead_does_not_stay_the_last_one(published: Paths) -> None:
    with duckdb.connect(published.raw) as raw:
        raw.execute(
            "insert into raw_shop._dlt_loads (load_id, status, inserted_at) values "
            "('1.2', 0, '2030-01-01 00:00:00+00'), ('1.3', 0, '2024-01-04 00:00:00+00')"
        )
    state = source_states(published)["shop"]
    assert (state["last_load_id"], state["last_loaded_at"]) == ("1.3", "2024-01-04T00:00:00Z")


def test_the_rows_of_a_source_without_a_new_load_are_not_read(published: Paths) -> None:
    # The manifest says otherwise than the rows, which shows where the answer comes from.
    manifest = published.published / "manifest.json"
    text = json.loads(manifest.read_text())
    text["freshness"]["shop"]["newest_change"] = "as published"
    manifest.unlink()
    manifest.write_text(json.dumps(text))
    assert source_states(published)["shop"]["newest_change"] == "as published"
    add_orders(published.raw, "values ('2', '20', '2024-01-05', '2.1')", "2.1")
    assert source_states(published)["shop"]["newest_change"] == "2024-01-05"


def test_a_raw_file_that_is_being_written_is_in_use(published: Paths) -> None:
    program = "import duckdb, sys; raw = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(published.raw)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout
        writer.stdout.readline()
        with pytest.raises(RawInUseError):
            summaries(published.raw)
        writer.communicate("done\n")
