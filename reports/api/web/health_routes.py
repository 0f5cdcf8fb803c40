"""The health checks: one of the data that is served, one of the server alone."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from reports.api.data.health import judge
from reports.api.data.run_history import Freshness
from reports.api.web import models
from reports.api.web.chart_routes import get_service

router = APIRouter()
UNHEALTHY: dict[int | str, dict[str, Any]] = {
    503: {
        "model": models.Health | models.Problem,
        "description": "A source is stale, or nothing is published yet.",
    }
}


@router.get("/health", response_model=models.Health, responses=UNHEALTHY)
async def health(request: Request) -> Response:
    """Whether the data is current: the build that is served, its age, and its sources.

    The status is `ok`, `degraded` (something failed, and no source is stale) or `stale`. A `stale`
    one is 503, so that a monitor which looks at the code alone notices.
    """
    service = get_service(request)
    build, now, history = service.builds.current(), service.now(), service.run_history.read()
    found = judge(build, history, now)
    known = build.catalogue.sources
    body = models.Health(
        status=found.status,
        reasons=list(found.reasons),
        build_id=build.id,
        published_at=build.catalogue.published_at,
        age_seconds=round(service.age_seconds(build), 1),
        made_up=build.catalogue.made_up,
        sources=[
            models.SourceStatus(
                source_name=name,
                **source,
                **_freshness(history.sources[name], now) if name in history.sources else {},
            )
            for name, source in known.items()
        ],
    )
    headers = {"Cache-Control": "no-store"} | build.catalogue.headers
    status = 503 if found.status == "stale" else 200
    return JSONResponse(body.model_dump(mode="json"), status, headers)


def _freshness(source: Freshness, now: datetime) -> dict[str, Any]:
    age = source.age_seconds(now)
    return {
        "last_read_at": source.last_read_at,
        "last_read_age_seconds": None if age is None else round(age, 1),
        "max_age_hours": source.max_age_hours,
        "is_stale": source.is_stale(now),
    }


@router.get("/health/live", response_model=models.Alive)
async def alive(_: Request) -> Response:
    """Whether the server answers, whatever it serves: for what restarts it, for load balancers."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})
