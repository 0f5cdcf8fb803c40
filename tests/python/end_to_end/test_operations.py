"""What an operator relies on: rollback, faults of the disk, and what is recorded of each run."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from ingestion.simulators.pisa.survey import Survey
from tests.support.survey_fixture import FACT, ROWS, RUN
from tests.support.warehouse import RUNS, Warehouse, query


def submissions(warehouse: Warehouse) -> int:
    return int(query(warehouse.build, FACT)[0][0])


def is_clean(warehouse: Warehouse) -> bool:
    status = warehouse.status()
    pending = status["sources"]["pisa"]["pending_loads"]
    left = [*warehouse.data.rglob("*.wal"), *warehouse.data.glob("work/dlt-*")]
    return (status["killed"], status["leftovers"], pending, left) == (None, [], 0, [])


@contextmanager
def untouched(warehouse: Warehouse) -> Iterator[None]:
    """What is published must be the same afterwards, and readable."""
    before, rows = warehouse.build, submissions(warehouse)
    files = published_files(before)
    yield
    assert (warehouse.build, submissions(warehouse)) == (before, rows)
    assert published_files(before) == files


def published_files(build: Path) -> dict[Path, int]:
    """The files of a build, with their times, without the history of runs."""
    return {path: path.stat().st_mtime_ns for path in build.rglob("*") if path.name != "runs.json"}


@pytest.fixture(scope="module")
def made_good(published: Warehouse, survey: Survey) -> Iterator[dict[str, str]]:
    """Runs that failed, each by another fault and with new rows, then one that is right.

    Yields what each of them output, by its fault.
    """
    rows = submissions(published)
    survey.insert("AUT", 2)
    size = (published.build / "marts.duckdb").stat().st_size
    output = {}
    with untouched(published):
        for fault, share in (("hardly any room", 0.02), ("room for a part", 0.8)):
            output[fault] = published.start_limited(int(size * share), *RUN).failure()
        with only_to_read(published):
            output["no right to write"] = published.start_limited(0, *RUN).failure()
        output["a setting"] = published.fails(*RUN, SOURCES__PISA__DATABASES="none")
        fact = "*/target/run/*/fct_student_submissions.sql"
        # A run by plan writes nothing there.
        killed = published.start_killed_at(*RUN, "--ask-dbt", moment=("open", fact))
        assert killed.end() == -signal.SIGKILL, killed.output
    output["done"] = published(*RUN)
    assert submissions(published) == rows + 2
    assert is_clean(published)
    yield output


@contextmanager
def only_to_read(warehouse: Warehouse) -> Iterator[None]:
    """The data folder as one that another user owns."""
    folders = [warehouse.data, warehouse.data / "work", warehouse.data / "builds"]
    files = [warehouse.data / name for name in ("raw.duckdb", "runs.jsonl", ".lock")]
    modes = {path: path.stat().st_mode for path in (*folders, *files)}
    try:
        for path in modes:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@pytest.mark.parametrize("fault", ["hardly any room", "room for a part"])
def test_a_full_disk_gives_one_clear_line(made_good: dict[str, str], fault: str) -> None:
    line = made_good[fault]
    assert "File too large" in line
    assert "free or unlock what it names, then run again" in line
    assert len(line) < 600


def test_a_read_only_folder_gives_one_clear_line(
    published: Warehouse, made_good: dict[str, str]
) -> None:
    line = made_good["no right to write"]
    assert f"cannot write to {published.data}" in line
    assert "make the folder writable" in line


def test_each_run_has_a_row_even_if_it_failed_or_was_killed(
    published: Warehouse, made_good: dict[str, str]
) -> None:
    rows = query(
        published.build,
        f"select outcome, coalesce(error, 'none'), rows_published from {RUNS}"
        " order by started_at, run_id",
    )
    outcomes = [outcome for outcome, _, _ in rows]
    # One could not write so much as its record.
    assert outcomes == ["done", "failed", "failed", "failed", "killed", "running"]
    # What failed is published; why, which may name files and hosts, is not.
    assert (rows[3][1], rows[4][1]) == ("load of pisa failed", "was killed")
    assert rows[0][2] > ROWS
    assert [published_rows for _, _, published_rows in rows[1:]] == [0] * 5
    assert "last run   run of " in published("status")


def check_record_of(build_id: str, later: Path) -> None:
    """The run that made a build, as the next build records it."""
    rows = query(
        later,
        "select outcome, rows_rejected, rows_published > 0, tests_passed > 0, seconds > 0,"
        f" ended_at >= started_at, steps, versions from {RUNS} where build_id = '{build_id}'",
    )
    (row,) = rows
    assert row[:6] == ("done", 0, True, True, True, True)
    steps, versions = map(json.loads, row[6:])
    assert {"load", "build", "audit", "publish"} <= steps.keys()
    assert {"project", "dbt", "duckdb", "dlt", "python"} <= versions.keys()


@pytest.mark.long
def test_after_a_rollback_runs_wait_for_new_rows_and_then_lose_nothing(
    published: Warehouse, survey: Survey, made_good: dict[str, str]
) -> None:
    assert "published  " in made_good["done"]
    before, rows = published.build, submissions(published)
    survey.insert("AUT", 3)
    published(*RUN)
    rolled_back = published.build
    check_record_of(before.name, rolled_back)
    published("publish", "--to", before.name)
    assert (published.build, submissions(published)) == (before, rows)
    output = published(*RUN)
    assert f"Nothing is new since {rolled_back.name}, which was rolled back." in output
    assert published.build == before
    survey.insert("AUT", 2)
    published(*RUN)
    # Also what came with the build that was rolled back.
    assert submissions(published) == rows + 5
    unaccounted = "select sum(rows_unaccounted) from education.submission_load_reconciliation"
    assert query(published.build, unaccounted) == [(0,)]
    assert {before, rolled_back} < set((published.data / "builds").iterdir())
    assert is_clean(published)


def test_the_log_describes_each_run_in_lines_of_json(published: Warehouse) -> None:
    lines = (published.data / "logs/warehouse.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert all(event.keys() == {"time", "level", "logger", "message", "run_id"} for event in events)
    ids = {run for (run,) in query(published.build, f"select run_id from {RUNS}")}
    newest = events[-1]["run_id"]
    assert newest in ids
    output = [event["message"] for event in events if event["run_id"] == newest]
    assert output[0] == "run: began"
    assert output[-1] == f"run: done, published {published.build.name}"
    assert any(message.startswith("run: publish took ") for message in output)
    assert any(message.startswith("dbt build: done") for message in output)


def test_run_records_in_raw_alone_do_not_require_a_build(published: Warehouse) -> None:
    before = published.build
    assert "Nothing is new since the published build" in published(*RUN)
    assert published.build == before
    with duckdb.connect(published.data / "raw.duckdb", read_only=True) as raw:
        kept = raw.execute("select count(*) from raw_warehouse.runs").fetchall()
    written = (published.data / "runs.jsonl").read_text().splitlines()
    assert kept[0][0] < len(written)
    assert (published.data / "runs.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.long
def test_a_real_full_disk(published: Warehouse, survey: Survey, tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"only root may mount a small disk here: {mounted.stderr.strip()}")
    try:
        disk = Warehouse(tmp_path / "data", published.env)
        published.save(disk.data)
        rows = submissions(disk)
        survey.insert("AUT", 2)
        # Room to load and to build, and not for one more build beside those that are kept.
        size = (disk.build / "marts.duckdb").stat().st_size
        ballast = tmp_path / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(tmp_path).free - size * 6 // 10))
        with untouched(disk):
            line = disk.fails(*RUN)
        assert "No space left on device" in line, line
        ballast.unlink()
        disk(*RUN)
        assert submissions(disk) == rows + 2
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
