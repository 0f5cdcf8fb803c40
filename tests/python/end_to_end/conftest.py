"""A warehouse for the tests of one file: empty, or with a survey that is published."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.simulators.pisa.survey import Survey
from tests.support.sharing import made_once, share_plans
from tests.support.survey_fixture import COUNTRIES, publish_survey, survey_in, use
from tests.support.warehouse import Warehouse

PLANS = "plans/end-to-end"


@pytest.fixture(scope="session")
def home(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where one warehouse after the other lies: dbt parses the project anew for another path."""
    home = tmp_path_factory.mktemp("end_to_end")
    share_plans(home / "data", shared / PLANS)
    return home


@pytest.fixture(scope="module")
def warehouse(home: Path) -> Warehouse:
    warehouse = Warehouse(home / "data", {"WAREHOUSE_KEEP_BUILDS": "10"})
    warehouse.empty()
    return warehouse


@pytest.fixture(scope="session")
def survey_fixture(shared: Path) -> Path:
    """A survey's databases, and a warehouse that published them: made once for all files."""
    return made_once(
        shared / "surveyed", lambda folder: publish_survey(folder, plans=shared / PLANS)
    )


@pytest.fixture(scope="module")
def survey(survey_fixture: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survey]:
    """A copy of the survey that this file's warehouse has published."""
    folder = tmp_path_factory.mktemp("survey") / "databases"
    shutil.copytree(survey_fixture / "databases", folder)
    survey = survey_in(folder)
    for country in COUNTRIES:
        survey.add_country(country)
    yield survey
    survey.close()


@pytest.fixture(scope="module")
def published(warehouse: Warehouse, survey_fixture: Path, survey: Survey) -> Warehouse:
    """This file's warehouse, with the survey published once."""
    warehouse.restore(survey_fixture / "data")
    use(warehouse, survey)
    return warehouse
