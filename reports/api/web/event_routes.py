"""Events: an open connection that hears of each publication, so that nobody has to poll."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from reports.api.data.build import Build
from reports.api.data.builds import Builds
from reports.api.errors import RefusedError
from reports.api.web import models
from reports.api.web.chart_routes import PROBLEM, get_service

MAX_STREAMS = 200
RETRY_MILLISECONDS = 1_000
router = APIRouter()


async def _counted_stream(request: Request) -> AsyncIterator[None]:
    """Count a stream while it is open.

    Raises:
        RefusedError: 503, too many are open.
    """
    state = request.app.state
    if state.streams >= MAX_STREAMS:
        raise RefusedError(503, f"{MAX_STREAMS} clients listen to events already: poll instead")
    state.streams += 1
    try:
        yield
    finally:
        state.streams -= 1


@router.get(
    "/events",
    response_class=EventSourceResponse,
    responses={503: PROBLEM | {"description": "Too many clients listen."}},
    dependencies=[Depends(_counted_stream)],
)
async def events(request: Request) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events named `build`: the build that is served, then each new one.

    The id is the build's: a client that connects again and sends Last-Event-ID gets an event only
    if another build is served since.
    """
    builds, closing = get_service(request).builds, request.app.state.closing
    known = request.headers.get("last-event-id", "")
    while build := await _next(builds, known, closing):
        known = build.id
        data = models.Publication(
            build_id=build.id, published_at=build.catalogue.published_at
        ).model_dump(mode="json")
        yield ServerSentEvent(data=data, event="build", id=build.id, retry=RETRY_MILLISECONDS)


async def _next(builds: Builds, known: str, closing: asyncio.Event) -> Build | None:
    """The build that is served once it is another one; None when the server stops."""
    newer = asyncio.ensure_future(builds.other_than(known))
    stopping = asyncio.ensure_future(closing.wait())
    try:
        await asyncio.wait({newer, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return newer.result() if newer.done() and not stopping.done() else None
    finally:
        for task in (newer, stopping):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
