"""The five charts of the dashboard: the query of each, and the shape of its response.

Every function gets a cursor, the build's catalogue and the countries (all if empty), and returns
what becomes JSON. Hours are UTC; means are the unweighted ones of the marts. Some charts have a
second view, which a parameter of the request chooses.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

import duckdb

from reports.api.data.catalogue import Catalogue, Mart

HOURS, HOUR = 24, 3600
SUBMISSIONS = "education.fct_student_submissions"
Cursor = duckdb.DuckDBPyConnection
View = Callable[[Cursor, Catalogue, Sequence[str]], dict[str, Any]]


class ChartRequest(NamedTuple):
    """A request for a chart: its route, known country codes (all if empty), and its view."""

    path: str
    countries: tuple[str, ...] = ()
    view: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart and its views.

    Attributes:
        views: by the value that chooses each; the first one is the default.
        parameter: chooses the view; None if there is only one.
        description: of the parameter.
    """

    views: Mapping[str, View]
    parameter: str | None = None
    description: str = ""

    @property
    def default(self) -> View:
        """The view of a request that chooses none."""
        return next(iter(self.views.values()))


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
    cursor: Cursor,
    catalogue: Catalogue,
    countries: Sequence[str],
    *,
    only_complete: bool = False,
) -> dict[str, Any]:
    """Submissions in each of the 24 hours up to the newest one of any country, UTC.

    An hour is complete if the databases were read after its end; `hours=complete` returns the 24
    hours up to the last complete one.
    """
    mart = catalogue.mart("education.submissions_by_hour", ("hour_start", "submissions"))
    read_until = _read_until(catalogue)
    query = f"select cast(max(epoch(hour_start)) as bigint) from {mart.sql}"
    if only_complete:
        query += f" where hour_start + interval 1 hour <= to_timestamp({read_until})"
    row = cursor.execute(query).fetchone()
    if row is None or row[0] is None:
        return {"datasets": [{"id": "Submissions", "data": []}]}
    last = int(row[0])
    first = last - (HOURS - 1) * HOUR
    hours = [*range(first, last + 1, HOUR)]
    if countries:
        fact = catalogue.mart(SUBMISSIONS, ("country_code", "submitted_at"))
        second = f"cast(floor(epoch(submitted_at) / {HOUR}) as bigint) * {HOUR}"
        counted = f"select {second} as second, count(*) from {fact.sql}{_where(countries)}"
        counted += " and submitted_at >= to_timestamp(?) group by second"
    else:
        counted = "select cast(epoch(hour_start) as bigint), cast(submissions as bigint)"
        counted += f" from {mart.sql} where hour_start >= to_timestamp(?)"
    counts = dict(cursor.execute(counted, [*countries, first]).fetchall())
    points = [
        {
            "x": f"{datetime.fromtimestamp(second, UTC):%H:%M}",
            "y": counts.get(second, 0),
            "is_complete": second + HOUR <= read_until,
        }
        for second in hours
    ]
    return {"datasets": [{"id": "Submissions", "data": points}]}


def _read_until(catalogue: Catalogue) -> float:
    """When the source of submissions was last read, as Unix time; 0 if the build does not say."""
    times = [
        datetime.fromisoformat(source["read_at"]).timestamp()
        for source in catalogue.sources.values()
        if source["domain"] == "education"
    ]
    return min(times, default=0)


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
    """Mean sense of belonging by years of early education, a line for each country; unweighted.

    `by=country` returns one point for each country: its mean years and its mean belonging, over
    the submissions that answer both.
    """
    years, mean = "years_of_early_education", "mean_belonging_unweighted"
    mart = catalogue.mart(
        "education.belonging_by_early_education_years",
        ("country_code", years, mean, "submissions"),
    )
    return _points(cursor, mart, f"cast({years} as integer)", countries)


def early_education_and_belonging_by_country(
    cursor: Cursor, catalogue: Catalogue, countries: Sequence[str]
) -> dict[str, Any]:
    """Mean years of early education and mean sense of belonging, a point for each country."""
    years = "mean_years_of_early_education_unweighted"
    mart = catalogue.mart(
        "education.belonging_by_early_education",
        ("country_code", years, "mean_belonging_unweighted", "submissions"),
    )
    return _points(cursor, mart, f"cast({years} as double)", countries)


def _points(cursor: Cursor, mart: Mart, x: str, countries: Sequence[str]) -> dict[str, Any]:
    """Points of mean belonging by country, sorted by x."""
    rows = cursor.execute(
        f"select country_code, {x} as x, cast(mean_belonging_unweighted as double) as y,"
        f" cast(submissions as bigint) from {mart.sql}{_where(countries)}"
        " and isfinite(y) order by country_code, x",
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
    "/submissions": Chart({"": submissions}),
    "/submissions_over_time": Chart(
        {
            "all": submissions_over_time,
            "complete": partial(submissions_over_time, only_complete=True),
        },
        "hours",
        "complete leaves out hours that were not over when the databases were read.",
    ),
    "/learning_hours_per_week": Chart({"": learning_hours_per_week}),
    "/escs": Chart({"": escs}),
    "/early_education_and_belonging": Chart(
        {
            "years": early_education_and_belonging,
            "country": early_education_and_belonging_by_country,
        },
        "by",
        "What a point is: students of a country with so many years, or a country.",
    ),
}


def render_chart(request: ChartRequest, cursor: Cursor, catalogue: Catalogue) -> bytes:
    """The response body of a chart.

    Args:
        request: for one of `CHARTS`, and one of its views.
        cursor: of the build's connection.
        catalogue: of the build.

    Raises:
        RefusedError: 404, the build lacks the mart.
    """
    chart = CHARTS[request.path]
    view = chart.views[request.view] if request.view else chart.default
    answer = view(cursor, catalogue, request.countries)
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
