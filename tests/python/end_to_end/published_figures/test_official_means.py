"""The means of 2022 and their errors as the OECD published them, against those of the marts.

Only samples of the survey's students may be passed on, so that the marts of all students can be
compared by whoever has the OECD's own file: put it beside the published means.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dbt_project.paths import ROOT
from tests.support.warehouse import Warehouse, query

PUBLISHED = "official_means_BELONG_ESCS_2022.csv"
STUDENTS = "CY08MSP_STU_QQQ"
COUNTRIES = 79
WITHOUT_BELONGING = {"ISR", "KSV"}
WITHOUT_ESCS = {"CRI"}
FOOTNOTE = re.compile("[¹²³⁴⁵]")
# The OECD's names of 2023 that are not ours.
CODES = {
    "Czech Republic": "CZE",
    "Korea": "KOR",
    "Slovak Republic": "SVK",
    "Turkey": "TUR",
    "Brunei Darussalam": "BRN",
    "Hong Kong (China)": "HKG",
    "Macao (China)": "MAC",
    "Republic of Moldova": "MDA",
    "Palestinian Authority": "PSE",
    "Viet Nam": "VNM",
    # ISO has no code of it: the survey has its own.
    "Kosovo": "KSV",
}


@dataclass(frozen=True)
class Published:
    """The figures of a country, each a mean and its standard error; None where there is none."""

    belonging: tuple[float, float] | None
    escs: tuple[float, float] | None


def figures(row: Mapping[str, str], measure: str) -> tuple[float, float] | None:
    mean, error = row[f"{measure}_mean"], row[f"{measure}_se"]
    return (float(mean), float(error)) if mean else None


@pytest.fixture(scope="module")
def published_means(sample_data: Path) -> Mapping[str, Published]:
    """By our code of the country."""
    with (ROOT / "seeds/core/countries.csv").open(encoding="utf-8") as seed:
        codes = {row["country_name"]: row["country_code"] for row in csv.DictReader(seed)} | CODES
    with (sample_data / "pisa" / PUBLISHED).open(encoding="utf-8") as lines:
        return {
            codes[FOOTNOTE.sub("", row["country_label"])]: Published(
                figures(row, "belong"), figures(row, "escs")
            )
            for row in csv.DictReader(lines)
        }


def test_every_country_with_published_means_is_one_of_ours(
    published_means: Mapping[str, Published],
) -> None:
    assert len(published_means) == COUNTRIES
    of = published_means.items()
    assert {country for country, one in of if one.belonging is None} == WITHOUT_BELONGING
    assert {country for country, one in of if one.escs is None} == WITHOUT_ESCS


@pytest.mark.long
def test_means_and_errors_of_all_students_are_those_that_the_oecd_published(
    warehouse: Warehouse, published_means: Mapping[str, Published], sample_data: Path
) -> None:
    folder = sample_data / "pisa"
    found = [path for path in folder.iterdir() if path.stem.upper() == STUDENTS]
    if not found:
        pytest.skip(
            f"no {STUDENTS}.SAV or .SAS7BDAT in {folder}: put the OECD's file of the students of "
            "2022 there to compare the marts with the means that it published"
        )
    warehouse("load", "pisa", "--file", str(found[0]))
    warehouse("build", "pisa")
    warehouse("publish")
    belonging = query(
        warehouse.build,
        "select group_value, mean, standard_error"
        " from education.weighted_mean(belonging, by := country_code) where survey_cycle = 2022",
    )
    escs = query(
        warehouse.build,
        "select country_code, mean_escs_weighted, mean_escs_weighted_se"
        " from education.escs_by_country where survey_cycle = 2022",
    )
    for measure, rows in (("belonging", belonging), ("escs", escs)):
        ours = {country: rest for country, *rest in rows}
        theirs = {
            country: pytest.approx(getattr(one, measure), abs=1e-6)
            for country, one in published_means.items()
            if getattr(one, measure)
        }
        assert {country: ours.get(country) for country in theirs} == theirs, measure
