"""The published build as an entity tag: a response is current until the next build."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

CACHE_CONTROL = "no-cache"  # cache it, and check each time whether it is still current


def make_etag(build_id: str, kind: str = "json") -> str:
    """The strong tag of a build's responses; CSV is another representation and has its own."""
    return f'"{build_id}"' if kind == "json" else f'"{build_id}.{kind}"'


def is_current(if_none_match: str | None, etag: str) -> bool:
    """Whether a client that sends this header has the version of the tag."""
    if if_none_match is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag in tags


@dataclass(frozen=True)
class Answer:
    """A response body with its headers, ready to be sent."""

    body: bytes
    etag: str
    headers: list[tuple[bytes, bytes]]
    not_modified: list[tuple[bytes, bytes]]

    @classmethod
    def of(cls, body: bytes, build_id: str, of_data: Mapping[str, str]) -> Self:
        """The answer for JSON of a build; `of_data` are the headers about its data."""
        etag = make_etag(build_id)
        common = [(b"etag", etag.encode()), (b"cache-control", CACHE_CONTROL.encode())]
        common += [(name.lower().encode(), value.encode()) for name, value in of_data.items()]
        length = (b"content-length", str(len(body)).encode())
        headers = [(b"content-type", b"application/json"), length, *common]
        return cls(body, etag, headers, common)
