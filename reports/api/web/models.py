"""The shapes of responses, as shown by OpenAPI."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reports.api.data.health import Status


class Shape(BaseModel):
    """A JSON object with these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Problem(Shape):
    """Why a request was refused."""

    detail: Annotated[str, Field(description="What is wrong and what to do, in one line.")]


class Submissions(Shape):
    """The number of submissions."""

    count: Annotated[int, Field(ge=0, examples=[315001])]


class HourPoint(Shape):
    """An hour and its submissions."""

    x: Annotated[
        str, Field(pattern="^([01][0-9]|2[0-3]):00$", description="Start of the hour, UTC.")
    ]
    y: Annotated[int, Field(ge=0)]
    is_complete: Annotated[
        bool, Field(description="Whether the databases were read after the hour's end.")
    ]


class HourLine(Shape):
    """A line of hours, in order."""

    id: str
    data: Annotated[list[HourPoint], Field(max_length=24)]


class SubmissionsOverTime(Shape):
    """The 24 hours up to the newest submission; empty while there are none."""

    datasets: Annotated[list[HourLine], Field(min_length=1, max_length=1)]


class CountryHours(Shape):
    """A country's mean hours of lessons a week."""

    country: str
    hours: float


class LearningHours(Shape):
    """Mean hours of lessons a week, by country."""

    datasets: list[CountryHours]


class CountryValue(Shape):
    """A country's mean."""

    id: str
    value: float


class Escs(Shape):
    """Mean index of economic, social and cultural status, by country."""

    datasets: list[CountryValue]


class YearsPoint(Shape):
    """Students with x years of early education: their mean belonging, and their number.

    With `by=country`, all students of a country, and x is their mean.
    """

    x: float
    y: float
    submissions: Annotated[int, Field(ge=0)]


class CountryLine(Shape):
    """A country's line, by years."""

    id: str
    data: list[YearsPoint]


class Belonging(Shape):
    """Mean sense of belonging by years of early education, a line for each country."""

    datasets: list[CountryLine]


class ColumnEntry(Shape):
    """A column of a mart."""

    name: str
    type: Annotated[str, Field(description="DuckDB's type.", examples=["BIGINT"])]
    description: str | None


class MartEntry(Shape):
    """A mart of the published build."""

    domain: str
    name: str
    href: Annotated[str, Field(description="The route of its rows.")]
    rows: int
    description: str | None
    columns: list[ColumnEntry]


class MartList(Shape):
    """The marts of the published build."""

    build_id: str
    marts: list[MartEntry]


class MartPage(Shape):
    """Rows of a mart, all of one build."""

    mart: str
    build_id: str
    rows: Annotated[
        list[dict[str, Any]],
        Field(description="By column name; times are ISO 8601, instants in UTC."),
    ]
    next_cursor: Annotated[
        str | None, Field(description="For the next page; null if this is the last.")
    ]
    total: Annotated[
        int | None, Field(description="Rows that satisfy the filters; null unless count=true.")
    ]


class Publication(Shape):
    """A build that is served from now on."""

    build_id: str
    published_at: datetime


class SourceStatus(Shape):
    """What to know of a source before its figures."""

    source_name: str
    domain: str
    made_up: Annotated[str, Field(description="How much a simulator made: all, partly, none.")]
    data_through_date: Annotated[date | None, Field(description="The latest complete day.")]
    newest_date: Annotated[date | None, Field(description="The day of the newest row.")]
    time_zone: Annotated[str | None, Field(description="Of the days; local: of each store.")]
    read_at: Annotated[datetime, Field(description="When it was read for this build.")]
    last_read_at: Annotated[
        datetime | None, Field(description="When it was last read to its end, new rows or none.")
    ] = None
    last_read_age_seconds: Annotated[float | None, Field(ge=0)] = None
    max_age_hours: Annotated[float | None, Field(description="How old that may become.")] = None
    is_stale: Annotated[bool, Field(description="Whether it is older than that.")] = False


class Alive(Shape):
    """The server answers."""

    status: Literal["ok"]


class Health(Shape):
    """Whether the data is current: the build that is served, its age, and what its data is."""

    status: Annotated[
        Status,
        Field(description="degraded: something failed; stale: a source is past its limit."),
    ]
    reasons: Annotated[list[str], Field(description="Why it is not ok, a line each.")]
    build_id: str
    published_at: datetime
    age_seconds: Annotated[float, Field(ge=0)]
    made_up: Annotated[str, Field(description="How much a simulator made: all, partly, none.")]
    sources: list[SourceStatus]
