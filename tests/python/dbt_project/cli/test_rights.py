"""Who may read what a run writes: private files their owner, published files everyone."""

import stat
from collections.abc import Iterator
from pathlib import Path

from dbt_project.paths import Paths
from tests.support.projects.sample_project import Warehouse


def rights(folder: Path) -> Iterator[tuple[str, int]]:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            name = path.relative_to(folder.parent).as_posix()
            yield name + "/" * path.is_dir(), stat.S_IMODE(path.stat().st_mode)


def test_raw_rows_and_logs_are_the_users_own_and_published_files_are_for_everyone(
    warehouse: Warehouse, built: Paths
) -> None:
    paths = built
    # As a version that did not take care left them.
    paths.raw.chmod(0o644)
    paths.work.chmod(0o755)
    # Whoever publishes means it for others, whatever their other files are.
    for command, mask in (("publish", 0o077), ("alerts", 0o022)):
        done = warehouse(command, data=paths.data, project=paths.project, mask=mask)
        assert done.returncode == 0, done.stderr
    found = dict(rights(paths.data))
    published = {
        name: mode for name, mode in found.items() if name.startswith("data/builds/") and mode
    }
    own = {name: mode for name, mode in found.items() if name not in {*published, "data/"}}
    # Each run writes it again; nothing else of a publication changes.
    (history,) = [name for name in published if name.endswith("/runs.json")]
    assert published.pop(history) == 0o644
    assert {*published.values()} == {0o755, 0o444}
    assert all(mode == (0o755 if name.endswith("/") else 0o444) for name, mode in published.items())
    assert {name.rpartition("/")[2] for name in published} >= {"marts.duckdb", "manifest.json"}
    assert {"data/raw.duckdb", "data/runs.jsonl", "data/work/", "data/target/"} <= own.keys()
    assert {name: oct(mode) for name, mode in own.items() if mode & 0o077} == {}
