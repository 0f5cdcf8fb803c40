"""Errors of the API."""

import json

from ingestion.core.errors import PartError


class StoreError(PartError):
    """The readings of one store cannot be read now; others may be."""


def error_detail(status: int, body: str) -> str:
    """Return a refusal as `404 no store named Rome`."""
    try:
        detail = json.loads(body)["detail"]
        if isinstance(detail, list):
            detail = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in detail)
    except (ValueError, KeyError, TypeError, RecursionError):
        detail = body[:200]
    return f"{status} {' '.join(str(detail).split())}".strip()
