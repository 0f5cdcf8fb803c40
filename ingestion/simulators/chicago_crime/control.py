"""Control routes: they change the rows and make the portal fail, so that tests can.

All are POST with a JSON body unless said otherwise; `where` is SoQL, empty for every row.

* `/control/edit` {dataset, where, set: {column: text or null}, recreate?, updated_at?}: the rows
  get a new `:updated_at` and `:version`, and with `recreate` a new `:id` and `:created_at`.
  This and the next three answer {rows}: how many were met.
* `/control/add` {dataset, rows: [{column: text}], updated_at?}: system columns are made unless
  given.
* `/control/delete` {dataset, where}.
* `/control/restamp` {dataset, where, updated_at?}: one same new `:updated_at`, nothing else.
* `/control/outlines` {dataset, features: [GeoJSON feature] or null}: what is served as outlines
  from then on; with null there is no such data set. Answers {features}: how many.
* `/control/fail` {mode, status?, seconds?, times?, after?, match?}: `status` answers that
  status, `cut` breaks the connection within the body, `slow` waits first, `html` answers a page
  with 200, `timeout` does not answer, `throttle` answers 429 with Retry-After. It skips `after`
  requests, then meets `times` (1).
* `/control/on_request` {after, match?, action: {kind: edit|add|delete|restamp, …}}: does it once,
  between the `after`-th (1) matching answer and the next request.
* `/control/reset`: forgets faults, actions and the record of requests; the rows stay as they are.
* GET `/control/requests`: {count, requests: [{path, query, status, fault}]}, decoded, oldest first.

`match` is a part of the decoded path and query, `/resource/ijzp-q8t2.csv?$where=…`.
The clock starts a minute after the newest row and moves a second with each change.
"""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from ingestion.simulators.chicago_crime.datasets import DATASETS, Dataset
from ingestion.simulators.chicago_crime.errors import SodaError
from ingestion.simulators.chicago_crime.outlines import Outlines
from ingestion.simulators.chicago_crime.store import Store
from ingestion.simulators.faults import Fault, Faults, ScheduledAction


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Change(_Form):
    dataset: str = "ijzp-q8t2"
    updated_at: str | None = None

    def of(self) -> Dataset:
        """Return the data set meant."""
        return DATASETS[self.dataset]


class Edit(_Change):
    """Columns of the rows that match."""

    kind: Literal["edit"] = "edit"
    where: str
    set: dict[str, str | None] = Field(default_factory=dict)
    recreate: bool = False

    def do(self, store: Store) -> int:
        """Set them."""
        return store.edit(
            self.of(), self.where, self.set, recreate=self.recreate, updated_at=self.updated_at
        )


class Add(_Change):
    """Rows that were not there."""

    kind: Literal["add"] = "add"
    rows: list[dict[str, str | None]]

    def do(self, store: Store) -> int:
        """Add them."""
        return store.add(self.of(), self.rows, updated_at=self.updated_at)


class Delete(_Change):
    """Rows to delete."""

    kind: Literal["delete"] = "delete"
    where: str

    def do(self, store: Store) -> int:
        """Delete them."""
        return store.delete(self.of(), self.where)


class Restamp(_Change):
    """Rows stamped in one go."""

    kind: Literal["restamp"] = "restamp"
    where: str

    def do(self, store: Store) -> int:
        """Stamp them."""
        return store.restamp(self.of(), self.where, updated_at=self.updated_at)


# What each of these does returns how many rows it met.
Change = Edit | Add | Delete | Restamp


class Fail(_Form):
    """A fault, see `Fault`."""

    mode: Literal["status", "cut", "slow", "html", "timeout", "throttle"]
    status: int = 500
    seconds: float | None = None
    times: int = 1
    after: int = 0
    match: str = ""


class OnRequest(_Form):
    """A change between two requests."""

    after: int = 1
    match: str = ""
    action: Annotated[Change, Field(discriminator="kind")]


class NewOutlines(_Form):
    """Features to serve in place of a data set's; None: the data set no longer exists."""

    dataset: str
    features: list[dict[str, Any]] | None


def control_router(store: Store, faults: Faults, outlines: Outlines) -> APIRouter:
    """Return the control routes of one portal."""
    router = APIRouter(prefix="/control")
    _add_changes(router, store)

    @router.post("/outlines")
    def replace(form: NewOutlines) -> dict[str, int]:
        return {"features": outlines.replace(form.dataset, form.features)}

    _add_faults(router, store, faults)
    return router


def _add_changes(router: APIRouter, store: Store) -> None:
    def change(form: Change) -> dict[str, int]:
        try:
            return {"rows": form.do(store)}
        except KeyError as error:
            detail = f"no data set {error}; there are {', '.join(DATASETS)}"
            raise HTTPException(404, detail) from None
        except (ValueError, SodaError) as error:
            raise HTTPException(400, str(error)) from None

    @router.post("/edit")
    def edit(form: Edit) -> dict[str, int]:
        return change(form)

    @router.post("/add")
    def add(form: Add) -> dict[str, int]:
        return change(form)

    @router.post("/delete")
    def delete(form: Delete) -> dict[str, int]:
        return change(form)

    @router.post("/restamp")
    def restamp(form: Restamp) -> dict[str, int]:
        return change(form)


def _add_faults(router: APIRouter, store: Store, faults: Faults) -> None:
    @router.post("/fail")
    def fail(form: Fail) -> dict[str, str]:
        faults.add(Fault(**form.model_dump()))
        return {"waits": form.mode}

    @router.post("/on_request")
    def on_request(form: OnRequest) -> dict[str, str]:
        action = form.action
        faults.plan(ScheduledAction(form.after, form.match, lambda: action.do(store)))
        return {"waits": action.kind}

    @router.post("/reset")
    def reset(_: Annotated[Any, Body()] = None) -> dict[str, str]:
        faults.reset()
        return {"waits": "nothing"}

    @router.get("/requests")
    def requests() -> dict[str, object]:
        asked = faults.asked()
        return {"count": faults.count, "requests": [asdict(one) for one in asked]}
