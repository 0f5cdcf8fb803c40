"""The OpenAPI document, completed with the content of the published build, and its page."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse

from reports.api.data.charts import CHARTS
from reports.api.data.service import Service
from reports.api.errors import RefusedError
from reports.api.web.chart_routes import get_service
from reports.api.web.docs import docs_page

DESCRIPTION = (
    "The published build of the warehouse, read-only. The ETag of each response identifies the "
    "build: send it as If-None-Match, and the response is 304 until the next publication."
)
router = APIRouter(include_in_schema=False)


@router.get("/")
@router.get("/docs")
async def docs(request: Request) -> Response:
    """The document as a page."""
    return HTMLResponse(docs_page(document(request.app, get_service(request))))


@router.get("/openapi.json")
async def openapi_document(request: Request) -> Response:
    """The document."""
    return JSONResponse(document(request.app, get_service(request)))


def document(app: FastAPI, service: Service) -> dict[str, Any]:
    """The OpenAPI document, with the countries and marts of the build that is served now."""
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    page = found["paths"]["/marts/{domain}/{mart}"]["get"]
    parameters = {one["name"]: one["schema"] for one in page["parameters"]}
    parameters["limit"] |= {"maximum": service.max_rows, "default": service.default_rows}
    for path in CHARTS:
        _countries(found, path)["schema"] = {"type": "array", "items": {"type": "string"}}
        _countries(found, path).update(style="form", explode=False)
    try:
        catalogue = service.builds.current().catalogue
    except RefusedError:
        return found
    marts = catalogue.marts.values()
    parameters["domain"]["enum"] = sorted({mart.domain for mart in marts})
    parameters["mart"]["enum"] = sorted({mart.name for mart in marts})
    for path in CHARTS:
        # An empty code is ignored, and no code means all countries.
        _countries(found, path)["schema"]["items"]["enum"] = ["", *sorted(catalogue.countries)]
    return found


def _countries(found: dict[str, Any], path: str) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = found["paths"][path]["get"]["parameters"]
    return next(one for one in parameters if one["name"] == "countries")
