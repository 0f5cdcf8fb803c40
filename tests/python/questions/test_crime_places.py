"""Places of crimes, built in increments: outlines come late, change, and crimes move."""

from pathlib import Path

from ingestion.sources.chicago_crime.datasets import OUTLINES
from tests.python.questions.crime_places import CrimePlaces, crimes, outlines, residents
from tests.support.projects.raw_project import check_increments

ROWS = 150
BY_ID = {dataset.id: dataset for dataset in OUTLINES}
DISTRICTS, WARDS, WARDS_2015 = "24zt-jpfn", "p293-wvbd", "k9yb-bpqx"


def add_crimes_alone(project: CrimePlaces) -> None:
    project.merge("1700000000.1", "crimes", crimes([2022], ROWS))


def add_outlines_and_residents(project: CrimePlaces) -> None:
    for dataset in OUTLINES:
        project.merge("1700000001.1", "outlines", outlines(dataset))
    project.merge("1700000001.1", "residents", residents())


def add_crimes(project: CrimePlaces) -> None:
    project.merge("1700000002.1", "crimes", crimes([2023], ROWS))


def move_borders(project: CrimePlaces) -> None:
    for dataset in (DISTRICTS, WARDS_2015):
        project.merge("1700000003.1", "outlines", outlines(BY_ID[dataset], "2", east=0.01))


def move_crimes(project: CrimePlaces) -> None:
    moved = [
        row
        | {
            "latitude": "41.8790",
            "longitude": "-87.6240",
            "socrata_updated_at": "2026-02-01T12:00:00.000Z",
            "socrata_version": f"rv-moved-{row['id']}",
        }
        for row in crimes([2022], ROWS)[:20]
    ]
    project.merge("1700000004.1", "crimes", moved)


def test_places_of_increments_are_those_of_a_full_refresh(tmp_path: Path) -> None:
    increments = CrimePlaces(tmp_path / "increments")
    steps = (
        add_crimes_alone,
        add_outlines_and_residents,
        add_crimes,
        move_borders,
        move_crimes,
    )
    check_increments(steps, move_crimes, increments, CrimePlaces(tmp_path / "whole"))
    # Every crime is counted once by each way, whatever is known of its place.
    for mart in ("crime_by_community_area", "crime_by_beat", "crime_by_ward_at_time"):
        assert increments.query(f"select sum(crimes) from crime.{mart}") == [(2 * ROWS,)]
    assert increments.query(
        "select ward_map, count(distinct outlines_sha256), min(outlines_sha256)"
        " from crime.crime_location_wards group by ward_map order by ward_map"
    ) == [
        (2003, 1, "xt4z-bnwh 1"),
        (2015, 1, f"{WARDS_2015} 2"),
        (2023, 1, f"{WARDS} 1"),
    ]


def test_crimes_without_outlines_are_in_no_ward_and_without_residents_have_no_rate(
    tmp_path: Path,
) -> None:
    project = CrimePlaces(tmp_path)
    add_crimes_alone(project)
    project.build()
    assert project.query(
        "select ward_map, sum(crimes) filter (ward_id = 0), sum(crimes), count(residents)"
        " from crime.crime_by_ward_at_time group by ward_map"
    ) == [(2015, ROWS, ROWS, 0)]
    for mart in ("crime_by_community_area", "crime_by_district_yearly"):
        assert project.query(f"select count(annual_rate_per_100k) from crime.{mart}") == [(0,)]
    assert project.query("select count(*) from crime.district_residents") == [(0,)]
