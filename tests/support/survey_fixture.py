"""A small survey, published: the source whose runs are the quickest."""

import json
from pathlib import Path

from ingestion.core.registry import find_source
from ingestion.simulators.pisa.servers import SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from tests.support.sharing import share_plans
from tests.support.warehouse import Warehouse

SOURCE = "pisa"
RUN = ("run", SOURCE)
COUNTRIES = ("AUT", "BEL", "CHL")
ROWS_PER_COUNTRY = 60
ROWS = len(COUNTRIES) * ROWS_PER_COUNTRY
FACT = "select count(*) from education.fct_student_submissions"


def survey_in(folder: Path) -> Survey:
    """The survey whose databases are files of a folder."""
    return Survey(SqliteFolder(folder), seed=7)


def use(warehouse: Warehouse, survey: Survey) -> None:
    """Point a warehouse at a survey."""
    warehouse.env[find_source(SOURCE).address_variable] = json.dumps(survey.databases())


def publish_survey(folder: Path, *, plans: Path) -> None:
    """Make the databases, load and publish them: `databases` and `data` of a folder.

    Args:
        folder: an empty one.
        plans: where to keep plans of builds.
    """
    survey = survey_in(folder / "databases")
    for country in COUNTRIES:
        survey.add_country(country, ROWS_PER_COUNTRY)
    share_plans(folder / "data", plans)
    warehouse = Warehouse(folder / "data")
    use(warehouse, survey)
    warehouse(*RUN)
    survey.close()
