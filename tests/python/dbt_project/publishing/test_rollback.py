"""Rolling back to a retained build: at once, for every reader, and until something is new."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from dbt_project.build.scope import fingerprint
from dbt_project.monitoring.status import lines, status
from dbt_project.paths import Paths
from dbt_project.publishing.publish import leftovers, prune_builds, swap_published_link
from dbt_project.publishing.rollback import rollback
from dbt_project.runs.run import Run, running
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Silent
from tests.support.forking import forks
from tests.support.projects.publications import publish, published_orders
from tests.support.projects.sample_project import Warehouse, add_orders, write_work

NOW = datetime(2024, 1, 2, 4, 4, 5, tzinfo=UTC)


@pytest.fixture
def three(paths: Paths) -> tuple[str, str, str]:
    """Three publications, of one order, of two and of three."""
    names = []
    for orders in (1, 2, 3):
        write_work(paths, orders)
        names.append(str(publish(paths)["build_id"]))
    return names[0], names[1], names[2]


@pytest.fixture
def run(paths: Paths) -> Iterator[Run]:
    with running(paths, "run", Silent()) as run:
        yield run


def kept(paths: Paths) -> list[str]:
    return sorted(path.name for path in paths.builds.iterdir())


def test_the_command_rolls_back_and_forward_and_keeps_every_build(
    warehouse: Warehouse, paths: Paths, three: tuple[str, str, str]
) -> None:
    manifest = paths.published / "manifest.json"
    for build, orders in zip((three[0], three[1], three[2]), (1, 2, 3), strict=True):
        done = warehouse("publish", "--to", build, data=paths.data)
        assert done.returncode == 0, done.stderr
        assert f"published  {build} in " in done.stdout
        assert (published_orders(paths), json.loads(manifest.read_text())["build_id"]) == (
            orders,
            build,
        )
        assert kept(paths) == [*three]
    assert not paths.rolled_back.exists()


def test_an_unknown_build_gives_one_line_that_names_the_retained_ones(
    warehouse: Warehouse, paths: Paths, three: tuple[str, str, str]
) -> None:
    for name in ("yesterday", "../builds", "", ".", three[0][:-1]):
        ended = warehouse("publish", "--to", name, data=paths.data) if name == "yesterday" else None
        with pytest.raises(WarehouseError, match="is not a retained build") as refused:
            rollback(paths, name, now=NOW)
        assert all(build in str(refused.value) for build in three)
        if ended:
            assert ended.returncode == 1
            assert ended.stderr.splitlines() == [f"warehouse: {refused.value}"]
    assert published_orders(paths) == 3


def test_status_lists_the_retained_builds(paths: Paths, three: tuple[str, str, str]) -> None:
    rollback(paths, three[1], now=NOW)
    found = status(paths, now=NOW)["builds"]
    assert [(one["build_id"], one["is_published"], one["is_rolled_back"]) for one in found] == [
        (three[2], False, True),
        (three[1], True, False),
        (three[0], False, False),
    ]
    output = [line for line in lines(status(paths, now=NOW)) if line.startswith("kept")]
    assert [line.rpartition(": ")[2] for line in output] == ["rolled back", "published", "before"]


def test_leftovers_of_a_publication_killed_after_a_rollback_are_not_taken_for_the_rolled_back_build(
    paths: Paths, three: tuple[str, str, str]
) -> None:
    rollback(paths, three[0], now=NOW)
    never_shown = paths.builds / "20991231T000000Z-abcdef"
    shutil.copytree(paths.builds / three[2], never_shown)
    assert leftovers(paths) == [never_shown]
    prune_builds(paths)
    assert kept(paths) == [*three]


def test_a_rollback_that_is_killed_before_the_swap_changes_nothing(
    paths: Paths, three: tuple[str, str, str]
) -> None:
    killed = forks().start(
        ("publish", "--to", three[0]),
        env=os.environ | {"WAREHOUSE_DATA_DIR": str(paths.data)},
        cwd=paths.data.parent,
        out=paths.data.parent / "output",
        killed_at=("os.rename", "*/.published.new", 1, signal.SIGKILL),
    )
    assert killed.wait(60) == -signal.SIGKILL
    assert paths.rolled_back.exists()
    prune_builds(paths)
    assert (kept(paths), published_orders(paths)) == ([*three], 3)
    assert not any(build["is_rolled_back"] for build in status(paths, now=NOW)["builds"])


def test_a_working_file_that_was_rolled_back_is_not_published_by_accident(
    paths: Paths, three: tuple[str, str, str]
) -> None:
    rollback(paths, three[0], now=NOW)
    with pytest.raises(WarehouseError, match="there is no audited build to publish"):
        publish(paths)
    assert published_orders(paths) == 1


def as_built_by(paths: Paths, project: str) -> None:
    """Let the builds be of a project."""
    for build in paths.builds.iterdir():
        file = build / "manifest.json"
        text = json.dumps(json.loads(file.read_text()) | {"project": project})
        file.unlink()
        file.write_text(text)


def test_a_rollback_stays_until_there_is_something_that_the_rolled_back_build_lacked(
    paths: Paths, run: Run
) -> None:
    write_work(paths, 1)
    first = publish(paths)["build_id"]
    add_orders(paths.raw, "values ('2', '20', '2024-01-02')", "1.2")
    write_work(paths, 2)
    second = publish(paths)["build_id"]
    as_built_by(paths, fingerprint(paths.project))
    rollback(paths, first, now=NOW)
    # Raw has what the rolled-back build was made of, and readers see a build without it.
    assert not run.is_anything_new()
    assert run.notes == [f"Nothing is new since {second}, which was rolled back."]
    add_orders(paths.raw, "values ('3', '30', '2024-01-03')", "1.3")
    assert run.is_anything_new()
    write_work(paths, 3)
    third = publish(paths)["build_id"]
    assert (kept(paths), published_orders(paths)) == ([first, second, third], 3)
    assert not paths.rolled_back.exists()
    as_built_by(paths, "another project")
    assert run.is_anything_new()


def test_builds_beyond_the_number_to_keep_are_removed_but_never_the_published_one(
    paths: Paths, three: tuple[str, str, str]
) -> None:
    rollback(paths, three[0], now=NOW)
    prune_builds(Paths(data=paths.data, keep_builds=1))
    assert kept(paths) == [three[0], three[2]]
    assert published_orders(paths) == 1


def test_a_reader_keeps_the_build_that_it_has_open(
    paths: Paths, three: tuple[str, str, str]
) -> None:
    file = paths.published / "marts.duckdb"
    with duckdb.connect(file.resolve(), read_only=True) as before:
        swap_published_link(paths, three[0])
        assert before.execute("select orders from shop.totals").fetchall() == [(3,)]
    assert published_orders(paths) == 1
    assert file.resolve().parent == (paths.data / Path("builds") / three[0]).resolve()
