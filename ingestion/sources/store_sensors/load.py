"""One load: stores, doors and opening hours, then each store's readings; or those of files.

Flow: plans by store -> batches of answers, fetched ahead -> what raw lacks -> packages.
State: committed with its rows, so a load that was killed goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from ingestion.core.errors import LoadError
from ingestion.core.raw.store import RawStore
from ingestion.core.source import LoadResult, Request
from ingestion.sources.store_sensors.api import opening_hours
from ingestion.sources.store_sensors.api.client import Client
from ingestion.sources.store_sensors.api.routes import Route, route_of
from ingestion.sources.store_sensors.api.stores import SEED, Store, as_raw, from_answer, from_seed
from ingestion.sources.store_sensors.files import load_readings
from ingestion.sources.store_sensors.hours import HOUR, text_of
from ingestion.sources.store_sensors.plan import Plan, plan_of
from ingestion.sources.store_sensors.raw_state import LoadedReadings
from ingestion.sources.store_sensors.settings import StoreSensorsSettings
from ingestion.sources.store_sensors.writer import Writer


def load_store_sensors(request: Request) -> LoadResult:
    """Load readings into raw, up to each store's last finished hour; or those of files.

    The first day of the request is local to each store; what is covered already stays.

    Raises:
        LoadError: see the message; what was committed stays.
    """
    if request.options.files:
        return load_readings(request)
    settings = StoreSensorsSettings.read_checked()
    with (
        Client(settings.base_url, timeout=settings.timeout, sleep=request.sleep) as client,
        RawStore.for_request(request) as raw,
    ):
        stores, is_listed = stores_of(client)
        raw.make_tables()
        raw.origins.read = partial(client.origins, "readings")
        load = _Load(settings, client, raw, request)
        known = raw.columns("readings")
        if is_listed:
            load.note_stores(stores)
        load.note_opening_hours()
        load.readings(stores)
        if new := sorted(client.extra_columns - known):
            raw.result.notes.append(f"/readings has new columns, kept: {', '.join(new)}.")
        return raw.result


def stores_of(client: Client) -> tuple[list[Store], bool]:
    """Return the stores, and whether the API lists them; the seed file's where it does not.

    Raises:
        LoadError: the API cannot be reached, or its answer or the file is not a list of stores.
    """
    answer = client.stores()
    if answer is None:
        return from_seed(SEED), False
    return from_answer(answer, f"{client.host}/stores"), True


class _Load:
    def __init__(
        self, settings: StoreSensorsSettings, client: Client, raw: RawStore, request: Request
    ) -> None:
        self.result = raw.result
        self._settings = settings
        self._client = client
        self._progress = request.progress
        self._days = request.options.days
        self._now = request.clock()
        self._loaded = LoadedReadings(raw.connection)
        self._writer = Writer(raw)

    def note_stores(self, stores: Sequence[Store]) -> None:
        """Bring the raw tables of stores and doors up to date, with the next package."""
        for name, rows in as_raw(stores).items():
            self._writer.add(name, self._loaded.changed_rows(name, rows))

    def note_opening_hours(self) -> None:
        """Bring the raw table of opening hours up to date, with the next package."""
        answer = self._client.opening_hours()
        if answer is not None:
            found = opening_hours.from_answer(answer, f"{self._client.host}/opening-hours")
            self._writer.add("opening_hours", self._loaded.changed_rows("opening_hours", found))
        elif not self._writer.state.stores:
            self.result.notes.append(
                "The API has no /opening-hours: the marts learn them from the readings, unless "
                "seeds/footfall/opening_hours.csv states them."
            )

    def readings(self, stores: Sequence[Store]) -> None:
        """Load new and changed readings."""
        plans = self._plans(stores)
        route: Route = route_of(self._client, self._settings)
        total = sum(plan.readings() for plan in plans)
        try:
            with self._progress.task("readings", total, unit="readings") as task:
                self._writer.write(route.batches(plans), task)
        finally:
            self.result.notes += route.notes
        self._note_outcome(route, plans)

    def _plans(self, stores: Sequence[Store]) -> list[Plan]:
        state = self._writer.state
        asked = [day for day in (self._days.since, state.since) if day]
        first_day = self._settings.first_day(self._now.date())
        state = replace(state, since=min(asked, default=first_day))
        self._writer.state = state
        pending = self._loaded.pending()
        plans = []
        for store in stores:
            plan = plan_of(
                store,
                state.of(store.name),
                pending.get(store.name, {}),
                since=state.since or first_day,
                until=self._days.until,
                look_back=timedelta(hours=self._settings.look_back_hours),
                now=self._now,
            )
            if plan:
                plans.append(plan)
            elif store.first_hour > self._now.astimezone(store.zone).replace(tzinfo=None):
                self.result.notes.append(
                    f"{store.name} opens on {store.opened_on}: nothing is asked for before."
                )
            else:
                self.result.notes.append(f"{store.name} has no finished hour in what was asked.")
        return plans

    def _note_outcome(self, route: Route, plans: Sequence[Plan]) -> None:
        """Say what a reader should know; a load in which every store failed is an error."""
        if route.failures and len(route.failures) == len(plans):
            store, why = next(iter(route.failures.items()))
            msg = f"no store could be loaded; {store}: {why}; load again later"
            raise LoadError(msg)
        self.result.failures |= {
            store: f"not loaded to its end: {why}; the next load goes on there"
            for store, why in route.failures.items()
        }
        for plan in plans:
            self._note_new_doors(plan)
        for store, not_received, not_a_number, example in self._loaded.missing():
            if not_received:
                self.result.notes.append(
                    f"{store}: {not_received:,} readings were not received; the next load asks "
                    "for them again."
                )
            if not_a_number:
                self.result.notes.append(
                    f"{store}: {not_a_number:,} answers are not whole numbers ({example}); "
                    "the next load asks again."
                )
        covered = [known.covered for known in self._writer.state.stores.values()]
        self.result.newest_at = max(
            (text_of(span.until - HOUR) for span in covered if span), default=None
        )

    def _note_new_doors(self, plan: Plan) -> None:
        """Name the doors that came after their store's first load."""
        late = self._writer.state.of(plan.store.name).late
        for sensor in sorted(set(late) - set(plan.known.late)):
            since = f"from {late[sensor]}" if late[sensor] else "not yet"
            self.result.notes.append(
                f"{plan.store.name} has a new door {sensor}, with readings {since}; what it "
                "answered for the time before (-2) is left out."
            )
