"""The application: routes, error handlers and middleware."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from reports.api.data.builds import Builds
from reports.api.data.charts import CHARTS
from reports.api.data.run_history import RunHistoryFile
from reports.api.data.service import Service
from reports.api.errors import RefusedError
from reports.api.settings import Settings
from reports.api.web import openapi
from reports.api.web.chart_routes import router as charts
from reports.api.web.event_routes import router as events
from reports.api.web.health_routes import router as health
from reports.api.web.mart_routes import router as marts
from reports.api.web.metrics import Metrics
from reports.api.web.metrics import router as metrics_router
from reports.api.web.middleware import Log, RequestLimits, ResponseCache

MIN_GZIP_BYTES, GZIP_LEVEL = 1_000, 5
logger = logging.getLogger(__name__)


def create_app(
    published: Path,
    settings: Settings,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    log: Log | None = None,
    closing: asyncio.Event | None = None,
) -> ASGIApp:
    """The API over a folder.

    Args:
        published: the link to the newest build; there may be none yet.
        settings: limits, origins, TLS.
        now: the clock, UTC, for ages.
        log: takes a line for each request.
        closing: set when the server stops, so that streams end.
    """
    builds = Builds(published, settings.memory_limit)
    service = Service(settings, builds, RunHistoryFile(published), now)
    metrics = Metrics(service, frozenset(CHARTS))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await builds.start()
        yield
        service.close()
        await builds.stop()

    app = FastAPI(
        title="Warehouse API",
        version="1",
        description=openapi.DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    app.state.service, app.state.metrics = service, metrics
    app.state.closing, app.state.streams = closing or asyncio.Event(), 0
    for router in (charts, marts, events, health, metrics_router, openapi.router):
        app.include_router(router)
    app.exception_handler(RefusedError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http_error)
    app.exception_handler(Exception)(_failed)
    return _guarded(ResponseCache(app, builds), settings, metrics, log)


def _guarded(app: ASGIApp, settings: Settings, metrics: Metrics, log: Log | None) -> ASGIApp:
    """The application with compression, CORS, limits, headers, metrics and access log."""
    app = GZipMiddleware(app, minimum_size=MIN_GZIP_BYTES, compresslevel=GZIP_LEVEL)
    if settings.cors_origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "HEAD"],
            allow_headers=["If-None-Match"],
            expose_headers=["ETag", "Link", "X-Total-Count", "X-Made-Up-Data", "X-Data-Through"],
        )
    tls = settings.certfile is not None
    size = settings.max_url_bytes
    return RequestLimits(app, tls=tls, max_url_bytes=size, metrics=metrics, log=log)


async def _refused(_: Request, error: RefusedError) -> Response:
    headers = {"Cache-Control": "no-store"}
    if error.status == 503:  # noqa: PLR2004 - service unavailable
        headers["Retry-After"] = "1"
    return JSONResponse({"detail": error.detail}, error.status, headers)


async def _invalid(_: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:]) or "request"
    return JSONResponse({"detail": f"{name}: {first['msg']}"}, 422)


async def _http_error(request: Request, error: HTTPException) -> Response:
    detail = error.detail
    if error.status_code == 404:  # noqa: PLR2004 - not found
        detail = f"{request.url.path[:200]} does not exist: /docs lists the routes"
    return JSONResponse({"detail": detail}, error.status_code, error.headers)


async def _failed(request: Request, _: Exception) -> Response:
    # The server logs the traceback; the client gets no internal details.
    logger.error("answering %s failed", request.url.path)
    return JSONResponse({"detail": "internal error: see the log of the server"}, 500)
