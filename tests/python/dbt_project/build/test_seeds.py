"""The seeds contain what their sources say, and nothing that was left out on purpose."""

import csv
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from dbt_project.build import holidays_seed
from dbt_project.build.holidays_seed import Holiday, holiday_rows, seed_text

SEEDS = Path(__file__).parents[4] / "seeds"
STORES = SEEDS / "footfall" / "stores.csv"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def all_holidays() -> list[Holiday]:
    return holiday_rows()


@pytest.fixture(scope="module")
def holidays(all_holidays: list[Holiday]) -> list[Holiday]:
    """Those of Chicago."""
    return [holiday for holiday in all_holidays if holiday.region_code == "US-IL"]


def run_script(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(holidays_seed.main)
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_holiday_seed_equals_what_the_script_makes(all_holidays: list[Holiday]) -> None:
    text = (SEEDS / "core" / "holidays.csv").read_text(encoding="utf-8")
    assert text == seed_text(all_holidays)


def test_the_check_notices_an_edited_seed_and_writing_repairs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = tmp_path / "holidays.csv"
    monkeypatch.setattr(holidays_seed, "SEED", seed)
    assert run_script()[0] == 0
    assert run_script("--check")[0] == 0
    seed.write_text(seed.read_text(encoding="utf-8") + "x", encoding="utf-8")
    code, output = run_script("--check")
    assert code == 1
    assert "run python -m dbt_project.build.holidays_seed" in output
    assert run_script()[0] == 0
    assert run_script("--check")[0] == 0


@pytest.mark.parametrize(
    ("name", "day", "observed"),
    [
        ("New Year's Day", date(2011, 1, 1), date(2010, 12, 31)),
        ("New Year's Day", date(2023, 1, 1), date(2023, 1, 2)),
        ("Veterans Day", date(2023, 11, 11), date(2023, 11, 10)),
        ("Lincoln's Birthday", date(2023, 2, 12), date(2023, 2, 13)),
        ("Independence Day", date(2012, 7, 4), date(2012, 7, 4)),
        ("Casimir Pulaski Day", date(2024, 3, 4), date(2024, 3, 4)),
    ],
)
def test_a_holiday_on_a_weekend_is_observed_on_the_nearest_working_day(
    holidays: list[Holiday], name: str, day: date, observed: date
) -> None:
    assert [
        h.observed_date for h in holidays if (h.holiday_name, h.holiday_date) == (name, day)
    ] == [observed]


def test_every_holiday_is_observed_on_a_day_from_monday_to_friday(holidays: list[Holiday]) -> None:
    assert [h for h in holidays if h.observed_date.isoweekday() > 5] == []
    assert [
        h
        for h in holidays
        if h.holiday_date.isoweekday() <= 5 and h.holiday_date != h.observed_date
    ] == []


def test_illinois_has_three_holidays_that_the_united_states_lack(holidays: list[Holiday]) -> None:
    assert {h.holiday_name for h in holidays if not h.is_national} == {
        "Casimir Pulaski Day",
        "Election Day",
        "Lincoln's Birthday",
    }


@pytest.mark.parametrize(
    ("region", "days"),
    # Of 2024, as the governments published them.
    [
        ("DE-BE", "01-01 03-08 03-29 04-01 05-01 05-09 05-20 10-03 12-25 12-26"),
        ("ES-MD", "01-01 01-06 03-28 03-29 05-01 05-02 07-25 08-15 10-12 11-01 12-06 12-25"),
        ("FR-IDF", "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25"),
        ("GB-ENG", "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
    ],
)
def test_a_store_has_the_holidays_of_its_region(
    all_holidays: list[Holiday], region: str, days: str
) -> None:
    assert [
        h.holiday_date.strftime("%m-%d")
        for h in all_holidays
        if h.region_code == region and h.holiday_date.year == 2024
    ] == days.split()


@pytest.mark.parametrize(
    ("region", "name", "day", "observed", "is_national"),
    [
        ("GB-ENG", "Christmas Day", date(2021, 12, 25), date(2021, 12, 27), True),
        ("GB-ENG", "Boxing Day", date(2021, 12, 26), date(2021, 12, 28), True),
        ("GB-ENG", "Coronation of Charles III", date(2023, 5, 8), date(2023, 5, 8), True),
        ("ES-MD", "Christmas Day", date(2022, 12, 25), date(2022, 12, 26), False),
        ("ES-MD", "Madrid Day", date(2021, 5, 2), date(2021, 5, 3), False),
        ("IT-RM", "Saints Peter and Paul's Day", date(2024, 6, 29), date(2024, 6, 29), False),
        ("DE-BE", "German Unity Day", date(2021, 10, 3), date(2021, 10, 3), True),
    ],
)
def test_a_region_moves_holidays_by_its_own_rules(  # noqa: PLR0917
    all_holidays: list[Holiday],
    region: str,
    name: str,
    day: date,
    observed: date,
    is_national: bool,
) -> None:
    assert [
        (h.observed_date, h.is_national)
        for h in all_holidays
        if (h.region_code, h.holiday_name, h.holiday_date) == (region, name, day)
    ] == [(observed, is_national)]


def test_every_store_lies_in_a_region_whose_holidays_are_known(
    all_holidays: list[Holiday],
) -> None:
    stores = {(row["country_code"], row["region_code"]) for row in rows_of(STORES)}
    assert stores <= {(h.country_code, h.region_code) for h in all_holidays}


@pytest.mark.parametrize(
    ("year", "state_only"),
    # Illinois closes on the day of a general election, the city of Chicago does not.
    [(2023, set()), (2024, {date(2024, 11, 5)})],
)
def test_the_city_observes_the_same_days_but_for_election_day(
    holidays: list[Holiday], sample_data: Path, year: int, state_only: set[date]
) -> None:
    city = {
        datetime.strptime(row["Date"], "%A, %B %d, %Y").date()
        for row in rows_of(sample_data / "reference" / f"seedrepo_{year}.csv")
    }
    observed = {h.observed_date for h in holidays if h.observed_date.year == year}
    assert city - observed == set()
    assert observed - city == state_only


def test_stations_are_those_of_the_city(sample_data: Path) -> None:
    city = {
        row["DISTRICT"].zfill(3): (
            row["DISTRICT NAME"],
            row["ADDRESS"].strip(),
            row["ZIP"],
            round(float(row["LATITUDE"]), 6),
            round(float(row["LONGITUDE"]), 6),
        )
        for row in rows_of(sample_data / "reference" / "police_stations_z8bn-74gv.csv")
        if row["DISTRICT"] != "Headquarters"
    }
    seed = {
        row["district_id"]: (
            row["district_name"],
            row["station_address"],
            row["zip"],
            float(row["latitude"]),
            float(row["longitude"]),
        )
        for row in rows_of(SEEDS / "crime" / "police_districts.csv")
        if row["has_station"] == "true"
    }
    assert seed == city
    assert len(seed) == 22


def test_ward_offices_are_those_of_the_city_but_for_one_wrong_zip_code(sample_data: Path) -> None:
    city = {
        int(row["WARD"]): (
            row["ADDRESS"].split()[0],
            row["ZIPCODE"].split(";")[0],
            [round(float(degrees), 6) for degrees in row["LOCATION"].strip("()").split(",")],
        )
        for row in rows_of(sample_data / "reference" / "ward_offices_htai-wnw4_2024.csv")
    }
    seed = {
        int(row["ward_id"]): (
            row["office_address"].split()[0],
            row["zip"],
            [float(row["latitude"]), float(row["longitude"])],
        )
        for row in rows_of(SEEDS / "crime" / "wards.csv")
    }
    assert sorted(seed) == list(range(1, 51))
    assert {ward for ward in seed if seed[ward] != city[ward]} == {26}


def test_the_77_community_areas_lie_on_nine_sides() -> None:
    areas = rows_of(SEEDS / "crime" / "community_areas.csv")
    assert [int(row["community_area_id"]) for row in areas] == list(range(1, 78))
    assert Counter(row["side"] for row in areas) == {
        "Far North": 12,
        "North": 5,
        "Northwest": 6,
        "Central": 3,
        "West": 9,
        "South": 12,
        "Southwest": 12,
        "Far Southeast": 12,
        "Far Southwest": 6,
    }


def test_every_country_of_the_survey_files_has_a_code(sample_data: Path) -> None:
    known = {row["country_code"] for row in rows_of(SEEDS / "core" / "countries.csv")}
    for year in (2018, 2022):
        path = sample_data / "pisa" / f"student_subset_{year}.csv"
        assert {row["country"] for row in rows_of(path)} - known == set()
    assert {"KSV", "TAP", "QAZ", "QCI", "QMR", "QRT", "QUR"} <= known


def test_iso_has_249_countries() -> None:
    countries = rows_of(SEEDS / "core" / "countries.csv")
    assert sum(row["is_iso"] == "true" for row in countries) == 249
