"""The quick way of `GET /`, which is asked millions of times: past the framework's machinery.

Only a question that is whole and can be answered goes this way. Every other one, and so every
refusal, is the framework's, whose route (`app.py`) says what is accepted.
"""

import json
import re
from datetime import datetime

from starlette.types import ASGIApp, Receive, Scope, Send

from ingestion.simulators.store_sensors import clock_hours
from ingestion.simulators.store_sensors.chain import Chain, NotFoundError

_NUMBERS = ("year", "month", "day", "hour", "sensor_id")
# A store's name with escapes, or any parameter in another form, is left to the framework.
_PART = re.compile(r"(?:store_name=([A-Za-z]+)|(year|month|day|hour|sensor_id)=([0-9]{1,6}))\Z")


class QuickReadings:
    """An application in front of the service's own, which answers what is asked well."""

    def __init__(self, app: ASGIApp, chain: Chain) -> None:
        self._app = app
        self._chain = chain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the service answer."""
        body = None
        if scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET":
            body = self._answer(scope["query_string"].decode("latin-1"))
        if body is None:
            await self._app(scope, receive, send)
            return
        length = str(len(body)).encode()
        headers = [(b"content-length", length), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, query: str) -> bytes | None:
        asked: dict[str, str] = {}
        for part in query.split("&"):
            found = _PART.match(part)
            if not found:
                return None
            asked[found[2] or "store_name"] = found[3] or found[1]
        try:
            year, month, day, hour = (int(asked[name]) for name in _NUMBERS[:4])
            sensor = asked.get("sensor_id")
            number = clock_hours.number_of(datetime(year, month, day, hour))
            visits = self._chain.reading(
                asked["store_name"], None if sensor is None else int(sensor), number
            )
        except (KeyError, ValueError, NotFoundError):
            return None
        return json.dumps(visits, separators=(",", ":"), ensure_ascii=False).encode()
