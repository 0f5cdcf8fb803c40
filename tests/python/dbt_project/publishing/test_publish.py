"""Publication: complete or not at all, and cheap where nothing changed."""

import hashlib
import json
import signal
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from dbt_project.build.audit import checkpointed, drop_all_but
from dbt_project.build.working_copy import continue_work, prepare_work
from dbt_project.files import sha256
from dbt_project.paths import ROOT, Paths
from dbt_project.publishing import publish as publication
from ingestion.core.errors import WarehouseError
from tests.support.projects.publications import publish, published_orders
from tests.support.projects.sample_project import write_work


def test_a_build_describes_its_files_and_is_read_only(paths: Paths) -> None:
    write_work(paths, 5)
    assert publish(paths) == json.loads((paths.published / "manifest.json").read_text())
    manifest = json.loads((paths.published / "manifest.json").read_text())
    orders = manifest["tables"]["shop.orders"]
    assert (orders["rows"], orders["columns"]) == (5, [{"name": "order_id", "type": "BIGINT"}])
    for entry in (*manifest["tables"].values(), manifest["database"]):
        file = paths.published / entry.get("parquet", entry.get("path"))
        assert hashlib.sha256(file.read_bytes()).hexdigest() == entry["sha256"]
        assert file.stat().st_size == entry["bytes"]
        assert stat.S_IMODE(file.stat().st_mode) == 0o444
    parquet = duckdb.sql(f"select * from '{paths.published / orders['parquet']}' order by 1")
    assert parquet.fetchall() == [(number,) for number in range(5)]
    assert manifest["freshness"]["shop"]["loads"] == 1
    assert manifest["audit"]["passed"] == 1


def test_pages_of_the_previous_build_are_shown_until_newer_ones_are_built(paths: Paths) -> None:
    write_work(paths, 5)
    publish(paths)
    first = paths.published.resolve()
    (first / "site-1/crime").mkdir(parents=True)
    (first / "site-1/crime/index.html").write_text("five orders")
    (first / "site").symlink_to("site-1")
    write_work(paths, 6)
    publish(paths)
    second = paths.published.resolve()
    page = paths.published / "site/crime/index.html"
    assert second != first
    assert page.resolve().is_relative_to(second)
    assert page.read_text() == "five orders"


def test_a_published_file_holds_the_marts_alone_with_their_comments(paths: Paths) -> None:
    write_work(paths, 5)
    with duckdb.connect(paths.work_marts) as connection:
        connection.execute("comment on table shop.orders is 'Orders as they are now.'")
        connection.execute("create view shop.shown as select 1 as one")
        connection.execute("create table shop.forgotten as select 1 as one")
        connection.execute("create schema audit; create table audit.failed as select 1 as one")
    with checkpointed(paths.work_marts) as marts:
        drop_all_but(marts, {"shop.orders", "shop.totals"})
    with duckdb.connect(paths.work_marts, read_only=True) as connection:
        found = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() order by all"
        ).fetchall()
        views = connection.execute("select * from duckdb_views() where not internal").fetchall()
    assert found == [("shop", "orders", "Orders as they are now."), ("shop", "totals", None)]
    assert views == []


def test_an_unchanged_mart_keeps_its_parquet_file(paths: Paths) -> None:
    write_work(paths, 5)
    first = publish(paths)
    before = (paths.published / "parquet/shop/orders.parquet").stat()
    prepare_work(paths)
    write_work(paths, 5)
    again = publish(paths)
    assert again["build_id"] != first["build_id"]
    assert again["tables"] == first["tables"]
    assert (paths.published / "parquet/shop/orders.parquet").stat().st_ino == before.st_ino
    write_work(paths, 6)
    changed = publish(paths)
    hashes = [build["tables"]["shop.orders"]["content_hash"] for build in (again, changed)]
    assert hashes[0] != hashes[1]
    assert (paths.published / "parquet/shop/orders.parquet").stat().st_ino != before.st_ino


def test_equal_rows_in_another_order_have_an_equal_hash(paths: Paths) -> None:
    write_work(paths, 5)
    first = publish(paths)["tables"]["shop.orders"]["content_hash"]
    prepare_work(paths)
    with duckdb.connect(paths.work_marts) as connection:
        connection.execute(
            "create or replace table shop.orders as"
            " select range as order_id from range(5) order by 1 desc"
        )
        query = "select sum(hash(mart)) from shop.orders as mart"
        row = connection.execute(query).fetchone()
    assert row
    assert f"{row[0]:032x}" == first


def test_the_audited_file_is_published_without_a_copy_and_never_written_again(paths: Paths) -> None:
    write_work(paths, 5)
    audited = paths.work_marts.stat().st_ino
    first = publish(paths)
    published = (paths.published / "marts.duckdb").stat()
    assert (published.st_ino, published.st_nlink) == (audited, 1)
    assert not paths.work_marts.exists()
    # Once more is the same build; a build of selected models begins with a copy.
    assert publish(paths) == first
    assert not continue_work(paths)
    prepare_work(paths)
    with duckdb.connect(paths.work_marts) as connection:
        connection.execute("delete from shop.orders")
    assert (paths.published / "marts.duckdb").stat().st_mtime_ns == published.st_mtime_ns


def test_a_build_of_selected_models_continues_unless_its_file_may_be_published(
    paths: Paths,
) -> None:
    assert not continue_work(paths)
    write_work(paths, 5)
    # As a publication left it that failed, and as one that was killed before it let go of it.
    paths.work_marts.chmod(0o444)
    assert continue_work(paths)
    assert stat.S_IMODE(paths.work_marts.stat().st_mode) == 0o600
    audited = paths.data / "audited"
    audited.hardlink_to(paths.work_marts)
    assert not continue_work(paths)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_builds_may_be_on_another_file_system(paths: Paths) -> None:
    with TemporaryDirectory(dir="/dev/shm") as other:
        paths.builds.symlink_to(other, target_is_directory=True)
        for orders in (5, 6):
            write_work(paths, orders)
            manifest = publish(paths)
            assert published_orders(paths) == orders
            assert sha256(paths.published / "marts.duckdb") == manifest["database"]["sha256"]
        assert stat.S_IMODE((paths.published / "marts.duckdb").stat().st_mode) == 0o444


def test_an_invalid_memory_limit_publishes_nothing(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_work(paths, 5)
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "much")
    with pytest.raises(WarehouseError, match="WAREHOUSE_MEMORY_LIMIT is 'much'"):
        publish(paths)
    assert [*paths.builds.iterdir()] == []
    monkeypatch.delenv("WAREHOUSE_MEMORY_LIMIT")
    publish(paths)
    assert published_orders(paths) == 5


def test_a_publication_without_enough_memory_says_how_much_it_needs(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_work(paths, 1_000_000)
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "1MB")
    with pytest.raises(WarehouseError, match="WAREHOUSE_MEMORY_LIMIT is 1MB: set it to 2MB"):
        publish(paths)
    assert [*paths.builds.iterdir()] == []
    monkeypatch.setenv("WAREHOUSE_MEMORY_LIMIT", "64MB")
    publish(paths)
    assert published_orders(paths) == 1_000_000


def test_a_manifest_has_a_line_for_each_column(paths: Paths) -> None:
    write_work(paths, 5)
    manifest = publish(paths)
    text = (paths.published / "manifest.json").read_text()
    assert json.loads(text) == manifest
    assert '        {"name": "order_id", "type": "BIGINT"}\n' in text


def test_the_newest_builds_are_kept(paths: Paths) -> None:
    for orders in range(1, 6):
        write_work(paths, orders)
        publish(paths)
    kept = sorted(path.name for path in paths.builds.iterdir())
    assert len(kept) == 3
    assert paths.published.readlink() == Path("builds") / kept[-1]
    assert published_orders(paths) == 5


STEPS = """
import os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from dbt_project.publishing import publish
from dbt_project.paths import Paths
from ingestion.core.progress import LineProgress

paths, build_id = Paths(data=Path(sys.argv[1])), "20991231T000000Z-abcdef"
audit, now = publish.publishable(paths), datetime.now(UTC)
steps = [
    lambda: publish.partial(paths, build_id).mkdir(parents=True),
    lambda: (publish.partial(paths, build_id) / "marts.duckdb").write_bytes(b"half"),
    lambda: (publish.remove(publish.partial(paths, build_id)), publish.stage(
        paths, audit, build_id=build_id, now=now, progress=LineProgress())),
    lambda: publish.finalize_build(paths, build_id),
    lambda: (paths.data / ".published.new").symlink_to("builds/" + build_id),
    lambda: publish.swap_published_link(paths, build_id),
]
for step in steps[: int(sys.argv[2])]:
    step()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("steps", range(7))
def test_killed_after_any_step_the_next_publication_is_right(paths: Paths, steps: int) -> None:
    write_work(paths, 1)
    publish(paths)
    write_work(paths, 2)
    child = subprocess.run(
        [sys.executable, "-c", STEPS, str(paths.data), str(steps)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert published_orders(paths) == (2 if steps == 6 else 1)
    publish(paths)
    assert published_orders(paths) == 2
    assert not publication.leftovers(paths)
    assert len(list(paths.builds.iterdir())) == 2
