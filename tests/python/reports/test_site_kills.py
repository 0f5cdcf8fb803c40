"""The report is killed or stopped: readers have pages, and the next report is complete."""

import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from tests.python.conftest import SIGNALS
from tests.support.crash_points import moments
from tests.support.environments import environments
from tests.support.reports.site_server import CACHE, Site
from tests.support.warehouse import Warehouse

# As `Forks.start` wants them: the audit event, and the path that it is about.
STEPS = {
    "as it copies the pages": ("os.mkdir", "*/.site.partial/*"),
    "as it writes the data": ("os.mkdir", "*/.site.partial/data"),
    "as it lists the data": ("open", "*/.site.partial/data/manifest.json"),
    "as it names the site": ("os.rename", "*/.site.partial"),
    "as it shows the site": ("os.rename", "*/.site.new"),
    "as it removes the previous one": ("os.rmdir", "*/site-*"),
}


RANDOM_SIGNALS = 10


@pytest.fixture(scope="module")
def reported(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A copy of the published build, with a site of its own."""
    warehouse = Warehouse(
        tmp_path_factory.mktemp("reported") / "data", {"WAREHOUSE_CACHE_DIR": str(CACHE)}
    )
    build = (site.data / "published").resolve()
    copy = warehouse.data / "builds" / build.name
    copy.mkdir(parents=True)
    for name in ("marts.duckdb", "manifest.json"):
        shutil.copyfile(build / name, copy / name)
    (warehouse.data / "published").symlink_to(Path("builds") / build.name)
    warehouse("report")
    return warehouse


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("step", STEPS)
def test_the_next_report_completes_one_that_was_killed(step: str, reported: Warehouse) -> None:
    shown = reported.data / "published" / "site"
    before = files(shown)
    command = reported.start_killed_at("report", moment=STEPS[step])
    assert command.end() == -signal.SIGKILL, command.output
    assert files(shown) == before
    reported("report")
    assert files(shown) == before
    assert_nothing_left(reported, shown)


@pytest.mark.long
@pytest.mark.parametrize("seed", [43, 44, 45])
def test_a_report_is_the_same_in_another_environment(seed: int, reported: Warehouse) -> None:
    shown = reported.data / "published" / "site"
    before = files(shown)
    reported("report", **environments(seed))
    assert files(shown) == before


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_report_obeys_a_signal_at_any_moment(
    number: int, reported: Warehouse, record_property: Callable[[str, object], None]
) -> None:
    shown = reported.data / "published" / "site"
    before, stopped = files(shown), 0
    for seconds in islice(moments(lambda: reported("report"), seed=number), RANDOM_SIGNALS):
        command = reported.start("report")
        with suppress(subprocess.TimeoutExpired):
            command.process.wait(seconds)
        command.process.send_signal(number)
        code = command.end()
        stopped += code != 0
        # Before it listens to signals it has begun nothing, and dies of one.
        assert code in {0, 128 + number, -number}, command.output
        assert "Traceback" not in command.output, command.output
        assert files(shown) == before
        reported("report")
        assert files(shown) == before
        assert_nothing_left(reported, shown)
    record_property(SIGNALS, stopped)


def assert_nothing_left(reported: Warehouse, shown: Path) -> None:
    left = [path.name for path in sorted(reported.build.glob("*site*"))]
    assert left == ["site", shown.resolve().name]
    assert not list(reported.build.glob(".*"))
