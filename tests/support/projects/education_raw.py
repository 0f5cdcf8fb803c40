"""Raw files of the student survey as loads leave them, and the marts that dbt builds of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dbt_project.build.scope import PREVIOUS
from ingestion.sources.pisa.tables import RAW_TABLES, SCHEMA
from tests.support.projects.building import build
from tests.support.projects.raw_project import RawProject

MARTS = (
    *("fct_student_submissions", "rejected_submissions", "superseded_submissions"),
    *("student_replicate_weights", "student_plausible_values"),
    *("achievement_by_country", "proficiency_by_country", "non_response_by_country"),
    *("deleted_submissions", "submission_load_reconciliation"),
    *("submission_source_reconciliation", "database_checks", "belonging_by_early_education"),
    *("belonging_by_early_education_years", "learning_hours_by_country", "escs_by_country"),
    *("submissions_by_hour", "submissions_total"),
)
MODELS = (
    *("path:models/staging/pisa", PREVIOUS, "path:models/intermediate/education"),
    "path:models/marts/education",
)
SINGULAR = ("path:tests/singular/education",)
COUNTRIES = ("countries", "dim_country")
USUAL = {"durecec": "3", "belong": "0.25", "escs": "-0.5", "tmins": "1500", "w_fstuwt": "1.5"}


class Education(RawProject):
    """A data folder with a raw file of the survey, and the marts built of it."""

    raw_schema, raw_tables = SCHEMA, RAW_TABLES
    domain, domain_marts = "education", MARTS

    def load(self, load_id: str, **tables: Iterable[Mapping[str, str | None]]) -> None:
        """Merge rows of tables into raw."""
        for name, rows in tables.items():
            merge = self.merge_lines if name == "file_students" else self.merge
            merge(load_id, name, rows)

    def build(
        self, *, tests: bool = True, full_refresh: bool = False, select: Sequence[str] = MODELS
    ) -> None:
        """Build the marts, and test them: every test has to pass."""
        countries = () if self.paths.work_marts.exists() else COUNTRIES
        build(
            self.paths,
            [*countries, *select, *(SINGULAR if tests else ())],
            tests="buildable" if tests else "empty",
            full_refresh=full_refresh,
        )


def response(country: str, number: int, created_at: str, **answers: str | None) -> dict[str, Any]:
    """A submission as a country's database gives it."""
    key = {"database_country": country, "id": str(number), "created_at": created_at}
    return {**key, "cnt": country, **USUAL, **answers}


def student(file: str, line: int, country: str, **answers: str | None) -> dict[str, Any]:
    """A line of a file of students; `file` is a letter that stands for its hash."""
    where = {"file_sha256": file * 64, "line_number": str(line), "file_name": f"{file}.csv"}
    who = {"cnt": country, "cntschid": "1.0", "cntstuid": f"{line}.0"}
    return {**where, **who, **USUAL, **answers}
