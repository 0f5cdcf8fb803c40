"""How many values a JSON text has, counted from its bytes, apart from the parser.

Flow: bytes -> without escapes and strings, so that brackets and commas are left -> their depth.
Outside strings, values of an array are parted by commas at its depth; that is all that is known
here. Whether the text is JSON is for the parser to say.
"""

import re

import numpy as np
from numpy.typing import NDArray

_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_KEPT = b'"{}[],:'
_OTHERS = bytes({*range(256)} - {*_KEPT})
_OPENED, _CLOSED, _COMMA = ord("["), ord("]"), ord(",")
_STEPS = np.zeros(256, np.int8)
_STEPS[[*b"{["]] = 1
_STEPS[[*b"}]"]] = -1


class JsonCount:
    """Counts, part by part.

    Attributes:
        values: objects and arrays at the top: one for each line of JSON lines.
        elements: of each array that is the first value, or stands right below its keys; in order.
            An array of one number or text alone counts as empty: no row is one.
    """

    def __init__(self) -> None:
        self.values = 0
        self.elements: list[int] = []
        self._held = b""
        self._is_in_string = False
        self._depth = 0
        self._level = 0
        self._commas = 0
        self._last = 0

    def add(self, part: bytes) -> None:
        """Count the next part of a text, as UTF-8."""
        brackets = self._brackets(part)
        if not brackets:
            return
        marks = np.frombuffer(brackets, np.uint8)
        depths = np.cumsum(_STEPS[marks], dtype=np.int32) + np.int32(self._depth)
        if not self._level:
            self._level = 1 if marks[0] == _OPENED else 2
        if self.values <= 1:
            ends = np.flatnonzero(depths == 0)
            is_begun = self.values == 1 and self._depth == 0
            end = 0 if is_begun else int(ends[0]) + 1 if len(ends) else len(marks)
            self._count_elements(marks[:end], depths[:end])
        self.values += int(np.count_nonzero((depths == 1) & (_STEPS[marks] == 1)))
        self._depth, self._last = int(depths[-1]), int(marks[-1])

    def _brackets(self, part: bytes) -> bytes:
        """Return the brackets and commas outside strings."""
        text = self._held + part
        self._held = b""
        if b"\\" in text:
            if (len(text) - len(text.rstrip(b"\\"))) % 2:
                text, self._held = text[:-1], b"\\"
            text = _ESCAPE.sub(b"", text)
        if self._is_in_string:
            text = b'"' + text
        # Between two strings there is a comma or colon: quotes side by side are one string's.
        text = text.translate(None, _OTHERS).replace(b'""', b"")
        text = _STRING.sub(b"", text) if b'"' in text else text
        text, quote, _ = text.partition(b'"')
        self._is_in_string = bool(quote)
        return text.translate(None, b":")

    def _count_elements(self, marks: NDArray[np.uint8], depths: NDArray[np.int32]) -> None:
        level = self._level
        commas = np.flatnonzero((marks == _COMMA) & (depths == level))
        opened = np.flatnonzero((marks == _OPENED) & (depths == level))
        closed = np.flatnonzero((marks == _CLOSED) & (depths == level - 1))
        begin = 0
        for place in np.sort(np.concatenate((opened, closed))).tolist():
            between = np.searchsorted(commas, [begin, place])
            if marks[place] == _OPENED:
                self._commas = 0
            else:
                self._commas += int(between[1] - between[0])
                before = marks[place - 1] if place else self._last
                self.elements.append(self._commas + 1 if before != _OPENED else 0)
            begin = place
        self._commas += int(len(commas) - np.searchsorted(commas, begin))
