"""The codes of countries that the warehouse knows: those of its seed."""

import csv
from functools import cache

from ingestion import ROOT

COUNTRIES = ROOT / "seeds" / "core" / "countries.csv"


@cache
def known_countries() -> frozenset[str]:
    """Return the codes, upper case."""
    with COUNTRIES.open(encoding="utf-8", newline="") as lines:
        return frozenset(row["country_code"] for row in csv.DictReader(lines))
