"""Write seeds/core/holidays.csv: the public holidays of Chicago and of the stores' regions.

Source: the `holidays` package, category "public", so holidays by law; days on which a government
closed only once (a day of mourning, a Christmas Eve) are not among them, but those that a law made
a public holiday once (a coronation) are.
A store in another region needs its region in REGIONS, and the seed written again.
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
# A holiday on a weekend is observed on the Friday before, or on the next working day.
OBSERVED_SHIFTS = tuple(timedelta(days=days) for days in (-1, 1, 2, 3))
# Spain lists the Monday instead of the Sunday.
MONDAY_PREFIX = "Monday following "


@dataclass(frozen=True)
class Region:
    """A region whose holidays are alike: its codes here, and in the `holidays` package.

    Attributes:
        country_code: ISO 3166-1 alpha-3, as in `dim_country`.
        region_code: ISO 3166-2.
        country, subdivision: what the package calls them; no subdivision where all of the country
            but some other regions has the same holidays.
        first_year: the first year that the package has.
    """

    country_code: str
    region_code: str
    country: str
    subdivision: str | None
    first_year: int = FIRST_YEAR


REGIONS = (
    Region("DEU", "DE-BE", "DE", "BE"),
    Region("ESP", "ES-MD", "ES", "MD", first_year=2008),
    # Alsace, Moselle and the overseas departments have more.
    Region("FRA", "FR-IDF", "FR", None),
    Region("GBR", "GB-ENG", "GB", "ENG"),
    # The city of Rome, for its patron saints.
    Region("ITA", "IT-RM", "IT", "RM"),
    Region("USA", "US-IL", "US", "IL"),
)


@dataclass(frozen=True)
class Holiday:
    """One holiday of a region in one year: a row of the seed, its columns in order."""

    country_code: str
    region_code: str
    holiday_date: date
    observed_date: date
    holiday_name: str
    is_national: bool


def holiday_rows(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> list[Holiday]:
    """Make the holidays of these years, both included, by region, date and name.

    Returns:
        One row a region, holiday and year; `observed_date` is `holiday_date` unless it is moved
        from a weekend, and may be in the year before (New Year's Day on a Saturday).
    """
    return [
        row
        for region in REGIONS
        for row in _rows_of(region, max(first_year, region.first_year), last_year)
    ]


def _rows_of(region: Region, first_year: int, last_year: int) -> Iterator[Holiday]:
    # A year more on both sides: an observed day may be in the neighbouring one.
    years = range(first_year - 1, last_year + 2)
    national = holidays.country_holidays(region.country, years=years, language="en_US")
    regional = holidays.country_holidays(
        region.country, subdiv=region.subdivision, years=years, language="en_US"
    )
    listed = {(day, name) for day in regional for name in regional.get_list(day)}
    for day, name in sorted(listed):
        moved = name.startswith(MONDAY_PREFIX)
        itself = day - timedelta(days=1) if moved else day
        if first_year <= itself.year <= last_year and not name.endswith(OBSERVED_SUFFIX):
            yield Holiday(
                country_code=region.country_code,
                region_code=region.region_code,
                holiday_date=itself,
                observed_date=day if moved else _observed(day, name, listed),
                holiday_name=name.removeprefix(MONDAY_PREFIX),
                is_national=name in national.get_list(day),
            )


def _observed(day: date, name: str, listed: set[tuple[date, str]]) -> date:
    for other in (day + shift for shift in OBSERVED_SHIFTS):
        if (other, name + OBSERVED_SUFFIX) in listed:
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
