"""Opening hours by store and weekday: from the API's `/opening-hours`, where it has them."""

import json
from typing import Any

import pyarrow as pa

from ingestion.core.errors import LoadError
from ingestion.core.raw.text_tables import text_table
from ingestion.sources.store_sensors.tables import RAW_TABLES

# Longer texts are neither a weekday nor a time; their beginning shows what they are.
MAX_LENGTH = 200
TABLE = RAW_TABLES["opening_hours"]


def from_answer(answer: Any, asked: str) -> pa.Table:
    """Return the opening hours that `/opening-hours` answered, as rows of the raw table.

    Whether a row makes sense is for the models to say. Two entries of a store and weekday that
    differ are one row, `08:00 | 09:00`, which is not a time: nobody knows which is right.

    Raises:
        LoadError: the answer is not a list of entries.
    """
    if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
        msg = (
            f"{asked} did not answer a list of opening hours: the API may have changed, see its "
            "/docs"
        )
        raise LoadError(msg)
    entries: dict[tuple[str, ...], list[list[str | None]]] = {}
    for entry in answer:
        store, weekday, *hours = (_text(entry.get(name)) for name in TABLE.columns)
        # Merged by these: they are texts in any case.
        entries.setdefault((store or "", weekday or ""), []).append(hours)
    rows = [(*key, *map(_agreed, *hours)) for key, hours in entries.items()]
    return text_table(TABLE.columns, rows)


def _text(value: Any) -> str | None:
    """Return a value of the answer as text, a text as it is."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value)
    # Half a character can be written in JSON, and kept nowhere.
    return text[:MAX_LENGTH].encode(errors="replace").decode().replace("\0", "?")


def _agreed(*texts: str | None) -> str | None:
    """Return what all entries of a store and weekday say, or all that they say."""
    found = sorted({text or "" for text in texts})
    return (" | ".join(found) if len(found) > 1 else found[0]) or None
