"""Flow: GET /loans?since= -> Arrow table of text -> raw_library_loans.loans, merged on loan_id."""

from typing import ClassVar

import pyarrow as pa
from dlt.common.configuration import configspec

from ingestion.core.errors import LoadError
from ingestion.core.fetching.http import RetryingClient
from ingestion.core.raw.loaded_rows import LoadedRows, loaded_rows
from ingestion.core.raw.reconciliation import ReconciliationNotes, shrink_problem, utc_text
from ingestion.core.raw.store import RawStore
from ingestion.core.raw.text_tables import text_table, with_text
from ingestion.core.settings import SourceSettings
from ingestion.core.source import LoadResult, Request, Source
from tests.python.end_to_end.fourth_source.library_loans.source import SOURCE

LOADED = loaded_rows(SOURCE, "loans", "loan_deletions")


@configspec
class LibraryLoansSettings(SourceSettings):
    source: ClassVar[Source] = SOURCE
    base_url: str = ""

    def check(self) -> None:
        self.require_web_address()


def load(request: Request) -> LoadResult:
    """Load the loans that changed since the newest one that was loaded."""
    with RawStore.for_request(request) as raw:
        raw.make_tables()
        loaded = LoadedRows(raw.connection, SOURCE)
        ((newest,),) = loaded.rows(f"select max(changed_at) from {LOADED} as loaded")
        _write(raw, loaded, {"loans": _loans(request, newest or "")})
        return raw.result


def reconcile(request: Request) -> LoadResult:
    """Compare every loan, load what differs and note what was deleted."""
    with RawStore.for_request(request) as raw:
        raw.make_tables()
        loaded, there = LoadedRows(raw.connection, SOURCE), _loans(request, "")
        ids = loaded.table(f"select loan_id from {LOADED} as loaded where not is_deleted")
        accept = request.options.accept_shrink
        if why := shrink_problem(there.num_rows, ids.num_rows, accept=accept):
            msg = f"library-loans {why}"
            raise LoadError(msg)
        deleted = loaded.table("from ids anti join there using (loan_id)", ids=ids, there=there)
        now = request.clock()
        notes = ReconciliationNotes(SOURCE, "", loaded, now, request.options.days)
        deletions = {"loan_deletions": with_text(deleted, "detected_at", utc_text(now))}
        compared = notes.reconciliation_rows({"loans": (1, 1)})
        _write(raw, loaded, {"loans": there} | deletions | compared)
        return raw.result


def _loans(request: Request, since: str) -> pa.Table:
    settings = LibraryLoansSettings.read_checked()
    with RetryingClient(settings.base_url, sleep=request.sleep) as client:
        answer = client.get_json("/loans", {"since": since})
    columns = SOURCE.tables["loans"].columns
    return text_table(columns, [[loan[name] for name in columns] for loan in answer])


def _write(raw: RawStore, loaded: LoadedRows, rows: dict[str, pa.Table]) -> None:
    changed = {name: loaded.changed_rows(name, table) for name, table in rows.items()}
    if tables := {name: [table] for name, table in changed.items() if table.num_rows}:
        raw.commit(tables, {})
