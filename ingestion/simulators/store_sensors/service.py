"""The service put together: the chain, its routes, and the faults that befall them."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingestion.simulators.faults import Asked, Fault, Faults
from ingestion.simulators.simulator import DEFAULT_SEED, Routes
from ingestion.simulators.store_sensors.app import create_app
from ingestion.simulators.store_sensors.chain import Chain, Clock
from ingestion.simulators.store_sensors.quick import QuickReadings

_HTML = "<!DOCTYPE html><html><body><h1>We are down for maintenance.</h1></body></html>"
_TEXT = "sensor bus busy"


def _real_time() -> datetime:
    return datetime.now(UTC)


def service(
    *, seed: int = DEFAULT_SEED, routes: Routes = "all", clock: Clock = _real_time
) -> "FaultyApp":
    """Return the service of the chain's door sensors.

    Args:
        seed: decides every reading.
        routes: `one` has only `GET /`.
        clock: says the time in UTC, until `/control/clock` stops it.
    """
    chain, faults = Chain(seed, clock), Faults()
    return FaultyApp(QuickReadings(create_app(chain, faults, routes), chain), faults)


class _CutError(Exception):
    """The connection is to break here."""


class FaultyApp:
    """An application whose requests, but for the control routes, meet faults and are recorded."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; the server closes a connection whose answer does not end."""
        if scope["type"] != "http" or scope["path"].startswith("/control/"):
            await self._app(scope, receive, send)
            return
        query = unquote_plus(scope["query_string"].decode("latin-1"))
        asked = f"{scope['path']}?{query}"
        fault = self._faults.befalls(asked)
        app = await _answering(self._app, fault)

        async def recording(message: Message) -> None:
            if message["type"] == "http.response.start":
                mode = fault.mode if fault else None
                record = Asked(scope["path"], query, message["status"], mode)
                self._faults.answered(record, asked)
            elif fault and fault.mode == "cut" and message.get("body"):
                body = message["body"]
                await send({**message, "body": body[: len(body) // 2], "more_body": True})
                raise _CutError
            await send(message)

        try:
            await app(scope, receive, recording)
        except _CutError:
            return


async def _answering(app: ASGIApp, fault: Fault | None) -> ASGIApp:
    """Return what answers a request that meets this fault; a slow one has waited."""
    if fault is None or fault.mode == "cut":
        return app
    if fault.mode == "slow":
        await asyncio.sleep(1.0 if fault.seconds is None else fault.seconds)
        return app
    if fault.mode == "html":
        return HTMLResponse(_HTML)
    if fault.mode == "text":
        return PlainTextResponse(_TEXT)
    return JSONResponse({"detail": "Something went wrong"}, fault.status)
