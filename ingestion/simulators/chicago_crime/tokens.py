"""Row and version ids that look like the portal's: `row-n56f.jhj4-rhq4`."""

import zlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_ALPHABET = np.frombuffer(b"23456789abcdefghijkmnpqrstuvwxyz", np.uint8)
_JOINTS = np.frombuffer(b"-._~", np.uint8)


def tokens(prefix: str, rows: int, salt: str) -> pa.Array:
    """Return `rows` ids, all different, that follow from the salt alone."""
    start = np.uint64(zlib.crc32(salt.encode()) << 32 | zlib.crc32(salt[::-1].encode()))
    return tokens_of(prefix, np.arange(rows, dtype=np.uint64) + start)


def tokens_of(prefix: str, numbers: NDArray[np.uint64]) -> pa.Array:
    """Return the id that follows from each number; different numbers give different ids."""
    rows = len(numbers)
    with np.errstate(over="ignore"):
        # splitmix64: a one-to-one mix, so that different rows get different ids.
        h = numbers * np.uint64(0x9E3779B97F4A7C15)
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        h ^= h >> np.uint64(31)
    lead = f"{prefix}-".encode()
    letters = np.empty((rows, len(lead) + 14), np.uint8)
    letters[:, : len(lead)] = np.frombuffer(lead, np.uint8)
    places = [len(lead) + i + i // 4 for i in range(12)]
    for i, place in enumerate(places):
        letters[:, place] = _ALPHABET[(h >> np.uint64(5 * i)) & np.uint64(31)]
    for bit, place in ((60, len(lead) + 4), (62, len(lead) + 9)):
        letters[:, place] = _JOINTS[(h >> np.uint64(bit)) & np.uint64(3)]
    width = letters.shape[1]
    offsets = pa.py_buffer(np.arange(rows + 1, dtype=np.int32) * np.int32(width))
    return pa.Array.from_buffers(pa.string(), rows, [None, offsets, pa.py_buffer(letters)])


def token_sql(prefix: str, key: str) -> str:
    """Return the SQL of an id that follows from the text `key`; for edits."""
    letters = f"lower(translate(to_base64(unhex(md5({key}))), '+/', 'xy'))"
    first, second, third = (f"substr({letters}, {start}, 4)" for start in (1, 5, 9))
    return f"concat('{prefix}-', {first}, '.', {second}, '-', {third})"
