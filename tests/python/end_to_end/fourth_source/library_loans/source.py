"""Loans of a city's libraries: a JSON API that lists the loans that changed since a moment."""

from ingestion.core.source import RECONCILIATIONS, Options, RawTable, Source

PACKAGE = __name__.removesuffix(".source")

SOURCE = Source(
    name="library-loans",
    domain="libraries",
    tables={
        "loans": RawTable(("loan_id", "branch", "lent_on", "changed_at"), ("loan_id",)),
        "loan_deletions": RawTable(("loan_id", "detected_at"), ("loan_id",)),
        "reconciliations": RECONCILIATIONS,
    },
    changed_at={"loans": "changed_at"},
    settings=f"{PACKAGE}.load:LibraryLoansSettings",
    load=f"{PACKAGE}.load:load",
    reconcile=f"{PACKAGE}.load:reconcile",
    reconcile_options=Options(accept_shrink=True),
)
