"""Many small requests in flight over kept-alive connections, by libcurl.

Flow: targets -> requests in flight, those that failed again after a while -> answers as they come.
"""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Generic, NamedTuple, Self, TypeVar

import pycurl

from ingestion.core.fetching.http import TransientError
from ingestion.core.fetching.network import certificate_file, certificate_folder, proxy_for

T = TypeVar("T")

# Seconds before each further try.
WAITS = (0.1, 0.4, 1.6)
# Requests that may wait for another try while new ones are made.
MAX_WAITING = 64
# An answer is a number; a page of HTML says in its first lines what it is.
MAX_BODY_BYTES = 64 * 1024
# libcurl must be called now and then to notice that time is up.
MAX_SELECT_SECONDS = 0.1
AGENT = "warehouse"


@dataclass(frozen=True)
class FailedRequest:
    """No answer came in all tries.

    Attributes:
        target: what was asked for.
        reason: why the last try failed, in one line.
    """

    target: str
    reason: str


class _Request(NamedTuple):
    due: float
    n: int
    target: str
    tries: int


class _Handle(NamedTuple):
    curl: Any
    body: BytesIO


class ConcurrentFetcher(Generic[T]):
    """Asks an API for many things.

    Args:
        base_url: the API; a path in it goes before each target.
        read: makes an answer of a status and a body.
        timeout: seconds for a whole answer, the connection included.
        connections: the most requests in flight, and connections.
        clock: seconds, monotonic.
        sleep: waits while nothing is in flight.
    """

    def __init__(
        self,
        base_url: str,
        read: Callable[[int, bytes], T],
        *,
        timeout: float,
        connections: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url
        self._read = read
        self._timeout = timeout
        self._clock = clock
        self._sleep = sleep
        self._multi: Any = pycurl.CurlMulti()
        for limit in ("M_MAX_TOTAL_CONNECTIONS", "M_MAX_HOST_CONNECTIONS", "M_MAXCONNECTS"):
            self._multi.setopt(getattr(pycurl, limit), connections)
        self._proxy = proxy_for(base_url)
        options = _options(base_url)
        self._handles = [_handle(timeout, options) for _ in range(connections)]
        self._free = {handle.curl: handle for handle in self._handles}
        self._in_flight: dict[Any, tuple[_Handle, _Request]] = {}

    def fetch(self, targets: Iterable[str]) -> Iterator[tuple[int, T | FailedRequest]]:
        """Yield the place of each target and its answer, in the order in which they come.

        Args:
            targets: paths and queries, encoded.
        """
        new = (_Request(0.0, n, target, 1) for n, target in enumerate(targets))
        waiting: list[_Request] = []
        try:
            while True:
                self._start(new, waiting)
                if not self._in_flight and not waiting:
                    return
                self._wait(waiting)
                for request, answer in self._finished():
                    if not isinstance(answer, FailedRequest) or request.tries > len(WAITS):
                        yield request.n, answer
                        continue
                    due = self._clock() + WAITS[request.tries - 1]
                    heapq.heappush(
                        waiting, _Request(due, request.n, request.target, request.tries + 1)
                    )
        finally:
            self._drop()

    def close(self) -> None:
        """Close the connections."""
        self._drop()
        self._multi.close()
        for handle in self._handles:
            handle.curl.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, new: Iterator[_Request], waiting: list[_Request]) -> None:
        """Send what is due again, then new requests, as far as there are free handles."""
        while self._free:
            if waiting and waiting[0].due <= self._clock():
                request: _Request | None = heapq.heappop(waiting)
            else:
                request = next(new, None) if len(waiting) < MAX_WAITING else None
            if request is None:
                return
            curl, handle = self._free.popitem()
            curl.setopt(pycurl.URL, f"{self._base_url}{request.target}".encode())
            self._multi.add_handle(curl)
            self._in_flight[curl] = (handle, request)

    def _wait(self, waiting: list[_Request]) -> None:
        """Let libcurl work until something may have ended or is due."""
        is_due_first = waiting and self._free
        left = max(0.0, waiting[0].due - self._clock()) if is_due_first else 1.0
        if not self._in_flight:
            self._sleep(left)
            return
        _, running = self._multi.perform()
        if running == len(self._in_flight):
            self._multi.select(min(left, MAX_SELECT_SECONDS))
            self._multi.perform()

    def _finished(self) -> Iterator[tuple[_Request, T | FailedRequest]]:
        ended = list[tuple[Any, str | None]]()
        is_more = True
        while is_more:
            left, whole, failed = self._multi.info_read()
            ended += [(curl, None) for curl in whole]
            ended += [(curl, self._why(number, detail)) for curl, number, detail in failed]
            is_more = left > 0
        for curl, why in ended:
            handle, request = self._in_flight.pop(curl)
            body = handle.body.getvalue()
            self._free_again(handle)
            if why is not None:
                yield request, FailedRequest(request.target, why)
                continue
            try:
                answer = self._read(curl.getinfo(pycurl.RESPONSE_CODE), body)
            except TransientError as error:
                yield request, FailedRequest(request.target, str(error))
            else:
                yield request, answer

    def _why(self, number: int, detail: str) -> str:
        asked = f", asked {self._proxy}" if self._proxy else ""
        if number == pycurl.E_OPERATION_TIMEDOUT:
            return f"no whole answer in {self._timeout:g} s{asked}"
        if self._proxy is not None and "@" in detail:
            # libcurl quotes a proxy that it does not understand, password and all.
            return f"the proxy of {self._proxy.variable} cannot be used"
        if number == pycurl.E_FILESIZE_EXCEEDED:
            return f"an answer of more than {MAX_BODY_BYTES // 1024} KiB"
        return (" ".join(detail.split())[:200] or f"libcurl's error {number}") + asked

    def _free_again(self, handle: _Handle) -> None:
        self._multi.remove_handle(handle.curl)
        handle.body.seek(0)
        handle.body.truncate()
        self._free[handle.curl] = handle

    def _drop(self) -> None:
        """Forget what is in flight."""
        while self._in_flight:
            self._free_again(self._in_flight.popitem()[1][0])


def _options(base_url: str) -> dict[int, str]:
    """Return the proxy and the authorities; of itself libcurl would read other variables.

    Raises:
        LoadError: the environment names authorities that are not there.
    """
    proxy = proxy_for(base_url)
    options = {pycurl.PROXY: proxy.address if proxy else ""}
    if base_url.lower().startswith("https:"):
        options[pycurl.CAINFO] = certificate_file()
        if folder := certificate_folder():
            options[pycurl.CAPATH] = folder
    return options


def _handle(timeout: float, options: Mapping[int, str]) -> _Handle:
    """Return a handle that refuses redirects, as libcurl does by default."""
    curl, body = pycurl.Curl(), BytesIO()
    curl.setopt(pycurl.NOSIGNAL, 1)  # it works in a thread
    curl.setopt(pycurl.TIMEOUT_MS, max(1, round(timeout * 1000)))
    curl.setopt(pycurl.MAXFILESIZE, MAX_BODY_BYTES)
    curl.setopt(pycurl.USERAGENT, AGENT)
    curl.setopt(pycurl.HTTPHEADER, ["Accept: application/json"])
    curl.setopt(pycurl.WRITEFUNCTION, body.write)
    for option, value in options.items():
        curl.setopt(option, value)
    return _Handle(curl, body)
