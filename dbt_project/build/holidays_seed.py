"""Write seeds/core/holidays.csv: US federal and Illinois public holidays, actual and observed.

Source: the `holidays` package, category "public", so holidays by law; days on which the
government closed only once (a day of mourning, a Christmas Eve) are not among them.
Run: python -m dbt_project.build.holidays_seed [--check]
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import holidays
import typer

SEED = Path(__file__).parents[2] / "seeds" / "core" / "holidays.csv"
FIRST_YEAR = 2001
LAST_YEAR = 2035
OBSERVED_SUFFIX = " (observed)"
# A holiday on a weekend is observed on the Friday before or the Monday after.
OBSERVED_SHIFTS = (timedelta(days=-1), timedelta(days=1))


@dataclass(frozen=True)
class Holiday:
    """One holiday in one year: a row of the seed, its columns in order."""

    holiday_date: date
    observed_date: date
    holiday_name: str
    is_federal: bool
    is_illinois: bool


def holiday_rows(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> list[Holiday]:
    """Make the holidays of these years, both included, by date and name.

    Returns:
        One row a holiday and year; `observed_date` is `holiday_date` unless that is a weekend,
        and may be in the year before (New Year's Day on a Saturday).
    """
    # A year more on both sides: an observed day may be in the neighbouring one.
    years = range(first_year - 1, last_year + 2)
    federal = holidays.country_holidays("US", years=years, language="en_US")
    illinois = holidays.country_holidays("US", subdiv="IL", years=years, language="en_US")
    actual = {
        (day, name)
        for calendar in (federal, illinois)
        for day in calendar
        if first_year <= day.year <= last_year
        for name in calendar.get_list(day)
        if not name.endswith(OBSERVED_SUFFIX)
    }
    return [
        Holiday(
            holiday_date=day,
            observed_date=_observed(day, name, (federal, illinois)),
            holiday_name=name,
            is_federal=name in federal.get_list(day),
            is_illinois=name in illinois.get_list(day),
        )
        for day, name in sorted(actual)
    ]


def _observed(day: date, name: str, calendars: tuple[holidays.HolidayBase, ...]) -> date:
    for other in (day + shift for shift in OBSERVED_SHIFTS):
        if any(name + OBSERVED_SUFFIX in calendar.get_list(other) for calendar in calendars):
            return other
    return day


def seed_text(rows: list[Holiday]) -> str:
    """The seed as CSV, header first, lines ended by a line feed, booleans true and false."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Holiday))
    writer.writerows(_cells(row) for row in rows)
    return text.getvalue()


def _cells(row: Holiday) -> Iterator[str]:
    for value in astuple(row):
        yield str(value).lower() if isinstance(value, bool) else str(value)


def main(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the seed differs.")
    ] = False,
) -> None:
    """Write the holiday seed, or check that it is what this script makes."""
    text = seed_text(holiday_rows())
    if not check:
        SEED.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {SEED}")
    elif not SEED.is_file() or SEED.read_text(encoding="utf-8") != text:
        typer.echo(
            f"{SEED} is not what the installed holidays package makes: "
            "run python -m dbt_project.build.holidays_seed and look at the difference",
            err=True,
        )
        raise typer.Exit(1)
    else:
        typer.echo(f"{SEED} is up to date")


if __name__ == "__main__":
    typer.run(main)
