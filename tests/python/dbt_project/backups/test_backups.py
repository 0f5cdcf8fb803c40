"""A warehouse that was lost is the same after it was restored, whenever the backup was taken."""

import shutil
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbt_project.backups.backup import BackupReport, back_up
from dbt_project.backups.repository import Repository
from dbt_project.backups.restore import restore
from dbt_project.paths import Paths
from dbt_project.published import kept_builds
from dbt_project.publishing.rollback import rollback
from dbt_project.runs.run import Run, exclusive_access
from ingestion.core.clock import utc_now
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Silent
from tests.support.forking import Forked, forks
from tests.support.projects.publications import NOW, publish, publish_orders, published_orders
from tests.support.projects.sample_project import Warehouse, write_work

TIMEOUT_SECONDS = 120.0
MART_FILES = "marts.duckdb"


def table_hashes(file: Path) -> dict[str, Any]:
    """Rows and a hash of the content of each table of a DuckDB file."""
    with duckdb.connect(file, read_only=True) as connection:
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() order by 1"
        ).fetchall()
        return {
            name: connection.execute(
                f"select count(*), bit_xor(hash(t)) from {name} as t"
            ).fetchone()
            for (name,) in names
        }


def content(paths: Paths) -> dict[str, Any]:
    """What must be equal: raw and marts by table, files of every build, what readers see."""
    found = {"raw": table_hashes(paths.raw), "published": paths.published.readlink().name}
    for build in kept_builds(paths):
        found[build.name] = table_hashes(build / MART_FILES)
        found[f"{build.name} files"] = {
            path.relative_to(build).as_posix(): (path.read_bytes(), path.stat().st_mode)
            for path in build.rglob("*")
            if path.is_file()
        }
    return found


def link_counts(paths: Paths) -> dict[Path, int]:
    return {path: path.stat().st_nlink for path in paths.builds.rglob("*.parquet")}


def backed_up(paths: Paths, target: Path, **options: Any) -> BackupReport:
    return back_up(paths, target, now=utc_now(), progress=Silent(), **options)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def published(paths: Paths) -> Paths:
    for orders in (1, 2, 3):
        publish_orders(paths, orders)
    return paths


def test_a_destroyed_warehouse_is_restored_table_for_table(
    published: Paths, target: Path, warehouse: Warehouse
) -> None:
    write_work(published, 3)
    publish(published)
    rollback(published, kept_builds(published)[0].name, now=NOW)
    before, links = content(published), link_counts(published)
    assert max(links.values()) > 1
    done = warehouse("backup", str(target), data=published.data)
    assert done.returncode == 0, done.stderr
    assert "MB are new in" in done.stdout
    shutil.rmtree(published.data)
    done = warehouse("restore", str(target), data=published.data)
    assert done.returncode == 0, done.stderr
    assert content(published) == before
    assert published_orders(published) == 2
    # A file that builds have in common is one on disk, as before.
    assert link_counts(published) == links
    # Runs go on from there, and so do backups.
    publish_orders(published, 4)
    assert published_orders(published) == 4
    done = warehouse("status", data=published.data)
    assert done.returncode == 0, done.stderr
    backed_up(published, target)
    assert len(Repository(target).names()) == 2


def test_a_second_backup_copies_what_is_new(published: Paths, target: Path) -> None:
    with duckdb.connect(published.raw) as raw:
        raw.execute("create table raw_shop.noise as select random() as x from range(4000000)")
    first = backed_up(published, target)
    assert first.new_bytes > 25_000_000
    assert backed_up(published, target).new_bytes < 100_000
    publish_orders(published, 5)
    third = backed_up(published, target)
    assert 0 < third.new_bytes < first.new_bytes / 2


def test_backups_beyond_the_number_to_keep_are_removed_with_their_chunks(
    published: Paths, target: Path
) -> None:
    for orders in (5, 6, 7):
        publish_orders(published, orders)
        backed_up(published, target, keep=2)
    repository = Repository(target)
    assert len(repository.names()) == 2
    named = {
        c for name in repository.names() for f in repository.read(name).files for c in f.chunks
    }
    assert {path.name for path in (target / "chunks").glob("??/*")} == named


class Publications(threading.Thread):
    """A run that publishes again and again, as `watch` does, a load with each publication."""

    def __init__(self, paths: Paths, times: int) -> None:
        super().__init__()
        self._paths, self._times = paths, times
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with exclusive_access(self._paths):
                run = Run(self._paths, Silent(), "watch")
                for orders in range(10, 10 + self._times):
                    with run.step("publish"):
                        publish_orders(self._paths, orders)
        except BaseException as error:  # noqa: BLE001 - the test says so
            self.error = error


def start(paths: Paths, folder: Path, *arguments: str, **options: Any) -> Forked:
    """Start a command on the warehouse, in a process of its own."""
    return forks().start(
        arguments,
        env={"PATH": "/usr/bin:/bin", "WAREHOUSE_DATA_DIR": str(paths.data)},
        cwd=folder,
        out=folder / "out.txt",
        **options,
    )


def test_a_backup_through_twenty_publications_is_of_one_moment(
    published: Paths, target: Path, tmp_path: Path
) -> None:
    publications = Publications(published, 20)
    publications.start()
    taken = 0
    while publications.is_alive():
        backup = start(published, tmp_path, "backup", str(target))
        assert backup.wait(TIMEOUT_SECONDS) == 0, (tmp_path / "out.txt").read_text()
        taken += 1
    publications.join()
    assert publications.error is None
    names = Repository(target).names()
    assert len(names) == taken >= 2
    for name in names:
        restored = Paths(data=tmp_path / name)
        restore(restored, target, progress=Silent(), name=name)
        with duckdb.connect(restored.raw, read_only=True) as raw:
            newest = raw.execute(
                "select max(cast(order_id as integer)) from raw_shop.orders"
            ).fetchone()
        assert newest == (published_orders(restored),)
        assert {path.name for path in restored.builds.iterdir()} == {
            build.name for build in kept_builds(restored)
        }


@pytest.mark.parametrize("times", [1, 3, 8])
def test_a_backup_that_is_killed_leaves_the_others_and_is_made_up_for(
    times: int, published: Paths, target: Path, tmp_path: Path
) -> None:
    backed_up(published, target)
    publish_orders(published, 9)
    with duckdb.connect(published.raw) as raw:
        raw.execute("create table raw_shop.noise as select random() as x from range(6000000)")
    before = content(published)
    killed = start(
        published, tmp_path, "backup", str(target), killed_at=("os.rename", "*.partial", times, 9)
    )
    assert killed.wait(TIMEOUT_SECONDS) != 0
    assert len(Repository(target).names()) == 1
    # What is there is whole, and the lock died with the process.
    restore(Paths(data=tmp_path / "old"), target, progress=Silent())
    assert published_orders(Paths(data=tmp_path / "old")) == 3
    backed_up(published, target)
    assert list(target.rglob("*.partial")) == []
    restore(Paths(data=tmp_path / "new"), target, progress=Silent())
    assert content(Paths(data=tmp_path / "new")) == before


def test_a_restoration_that_is_killed_is_refused_and_starts_over(
    published: Paths, target: Path, tmp_path: Path, warehouse: Warehouse
) -> None:
    backed_up(published, target)
    data = Paths(data=tmp_path / "restored" / "data")
    data.data.parent.mkdir()
    killed = start(
        data, tmp_path, "restore", str(target), killed_at=("open", "*/manifest.json", 1, 9)
    )
    assert killed.wait(TIMEOUT_SECONDS) != 0
    for command in ("status", "build", "alerts", "serve", "report"):
        refused = warehouse(command, data=data.data)
        assert refused.returncode == 1
        assert "is half restored: run `warehouse restore` again" in refused.stderr
    done = warehouse("restore", str(target), data=data.data)
    assert done.returncode == 0, done.stderr
    assert content(data) == content(published)


def test_a_damaged_chunk_is_named_and_restores_nothing(
    published: Paths, target: Path, tmp_path: Path
) -> None:
    backed_up(published, target)
    chunk = max((target / "chunks").glob("??/*"), key=lambda path: path.stat().st_size)
    chunk.chmod(0o600)
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"x")
    data = Paths(data=tmp_path / "restored")
    with pytest.raises(WarehouseError, match=f"{chunk.name} is damaged: restore an older backup"):
        restore(data, target, progress=Silent())
    assert data.restoring.exists()
    assert not data.published.exists()


def test_a_damaged_list_is_named(published: Paths, target: Path, tmp_path: Path) -> None:
    backed_up(published, target)
    (file,) = (target / "backups").glob("*.json")
    file.write_text(file.read_text().replace("raw.duckdb", "raw.duckdbx"))
    with pytest.raises(WarehouseError, match=r"is damaged: restore another backup"):
        restore(Paths(data=tmp_path / "restored"), target, progress=Silent())
    assert not (tmp_path / "restored").exists()


def test_what_cannot_be_right_is_refused_in_one_line(
    published: Paths, target: Path, tmp_path: Path, warehouse: Warehouse
) -> None:
    other = tmp_path / "documents"
    other.mkdir()
    (other / "letter.txt").write_text("x")
    for arguments, why in (
        (("backup", str(other)), "has other files (letter.txt): name an empty or new folder"),
        (("backup", str(published.data / "backups")), "is within the data folder"),
        (("restore", str(other)), "has no backup: name the folder"),
        (("restore", str(tmp_path / "nowhere")), "has no backup: name the folder"),
    ):
        refused = warehouse(*arguments, data=published.data)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1), refused.stderr
        assert why in refused.stderr
    backed_up(published, target)
    refused = warehouse("restore", str(target), data=published.data)
    assert "has files (" in refused.stderr
    assert "move it away" in refused.stderr
    assert published_orders(published) == 3
    stranger = Paths(data=tmp_path / "stranger")
    stranger.data.mkdir()
    publish_orders(stranger, 1)
    with pytest.raises(WarehouseError, match="has backups of another warehouse"):
        backed_up(stranger, target)
    assert [path.name for path in other.iterdir()] == ["letter.txt"]
