"""The five charts of the dashboard: the query of each, and the shape of its response.

Every function gets a cursor, the build's catalogue and the countries (all if empty), and returns
what becomes JSON. Hours are UTC; means are the unweighted ones of the marts.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import duckdb

from reports.api.data.catalogue import Catalogue

HOURS, HOUR = 24, 3600
SUBMISSIONS = "education.fct_student_submissions"
Cursor = duckdb.DuckDBPyConnection
Chart = Callable[[Cursor, Catalogue, Sequence[str]], dict[str, Any]]


def submissions(cursor: Cursor, catalogue: Catalogue, countries: Sequence[str]) -> dict[str, Any]:
    """The number of submissions."""
    # The mart of the total has no countries.
    if countries:
        mart = catalogue.mart(SUBMISSIONS, ("country_code",))
        query = f"select count(*) from {mart.sql}{_where(countries)}"
    else:
        mart = catalogue.mart("education.submissions_total", ("submissions",))
        query = f"select submissions from {mart.sql}"
    row = cursor.execute(query, list(countries)).fetchone()
    return {"count": int(row[0] or 0) if row else 0}


def submissions_over_time(
    cursor: Cursor, catalogue: Catalogue, countries: Sequence[str]
) -> dict[str, Any]:
    """Submissions in each of the 24 hours up to the newest one of any country, UTC."""
    mart = catalogue.mart("education.submissions_by_hour", ("hour_start", "submissions"))
    found = cursor.execute(
        "select cast(epoch(hour_start) as bigint) as second, cast(sum(submissions) as bigint)"
        f" from {mart.sql} where hour_start > (select max(hour_start) from {mart.sql})"
        f" - interval {HOURS} hours group by second"
    ).fetchall()
    if not found:
        return {"datasets": [{"id": "Submissions", "data": []}]}
    counts = dict(found)
    last = max(counts)
    first = last - (HOURS - 1) * HOUR
    if countries:
        mart = catalogue.mart(SUBMISSIONS, ("country_code", "submitted_at"))
        counts = dict(
            cursor.execute(
                f"select cast(floor(epoch(submitted_at) / {HOUR}) as bigint) * {HOUR} as second,"
                f" count(*) from {mart.sql}{_where(countries)}"
                " and submitted_at >= to_timestamp(?) group by second",
                [*countries, first],
            ).fetchall()
        )
    points = [
        {"x": f"{datetime.fromtimestamp(second, UTC):%H:%M}", "y": counts.get(second, 0)}
        for second in range(first, last + 1, HOUR)
    ]
    return {"datasets": [{"id": "Submissions", "data": points}]}


def learning_hours_per_week(
    cursor: Cursor, catalogue: Catalogue, countries: Sequence[str]
) -> dict[str, Any]:
    """Mean hours of lessons a week, by country; unweighted."""
    found = _means(
        cursor, catalogue, "learning_hours_by_country", "mean_learning_hours_unweighted", countries
    )
    return {"datasets": [{"country": code, "hours": hours} for code, hours in found]}


def escs(cursor: Cursor, catalogue: Catalogue, countries: Sequence[str]) -> dict[str, Any]:
    """Mean index of economic, social and cultural status, by country; unweighted."""
    found = _means(cursor, catalogue, "escs_by_country", "mean_escs_unweighted", countries)
    return {"datasets": [{"id": code, "value": value} for code, value in found]}


def early_education_and_belonging(
    cursor: Cursor, catalogue: Catalogue, countries: Sequence[str]
) -> dict[str, Any]:
    """Mean sense of belonging by years of early education, a line for each country; unweighted."""
    years, mean = "years_of_early_education", "mean_belonging_unweighted"
    name = "education.belonging_by_early_education_years"
    mart = catalogue.mart(name, ("country_code", years, mean, "submissions"))
    rows = cursor.execute(
        f"select country_code, cast({years} as integer), cast({mean} as double),"
        f" cast(submissions as bigint) from {mart.sql}{_where(countries)}"
        f" and isfinite(cast({mean} as double)) order by country_code, {years}",
        list(countries),
    ).fetchall()
    return {
        "datasets": [
            {
                "id": code,
                "data": [{"x": x, "y": y, "submissions": counted} for _, x, y, counted in group],
            }
            for code, group in groupby(rows, key=lambda row: row[0])
        ]
    }


CHARTS: dict[str, Chart] = {
    "/submissions": submissions,
    "/submissions_over_time": submissions_over_time,
    "/learning_hours_per_week": learning_hours_per_week,
    "/escs": escs,
    "/early_education_and_belonging": early_education_and_belonging,
}


def render_chart(
    path: str, cursor: Cursor, catalogue: Catalogue, countries: Sequence[str]
) -> bytes:
    """The response body of a chart's route.

    Args:
        path: one of `CHARTS`.
        cursor: of the build's connection.
        catalogue: of the build.
        countries: known codes; all if empty.

    Raises:
        RefusedError: 404, the build lacks the mart.
    """
    answer = CHARTS[path](cursor, catalogue, countries)
    return json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()


def _means(
    cursor: Cursor, catalogue: Catalogue, name: str, mean: str, countries: Sequence[str]
) -> list[tuple[str, float]]:
    mart = catalogue.mart(f"education.{name}", ("country_code", mean))
    return cursor.execute(
        f"select country_code, cast({mean} as double) from {mart.sql}{_where(countries)}"
        f" and isfinite(cast({mean} as double)) order by country_code",
        list(countries),
    ).fetchall()


def _where(countries: Sequence[str]) -> str:
    """A where clause with one parameter for each country."""
    if not countries:
        return " where true"
    return f" where country_code in ({', '.join('?' * len(countries))})"
