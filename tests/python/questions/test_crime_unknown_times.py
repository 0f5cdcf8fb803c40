"""The seed of types without a time is what its rule gives on the portal's own crimes of 2012."""

from pathlib import Path

import pandas as pd
import pytest

from dbt_project.paths import ROOT

SEED = ROOT / "seeds" / "crime" / "unknown_time_types.csv"
AT_LEAST_REPORTS, AT_LEAST_PCT = 30, 50


@pytest.fixture(scope="module")
def year(sample_data: Path) -> pd.DataFrame:
    columns = ["Date", "Primary Type"]
    found = pd.read_csv(sample_data / "crime" / "crimes_2012_full_year.csv.gz", usecols=columns)
    found["at"] = pd.to_datetime(found["Date"], format="%m/%d/%Y %I:%M:%S %p")
    renamed = {"CRIM SEXUAL ASSAULT": "CRIMINAL SEXUAL ASSAULT"}
    return found.assign(primary_type=found["Primary Type"].replace(renamed))


def test_the_listed_types_are_those_of_the_rule(year: pd.DataFrame) -> None:
    hours = pd.crosstab(year["primary_type"], year["at"].dt.hour)
    at_midnight = year[year["at"] == year["at"].dt.normalize()]
    midnight = at_midnight["primary_type"].value_counts().reindex(hours.index, fill_value=0)
    excess = 100 * (hours[0] - (hours[23] + hours[1]) / 2) / midnight
    rule = (midnight >= AT_LEAST_REPORTS) & (excess >= AT_LEAST_PCT)
    seed = pd.read_csv(SEED, index_col="primary_type")
    assert list(seed.index) == list(hours.index[rule])
    assert seed["midnight_reports_2012"].to_dict() == midnight[rule].to_dict()
    assert seed["excess_2012_pct"].to_list() == pytest.approx(list(excess[rule]), abs=0.05)


def test_without_them_the_first_hour_lies_between_its_neighbours(year: pd.DataFrame) -> None:
    """Midnight is a peak of the reports as they are, and none of those with a known time."""
    listed = year["primary_type"].isin(pd.read_csv(SEED)["primary_type"])
    unknown = listed & (year["at"] == year["at"].dt.normalize())
    assert unknown.sum() == 3_899
    hours = year["at"].dt.hour.value_counts()
    known = year[~unknown]["at"].dt.hour.value_counts()
    assert hours[0] > max(hours[1], hours[23])
    assert known[1] < known[0] < known[23]
