"""The report is killed at every step: readers have pages, and the next report is complete."""

import shutil
import signal
from pathlib import Path

import pytest

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
    left = [path.name for path in sorted(reported.build.glob("*site*"))]
    assert left == ["site", shown.resolve().name]
    assert not list(reported.build.glob(".*"))
