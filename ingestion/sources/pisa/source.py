"""Submissions to the PISA student survey: a database per country, or the survey's own files."""

from ingestion.core.source import Options, Source
from ingestion.sources.pisa.tables import RAW_TABLES

SOURCE = Source(
    name="pisa",
    domain="education",
    tables=RAW_TABLES,
    changed_at={"responses": "created_at"},
    accounted=("responses", "file_students"),
    accounts=(
        "fct_student_submissions",
        "rejected_submissions",
        "superseded_submissions",
        "deleted_submissions",
    ),
    settings="ingestion.sources.pisa.settings:PisaSettings",
    load="ingestion.sources.pisa.load:load_pisa",
    reconcile="ingestion.sources.pisa.reconcile:reconcile_pisa",
    load_options=Options(since=True, files=True, accept_shrink=True),
    address="databases",
    simulator="ingestion.simulators.pisa.simulator:SIMULATOR",
)
