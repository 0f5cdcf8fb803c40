"""Random numbers that follow from a key and a place alone, in whatever order they are asked for."""

import zlib

import numpy as np
from numpy.typing import NDArray

UInts = NDArray[np.uint64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MASK = (1 << 64) - 1
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def _mixed(numbers: UInts) -> UInts:
    """Return splitmix64's mix of each number: one to one, and like chance."""
    h = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(_FIRST)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(_SECOND)
    return h ^ (h >> np.uint64(31))


def key(*parts: object) -> int:
    """Return 64 bits that follow from the parts' texts."""
    text = "\x1f".join(str(part) for part in parts).encode()
    return zlib.crc32(text) << 32 | zlib.crc32(text[::-1])


def bits(of: int, places: Ints) -> UInts:
    """Return 64 random bits for each place under a key.

    Mixed twice: with the key added before a single mix, two keys would walk one and the same
    sequence from different starts.
    """
    steps = places.astype(np.uint64) * np.uint64(_STEP)
    return _mixed(_mixed(steps) + np.uint64((of + _STEP) & _MASK))


def uniform(of: UInts) -> Floats:
    """Return numbers in [0, 1) from the upper 53 bits."""
    return (of >> np.uint64(11)).astype(np.float64) * 2.0**-53


def chance(*parts: object) -> float:
    """Return one number in [0, 1) that follows from the parts' texts."""
    return float(uniform(bits(key(*parts), np.zeros(1, np.int64)))[0])


def bell(of: UInts) -> Floats:
    """Return numbers of mean 0 and variance 1, nearly normal: the sum of four uniform ones."""
    total = np.zeros(len(of), np.uint64)
    for shift in (0, 16, 32, 48):
        total += (of >> np.uint64(shift)) & np.uint64(0xFFFF)
    normed: Floats = (total.astype(np.float64) / 65536.0 - 2.0) * 3.0**0.5
    return normed
