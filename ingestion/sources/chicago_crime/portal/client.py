"""A client of a Socrata portal: SoQL in, Arrow tables of text out; or the features of a GeoJSON.

Flow: GET /resource/<dataset>.csv -> bytes -> Arrow, every column text, an empty cell null.
    GET /resource/<dataset>.geojson -> features.
Failures: throttling, server errors, time-outs, cut connections and bodies that are incomplete CSV
    or GeoJSON are tried again; what the portal refuses ends at once with its own code and message.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pyarrow as pa

from ingestion.core.errors import LoadError
from ingestion.core.fetching.http import OK, RetryingClient, TransientError
from ingestion.core.fetching.json_body import JsonError, read_json
from ingestion.core.fetching.text_csv import CsvError, read_text

logger = logging.getLogger(__name__)

TRIES = 6
MAX_WAIT = 60.0
NOT_MODIFIED, NOT_FOUND = 304, 404
ADVICE = {
    400: "the portal may have changed its columns; see the query in the debug log",
    401: "check SOURCES__CHICAGO_CRIME__APP_TOKEN, or unset it",
    403: "check SOURCES__CHICAGO_CRIME__APP_TOKEN, or unset it",
    404: "check SOURCES__CHICAGO_CRIME__BASE_URL and SOURCES__CHICAGO_CRIME__DATASET",
}


class SocrataError(LoadError):
    """The portal refused a query; `status` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Features:
    """A page of a GeoJSON file: its features, and what the portal calls this state of it."""

    features: list[dict[str, Any]]
    etag: str | None


class SocrataClient(RetryingClient):
    """Asks a portal, over one kept-alive connection.

    Args:
        base_url: the portal, without a path.
        app_token: sent as `X-App-Token`, and nowhere else.
        timeout: seconds to wait for the portal's next bytes.
        sleep: waits between tries; tests pass their own.
    """

    def __init__(
        self,
        base_url: str,
        *,
        app_token: str | None = None,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._token = app_token
        super().__init__(
            base_url,
            tries=TRIES,
            wait=lambda tries: 2.0**tries / 2,
            max_wait=MAX_WAIT,
            timeout=timeout,
            headers={"X-App-Token": app_token} if app_token else None,
            sleep=sleep,
        )

    def query(
        self,
        dataset: str,
        *,
        select: str,
        limit: int,
        where: str | None = None,
        order: str | None = None,
        group: str | None = None,
    ) -> pa.Table:
        """Return one page of an answer.

        Returns:
            At most `limit` rows, every column text with the portal's names, null where empty.

        Raises:
            SocrataError: the portal refused; quotes its status, code and message.
            LoadError: no whole answer came in six tries.
        """
        clauses = {
            "$select": select,
            "$where": where,
            "$group": group,
            "$order": order,
            "$limit": str(limit),
        }
        params = {name: value for name, value in clauses.items() if value is not None}
        logger.debug("%s: %s", dataset, params)
        return self.require(self._try, dataset, dataset, params)

    def features(
        self, dataset: str, limit: int, offset: int, *, etag: str | None = None
    ) -> Features | None:
        """Return one page of a GeoJSON file; None where the portal still calls it `etag`.

        Raises:
            SocrataError: the portal refused; quotes its status, code and message.
            LoadError: no whole answer came in six tries.
        """
        params = {"$order": ":id", "$limit": str(limit), "$offset": str(offset)}
        return self.require(self._try_features, dataset, dataset, params, etag)

    def _try(self, dataset: str, params: Mapping[str, str]) -> pa.Table:
        answer = self.get(f"/resource/{dataset}.csv", params, dataset)
        if answer.status_code != OK:
            raise self._refusal(dataset, answer)
        kind = answer.headers.get("Content-Type", "")
        if not kind.startswith("text/csv"):
            reason = f"its answer is {kind or 'of no type'} instead of text/csv"
            raise TransientError(reason)
        return read_csv(answer.content)

    def _try_features(
        self, dataset: str, params: Mapping[str, str], etag: str | None
    ) -> Features | None:
        headers = {"If-None-Match": etag} if etag else None
        answer = self.get(f"/resource/{dataset}.geojson", params, dataset, headers)
        if answer.status_code == NOT_MODIFIED:
            return None
        if answer.status_code != OK:
            raise self._refusal(dataset, answer)
        return Features(read_features(answer.content), answer.headers.get("ETag"))

    def _refusal(self, dataset: str, answer: httpx.Response) -> SocrataError:
        try:
            body = answer.json()
            detail = ": ".join(
                str(part)
                for part in (body.get("code") or body.get("errorCode"), body.get("message"))
                if part
            )
        except (ValueError, AttributeError, RecursionError):
            detail = answer.text[:200]
        detail = " ".join(detail.split()) or answer.reason_phrase
        if self._token:
            detail = detail.replace(self._token, "***")
        advice = ADVICE.get(answer.status_code, "see the portal's status page")
        msg = f"{self.host} refused {dataset} with {answer.status_code} {detail}; {advice}"
        return SocrataError(msg, answer.status_code)


def read_csv(body: bytes) -> pa.Table:
    """Return a CSV body as a table of text, empty cells null.

    Raises:
        TransientError: the body is not complete CSV.
    """
    try:
        return read_text(body, empty_is_null=True)
    except CsvError as error:
        reason = f"its answer is unusable: {error}"
        raise TransientError(reason) from error


def read_features(body: bytes) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON file.

    Raises:
        TransientError: the body is none, or not whole.
    """
    try:
        features = read_json(body)["features"]
        # Half a character can be written in JSON, and kept nowhere.
        json.dumps(features, ensure_ascii=False).encode()
    except JsonError as error:
        reason = f"its answer is not complete GeoJSON: {error}"
        raise TransientError(reason) from error
    except (UnicodeEncodeError, TypeError, KeyError):
        features = None
    if not isinstance(features, list) or not all(map(_is_feature, features)):
        reason = "its answer is not complete GeoJSON"
        raise TransientError(reason)
    return features


def _is_feature(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("properties", ""), dict | None)
