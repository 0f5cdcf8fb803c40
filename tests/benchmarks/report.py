"""The table of what was measured: figures side by side, ratios, targets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HEAD = ("", "measured", "beside it", "ratio", "target", "met")


@dataclass(frozen=True)
class Line:
    """One figure.

    Attributes:
        what: is measured.
        figure: the median.
        unit: s, rows/s or MB.
        other: the figure that stands beside it.
        against: what that is of.
        at_most: the target of the ratio, or of the figure where nothing stands beside it.
        at_least: the same, the other way.
    """

    what: str
    figure: float
    unit: str
    other: float | None = None
    against: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float | None:
        """The figure in terms of the other."""
        return self.figure / self.other if self.other else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        value = self.ratio if self.other is not None else self.figure
        if value is None or self.at_most is self.at_least is None:
            return None
        return (self.at_most is None or value <= self.at_most) and (
            self.at_least is None or value >= self.at_least
        )

    def cells(self) -> tuple[str, ...]:
        """The line as text, a cell for each column of the head."""
        unit = "" if self.other is not None else f" {self.unit}"
        target = ""
        if self.at_most is not None:
            target = f"≤ {self.at_most:g}{unit}"
        if self.at_least is not None:
            target = f"≥ {self.at_least:g}{unit}"
        beside = "" if self.other is None else f"{_number(self.other, self.unit)} {self.against}"
        return (
            self.what,
            _number(self.figure, self.unit),
            beside.strip(),
            "" if self.ratio is None else f"{self.ratio:.2f}",
            target,
            {True: "yes", False: "NO", None: ""}[self.is_met],
        )


@dataclass(frozen=True)
class Section:
    """Lines under one heading."""

    title: str
    lines: Sequence[Line]


def table(sections: Sequence[Section]) -> Iterator[str]:
    """Yield the table, a line of text at a time, and how many targets are met."""
    lines = [line for section in sections for line in section.lines]
    cells = [HEAD, *(line.cells() for line in lines)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEAD))]
    yield _row(HEAD, widths)
    for section in sections:
        yield ""
        yield section.title
        for line in section.lines:
            yield _row(line.cells(), widths)
    verdicts = [line.is_met for line in lines if line.is_met is not None]
    yield ""
    yield f"{sum(verdicts)} of {len(verdicts)} targets are met; each figure is a median."


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (f"{cell:{width}}" for cell, width in zip(cells, widths, strict=True))
    return "  ".join(["  " + first, *others]).rstrip()


def _number(value: float, unit: str) -> str:
    return f"{value:,.2f} {unit}" if unit == "s" else f"{value:,.0f} {unit}"
