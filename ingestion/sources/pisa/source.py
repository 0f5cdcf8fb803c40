"""Submissions to the PISA student survey: a database per country, or the survey's own files."""

from typing import TYPE_CHECKING

from ingestion.core.source import LoadResult, Options, Request, Source
from ingestion.sources.pisa.tables import RAW_TABLES

if TYPE_CHECKING:
    from ingestion.simulators.simulator import Simulator
    from ingestion.sources.pisa.settings import PisaSettings


def _settings() -> "type[PisaSettings]":
    from ingestion.sources.pisa.settings import PisaSettings

    return PisaSettings


def _load(request: Request) -> LoadResult:
    from ingestion.sources.pisa.load import load_pisa

    if request.file is None:
        return load_pisa(request)
    # The readers of the survey's files take half a second to import.
    from ingestion.sources.pisa.files import load_file

    return load_file(request, request.file)


def _reconcile(request: Request) -> LoadResult:
    from ingestion.sources.pisa.reconcile import reconcile_pisa

    return reconcile_pisa(request)


def _simulator() -> "Simulator":
    from ingestion.simulators.pisa.simulator import SIMULATOR

    return SIMULATOR


SOURCE = Source(
    name="pisa",
    domain="education",
    tables=RAW_TABLES,
    changed_at={"responses": "created_at"},
    settings=_settings,
    load=_load,
    reconcile=_reconcile,
    load_options=Options(since=True, file=True, accept_shrink=True),
    address="databases",
    simulator=_simulator,
)
