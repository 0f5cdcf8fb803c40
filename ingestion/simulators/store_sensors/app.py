"""The service's routes: `GET /`, `/stores`, `/opening-hours`, `/readings` and `/readings/days`."""

from datetime import datetime
from typing import Annotated, Any, NoReturn

from fastapi import FastAPI, HTTPException, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel

from ingestion.simulators.faults import Faults
from ingestion.simulators.simulator import Routes
from ingestion.simulators.store_sensors import clock_hours
from ingestion.simulators.store_sensors.chain import (
    Chain,
    NotFoundError,
    Overrides,
    SkippedHourError,
)
from ingestion.simulators.store_sensors.control import control_router
from ingestion.simulators.store_sensors.csv_stream import csv_of
from ingestion.simulators.store_sensors.days import days_of
from ingestion.simulators.store_sensors.stores import Store

StoreName = Annotated[str, Query(examples=["Paris"])]
From = Annotated[str, Query(alias="from", description="Local day or time, in ISO form.")]
To = Annotated[str, Query(description="The same; not included.")]
_NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"description": "No such store or sensor, or the hour has not begun."}
}
_STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Every door's finished hours, ordered by door and hour.",
        "content": {
            "text/csv": {"example": "store_name,sensor_id,read_at_local,visits\nParis,0,…,12\n"}
        },
    },
    404: {"description": "No such store."},
}
_SUMMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A line a day: answers, counts, failures, visits, and a checksum.",
        "content": {
            "text/csv": {
                "example": "store_name,date,readings,valid,failed,visits,checksum\nParis,2025-…\n"
            }
        },
    },
    404: {"description": "No such store."},
}


class StoreAnswer(BaseModel):
    """A store and its doors."""

    store_name: str
    city: str
    time_zone: str
    opened_on: str
    sensors: list[int]


def create_app(chain: Chain, faults: Faults, routes: Routes) -> FastAPI:
    """Return the service; with routes `one` it has only `GET /`, besides the control routes."""
    whole = routes == "all"
    app = FastAPI(
        title="Door sensors of a chain of stores",
        description="Visits by store, door and hour of the store's own clock.",
        openapi_url="/openapi.json" if whole else None,
    )
    app.include_router(control_router(chain, faults), include_in_schema=False)
    _add_reading(app, chain)
    if whole:
        _add_stores(app, chain)
        _add_opening_hours(app, chain)
        _add_readings(app, chain)
        _add_days(app, chain)
    return app


def _add_reading(app: FastAPI, chain: Chain) -> None:
    @app.get("/", responses=_NOT_FOUND, response_model=int, summary="Visits in one hour")
    async def reading(  # noqa: PLR0917
        store_name: Annotated[str, Query(examples=["Paris"])],
        year: Annotated[int, Query(ge=1, le=9999)],
        month: Annotated[int, Query(ge=1, le=12)],
        day: Annotated[int, Query(ge=1, le=31)],
        hour: Annotated[int, Query(ge=0, le=23, description="Of the store's clock.")],
        sensor_id: Annotated[int | None, Query(description="A door; all without it.")] = None,
    ) -> Response:
        """Answer a door's visits, or with no `sensor_id` the store's; -1 failed, -2 not open."""
        try:
            begins = datetime(year, month, day, hour)
        except ValueError as error:
            _impossible("day", str(error))
        try:
            visits = chain.reading(store_name, sensor_id, clock_hours.number_of(begins))
        except NotFoundError as error:
            raise HTTPException(404, str(error)) from None
        except SkippedHourError as error:
            _impossible("hour", str(error))
        return JSONResponse(visits)


def _add_stores(app: FastAPI, chain: Chain) -> None:
    @app.get("/stores", summary="The stores and their doors")
    async def stores() -> list[StoreAnswer]:
        """List every store, also those that have not opened yet."""
        return [
            StoreAnswer(
                store_name=store.store_name,
                city=store.city,
                time_zone=store.time_zone,
                opened_on=store.opened_on.isoformat(),
                sensors=[door.sensor_id for door in store.doors],
            )
            for store in chain.stores.values()
        ]


def _add_opening_hours(app: FastAPI, chain: Chain) -> None:
    @app.get("/opening-hours", summary="When the stores are open")
    async def opening_hours() -> Any:
        """List the local hours of every store and weekday, 1 = Monday; null where it is closed."""
        return chain.opening_hours()


def _add_readings(app: FastAPI, chain: Chain) -> None:
    @app.get("/readings", responses=_STREAMED, summary="A store's readings as CSV")
    async def readings(store_name: StoreName, from_: From, to: To) -> StreamingResponse:
        """Stream the hours that begin in [from, to) and are over, of every door."""
        store, first, end = _span(chain, store_name, from_, to)
        lines = csv_of(chain.seed, store, _overrides(chain, store), first, end)
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8")


def _add_days(app: FastAPI, chain: Chain) -> None:
    @app.get("/readings/days", responses=_SUMMED, summary="What a store counted by day, as CSV")
    async def days(store_name: StoreName, from_: From, to: To) -> Response:
        """Add up the hours that begin in [from, to) and are over, of every door, by local day."""
        store, first, end = _span(chain, store_name, from_, to)
        body = days_of(chain.seed, store, _overrides(chain, store), first, end)
        return Response(body, media_type="text/csv; charset=utf-8")


def _span(chain: Chain, store_name: str, from_: str, to: str) -> tuple[Store, int, int]:
    """Return a store, the first clock hour asked for, and the one after the last finished one."""
    first, end = _first_hour("from", from_), _first_hour("to", to)
    if end < first:
        _impossible("to", f"{to} is before {from_}")
    try:
        store = chain.store(store_name)
    except NotFoundError as error:
        raise HTTPException(404, str(error)) from None
    return store, first, min(end, clock_hours.current(store.time_zone, chain.now()))


def _overrides(chain: Chain, store: Store) -> list[Overrides]:
    return [chain.overridden(store.store_name, door.sensor_id) for door in store.doors]


def _first_hour(name: str, text: str) -> int:
    """Return the first clock hour that does not begin before a local day or time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        _impossible(name, f"{text!r} is not a day or time in ISO form, such as 2025-10-26T02:00:00")
    if moment.tzinfo is not None:
        _impossible(name, f"{text!r} has a zone; give the time of the store's clock without one")
    number = clock_hours.number_of(moment)
    return number + ((moment.minute, moment.second, moment.microsecond) > (0, 0, 0))


def _impossible(name: str, message: str) -> NoReturn:
    """Refuse a parameter in the form in which the framework refuses others."""
    raise HTTPException(
        422, [{"type": "value_error", "loc": ["query", name], "msg": message}]
    ) from None
