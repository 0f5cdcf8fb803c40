"""Every published mart, complete or in part."""

from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from reports.api.data.build import Build
from reports.api.data.pages import Format
from reports.api.data.service import PageRequest
from reports.api.web import models
from reports.api.web.chart_routes import (
    DATA_ANSWERS,
    PROBLEM,
    data_headers,
    get_service,
    not_modified,
)

router = APIRouter()
PAGE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Rows; the header Link has the next page, X-Total-Count all rows if asked.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    },
    410: PROBLEM | {"description": "The build of the cursor is no longer open: start again."},
    **DATA_ANSWERS,
}


class PageParameters(BaseModel):
    """Parameters of a page that are not filters."""

    select: Annotated[
        str | None, Field(description="Comma-separated columns to return; all by default.")
    ] = None
    order: Annotated[
        str | None,
        Field(
            description="Comma-separated columns to sort by, `-column` for descending; nulls come "
            "last. By default rows come in the order of the file."
        ),
    ] = None
    count: Annotated[
        bool, Field(description="Whether to count all rows that satisfy the filters.")
    ] = False
    limit: Annotated[int | None, Field(ge=1, description="Largest number of rows in the page.")] = (
        None
    )
    cursor: Annotated[
        str | None,
        Field(pattern="^[A-Za-z0-9_-]{1,300}$", description="The next_cursor of a page."),
    ] = None
    form: Annotated[
        Literal["json", "csv"] | None, Field(alias="format", description="Overrides Accept.")
    ] = None


NO_FILTERS = {field.alias or name for name, field in PageParameters.model_fields.items()}


@router.get("/marts", response_model=models.MartList, responses=DATA_ANSWERS)
async def marts(request: Request) -> Response:
    """The marts of the published build, with their columns."""
    build = get_service(request).builds.current()
    headers = data_headers(build)
    if fresh := not_modified(request, headers):
        return fresh
    return JSONResponse(_listed(build).model_dump(mode="json"), headers=headers)


@router.get("/marts/{domain}/{mart}", response_model=models.MartPage, responses=PAGE_ANSWERS)
async def mart_page(
    request: Request,
    *,
    domain: Annotated[str, Path(description="For example education.")],
    mart: Annotated[str, Path(description="For example escs_by_country.")],
    parameters: Annotated[PageParameters, Query()],
) -> Response:
    """Rows of a mart, a page at a time.

    Any other parameter is a filter: `column=value`, or `column__ne`, `__gt`, `__gte`, `__lt`,
    `__lte`, `__in` (comma-separated values), `__is_null` (true or false); rows satisfy all of them.
    A cursor stays valid for a minute, even if another build is published.
    """
    service = get_service(request)
    form = parameters.form or _preferred_format(request.headers.get("accept", ""))
    given = request.query_params.multi_items()
    page = service.page(
        PageRequest(
            f"{domain}.{mart}",
            [(name, value) for name, value in given if name not in NO_FILTERS],
            select=parameters.select,
            order=parameters.order,
            is_counted=parameters.count,
            limit=parameters.limit,
            cursor=parameters.cursor,
            form=form,
        )
    )
    headers = data_headers(page.build, form) | {"Vary": "Accept"}
    if fresh := not_modified(request, headers):
        return fresh
    answer = await service.read(page)
    if answer.total is not None:
        headers["X-Total-Count"] = str(answer.total)
    if answer.next_cursor is not None:
        others = [(name, value) for name, value in given if name != "cursor"]
        query = urlencode([*others, ("cursor", answer.next_cursor)])
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    return Response(answer.body, media_type=kind, headers=headers)


def _listed(build: Build) -> models.MartList:
    marts = [
        asdict(mart) | {"columns": [asdict(column) for column in mart.columns.values()]}
        for mart in build.catalogue.marts.values()
    ]
    entries = [
        models.MartEntry(**mart, href=f"/marts/{mart['domain']}/{mart['name']}") for mart in marts
    ]
    return models.MartList(build_id=build.id, marts=entries)


def _preferred_format(accept: str) -> Format:
    """CSV for a client that prefers it to JSON."""
    liked = {"application/json": 0.0, "text/csv": 0.0, "*/*": 0.0}
    for part in accept.lower().split(","):
        kind, *parameters = [piece.strip() for piece in part.split(";")]
        weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        if kind in liked:
            liked[kind] = float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0
    return "csv" if liked["text/csv"] > max(liked["application/json"], liked["*/*"]) else "json"
