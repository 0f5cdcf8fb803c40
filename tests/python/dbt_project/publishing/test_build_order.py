"""Builds follow one another whatever the clock shows, and what is not a build stays."""

from datetime import timedelta
from pathlib import Path

import pytest

from dbt_project.paths import Paths
from dbt_project.published import kept_builds, published_manifest
from dbt_project.publishing import publish as publication
from dbt_project.run_records import records
from dbt_project.runs.run import running
from ingestion.core.clock import utc_now
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Silent
from tests.support.projects.publications import publish, published_orders
from tests.support.projects.sample_project import write_work
from tests.support.warehouse import Warehouse


def publish_by_a_clock_ahead(paths: Paths) -> str:
    """Publish as if it were the day after tomorrow; returns the build's name."""
    write_work(paths, 1)
    ahead = utc_now() + timedelta(days=2)
    return str(publication.publish(paths, now=ahead, progress=Silent())["build_id"])


def test_after_a_clock_that_was_ahead_one_command_lets_runs_go_on(paths: Paths) -> None:
    first = publish_by_a_clock_ahead(paths)
    warehouse = Warehouse(paths.data)
    line = warehouse.fails("publish")
    assert line.endswith(
        "set the clock, then run again; if it is right and was ahead then, run"
        " `warehouse accept-clock`"
    )
    assert first in warehouse("accept-clock")
    for orders in (2, 3):
        write_work(paths, orders)
        before = utc_now()
        with running(paths, "publish", Silent()) as run:
            run.publish()
        assert published_orders(paths) == orders
    manifest = published_manifest(paths) or {}
    # The order is that of the publications; the times are those of the clock.
    assert [path.name for path in kept_builds(paths)] == sorted(
        [first, *(record["build_id"] for record in records(paths) if record["build_id"])]
    )
    assert manifest["build_id"] == kept_builds(paths)[-1].name
    assert manifest["published_at"] >= before.isoformat(timespec="seconds")
    # It was for that publication alone, and nothing is left to accept.
    assert "just run" in warehouse.fails("accept-clock")
    warehouse("publish", "--to", first)
    warehouse("publish", "--to", manifest["build_id"])
    assert published_orders(paths) == 3


def test_another_publication_by_a_clock_ahead_is_refused_anew(paths: Paths) -> None:
    publish_by_a_clock_ahead(paths)
    Warehouse(paths.data)("accept-clock")
    publish_by_a_clock_ahead(paths)
    with pytest.raises(WarehouseError, match="accept-clock"), running(paths, "run", Silent()):
        pass


def test_builds_of_one_second_are_in_order(paths: Paths) -> None:
    now, names = utc_now(), []
    for orders in range(1, 8):
        write_work(paths, orders)
        names.append(publication.publish(paths, now=now, progress=Silent())["build_id"])
        assert published_orders(paths) == orders
    assert names == sorted(names)
    assert [path.name for path in kept_builds(paths)] == names[-paths.keep_builds :]


@pytest.mark.parametrize("name", ["zz-mine", "29990101-notes", "0-old", ".mine.partial", "file"])
def test_what_is_not_a_build_stays(paths: Paths, name: str) -> None:
    write_work(paths, 1)
    publish(paths)
    foreign: Path = paths.builds / name
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine")
    for orders in range(2, 7):
        write_work(paths, orders)
        publish(paths)
    assert (foreign / "notes.txt").read_text() == "mine"
    assert foreign not in kept_builds(paths)
    assert len(kept_builds(paths)) == paths.keep_builds
