"""The routes that a dashboard polls."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from reports.api.data.build import Build
from reports.api.data.charts import CHARTS, Chart, ChartRequest
from reports.api.data.etag import CACHE_CONTROL, is_current, make_etag
from reports.api.data.service import Service, parse_countries
from reports.api.errors import RefusedError
from reports.api.web import models

router = APIRouter()
SHAPES: dict[str, type[models.Shape]] = {
    "/submissions": models.Submissions,
    "/submissions_over_time": models.SubmissionsOverTime,
    "/learning_hours_per_week": models.LearningHours,
    "/escs": models.Escs,
    "/early_education_and_belonging": models.Belonging,
}
Countries = Annotated[
    str | None,
    Query(description="Comma-separated codes in any case, for example GBR,FRA; all by default."),
]
PROBLEM: dict[str, Any] = {"model": models.Problem}
# Responses of every route that reads a build, besides its data.
DATA_ANSWERS: dict[int | str, dict[str, Any]] = {
    304: {"description": "The build of If-None-Match is still the newest."},
    404: PROBLEM | {"description": "The published build lacks this."},
    422: PROBLEM | {"description": "A parameter is unknown or not of its type."},
    503: PROBLEM | {"description": "Nothing is published yet, or the query needs too much."},
}


def get_service(request: Request) -> Service:
    """The service of the application that got a request."""
    service: Service = request.app.state.service
    return service


def data_headers(build: Build, kind: str = "json") -> dict[str, str]:
    """Headers of every response made from a build."""
    tag = {"ETag": make_etag(build.id, kind), "Cache-Control": CACHE_CONTROL}
    return tag | build.catalogue.headers


def not_modified(request: Request, headers: dict[str, str]) -> Response | None:
    """A 304 if the client has this build's response already."""
    if is_current(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return None


async def _answer_chart(request: Request, countries: Countries = None) -> Response:
    service = get_service(request)
    build = service.builds.current()
    path, parameters = request.url.path, request.query_params.multi_items()
    chart = CHARTS[path]
    known = {"countries", chart.parameter} - {None}
    if others := sorted({name for name, _ in parameters} - known):
        takes = " and ".join(sorted(name for name in known if name))
        raise RefusedError(422, f"unknown parameter {others[0][:60]!r}: this route takes {takes}")
    chosen = parse_countries(build, [value for name, value in parameters if name == "countries"])
    view = _view(chart, [value for name, value in parameters if name == chart.parameter])
    headers = data_headers(build)
    if fresh := not_modified(request, headers):
        return fresh
    answer = await service.chart(build, ChartRequest(path, chosen, view))
    build.requests[path, request.scope["query_string"]] = answer
    return Response(answer.body, media_type="application/json", headers=headers)


def _view(chart: Chart, values: list[str]) -> str:
    """The view that a request chose; empty for the default."""
    views = list(chart.views)
    if not values or values == views[:1]:
        return ""
    if len(values) > 1 or values[0] not in views:
        shown = ", ".join(value[:20] for value in values[:3])
        raise RefusedError(422, f"{chart.parameter}={shown!r} is not one of {', '.join(views)}")
    return values[0]


def _parameters(chart: Chart) -> dict[str, Any] | None:
    """What OpenAPI says of the parameter that chooses a view."""
    if chart.parameter is None:
        return None
    views = list(chart.views)
    schema = {"type": "string", "enum": views, "default": views[0]}
    described = {"in": "query", "required": False, "description": chart.description}
    return {"parameters": [{"name": chart.parameter, "schema": schema, **described}]}


for path, shape in SHAPES.items():
    router.add_api_route(
        path,
        _answer_chart,
        name=path.removeprefix("/"),
        description=CHARTS[path].default.__doc__,
        response_model=shape,
        responses=DATA_ANSWERS,
        openapi_extra=_parameters(CHARTS[path]),
    )
