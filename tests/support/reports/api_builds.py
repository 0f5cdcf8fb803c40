"""Builds made by hand, published as the warehouse does: a folder each, and a link replaced."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

PUBLISHED_AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
COUNTRIES = ("ALB", "FRA", "GBR", "ITA")

# submission id, country, years, minutes, belonging, escs, submitted at
Row = tuple[str, str, int | None, int | None, float | None, float | None, str]
ROWS: tuple[Row, ...] = (
    ("1", "GBR", 2, 1620, 0.5, 0.1, "2026-11-22T07:10:00Z"),
    ("2", "GBR", 2, 1680, 0.1, 0.3, "2026-11-22T07:50:00Z"),
    ("3", "GBR", 3, None, -0.2, None, "2026-11-22T04:00:00Z"),
    ("1", "FRA", 0, 1500, 1.0, -0.5, "2026-11-21T08:59:59Z"),
    ("2", "FRA", None, 1560, None, -0.7, "2026-11-21T07:59:59Z"),
    ("1", "ALB", 6, None, 0.25, 0.0, "2026-11-20T12:00:00Z"),
)
FACT = "education.fct_student_submissions"
MARTS = {
    "submissions_total": f"select cast(count(*) as bigint) as submissions from {FACT}",
    "submissions_by_hour": f"""
        select hour_start, cast(count(submission_key) as bigint) as submissions
        from (select unnest(generate_series(
            date_trunc('hour', min(submitted_at)), max(submitted_at), interval 1 hour
        )) as hour_start from {FACT}) as hours
        left join {FACT} on date_trunc('hour', submitted_at) = hour_start
        group by hour_start order by hour_start""",
    "learning_hours_by_country": f"""
        select country_code, avg(learning_minutes_per_week) / 60 as mean_learning_hours_unweighted
        from {FACT} group by country_code""",
    "escs_by_country": f"""
        select country_code, avg(escs) as mean_escs_unweighted from {FACT} group by country_code""",
    "belonging_by_early_education_years": f"""
        select country_code, years_of_early_education, cast(count(*) as bigint) as submissions,
            avg(belonging) as mean_belonging_unweighted
        from {FACT} where years_of_early_education is not null and belonging is not null
        group by country_code, years_of_early_education""",
    "belonging_by_early_education": f"""
        select country_code, cast(count(*) as bigint) as submissions,
            avg(years_of_early_education) as mean_years_of_early_education_unweighted,
            avg(belonging) as mean_belonging_unweighted
        from {FACT} where years_of_early_education is not null and belonging is not null
        group by country_code""",
}


@dataclass
class Publisher:
    """Makes builds in a data folder.

    Attributes:
        data: the folder.
        extra: tables to add to each build, SQL by full name.
        without: marts to leave out.
        about: what the manifest says of the data.
    """

    data: Path
    extra: dict[str, str] = field(default_factory=dict)
    without: Sequence[str] = ()
    about: dict[str, Any] = field(default_factory=dict)

    def publish(self, build_id: str = "build-1", rows: Sequence[Row] = ROWS) -> None:
        """Write a build whole, then point the link at it."""
        folder = self.data / "builds" / build_id
        folder.mkdir(parents=True)
        tables = write_marts(folder / "marts.duckdb", rows, self.extra, self.without)
        manifest: dict[str, Any] = {
            "build_id": build_id,
            "published_at": PUBLISHED_AT.isoformat(),
            "database": {"path": "marts.duckdb"},
            "tables": tables,
            **self.about,
        }
        (folder / "manifest.json").write_text(json.dumps(manifest))
        self.swap_published_link(build_id)

    def swap_published_link(self, build_id: str) -> None:
        """Replace the link."""
        beside = self.data / ".published.new"
        beside.symlink_to(Path("builds") / build_id, target_is_directory=True)
        beside.replace(self.data / "published")


def write_marts(
    path: Path, rows: Sequence[Row], extra: dict[str, str], without: Sequence[str]
) -> dict[str, Any]:
    """Write the marts of education and the countries; returns what a manifest says of them."""
    with duckdb.connect(path) as connection:
        connection.execute("set timezone = 'UTC'; create schema core; create schema education")
        connection.execute("create schema odd; create schema audit")
        connection.execute("create table audit.failures as select 1 as secret")
        connection.execute("create table core.dim_country (country_code varchar)")
        connection.executemany(
            "insert into core.dim_country values (?)", [(code,) for code in COUNTRIES]
        )
        connection.execute(
            f"create table {FACT} (submission_key varchar,"
            " country_code varchar, years_of_early_education integer,"
            " learning_minutes_per_week integer, belonging double, escs double,"
            " submitted_at timestamptz)"
        )
        connection.execute("comment on table core.dim_country is 'Countries. Grain: a country.'")
        if rows:
            connection.executemany(
                f"insert into {FACT} select $1 || '-' || $2, $2, $3, $4, $5, $6, $7",
                [list(row) for row in rows],
            )
        names = ["core.dim_country", FACT]
        queries = {f"education.{name}": query for name, query in MARTS.items()} | extra
        for name, query in queries.items():
            connection.execute(f"create table {name} as {query}")
            names.append(name)
        for name in without:
            connection.execute(f"drop table {name}")
        counts = {
            name: connection.execute(f"select count(*) from {name}").fetchone()
            for name in names
            if name not in without
        }
    return {name: {"rows": count[0] if count else 0} for name, count in counts.items()}
