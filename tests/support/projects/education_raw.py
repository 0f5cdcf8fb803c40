"""Raw files of the student survey as loads leave them, and the marts that dbt builds of them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dbt_project.build.scope import PREVIOUS
from dbt_project.paths import Paths
from ingestion.sources.pisa.tables import RAW_TABLES
from tests.support.projects.building import build

MARTS = (
    *("fct_student_submissions", "rejected_submissions", "deleted_submissions"),
    *("submission_load_reconciliation", "submission_source_reconciliation"),
    *("database_checks", "belonging_by_early_education"),
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
Row = tuple[Any, ...]


class Education:
    """A data folder with a raw file of the survey, and the marts built of it."""

    def __init__(self, data: Path) -> None:
        self.paths = Paths(data=data)
        self.paths.work.mkdir(parents=True)
        with duckdb.connect(self.paths.raw) as raw:
            raw.execute("create schema raw_pisa")
            for name, table in RAW_TABLES.items():
                texts = ", ".join(
                    f"{column} varchar" for column in (*table.columns, "_dlt_load_id")
                )
                raw.execute(f"create table raw_pisa.{name} ({texts})")

    def load(self, load_id: str, **tables: Iterable[Mapping[str, str | None]]) -> None:
        """Merge rows of tables into raw by their keys, as dlt does; what a row lacks is null."""
        with duckdb.connect(self.paths.raw) as raw:
            for name, rows in tables.items():
                table, listed = RAW_TABLES[name], list(rows)
                texts = {c: [row.get(c) for row in listed] for c in table.columns}
                given = pa.table(
                    texts | {"_dlt_load_id": [load_id] * len(listed)},
                    schema=pa.schema([(c, pa.string()) for c in (*table.columns, "_dlt_load_id")]),
                )
                raw.register("given", given)
                keys = ", ".join(table.key)
                raw.execute(
                    f"delete from raw_pisa.{name} where ({keys}) in (select {keys} from given)"
                )
                raw.execute(f"insert into raw_pisa.{name} from given")

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

    def query(self, sql: str) -> list[Row]:
        with duckdb.connect(self.paths.work_marts) as marts:
            marts.execute("set TimeZone = 'UTC'")
            return marts.execute(sql).fetchall()

    def marts(self) -> dict[str, list[Row]]:
        """Every row of every mart of education."""
        return {mart: self.query(f"from education.{mart} order by all") for mart in MARTS}


def response(country: str, number: int, created_at: str, **answers: str | None) -> dict[str, Any]:
    """A submission as a country's database gives it."""
    key = {"database_country": country, "id": str(number), "created_at": created_at}
    return {**key, "cnt": country, **USUAL, **answers}


def student(file: str, line: int, country: str, **answers: str | None) -> dict[str, Any]:
    """A line of a file of students; `file` is a letter that stands for its hash."""
    where = {"file_sha256": file * 64, "line_number": str(line), "file_name": f"{file}.csv"}
    who = {"cnt": country, "cntschid": "1.0", "cntstuid": f"{line}.0"}
    return {**where, **who, **USUAL, **answers}
