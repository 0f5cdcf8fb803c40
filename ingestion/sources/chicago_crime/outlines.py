"""Outlines of districts and wards: GeoJSON files, loaded whole and only when they changed.

Flow: /resource/<data set>.geojson -> a row a feature -> raw_chicago_crime.outlines.
State: the file's ETag, which saves asking for it again, and a hash of its features, which tells
    whether an answer under another ETag says anything new.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ingestion.core.errors import LoadError
from ingestion.core.raw_store import JsonState, RawStore
from ingestion.sources.chicago_crime.client import NOT_FOUND, SocrataClient, SocrataError
from ingestion.sources.chicago_crime.datasets import OUTLINES, OutlineDataset

TABLE = "outlines"
SMALLEST_SHARE = 0.8


@dataclass(frozen=True)
class _File:
    etag: str | None
    features: list[dict[str, Any]]

    @property
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
        accept_shrink: take a file though more than a fifth of its features are gone.

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
                result.failures[f"outlines of {dataset.area_kind}s"] = str(error)
            else:
                what = f"no outlines of {dataset.area_kind}s loaded"
                result.notes.append(f"The portal has no {dataset.id}: {what}.")
        except LoadError as error:
            result.failures[f"outlines of {dataset.area_kind}s"] = str(error)
        else:
            if found and not accept_shrink and (why := _shrank(dataset, found, state)):
                result.failures[f"outlines of {dataset.area_kind}s"] = why
            elif found:
                tables.append(_rows(dataset, found))
                states[dataset.id] = {
                    "etag": found.etag,
                    "sha256": found.sha256,
                    "features": len(found.features),
                }
    if tables:
        store.commit({TABLE: tables}, states)


def _shrank(dataset: OutlineDataset, found: _File, state: Mapping[str, Any]) -> str | None:
    """Return why a file that lost much is not taken; None for others."""
    there, held = len(found.features), state.get("features", 0)
    if there >= SMALLEST_SHARE * held:
        return None
    return (
        f"{dataset.id} has {there} features where {held} are held: look at the portal, and load "
        "with --accept-shrink if this is right"
    )


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
        msg = f"{client.host} has no feature in {dataset.id}: the outlines held stay"
        raise LoadError(msg)
    # An ETag speaks of one page: of the file only where that is all of it.
    found = _File(first.etag if page is first else None, features)
    return None if found.sha256 == state.get("sha256") else found


def _rows(dataset: OutlineDataset, found: _File) -> pa.Table:
    """Return a row for each feature, text as received, JSON without blanks."""
    columns: dict[str, list[str | None]] = {
        "dataset": [dataset.id] * len(found.features),
        "file_sha256": [found.sha256] * len(found.features),
        "feature_number": [str(i) for i in range(1, len(found.features) + 1)],
        "area_kind": [dataset.area_kind] * len(found.features),
        "area_number": [],
        "geometry": [],
    }
    for feature in found.features:
        number = (feature["properties"] or {}).get(dataset.number_property)
        columns["area_number"].append(None if number is None else str(number))
        geometry = feature.get("geometry")
        columns["geometry"].append(None if geometry is None else _text(geometry))
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
