"""Eight psql readers see whole builds, one after the other, while twenty are swapped."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.python.dbt_project.publishing.postgres.conftest import Land
from tests.support import postgres as database
from tests.support.postgres import PASSWORD
from tests.support.publishing.small_marts import EVERY, SmallMarts

READERS, SWAPS, WHOLE_LOADS = 8, 20, 5
# Each statement reads all tables, and says whether they agree; each transaction, in two statements.
LOOK = r"""
\set ON_ERROR_STOP on
select build_id, sum(v.visitors) = (select visitors from footfall.visits_total),
    (select sum(visitors) from footfall.visits_by_month) = sum(v.visitors), count(*) >= 1000
from warehouse.published_build, footfall.fct_visits as v join footfall.dim_store using (store_name)
group by build_id
\watch 0.01
"""
IN_TRANSACTIONS = r"""
begin isolation level repeatable read;
select build_id from warehouse.published_build \gset
select sum(visitors) as total from footfall.fct_visits \gset
select pg_sleep(0.005) \g /dev/null
select :'build_id',
    visitors = :total, (select build_id = :'build_id' from warehouse.published_build), true
from footfall.visits_total;
commit;
"""
TOTALS = """
    insert into footfall.fct_visits values ('Paris', {n}, '2024-04-0{day}', 1);
    update footfall.fct_visits set visitors = visitors + 1 where visit_id % 50 = {n} % 50;
    delete from footfall.visits_total;
    insert into footfall.visits_total select sum(visitors) from footfall.fct_visits;
    delete from footfall.visits_by_month;
    insert into footfall.visits_by_month
    select date_trunc('month', visited_date), sum(visitors) from footfall.fct_visits group by 1
"""


@contextmanager
def reading(folder: Path, url: str, script: str) -> Iterator[Path]:
    """Run a reader until the block ends; yields the file of its answers."""
    program = shutil.which("psql")
    if program is None:
        pytest.skip(database.NOT_CHECKED)
    folder.mkdir()
    asked, answers = folder / "script.sql", folder / "answers"
    asked.write_text(script)
    with answers.open("w") as output:
        reader = subprocess.Popen(
            [program, "-XqAt", "-f", str(asked), url.replace(f":{PASSWORD}", "")],
            env=os.environ | {"PGPASSWORD": PASSWORD},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield answers
            assert reader.poll() is None or "watch" not in script, answers.read_text()[-500:]
        finally:
            reader.terminate()
            reader.wait()


@pytest.mark.long
def test_readers_see_whole_builds_while_twenty_are_swapped(
    marts: SmallMarts, land: Land, url: str, tmp_path: Path
) -> None:
    names = [marts.publish(EVERY)["build_id"]]
    land()
    scripts = [LOOK] * (READERS // 2) + [IN_TRANSACTIONS * 5_000] * (READERS // 2)
    with ExitStack() as stack:
        answers = [
            stack.enter_context(reading(tmp_path / f"reader-{number}", url, script))
            for number, script in enumerate(scripts)
        ]
        for swap in range(1, SWAPS + 1):
            names.append(marts.publish(TOTALS.format(n=5000 + swap, day=1 + swap % 9))["build_id"])
            land(everything=swap % WHOLE_LOADS == 0)
    seen = set()
    for file in answers:
        # The last line may be cut short by the end of its reader.
        lines = [line for line in file.read_text().splitlines() if line.strip()][:-1]
        rows = [line.split("|") for line in lines if "|" in line]
        assert [line for line in lines if "ERROR" in line or "FATAL" in line] == []
        assert len(rows) > SWAPS
        assert {tuple(row[1:]) for row in rows} == {("t", "t", "t")}
        order = [names.index(row[0]) for row in rows]
        assert order == sorted(order)
        seen |= {row[0] for row in rows}
    assert len(seen) > SWAPS // 2
