"""When a running `watch` compares with the sources."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

import pytest

from dbt_project.paths import Paths
from dbt_project.runs.watch import DailyReconciliation, last_reconciliation
from tests.support.projects.alerting import add_run
from tests.support.warehouse import Warehouse


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "moments", "begun"),
    [
        (None, ["2026-03-01 00:30", "2026-03-01 01:39", "2026-03-01 01:41"], [False, False, True]),
        # Once, whatever became of it; and again a day later.
        (
            "2026-03-01 01:45",
            ["2026-03-01 02:00", "2026-03-02 01:40", "2026-03-02 01:41", "2026-03-03 05:00"],
            [False, True, False, True],
        ),
        # It was missed while nothing ran.
        ("2026-02-27 01:45", ["2026-03-01 12:00", "2026-03-01 12:01"], [True, False]),
    ],
)
def test_it_is_once_a_day_and_made_up_for_when_missed(
    last: str | None, moments: Sequence[str], begun: Sequence[bool]
) -> None:
    times = iter([at(moment) for moment in ([*moments[:1]] * (not last) + [*moments])])
    daily = DailyReconciliation(time(1, 40), at(last) if last else None, lambda: next(times))
    assert [daily.begin() for _ in moments] == begun


def test_the_last_one_is_known_from_the_records(paths: Paths) -> None:
    assert last_reconciliation(paths) is None
    add_run(paths, "load", steps={"load": 1})
    assert last_reconciliation(paths) is None
    add_run(paths, "watch", steps={"reconcile": 1})
    found = last_reconciliation(paths)
    add_run(paths, "load", steps={"load": 1})
    assert found is not None
    assert last_reconciliation(paths) == found


def test_a_time_that_is_none_is_wrong_usage(paths: Paths) -> None:
    command = Warehouse(paths.data).start("watch", "--reconcile-at", "noon")
    assert command.end() == 2
    assert "'noon' is not a time of day: write it as 01:40" in " ".join(command.output.split())
