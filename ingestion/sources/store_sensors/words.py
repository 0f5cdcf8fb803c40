"""What the API said when it refused, in one line."""

import json
from urllib.parse import urlsplit

OK, SERVER_ERROR = 200, 500
NOT_THERE = (404, 405)
TOO_MANY = 429
TRIES = 4


def is_passing(status: int) -> bool:
    """Tell whether an answer of this status is worth another try."""
    return status == TOO_MANY or status >= SERVER_ERROR


def said(status: int, body: str) -> str:
    """Return a refusal as `404 no store named Rome`."""
    try:
        detail = json.loads(body)["detail"]
        if isinstance(detail, list):
            detail = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in detail)
    except (ValueError, KeyError, TypeError):
        detail = body[:200]
    return f"{status} {' '.join(str(detail).split())}".strip()


def host_of(base_url: str) -> str:
    """Return the host, which is what a message may name."""
    return urlsplit(base_url).netloc.rpartition("@")[2]
