"""`/metrics` in the form that Prometheus scrapes: what is published, and the requests.

Labels come from short lists (sources, commands, steps, routes, status codes), so that the number of
series is bounded whatever clients send.
"""

from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.types import Scope

from reports.api.data.service import Service
from reports.api.errors import RefusedError

HOUR = 3600
# From an answer of the cache to the longest that a query may take.
SECONDS = (0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0)
OTHER = "other"
router = APIRouter(include_in_schema=False)


class Metrics:
    """The metrics of one application.

    Args:
        service: knows what is published.
        known: paths of requests that are answered without a route.
    """

    def __init__(self, service: Service, known: frozenset[str]) -> None:
        self.registry = CollectorRegistry()
        self._known = known
        self._requests = Counter(
            "warehouse_http_requests",
            "Requests that were answered, by route and status code.",
            ("route", "code"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "warehouse_http_request_seconds",
            "Time to answer a request.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.registry.register(PublishedMetrics(service))

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that was answered; of a path only its route is kept."""
        route = getattr(scope.get("route"), "path", None)
        if route is None:
            route = scope["path"] if scope["path"] in self._known else OTHER
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class PublishedMetrics(Collector):
    """What is published, read when it is scraped."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: names are known when they are collected."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The metrics of the moment."""
        yield from self._of_build()
        yield from self._of_sources()
        yield from self._of_runs()

    def _of_build(self) -> Iterator[GaugeMetricFamily]:
        try:
            build = self._service.builds.current()
        except RefusedError:
            yield _gauge("build_published", "Whether a build is served: 1 or 0.", 0)
            return
        published_at = build.catalogue.published_at.timestamp()
        yield _gauge("build_published", "Whether a build is served: 1 or 0.", 1)
        yield _gauge("build_published_timestamp_seconds", "When it was published.", published_at)
        age = self._service.age_seconds(build)
        yield _gauge("build_age_seconds", "How long ago it was published.", age)
        rows = _labelled("rows", "Rows of a source by what became of them.", "source", "outcome")
        for source, outcomes in build.catalogue.outcomes.items():
            for outcome, count in outcomes.items():
                rows.add_metric([source, outcome], count)
        yield rows

    def _of_sources(self) -> Iterator[GaugeMetricFamily]:
        now = self._service.now()
        age = _labelled("source_age_seconds", "Since it was last read to its end.", "source")
        limit = _labelled("source_max_age_seconds", "How old it may become.", "source")
        stale = _labelled("source_stale", "Whether it is older than that: 1 or 0.", "source")
        for name, source in self._service.run_history.read().sources.items():
            if (seconds := source.age_seconds(now)) is not None:
                age.add_metric([name], seconds)
            if source.max_age_hours is not None:
                limit.add_metric([name], source.max_age_hours * HOUR)
            stale.add_metric([name], int(source.is_stale(now)))
        yield from (age, limit, stale)

    def _of_runs(self) -> Iterator[GaugeMetricFamily]:
        history = self._service.run_history.read()
        end = _labelled("run_end_timestamp_seconds", "When the last run ended.", "command")
        took = _labelled("run_seconds", "How long the last run took.", "command")
        done = _labelled("run_succeeded", "Whether the last run succeeded: 1 or 0.", "command")
        step = _labelled("run_step_seconds", "How long its steps took.", "command", "step")
        for command, run in history.last_runs.items():
            end.add_metric([command], datetime.fromisoformat(run["end"]).timestamp())
            took.add_metric([command], run["seconds"])
            done.add_metric([command], int(run["outcome"] == "done"))
            for name, seconds in run["steps"].items():
                step.add_metric([command, name], seconds)
        yield from (end, took, done, step)
        failed = _labelled("failure", "1 for what failed when last tried.", "step", "source")
        for one in {(one["step"], one["source"] or "") for one in history.failures}:
            failed.add_metric(one, 1)
        yield failed
        yield _gauge("failures", "How many things failed when last tried.", len(failed.samples))
        text = "Whether the newest publication was rolled back: 1 or 0."
        yield _gauge("rolled_back", text, int(history.rolled_back_at is not None))


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"warehouse_{name}", text, value=value)


def _labelled(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"warehouse_{name}", text, labels=labels)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """What is published and what was requested, for Prometheus."""
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    found: Metrics = request.app.state.metrics
    headers = {"Cache-Control": "no-store"}
    return Response(encode(found.registry), media_type=kind, headers=headers)
