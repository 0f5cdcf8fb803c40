"""The portal's routes, as SODA 2.1 answers them.

`/resource/{dataset}.json` and `.csv` serve rows, `/resource/{dataset}.geojson` outlines.
"""

import asyncio
import hashlib
import io
import json
from collections.abc import Collection
from email.utils import format_datetime
from urllib.parse import unquote_plus

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from ingestion.simulators.chicago_crime import errors
from ingestion.simulators.chicago_crime.control import control_router
from ingestion.simulators.chicago_crime.datasets import DATASETS
from ingestion.simulators.chicago_crime.outlines import Outlines
from ingestion.simulators.chicago_crime.soql.translation import Query, understand
from ingestion.simulators.chicago_crime.store import Store
from ingestion.simulators.faults import Asked, Fault, Faults

_NO_ADDRESS = json.dumps({"address": "", "city": "", "state": "", "zip": ""})
_HTML = b"<!DOCTYPE html><html><body><h1>We are down for maintenance.</h1></body></html>"
_NEVER = 3600.0


class CutResponse(Response):
    """Says how long the body is, sends half of it and breaks the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; the server closes a connection whose answer does not end."""
        del scope, receive
        body = bytes(self.body)
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        half = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def create_app(store: Store, app_tokens: Collection[str]) -> FastAPI:
    """Return the portal over a store; a token that is not among `app_tokens` is refused."""
    app = FastAPI(title="A Socrata portal of crimes", docs_url=None, redoc_url=None)
    faults, outlines = Faults(), Outlines()
    app.include_router(control_router(store, faults, outlines))

    @app.get("/resource/{name}")
    async def resource(name: str, request: Request) -> Response:
        asked = f"{request.url.path}?{unquote_plus(request.url.query)}"
        fault = faults.befalls(asked)
        response = await _faulty(fault) if fault else None
        if response is None:
            response = await run_in_threadpool(_answer, store, outlines, app_tokens, name, request)
        if fault and fault.mode == "cut":
            response.__class__ = CutResponse
        path, query = asked.split("?", 1)
        record = Asked(path, query, response.status_code, fault.mode if fault else None)
        await run_in_threadpool(faults.answered, record, asked)
        return response

    return app


async def _faulty(fault: Fault) -> Response | None:
    """Return the answer that a fault gives in place of the real one, if it gives one."""
    if fault.mode in ("slow", "timeout"):
        default = _NEVER if fault.mode == "timeout" else 1.0
        await asyncio.sleep(default if fault.seconds is None else fault.seconds)
        return None
    if fault.mode == "html":
        return Response(_HTML, media_type="text/html")
    if fault.mode == "throttle":
        body = {"code": "throttled", "error": True, "message": "Too many requests"}
        wait = "1" if fault.seconds is None else f"{fault.seconds:g}"
        return _json(429, body, {"Retry-After": wait})
    if fault.mode == "status":
        body = {"code": "internal_error", "error": True, "message": "Something went wrong"}
        return _json(fault.status, body, {})
    return None


def _answer(
    store: Store, outlines: Outlines, app_tokens: Collection[str], name: str, request: Request
) -> Response:
    try:
        token = request.headers.get("X-App-Token")
        if token is not None and token not in app_tokens:
            raise errors.invalid_app_token()
        identifier, _, form = name.partition(".")
        if form == "geojson":
            return _outlines(outlines.page(identifier, dict(request.query_params)), request)
        if identifier not in DATASETS or form not in ("json", "csv"):
            raise errors.dataset_missing(identifier)
        version = store.version()
        query = understand(DATASETS[identifier], dict(request.query_params))
        headers = _headers(store, query, version, request.url.query)
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        table = _page(store, query)
    except errors.SodaError as error:
        return _json(error.status, error.body, {})
    if form == "csv":
        return Response(_csv(table), media_type="text/csv; charset=UTF-8", headers=headers)
    return Response(
        _rows_as_json(table, query), media_type="application/json;charset=utf-8", headers=headers
    )


def _outlines(body: str, request: Request) -> Response:
    headers = {"ETag": f'W/"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    media_type = "application/vnd.geo+json;charset=utf-8"
    return Response(body, media_type=media_type, headers=headers)


def _page(store: Store, query: Query) -> pa.Table:
    try:
        return store.page(query)
    except duckdb.BinderException as error:
        message = f"Query coordinator error: query.soql.column-not-in-group-bys; {error}"
        code = "query.soql.column-not-in-group-bys"
        raise errors.bad_query(code, message.splitlines()[0], "") from None


def _json(status: int, body: object, headers: dict[str, str]) -> Response:
    text = json.dumps(body, indent=2)
    media_type = "application/json;charset=utf-8"
    return Response(text, status_code=status, headers=headers, media_type=media_type)


def _headers(store: Store, query: Query, version: str, asked: str) -> dict[str, str]:
    modified = format_datetime(store.modified_at, usegmt=True)
    tag = hashlib.sha256(f"{version}|{query.dataset.id}|{asked}".encode()).hexdigest()[:24]
    return {
        "X-SODA2-Fields": json.dumps([name for name, _ in query.select]),
        "X-SODA2-Types": json.dumps([typed.kind for _, typed in query.select]),
        "X-SODA2-Data-Out-Of-Date": "false",
        "X-SODA2-Truth-Last-Modified": modified,
        "Last-Modified": modified,
        "ETag": f'W/"{tag}"',
    }


def _csv(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pa_csv.write_csv(table, out)
    return out.getvalue()


def _rows_as_json(table: pa.Table, query: Query) -> str:
    columns = []
    for (_, typed), column in zip(query.select, table.columns, strict=True):
        values: list[object] = column.to_pylist()
        if typed.kind == "checkbox":
            values = [None if value is None else value == "true" for value in values]
        elif typed.kind == "location":
            values = [_location(value) for value in values]
        columns.append(values)
    names = table.column_names
    rows = (
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*columns, strict=True)
    )
    body = "\n,".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows)
    return f"[{body}]\n"


def _location(text: object) -> dict[str, str] | None:
    if text is None:
        return None
    latitude, longitude = str(text).split("(")[1].rstrip(")").split(", ")
    return {"latitude": latitude, "longitude": longitude, "human_address": _NO_ADDRESS}
