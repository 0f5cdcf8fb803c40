"""Questions of analysts about crime and place: one SQL on the marts, checked with pandas on raw."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from ingestion.simulators.chicago_crime.rows.areas import COMMUNITY_AREAS
from tests.python.questions.crime_places import CrimePlaces, build_places

DISTRICT_RATES = """
    select district_id, crimes, annual_rate_per_100k, residents_year
    from crime.crime_by_district_yearly
    where is_complete_year and rank_by_rate <= 3
    qualify year = max(year) over ()
    order by rank_by_rate
"""
ROBBERY_RATES = """
    select community_area_name, crimes, annual_rate_per_100k, residents_year
    from crime.crime_by_community_area_type_yearly
    where primary_type = 'ROBBERY' and is_complete_year
    qualify year = max(year) over ()
    order by annual_rate_per_100k desc nulls last
    limit 5
"""
THEFTS_BY_WARD = """
    with newest as (select max(in_force_from) as day from crime.dim_ward_map)
    select
        maps.ward_map, coalesce(places.ward_id, 0) as ward_id, count(*) as thefts
    from crime.fct_crimes as crimes
    inner join newest
        on crimes.occurred_date >= newest.day - interval 1 year
        and crimes.occurred_date < newest.day + interval 1 year
    inner join crime.dim_ward_map as maps
        on crimes.occurred_date between maps.in_force_from
        and coalesce(maps.in_force_until, crimes.occurred_date)
    left join crime.crime_location_wards as places
        on crimes.latitude = places.latitude and crimes.longitude = places.longitude
        and maps.ward_map = places.ward_map
    where crimes.primary_type = 'THEFT'
    group by all
    order by all
"""
MAY_WARD_2_BE_COMPARED = """
    select distinct year_comparison, change_on_year_pct
    from crime.crime_by_ward_at_time
    where ward_id = 2 and month_start between '2023-06-01' and '2024-04-01'
"""
BURGLARIES_BY_BEAT = """
    select beat_id, crimes
    from crime.crime_by_beat
    where primary_type = 'BURGLARY' and is_complete_year and beat_id != '0000'
    qualify year = max(year) over ()
    order by crimes desc, beat_id
    limit 5
"""
CLOSED_DISTRICTS = """
    select district_id, closed_on, successor_ids
    from crime.dim_police_district
    where closed_on is not null
    order by district_id
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> CrimePlaces:
    return build_places(tmp_path_factory.mktemp("places") / "data")


def raw_table(project: CrimePlaces, name: str) -> pd.DataFrame:
    with duckdb.connect(project.paths.raw, read_only=True) as raw:
        return raw.execute(f"from raw_chicago_crime.{name}").df()


@pytest.fixture(scope="module")
def crimes(project: CrimePlaces) -> pd.DataFrame:
    """The crimes of raw, each once, with what the questions need."""
    found = raw_table(project, "crimes")
    found["day"] = found["date"].str[:10]
    found["area"] = pd.to_numeric(found["community_area"]).fillna(0).astype(int)
    for name in ("latitude", "longitude"):
        found[name] = pd.to_numeric(found[name])
    is_elsewhere = (found["latitude"] < 41.6) | (found["longitude"] < -88)
    found.loc[is_elsewhere, ["latitude", "longitude"]] = np.nan
    return found


@pytest.fixture(scope="module")
def residents(project: CrimePlaces) -> pd.Series:
    """Residents of 2023 by community area, the estimate nearest to 2025."""
    found = raw_table(project, "residents")
    found = found[found["acs_year"] == "2023"]
    numbers = {name: number for number, name in COMMUNITY_AREAS.items()}
    names = found["community_area"].str.replace("  ", " ")
    return pd.Series(pd.to_numeric(found["total_population"]).to_numpy(), names.map(numbers))


def rings(project: CrimePlaces, dataset: str) -> Iterator[tuple[str, Any]]:
    found = raw_table(project, "outlines")
    for _, row in found[found["dataset"] == dataset].iterrows():
        yield row["area_number"], np.array(json.loads(row["geometry"])["coordinates"][0])


def areas_of(project: CrimePlaces, dataset: str, x: Any, y: Any) -> Any:
    """The area of each point, by the angles under which it sees an outline; 0 for none."""
    areas = np.zeros(len(x), int)
    for number, ring in rings(project, dataset):
        turns = np.zeros(len(x))
        for (x1, y1), (x2, y2) in pairwise(ring):
            ends = np.arctan2(y2 - y, x2 - x) - np.arctan2(y1 - y, x1 - x)
            turns += (ends + np.pi) % (2 * np.pi) - np.pi
        areas[np.abs(turns) > np.pi] = int(number)
    return areas


def test_2_districts_with_the_most_crimes_per_100_000_residents(
    project: CrimePlaces, crimes: pd.DataFrame, residents: pd.Series
) -> None:
    """Which three police districts had the most crimes per 100,000 residents in the last year?"""
    answer = project.query(DISTRICT_RATES)
    east, north = np.meshgrid(np.arange(-87.9, -87.5, 0.002), np.arange(41.6, 42.1, 0.0015))
    x, y = east.ravel(), north.ravel()
    grid = pd.DataFrame(
        {
            "district": areas_of(project, "24zt-jpfn", x, y),
            "area": areas_of(project, "igwz-8jzy", x, y),
        }
    )
    grid = grid[(grid["district"] > 0) & (grid["area"] > 0)]
    shares = grid.groupby(["area", "district"]).size() / grid.groupby("area").size()
    estimated = (shares * residents.rename_axis("area")).groupby("district").sum()
    # The portal writes some districts without their zeros.
    numbers = pd.to_numeric(crimes["district"])
    counts = numbers[crimes["day"].str[:4] == "2025"].value_counts()
    rates = (counts / estimated * 100_000).dropna().nlargest(3)
    assert [int(district) for district, *_ in answer] == list(rates.index)
    assert [rate for _, _, rate, _ in answer] == pytest.approx(list(rates), rel=0.02)
    assert {year for *_, year in answer} == {2023}


def test_3_community_areas_with_the_highest_rate_of_robberies(
    project: CrimePlaces, crimes: pd.DataFrame, residents: pd.Series
) -> None:
    """Which five community areas have the highest rate of robberies in the last complete year?"""
    of_year = crimes[(crimes["day"].str[:4] == "2025") & (crimes["primary_type"] == "ROBBERY")]
    counts = of_year["area"].value_counts()
    rates = (counts / residents * 100_000).dropna().nlargest(5)
    answer = project.query(ROBBERY_RATES)
    assert [(name.upper(), count, 2023) for name, count, _, _ in answer] == [
        (COMMUNITY_AREAS[area], counts[area], 2023) for area in rates.index
    ]
    assert [rate for _, _, rate, _ in answer] == pytest.approx(list(rates), abs=1e-4)


def test_4_thefts_by_the_ward_of_the_time_and_whether_ward_2_may_be_compared(
    project: CrimePlaces, crimes: pd.DataFrame
) -> None:
    """How many thefts had each ward of the map of the time in the year before and after 2023's?"""
    thefts = crimes[crimes["primary_type"] == "THEFT"]
    expected = []
    for ward_map, dataset, first, last in (
        (2015, "k9yb-bpqx", "2022-05-15", "2023-05-14"),
        (2023, "p293-wvbd", "2023-05-15", "2024-05-14"),
    ):
        found = thefts[thefts["day"].between(first, last)]
        wards = areas_of(
            project, dataset, found["longitude"].to_numpy(), found["latitude"].to_numpy()
        )
        counts = Counter(wards.tolist())
        expected += [(ward_map, ward, count) for ward, count in sorted(counts.items())]
    assert project.query(THEFTS_BY_WARD) == expected
    assert len(expected) > 90
    assert project.query(MAY_WARD_2_BE_COMPARED) == [("maps_differ", None)]


def test_6_beats_with_the_most_burglaries(project: CrimePlaces, crimes: pd.DataFrame) -> None:
    """Which five beats had the most burglaries in the last complete year?"""
    of_year = crimes[(crimes["day"].str[:4] == "2025") & (crimes["primary_type"] == "BURGLARY")]
    counts = of_year["beat"].str.zfill(4).value_counts().reset_index()
    first = counts.sort_values(["count", "beat"], ascending=[False, True]).head(5)
    expected = list(first.itertuples(index=False, name=None))
    assert project.query(BURGLARIES_BY_BEAT) == expected


def test_11_where_the_crimes_of_the_districts_closed_in_2012_are_counted(
    project: CrimePlaces, sample_data: Any
) -> None:
    """Where are the crimes of the districts closed in 2012 counted?"""
    year = pd.read_csv(
        sample_data / "crime" / "crimes_2012_full_year.csv.gz",
        dtype=str,
        usecols=["Beat", "District", "Date"],
    )
    year["closed"] = "0" + year["Beat"].str.zfill(4).str[:2]
    year["day"] = pd.to_datetime(year["Date"], format="%m/%d/%Y %I:%M:%S %p").dt.date
    for district, closed_on, successors in project.query(CLOSED_DISTRICTS):
        found = year[year["closed"] == district]
        counts = found["District"].value_counts()
        # One crime of 7,357 is elsewhere.
        assert ", ".join(sorted(counts[counts > 1].index)) == successors
        assert found["day"].max() < closed_on
