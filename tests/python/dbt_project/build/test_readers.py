"""Readers and publications do not disturb each other: every answer is from one complete build."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from dbt_project.paths import Paths
from tests.support.projects.publications import publish
from tests.support.projects.sample_project import write_work

READERS = 8
PUBLICATIONS = 20

# Reads until its stdin ends, then says how often and which builds it saw. A line on stdout says
# that it has begun. What is wrong ends it.
READER = """
import json, sys, threading
from pathlib import Path
import duckdb

ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set())).start()
published, form = Path(sys.argv[1]), sys.argv[2]
totals = "select (select count(*) from {0}), (select orders from {1})"
seen, answers = set(), 0


def by_the_link():
    with duckdb.connect(published / "marts.duckdb", read_only=True) as connection:
        first = connection.execute(totals.format("shop.orders", "shop.totals")).fetchone()
        # The connection stays with its build, whatever is published meanwhile.
        assert connection.execute("select orders from shop.totals").fetchone() == first[1:]
    return first


def by_the_folder():
    build = published.resolve()
    tables = json.loads((build / "manifest.json").read_text())["tables"]
    files = [f"'{build / tables[name]['parquet']}'" for name in ("shop.orders", "shop.totals")]
    with duckdb.connect(build / "marts.duckdb", read_only=True) as connection:
        in_parquet = connection.execute(totals.format(*files)).fetchone()
        in_database = connection.execute(totals.format("shop.orders", "shop.totals")).fetchone()
    assert in_parquet == in_database, (in_parquet, in_database)
    assert tables["shop.orders"]["rows"] == in_database[0], (tables, in_database)
    return in_database


read = {"link": by_the_link, "folder": by_the_folder}[form]
is_last = False
while not is_last:
    # As long as a dashboard waits between two questions, so that there is time to publish.
    is_last = ended.wait(0.2)
    counted, output = read()
    assert counted == output, (counted, output)
    seen.add(output)
    answers += 1
    if answers == 1:
        print("began", flush=True)
print(json.dumps({"answers": answers, "seen": sorted(seen)}), flush=True)
"""

# Asks all the time whether anything is published, for a moment without it is short.
WATCHER = """
import json, os, sys, threading

ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set())).start()
print("began", flush=True)
looks = 0
while not ended.is_set():
    os.stat(sys.argv[1] + "/manifest.json")
    looks += 1
print(json.dumps({"answers": looks, "seen": [5, 1_000]}), flush=True)
"""


@contextmanager
def readers(paths: Paths) -> Iterator[Sequence["subprocess.Popen[str]"]]:
    """Processes that read what is published: half of them the database, half every form.

    One more looks whether it is there.
    """
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(paths.published), form],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for program, form in [(READER, "link"), (READER, "folder")] * (READERS // 2)
        + [(WATCHER, "")]
    ]
    try:
        yield children
    finally:
        for child in children:
            child.kill()
            child.wait()


def publish_state(paths: Paths, state: Path) -> None:
    """Publish a working file that was audited, as it lay then; to write one takes longer."""
    shutil.rmtree(paths.work, ignore_errors=True)
    shutil.copytree(state, paths.work)
    publish(paths)


def test_eight_readers_see_whole_builds_through_twenty_publications(paths: Paths) -> None:
    # Who reads more than one file keeps to the folder of one build, which stays for as many
    # publications as are kept.
    paths = replace(paths, keep_builds=10)
    states = []
    for orders in (5, 1_000):
        write_work(paths, orders)
        states.append(paths.work.rename(paths.data / f"work of {orders}"))
    publish_state(paths, states[0])
    with readers(paths) as children:
        for child in children:
            assert child.stdout
            assert child.stdout.readline() == "began\n", child.communicate()
        for number in range(1, PUBLICATIONS + 1):
            publish_state(paths, states[number % 2])
        # All are stopped before one is waited for: none may still read when the folder is removed.
        for child in children:
            assert child.stdin
            child.stdin.close()
            child.stdin = None
        ends = [child.communicate(timeout=60) for child in children]
    assert [errors for _, errors in ends] == [""] * (READERS + 1)
    assert [child.returncode for child in children] == [0] * (READERS + 1)
    reports = [json.loads(out) for out, _ in ends]
    assert len(list(paths.builds.iterdir())) == 10
    # They read all the while, and not the first build alone.
    assert all(one["seen"] == [5, 1_000] for one in reports)
    assert sum(one["answers"] for one in reports) > PUBLICATIONS
