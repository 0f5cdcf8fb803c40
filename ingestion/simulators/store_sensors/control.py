"""Control routes: they change the chain and make the service fail, so that tests can.

All are POST with a JSON body unless said otherwise. Local times are those of the store's clock,
without zone: `2025-10-26T02:00:00`. An unknown store or sensor is 404.

* `/control/clock` {now}: stop the clock at an ISO time with zone (without one: UTC); null: the
  real time again.
* `/control/set` {store_name, sensor_id, read_at_local, visits}: answer `visits`, any JSON value, in
  place of a reading: a late or corrected count, a failure (-1), something that is not an integer.
* `/control/set_opening_hours` {entries}: answer these, any JSON objects, as `/opening-hours`.
* `/control/add_store` {store_name, opened_on, sensors?, city?, time_zone?, visits_an_hour?,
  growth?}: 409 where it exists.
* `/control/add_sensor` {store_name, from_local?}: one door more, which counts from then on (now
  without it) and answers -2 before; answers {sensor_id}.
* `/control/fail` {mode, status?, seconds?, times?, after?, match?}: `status` answers that status,
  `slow` waits first, `cut` breaks the connection within the body, `text` and `html` answer 200 with
  what is no JSON and no CSV. It skips `after` matching requests, then meets `times` (1).
* `/control/reset`: be as at the start: stores, clock, readings, faults and the record of requests.
* GET `/control/requests`: {count, requests: [{path, query, status, fault}]}, decoded, oldest first;
  the newest 100,000.

`match` is a part of the decoded path and query: `/?store_name=Paris&year=2025…`.
"""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body, HTTPException
from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime, field_validator

from ingestion.simulators.faults import Fault, Faults
from ingestion.simulators.store_sensors import clock_hours
from ingestion.simulators.store_sensors.chain import Chain, NotFoundError
from ingestion.simulators.store_sensors.stores import Store, store_of


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SetClock(_Form):
    """A time to stop at, or none."""

    now: datetime | None


class SetReading(_Form):
    """An answer in place of a reading."""

    store_name: str
    sensor_id: int
    read_at_local: NaiveDatetime
    visits: Any


class SetOpeningHours(_Form):
    """What is answered as opening hours."""

    entries: list[dict[str, Any]]


class AddStore(_Form):
    """A store that was not there."""

    store_name: str = Field(min_length=1)
    opened_on: date
    sensors: int = Field(default=1, ge=0, le=1000)
    city: str | None = None
    time_zone: str = "UTC"
    visits_an_hour: float = Field(default=80, gt=0)
    growth: float = 0.0

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (OSError, LookupError, ValueError):
            message = f"no time zone {name!r}"
            raise ValueError(message) from None


class AddSensor(_Form):
    """One door more."""

    store_name: str
    from_local: NaiveDatetime | None = None


class Fail(_Form):
    """A fault, see `Fault`."""

    mode: Literal["status", "slow", "cut", "text", "html"]
    status: int = Field(default=500, ge=400, le=599)
    seconds: float | None = Field(default=None, ge=0)
    times: int = 1
    after: int = 0
    match: str = ""


def control_router(chain: Chain, faults: Faults) -> APIRouter:
    """Return the control routes of one service."""
    router = APIRouter(prefix="/control")
    _add_changes(router, chain)
    _add_growth(router, chain)
    _add_faults(router, chain, faults)
    return router


def _add_changes(router: APIRouter, chain: Chain) -> None:
    @router.post("/clock")
    async def clock(form: SetClock) -> dict[str, str]:
        now = form.now
        chain.set_clock(now.replace(tzinfo=UTC) if now and now.tzinfo is None else now)
        return {"now": chain.now().isoformat()}

    @router.post("/set")
    async def set_reading(form: SetReading) -> dict[str, int]:
        hour = clock_hours.number_of(form.read_at_local)
        try:
            chain.override(form.store_name, form.sensor_id, hour, form.visits)
        except NotFoundError as error:
            raise HTTPException(404, str(error)) from None
        return {"set": 1}

    @router.post("/set_opening_hours")
    async def set_opening_hours(form: SetOpeningHours) -> dict[str, int]:
        chain.set_opening_hours(form.entries)
        return {"set": len(form.entries)}


def _add_growth(router: APIRouter, chain: Chain) -> None:
    @router.post("/add_store")
    async def add_store(form: AddStore) -> dict[str, object]:
        if form.store_name in chain.stores:
            raise HTTPException(409, f"there is a store named {form.store_name!r}")
        store = store_of(**form.model_dump() | {"city": form.city or form.store_name})
        chain.put(store)
        return {"store_name": store.store_name, "sensors": len(store.doors)}

    @router.post("/add_sensor")
    async def add_sensor(form: AddSensor) -> dict[str, int]:
        try:
            store: Store = chain.store(form.store_name)
        except NotFoundError as error:
            raise HTTPException(404, str(error)) from None
        since = form.from_local
        begins = (
            clock_hours.number_of(since)
            if since
            else clock_hours.current(store.time_zone, chain.now())
        )
        chain.put(store.with_door(begins))
        return {"sensor_id": len(store.doors)}


def _add_faults(router: APIRouter, chain: Chain, faults: Faults) -> None:
    @router.post("/fail")
    async def fail(form: Fail) -> dict[str, str]:
        faults.add(Fault(**form.model_dump()))
        return {"waits": form.mode}

    @router.post("/reset")
    async def reset(_: Annotated[Any, Body()] = None) -> dict[str, str]:
        chain.reset()
        faults.reset()
        return {"waits": "nothing"}

    @router.get("/requests")
    async def requests() -> dict[str, object]:
        return {"count": faults.count, "requests": [asdict(one) for one in faults.asked()]}
