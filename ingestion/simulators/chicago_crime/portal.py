"""The portal put together: rows, routes, tokens."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import FastAPI

from ingestion.simulators.chicago_crime.app import create_app
from ingestion.simulators.chicago_crime.rows.files import fill_from_file
from ingestion.simulators.chicago_crime.rows.generate import fill_generated
from ingestion.simulators.chicago_crime.store import Store

# A row of the portal's export takes this many bytes at least, compressed.
_BYTES_A_ROW = 48


def _rows_at_most(data: Path) -> int:
    return data.stat().st_size // _BYTES_A_ROW if data.is_file() else 0


@contextmanager
def portal(
    data: Path | None, rows: int, seed: int, app_tokens: Collection[str]
) -> Iterator[FastAPI]:
    """Yield the portal's application, filled with a file's rows or made ones; close it afterwards.

    Raises:
        WarehouseError: the file cannot be served.
    """
    with Store(rows=_rows_at_most(data) if data else rows) as store:
        if data:
            fill_from_file(store, data)
        else:
            fill_generated(store, rows, seed)
        store.finish_loading()
        yield create_app(store, frozenset(app_tokens))
