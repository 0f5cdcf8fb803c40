"""A sequence of loads: each incremental build equals a build of everything, row for row."""

from collections.abc import Iterator

import pytest

from tests.support.journeys.footfall_steps import STEPS, Step
from tests.support.projects.footfall_raw import Footfall
from tests.support.projects.raw_project import check_increments

pytestmark = pytest.mark.slow

# Some increments are compared with one full refresh.
PARTS = (STEPS[:4], STEPS[4:7], STEPS[7:])


@pytest.fixture(scope="module")
def increments(tmp_path_factory: pytest.TempPathFactory) -> Footfall:
    return Footfall(tmp_path_factory.mktemp("increments") / "data")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Footfall]:
    """A second warehouse, that is given the first one's raw file and built anew."""
    yield Footfall(tmp_path_factory.mktemp("whole") / "data")


@pytest.mark.parametrize("steps", PARTS, ids=lambda steps: steps[-1].__name__)
def test_increments_equal_a_full_refresh(
    steps: tuple[Step, ...], increments: Footfall, whole: Footfall
) -> None:
    check_increments(steps, STEPS[-1], increments, whole)


def test_the_journey_ends_where_it_should(increments: Footfall) -> None:
    assert increments.query(
        "select store_name, sensor_id, cast(first_date as varchar) from footfall.dim_sensor"
        " where first_date is not null order by all"
    ) == [
        ("London", 0, "2025-09-22"),
        ("Oslo", 0, "2025-10-01"),
        ("Paris", 0, "2025-09-01"),
        ("Paris", 1, "2025-09-22"),
        ("Paris", 2, "2025-10-21"),
    ]
    # Whole days between the file and the API keep their rows, without visits.
    assert increments.query(
        "select count(*), count(visits), sum(readings_not_received)"
        " from footfall.store_traffic_daily"
        " where store_name = 'Paris' and traffic_date between '2025-09-03' and '2025-09-19'"
    ) == [(17, 0, 17 * 24)]
    assert increments.query(
        "select reason, count(*) from footfall.rejected_readings group by 1 order by 1"
    ) == [
        ("date: missing", 1),
        ("hour: not 0 to 23", 1),
        ("read_at_local: not a clock hour", 1),
        ("sensor_id: missing; count: missing", 1),
        ("shop: missing", 1),
        ("visits: below -2", 1),
        ("visits: not a whole number", 51),
        ("visits: the store was not open yet", 1),
    ]
    # Paris on two days by file and API: the newer load stands, and of a file its last line.
    assert increments.query(
        "select source, count(*) from footfall.superseded_readings group by 1 order by 1"
    ) == [("api", 47), ("file", 1)]
    # What is deleted is in no hour, unless a file has it; what came back counts again.
    assert increments.query(
        "select cast(deleted.read_at_local as varchar), hourly.reading_status"
        " from footfall.deleted_readings as deleted"
        " left join footfall.sensor_traffic_hourly as hourly"
        " using (store_name, sensor_id, read_at_local) order by all"
    ) == [("2025-10-01 12:00:00", "valid"), ("2025-10-05 10:00:00", "not_received")]
    assert increments.query(
        "select rows_at_source, rows_in_warehouse + rows_rejected + rows_superseded, rows_deleted,"
        " difference, visits_difference"
        " from footfall.reading_source_reconciliation order by traffic_date nulls first"
        # The answer of "some day" is in no day that the API counts.
    ) == [(0, 1, 0, -1, 0), (47, 47, 1, 0, 0)]
