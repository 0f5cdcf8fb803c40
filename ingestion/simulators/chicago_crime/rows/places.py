"""Where simulated crimes happen: police districts, premises, streets.

A district's line is `number|weight|latitude|longitude|arrest factor|wards|community areas|beats`,
most frequent first; beats without the district's two digits. Coordinates are degrees of the
district's middle; the arrest factor multiplies each code's own share of arrests.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

_DISTRICTS = """
1|1998|41.877|-87.628|1.20|34 42 4 3 28|32 33 28 35|11 12 13 14 21 22 23 24 31 32 33
2|1770|41.809|-87.613|0.70|4 3 20 5|38 35 41 39 40 36|11 12 13 14 15 21 22 23 24 25 31 32 33 34 35
3|1890|41.769|-87.596|0.92|5 20 6 7|43 42 69 40|11 12 13 14 21 22 23 24 31 32 33 34
4|1882|41.737|-87.563|0.72|7 10 8|46 43 51 48 52 45 55|11 12 13 14 21 22 23 24 31 32 33 34
5|1494|41.688|-87.622|1.11|9 21 10|49 53 50 54 47|11 12 13 22 23 24 31 32 33
6|2123|41.748|-87.628|0.84|17 6 8 21|44 71 69 49|11 12 13 14 21 22 23 24 31 32 33 34
7|1461|41.774|-87.652|1.32|16 6 17 15 20|68 67 69|11 12 13 14 15 22 23 24 25 26 31 32 33 34 35
8|2276|41.780|-87.714|0.90|14 18 13 23 16 15|66 70 65 56 63 57 62 64|11 12 13 14 21 22 23 24 31 32
9|1496|41.814|-87.666|0.98|11 12 15 20 16 14|61 58 60 34 63 59 37|11 12 13 14 15 21 22 23 24 25 31
10|1479|41.854|-87.715|1.39|24 22 25|29 30 31|11 12 13 14 21 22 23 24 31 32 33 34
11|2058|41.879|-87.719|2.12|28 24 27 37|23 27 26 29 25 28|11 12 13 14 15 21 22 23 24 25 31 32 33 34
12|2083|41.882|-87.665|0.58|27 25 28 34 36 1|28 24 31 27|11 12 13 14 15 21 22 23 24 25 31 32 33 34
14|1228|41.916|-87.690|0.79|1 32 26 35|22 24 21 23|11 12 13 14 21 22 23 24 31 32 33 34
15|1301|41.883|-87.759|1.17|29 37 28|25|11 12 13 22 23 24 31 32 33
16|1146|41.968|-87.786|0.92|41 45 38 30|15 76 17 10 11 9 12|11 12 13 14 21 22 23 24 31 32 33 51 53
17|1101|41.961|-87.718|0.92|33 39 30 45 35|14 16 13 21 15|11 12 13 22 23 24 31 32 33
18|1843|41.897|-87.632|0.77|42 2 27 43|8 7|11 12 13 14 21 22 23 24 31 32 33 34
19|1764|41.947|-87.655|0.65|46 44 47 32 43|6 3 7 5 4|11 12 13 14 15 21 22 23 24 25 31 32 33 34 35
20|749|41.978|-87.663|0.79|48 40 47|77 3 4 2|11 12 13 22 23 24 31 32 33
22|1093|41.708|-87.658|0.81|21 19|73 75 72 49 71 74|11 12 13 21 22 23 32 33 34
24|1095|42.005|-87.674|0.90|49 50 48 40|1 2 77|11 12 13 22 23 24 31 32 33
25|1778|41.920|-87.753|1.08|31 36 37 26 29 35 30|19 25 23 20 22 18 21|11 12 13 14 21 22 23 24 31 32
"""

PREMISES = (
    ("STREET", 270),
    ("APARTMENT", 195),
    ("RESIDENCE", 115),
    ("SIDEWALK", 50),
    ("SMALL RETAIL STORE", 43),
    ("PARKING LOT / GARAGE (NON RESIDENTIAL)", 34),
    ("RESTAURANT", 25),
    ("DEPARTMENT STORE", 24),
    ("ALLEY", 23),
    ("OTHER (SPECIFY)", 17),
    ("VEHICLE NON-COMMERCIAL", 15),
    ("COMMERCIAL / BUSINESS OFFICE", 13),
    ("GAS STATION", 12),
    ("GROCERY FOOD STORE", 11),
    ("RESIDENCE - PORCH / HALLWAY", 11),
    ("CONVENIENCE STORE", 9),
    ("CTA TRAIN", 9),
    ("SCHOOL - PUBLIC GROUNDS", 9),
    ("RESIDENCE - GARAGE", 8),
    ("RESIDENCE - YARD (FRONT / BACK)", 8),
    ("DRUG STORE", 8),
    ("BAR OR TAVERN", 7),
    ("HOSPITAL BUILDING / GROUNDS", 7),
    ("HOTEL / MOTEL", 6),
    ("PARK PROPERTY", 6),
    ("CTA BUS", 4),
    ("CTA PLATFORM", 4),
    ("VACANT LOT / LAND", 3),
    ("CHURCH / SYNAGOGUE / PLACE OF WORSHIP", 2),
    ("LIBRARY", 2),
    ("AIRPORT TERMINAL UPPER LEVEL - SECURE AREA", 2),
)

# Streets that run north-south carry N or S; those that run east-west carry E or W.
_NORTH_SOUTH_STREETS = (
    "STATE ST|CLARK ST|HALSTED ST|ASHLAND AVE|WESTERN AVE|PULASKI RD|CICERO AVE|KEDZIE AVE|"
    "MICHIGAN AVE|COTTAGE GROVE AVE|DAMEN AVE|CALIFORNIA AVE|SHERIDAN RD|HERMITAGE AVE|"
    "RHODES AVE|VERNON AVE|MORGAN ST|RACINE AVE|LARAMIE AVE|CENTRAL AVE"
)
_EAST_WEST_STREETS = (
    "MADISON ST|LAKE ST|CHICAGO AVE|DIVISION ST|NORTH AVE|FULLERTON AVE|DIVERSEY AVE|BELMONT AVE|"
    "ADDISON ST|LAWRENCE AVE|FOSTER AVE|DEVON AVE|ROOSEVELT RD|CERMAK RD|47TH ST|55TH ST|63RD ST|"
    "71ST ST|79TH ST|87TH ST|95TH ST|103RD ST|111TH ST"
)

NORTH_SOUTH_STREETS = tuple(_NORTH_SOUTH_STREETS.split("|"))
EAST_WEST_STREETS = tuple(_EAST_WEST_STREETS.split("|"))


@dataclass(frozen=True)
class District:
    """A police district: number, weight, middle in degrees, its wards, areas and beats."""

    number: int
    weight: float
    latitude: float
    longitude: float
    arrest_factor: float
    wards: tuple[int, ...]
    community_areas: tuple[int, ...]
    beats: tuple[int, ...]


def beat_offset(beat: Any, beats: Any) -> tuple[Any, Any]:
    """Return where a beat lies from its district's middle: degrees north and east.

    Args:
        beat: which of the district's beats, from 0; a number or an array.
        beats: how many the district has; the same.
    """
    turn, reach = beat * 2.4, 0.012 * np.sqrt((beat + 0.5) / beats)
    return reach * np.sin(turn), 1.2 * reach * np.cos(turn)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split())


def _parse() -> tuple[District, ...]:
    districts = []
    for line in _DISTRICTS.strip().splitlines():
        number, weight, latitude, longitude, arrests, wards, areas, beats = line.split("|")
        districts.append(
            District(
                number=int(number),
                weight=float(weight),
                latitude=float(latitude),
                longitude=float(longitude),
                arrest_factor=float(arrests),
                wards=_numbers(wards),
                community_areas=_numbers(areas),
                beats=tuple(int(number) * 100 + beat for beat in _numbers(beats)),
            )
        )
    return tuple(districts)


DISTRICTS = _parse()
