"""A client of one HTTP server: one kept-alive connection, and what is worth another try is retried.

Failures: throttling, server errors, time-outs and cut connections are tried again; what else the
    server answers is for the source's own client to judge.
"""

import logging
import re
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import tenacity

from ingestion.core.errors import LoadError
from ingestion.core.fetching.json_body import JsonError, read_json
from ingestion.core.fetching.network import authorities, proxy_for
from ingestion.core.simulated import HEADER

logger = logging.getLogger(__name__)

T = TypeVar("T")

OK, TOO_MANY, SERVER_ERROR = 200, 429, 500


class TransientError(Exception):
    """Worth another try, after `wait` seconds where the server named them."""

    def __init__(
        self, reason: str, *, wait: float | None = None, is_unreachable: bool = False
    ) -> None:
        super().__init__(reason)
        self.wait = wait
        self.is_unreachable = is_unreachable


class RetryingClient:
    """Asks a server, again where that may help.

    Args:
        base_url: the server.
        tries: how often something is asked at the most.
        wait: seconds before another try, by the number of those made, where the server names none.
        max_wait: seconds that are waited at the most, whoever names them.
        timeout: seconds to wait for the server's next bytes.
        headers: go with each request, and with none to another server: redirects are refused.
        sleep: waits between tries; tests pass their own.

    Attributes:
        host: what a message may name; with the proxy, if there is one.
        is_simulated: whether the server called its rows made up; None before its first answer.
    """

    def __init__(
        self,
        base_url: str,
        *,
        tries: int = 4,
        wait: Callable[[int], float] = lambda tries: 2.0**tries / 4,
        max_wait: float = 10.0,
        timeout: float = 30.0,
        headers: Mapping[str, str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        proxy = proxy_for(base_url)
        self.host = f"{host_of(base_url)} ({proxy})" if proxy else host_of(base_url)
        self.is_simulated: bool | None = None
        try:
            self._http = httpx.Client(
                base_url=base_url,
                headers=headers,
                timeout=timeout,
                follow_redirects=False,
                trust_env=False,
                verify=authorities(base_url),
                proxy=proxy.address if proxy else None,
            )
        except (ValueError, ImportError, httpx.InvalidURL):
            # Its message quotes the proxy, password and all.
            if proxy is None:
                raise
            msg = (
                f"{proxy.variable} names no proxy that can be used: write it as http://host:port, "
                f"or add {host_of(base_url)} to NO_PROXY"
            )
            raise LoadError(msg) from None

        def seconds(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            named = error.wait if isinstance(error, TransientError) else None
            return min(max_wait, wait(state.attempt_number) if named is None else named)

        self.tries = tries
        self._retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(tries),
            wait=seconds,
            retry=tenacity.retry_if_exception_type(TransientError),
            before_sleep=self._say_again,
            sleep=sleep,
            reraise=True,
        )

    def get(
        self,
        path: str,
        params: Mapping[str, str],
        what: str,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Ask once, and return any answer but one that is worth another try.

        Args:
            path: of the route.
            params: its query.
            what: is asked for, as a message names it.
            headers: go with this request, beside those of every request.

        Raises:
            TransientError: no answer came, or one that may be another the next time.
            LoadError: the request cannot be made at all.
        """
        try:
            answer = self._http.get(path, params=params, headers=headers)
        except (httpx.TransportError, httpx.DecodingError) as error:
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            is_unreachable = isinstance(error, httpx.ConnectError)
            raise TransientError(reason, is_unreachable=is_unreachable) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            msg = f"{self.host} cannot be asked for {what}: {type(error).__name__}: {error}"
            raise LoadError(msg) from error
        if is_transient(answer.status_code):
            wait = _retry_after(answer.headers.get("Retry-After"))
            raise TransientError(self.reason(answer), wait=wait)
        self.is_simulated = bool(self.is_simulated) or HEADER in answer.headers
        return answer

    def origins(self, part: str) -> dict[str, bool]:
        """Return whether the rows of a part of the source are made up, once the server said so."""
        return {} if self.is_simulated is None else {part: self.is_simulated}

    def reason(self, answer: httpx.Response) -> str:
        """Return what an answer says that is none, in a line."""
        return f"HTTP {answer.status_code}"

    def retry(self, ask: Callable[..., T], *arguments: Any) -> T:
        """Ask until an answer comes that is not worth another try.

        Raises:
            TransientError: none came in all tries.
        """
        answer: T = self._retrying(ask, *arguments)
        return answer

    def require(self, ask: Callable[..., T], what: str, *arguments: Any) -> T:
        """Return the answer, which is asked for again like in `retry`.

        Raises:
            LoadError: none came in all tries.
        """
        try:
            return self.retry(ask, *arguments)
        except TransientError as error:
            msg = (
                f"{self.host} did not answer {what} in {self.tries} tries: {error}; what was "
                "loaded stays, check its address or load again later"
            )
            raise LoadError(msg) from error

    def get_json(
        self, path: str, params: Mapping[str, str], *, missing: Collection[int] = ()
    ) -> Any:
        """Return the JSON that a route answers; None where its status says that it is missing.

        Raises:
            LoadError: the server refused, or no JSON came in all tries.
        """
        return self.require(self._try_json, path, path, params, missing)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _try_json(self, path: str, params: Mapping[str, str], missing: Collection[int]) -> Any:
        answer = self.get(path, params, path)
        if answer.status_code in missing:
            return None
        if answer.status_code != OK:
            msg = f"{self.host} refused {path}: {self.reason(answer)}"
            raise LoadError(msg)
        try:
            return read_json(answer.content)
        except JsonError as error:
            reason = f"its answer is unusable: {error}"
            raise TransientError(reason) from error

    def _say_again(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0.0
        logger.warning("%s: %s; try %d in %.1f s", self.host, error, state.attempt_number + 1, wait)


def is_transient(status: int) -> bool:
    """Whether an answer with this status is worth another try."""
    return status == TOO_MANY or status >= SERVER_ERROR


def is_web_address(url: str) -> bool:
    """Whether a URL can be requested; no message quotes it, because it may contain a secret."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    # Of an address with an `@` elsewhere, a part of a password would be taken for the host.
    if "@" in url and (not parts.userinfo or url.count("@") > 1):
        return False
    return parts.scheme in {"http", "https"} and bool(parts.host)


def host_of(base_url: str) -> str:
    """Return the host and port, without what a URL may say of users and passwords."""
    return urlsplit(base_url).netloc.rpartition("@")[2]


def _retry_after(header: str | None) -> float | None:
    if header is None:
        return None
    if re.fullmatch("[0-9]{1,9}", header.strip()):
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    # A date that says `-0000` comes without a zone, and is in UTC.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
