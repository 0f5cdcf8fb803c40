"""Means of the countries, near those that the survey published for 2018 and 2022."""

from dataclasses import dataclass

from ingestion.simulators.store_sensors.hashing import chance


@dataclass(frozen=True)
class Profile:
    """What a country's students answer on average.

    Attributes:
        belonging: index of the sense of belonging.
        escs: index of economic, social and cultural status.
        early_years: years of early childhood education.
        hours: learning time a week.
    """

    belonging: float
    escs: float
    early_years: float
    hours: float


PROFILES = {
    "ALB": Profile(0.25, -0.77, 2.6, 27.6),
    "ARG": Profile(-0.20, -0.71, 2.8, 26.8),
    "AUT": Profile(0.44, 0.07, 3.0, 28.9),
    "BEL": Profile(0.02, 0.08, 3.1, 27.7),
    "BGR": Profile(-0.19, -0.26, 2.9, 25.0),
    "BRA": Profile(-0.21, -0.96, 2.2, 25.6),
    "CHL": Profile(-0.22, -0.31, 2.7, 32.6),
    "COL": Profile(-0.16, -1.07, 2.0, 29.2),
    "DEU": Profile(0.27, 0.01, 3.1, 25.8),
    "ESP": Profile(0.27, 0.03, 3.2, 27.2),
    "EST": Profile(-0.14, 0.17, 3.3, 25.6),
    "FIN": Profile(0.10, 0.26, 3.4, 24.2),
    "FRA": Profile(-0.03, -0.02, 3.0, 27.3),
    "GBR": Profile(-0.21, 0.12, 2.2, 27.1),
    "GRC": Profile(-0.06, -0.10, 2.0, 30.1),
    "HUN": Profile(0.14, -0.06, 3.5, 27.4),
    "IDN": Profile(-0.13, -1.52, 1.7, 34.0),
    "ITA": Profile(-0.06, -0.22, 2.9, 29.4),
    "JPN": Profile(0.25, -0.01, 3.2, 27.5),
    "KOR": Profile(0.26, 0.27, 3.1, 30.3),
    "MEX": Profile(-0.18, -0.98, 2.5, 29.0),
    "NLD": Profile(0.10, 0.23, 2.5, 27.1),
    "NOR": Profile(0.23, 0.51, 3.6, 27.6),
    "PER": Profile(-0.20, -1.13, 2.4, 30.8),
    "POL": Profile(-0.31, -0.13, 2.6, 27.5),
    "PRT": Profile(0.08, -0.21, 2.9, 28.6),
    "SWE": Profile(0.09, 0.31, 3.7, 26.6),
    "THA": Profile(-0.34, -1.17, 2.7, 31.8),
    "TUR": Profile(-0.30, -1.19, 1.2, 27.4),
    "USA": Profile(-0.26, 0.06, 2.0, 29.6),
}
BY_DEFAULT = tuple(PROFILES)[:20]


def profile_of(country: str) -> Profile:
    """Return a country's profile; one that is not listed has one made from its code."""
    return PROFILES.get(country) or Profile(
        belonging=round(chance(country, "belonging") * 0.6 - 0.35, 2),
        escs=round(chance(country, "escs") * 1.6 - 1.2, 2),
        early_years=round(1.5 + chance(country, "early years") * 2, 1),
        hours=round(25 + chance(country, "hours") * 6, 1),
    )
