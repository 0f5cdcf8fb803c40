"""The API keeps what its OpenAPI document promises."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.support.reports.api_builds import Publisher
from tests.support.reports.api_server import serving

BOUNDED = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
PATHS = (
    "/submissions",
    "/submissions_over_time",
    "/learning_hours_per_week",
    "/escs",
    "/early_education_and_belonging",
    "/marts",
    "/marts/{domain}/{mart}",
    "/health",
    "/health/live",
)
PAGE_FIELDS = {"mart", "build_id", "rows", "next_cursor", "total"}
TAKES_NOTHING = ("/marts", "/health", "/health/live")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("data")
    Publisher(data).publish()
    with serving(data) as base:
        yield base


@pytest.mark.parametrize(
    ("path", "mode"),
    [(path, GenerationMode.POSITIVE) for path in PATHS]
    + [(path, GenerationMode.NEGATIVE) for path in PATHS if path not in TAKES_NOTHING],
)
def test_schemathesis_finds_nothing(url: str, path: str, mode: GenerationMode) -> None:
    operation = schemathesis.openapi.from_url(f"{url}/openapi.json")[path]["GET"]

    @BOUNDED
    @given(operation.as_strategy(generation_mode=mode))
    def check(case: Case[Any]) -> None:
        # A cursor that nobody was given is refused, however well it is formed, and so are columns
        # that the mart lacks, which the document cannot list for each mart.
        if case.query and mode is GenerationMode.POSITIVE:
            for name in ("cursor", "select", "order"):
                case.query.pop(name, None)
        case.call_and_validate()

    check()


def test_schemathesis_finds_nothing_with_cursors(url: str) -> None:
    path = "/marts/{domain}/{mart}"
    operation = schemathesis.openapi.from_url(f"{url}/openapi.json")[path]["GET"]

    @BOUNDED
    @given(operation.as_strategy())
    def check(case: Case[Any]) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    check()


def test_the_document_names_each_route(url: str) -> None:
    document = httpx.get(f"{url}/openapi.json").json()
    # A stream of events does not end, so it has tests of its own.
    assert set(document["paths"]) == {*PATHS, "/events"}


names = st.sampled_from(["country_code", "escs", "submitted_at", "belonging", "years", "limit"])
operators = st.sampled_from(["", "__gt", "__in", "__is_null", "__like", "__"])
values = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["GBR", "1", "-0.5", "1e308", "1e999", "true", "2026-11-22", "9" * 30]),
    st.datetimes().map(str),
)


@settings(BOUNDED, max_examples=150)
@given(st.lists(st.tuples(names, operators, values), max_size=4))
def test_no_filter_makes_it_fail(filters: list[tuple[str, str, str]]) -> None:
    parameters: list[tuple[str, Any]] = [
        (name + operator, value) for name, operator, value in filters
    ]
    found = CLIENT.get("/marts/education/fct_student_submissions", params=parameters)
    assert found.status_code in {200, 422}, found.text
    assert set(found.json()) in ({"detail"}, PAGE_FIELDS)


CLIENT = httpx.Client()


@pytest.fixture(autouse=True, scope="module")
def client_at_url(url: str) -> Iterator[None]:
    CLIENT.base_url = httpx.URL(url)
    yield
    CLIENT.close()
