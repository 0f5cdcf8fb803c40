"""What the API said when it refused, in one line."""

import json

NOT_THERE = (404, 405)
TRIES = 4


def said(status: int, body: str) -> str:
    """Return a refusal as `404 no store named Rome`."""
    try:
        detail = json.loads(body)["detail"]
        if isinstance(detail, list):
            detail = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in detail)
    except (ValueError, KeyError, TypeError, RecursionError):
        detail = body[:200]
    return f"{status} {' '.join(str(detail).split())}".strip()
