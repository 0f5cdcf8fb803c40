"""A day whose holidays are not known is not silently a day without a holiday."""

from pathlib import Path

from tests.support.projects.building import build
from tests.support.projects.footfall_raw import Footfall, answers, hours, visits

MAY_DAY = ("2008-05-01T00:00:00", "2008-05-02T00:00:00")
WARNING = "holidays_cover_the_days_of_every_store"
MADRID = ("Madrid", "Madrid", "Europe/Madrid", "2001-12-01")
OSLO = ("Oslo", "Oslo", "Europe/Oslo", "2024-01-01")


def warnings(footfall: Footfall) -> int:
    return build(footfall.paths, [WARNING]).warned


def test_a_test_warns_of_a_store_elsewhere_and_of_a_day_before_the_years_that_are_known(
    tmp_path: Path,
) -> None:
    footfall = Footfall(tmp_path / "data")
    footfall.load(
        "1793000000.1",
        stores=[MADRID],
        sensors=[("Madrid", "0")],
        readings=answers("Madrid", (0,), *MAY_DAY),
    )
    footfall.build(tests=False)
    assert warnings(footfall) == 0
    assert footfall.query("select holiday_name, visits from footfall.footfall_by_holiday") == [
        ("Labor Day", sum(visits(0, hour) for hour in hours(*MAY_DAY)))
    ]

    footfall.load(
        "1793000001.1",
        readings=answers("Madrid", (0,), "2007-05-01T00:00:00", "2007-05-02T00:00:00"),
    )
    footfall.build(tests=False)
    assert warnings(footfall) == 1

    footfall.load(
        "1793000002.1",
        stores=[OSLO],
        sensors=[("Oslo", "0")],
        readings=answers("Oslo", (0,), "2024-05-01T00:00:00", "2024-05-02T00:00:00"),
    )
    footfall.build(tests=False)
    assert warnings(footfall) == 1
    assert footfall.query("select distinct store_name from footfall.footfall_by_holiday") == [
        ("Madrid",)
    ]
