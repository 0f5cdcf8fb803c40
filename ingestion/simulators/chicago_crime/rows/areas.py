"""Community areas of the simulated city, and how many people live in them.

Residents are made up: an area's follow from how busy its beats are and from its number, and change
a little from year to year. Names are written as the portal writes them: `O'HARE` among residents.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ingestion.simulators.chicago_crime.rows.places import DISTRICTS, District, beat_offset

_NAMES = (
    "ROGERS PARK|WEST RIDGE|UPTOWN|LINCOLN SQUARE|NORTH CENTER|LAKE VIEW|LINCOLN PARK|"
    "NEAR NORTH SIDE|EDISON PARK|NORWOOD PARK|JEFFERSON PARK|FOREST GLEN|NORTH PARK|ALBANY PARK|"
    "PORTAGE PARK|IRVING PARK|DUNNING|MONTCLARE|BELMONT CRAGIN|HERMOSA|AVONDALE|LOGAN SQUARE|"
    "HUMBOLDT PARK|WEST TOWN|AUSTIN|WEST GARFIELD PARK|EAST GARFIELD PARK|NEAR WEST SIDE|"
    "NORTH LAWNDALE|SOUTH LAWNDALE|LOWER WEST SIDE|LOOP|NEAR SOUTH SIDE|ARMOUR SQUARE|DOUGLAS|"
    "OAKLAND|FULLER PARK|GRAND BOULEVARD|KENWOOD|WASHINGTON PARK|HYDE PARK|WOODLAWN|SOUTH SHORE|"
    "CHATHAM|AVALON PARK|SOUTH CHICAGO|BURNSIDE|CALUMET HEIGHTS|ROSELAND|PULLMAN|SOUTH DEERING|"
    "EAST SIDE|WEST PULLMAN|RIVERDALE|HEGEWISCH|GARFIELD RIDGE|ARCHER HEIGHTS|BRIGHTON PARK|"
    "MCKINLEY PARK|BRIDGEPORT|NEW CITY|WEST ELSDON|GAGE PARK|CLEARING|WEST LAWN|CHICAGO LAWN|"
    "WEST ENGLEWOOD|ENGLEWOOD|GREATER GRAND CROSSING|ASHBURN|AUBURN GRESHAM|BEVERLY|"
    "WASHINGTON HEIGHTS|MOUNT GREENWOOD|MORGAN PARK|O'HARE|EDGEWATER"
)
COMMUNITY_AREAS = dict(enumerate(_NAMES.split("|"), 1))
# Five-year estimates, each named after its last year.
ACS_YEARS = range(2019, 2024)
_CITY = 2_700_000
# One of the portal's names has a space too many.
_SPELLINGS = {"MCKINLEY PARK": "MCKINLEY  PARK"}


@dataclass(frozen=True)
class Place:
    """The middle of a beat, in degrees, and how many of the city's crimes happen there."""

    latitude: float
    longitude: float
    weight: float


def places_of(members: Callable[[District], Sequence[int]]) -> dict[int, list[Place]]:
    """Return the beats of each ward or area.

    Args:
        members: the wards or areas of a district.
    """
    places: dict[int, list[Place]] = {}
    for district in DISTRICTS:
        beats = len(district.beats)
        for beat in range(beats):
            north, east = beat_offset(beat, beats)
            own = members(district)
            place = Place(district.latitude + north, district.longitude + east, district.weight)
            places.setdefault(own[beat * len(own) // beats], []).append(place)
    return places


def residents_table() -> pa.Table:
    """Return the data set of residents by community area and year."""
    rows = [
        {
            ":id": f"row-{year}-{area:04d}-resi",
            ":created_at": f"{year + 1}-12-12T12:00:00.000Z",
            ":updated_at": f"{year + 1}-12-12T12:00:00.000Z",
            ":version": f"rv-{year}-{area:04d}-resi",
            "acs_year": str(year),
            "community_area": _SPELLINGS.get(COMMUNITY_AREAS[area], COMMUNITY_AREAS[area]),
            "under_25_000": str(residents // 9),
            "total_population": str(residents),
            "record_id": f"{year}-{area}",
        }
        for year, area, residents in _residents()
    ]
    return pa.Table.from_pylist(rows)


def _residents() -> Iterator[tuple[int, int, int]]:
    """Yield year, area and residents; half of them live where crimes are, half anywhere."""
    places = places_of(lambda district: district.community_areas)
    weights = {area: sum(place.weight for place in found) for area, found in places.items()}
    # From 0.4 to 1.6, in no order.
    spread = {area: 0.4 + 1.2 * (area * 37 % 77) / 76 for area in weights}
    total = sum(weights.values())
    shares = {
        area: spread[area] * (weight / total + 1 / len(weights)) for area, weight in weights.items()
    }
    for year in ACS_YEARS:
        for area, share in sorted(shares.items()):
            growth = 1 + (year - ACS_YEARS[-1]) * (area % 7 - 3) / 200
            yield year, area, round(_CITY * share / sum(shares.values()) * growth)
