"""Outlines of districts, wards and community areas: GeoJSON files, loaded whole when they changed.

Flow: /resource/<data set>.geojson -> a row a feature -> raw_chicago_crime.outlines.
State: the file's ETag, which saves asking for it again, and a hash of its features, which shows
    whether an answer under another ETag has anything new.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from ingestion.core.errors import LoadError
from ingestion.core.raw.packages import JsonState
from ingestion.core.raw.reconciliation import shrink_problem
from ingestion.core.raw.store import RawStore
from ingestion.core.raw.text_tables import text_table
from ingestion.sources.chicago_crime.datasets import OUTLINES, RAW_TABLES, OutlineDataset
from ingestion.sources.chicago_crime.portal.client import NOT_FOUND, SocrataClient, SocrataError

TABLE = "outlines"


@dataclass(frozen=True)
class _File:
    etag: str | None
    features: list[dict[str, Any]]

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(_text(self.features).encode()).hexdigest()


def load_outlines(
    client: SocrataClient,
    store: RawStore,
    page_size: int,
    *,
    accept_shrink: bool = False,
) -> None:
    """Load the files that changed, in one package; none where nothing did.

    Args:
        client: asks the portal.
        store: the raw database.
        page_size: features a page.
        accept_shrink: take a file though more than a fifth of its features are missing.

    A data set that the portal does not have is a note, one that cannot be read a failure; what was
    loaded of it stays.
    """
    result = store.result
    tables: list[pa.Table] = []
    states: dict[str, JsonState] = {}
    for dataset in OUTLINES:
        state = store.state(dataset.id) or {}
        try:
            found = _changed(client, dataset, state, page_size)
        except SocrataError as error:
            if error.status != NOT_FOUND:
                result.failures[f"outlines of {dataset.name}"] = str(error)
            else:
                what = f"no outlines of {dataset.name} loaded"
                result.notes.append(f"The portal has no {dataset.id}: {what}.")
        except LoadError as error:
            result.failures[f"outlines of {dataset.name}"] = str(error)
        else:
            if found is None:
                continue
            why = shrink_problem(
                len(found.features), state.get("features", 0), "features", accept=accept_shrink
            )
            if why:
                result.failures[f"outlines of {dataset.name}"] = f"{dataset.id} {why}"
            else:
                tables.append(_rows(dataset, found))
                states[dataset.id] = {
                    "etag": found.etag,
                    "sha256": found.sha256,
                    "features": len(found.features),
                }
    if tables:
        store.commit({TABLE: tables}, states)


def _changed(
    client: SocrataClient, dataset: OutlineDataset, state: Mapping[str, Any], page_size: int
) -> _File | None:
    """Return a file that is not the one loaded last."""
    first = client.features(dataset.id, page_size, 0, etag=state.get("etag"))
    if first is None:
        return None
    page, features = first, list(first.features)
    while len(page.features) == page_size:
        following = client.features(dataset.id, page_size, len(features))
        if following is None or following.features == page.features:
            msg = f"{client.host} gave the same page of {dataset.id} twice: load again later"
            raise LoadError(msg)
        page = following
        features += page.features
    if not features:
        msg = f"{client.host} has no feature in {dataset.id}: the outlines that were loaded stay"
        raise LoadError(msg)
    # An ETag speaks of one page: of the file only where that is all of it.
    found = _File(first.etag if page is first else None, features)
    return None if found.sha256 == state.get("sha256") else found


def _rows(dataset: OutlineDataset, found: _File) -> pa.Table:
    """Return a row for each feature, text as received, JSON without blanks."""
    rows = []
    for n, feature in enumerate(found.features, 1):
        number = (feature["properties"] or {}).get(dataset.number_property)
        geometry = feature.get("geometry")
        text = None if geometry is None else _text(geometry)
        rows.append((dataset.id, found.sha256, n, dataset.area_kind, number, text))
    return text_table(RAW_TABLES[TABLE].columns, rows)


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
