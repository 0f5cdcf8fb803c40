"""Outlines of districts, wards and community areas: generated polygons, served as GeoJSON.

An area is what lies nearer to its middle than to any other's of its kind, within the city's bounds.
The centres are those of the generated crimes, so that a crime lies in or near its area's outline.
"""

import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingestion.simulators.chicago_crime import errors
from ingestion.simulators.chicago_crime.rows.areas import COMMUNITY_AREAS, places_of
from ingestion.simulators.chicago_crime.rows.places import DISTRICTS, District
from ingestion.simulators.chicago_crime.soql.translation import DEFAULT_LIMIT, count_asked

# Degrees east and north.
Point = tuple[float, float]
Feature = dict[str, Any]

DISTRICT_OUTLINES, AREA_OUTLINES = "24zt-jpfn", "igwz-8jzy"
WARD_OUTLINES, WARD_OUTLINES_2015, WARD_OUTLINES_2003 = "p293-wvbd", "k9yb-bpqx", "xt4z-bnwh"
# Ward 2 lay south of the centre until 2015; no other ward moved so far.
_OLD_WARD_2: Point = (-87.640, 41.845)
# Anticlockwise from the north-east, along the lake last; the airport is left out.
_CITY: tuple[Point, ...] = (
    (-87.665, 42.023), (-87.709, 42.019), (-87.760, 42.013), (-87.806, 42.010), (-87.836, 41.985),
    (-87.836, 41.950), (-87.806, 41.936), (-87.800, 41.908), (-87.776, 41.900), (-87.770, 41.862),
    (-87.745, 41.850), (-87.748, 41.820), (-87.795, 41.795), (-87.795, 41.775), (-87.745, 41.765),
    (-87.742, 41.735), (-87.720, 41.725), (-87.718, 41.680), (-87.665, 41.672), (-87.640, 41.645),
    (-87.525, 41.645), (-87.525, 41.735), (-87.560, 41.765), (-87.580, 41.805), (-87.608, 41.845),
    (-87.612, 41.893), (-87.630, 41.930), (-87.645, 41.970),
)  # fmt: skip
# What a query is in the portal's messages: `$order` and paging aside, everything is selected.
_QUERY = "select *"
# A degree east is shorter than one north at this latitude.
_EAST = math.cos(math.radians(41.85))


class Outlines:
    """The data sets of outlines: features by data set, as they are served."""

    def __init__(self) -> None:
        ward_maps = {
            WARD_OUTLINES: _ward_middles(),
            WARD_OUTLINES_2015: _earlier_ward_middles(0.006),
            WARD_OUTLINES_2003: _earlier_ward_middles(0.010),
        }
        self._features: dict[str, list[Feature]] = {
            DISTRICT_OUTLINES: [
                _feature(cell, {"dist_label": _label(number), "dist_num": str(number)})
                for number, cell in _cells(_district_middles()).items()
            ],
            AREA_OUTLINES: [
                _feature(cell, {"area_numbe": str(number), "community": COMMUNITY_AREAS[number]})
                for number, cell in _cells(_beat_middles(lambda d: d.community_areas)).items()
            ],
        }
        for dataset, middles in ward_maps.items():
            self._features[dataset] = [
                _feature(cell, {"ward": str(number)}) for number, cell in _cells(middles).items()
            ]

    def replace(self, dataset: str, features: list[Feature] | None) -> int:
        """Serve other features from now on, or no such data set; returns how many."""
        if features is None:
            self._features.pop(dataset, None)
            return 0
        self._features[dataset] = features
        return len(features)

    def page(self, dataset: str, params: Mapping[str, str]) -> str:
        """Return the GeoJSON of a page.

        Raises:
            SodaError: there is no such data set, or the query is not understood.
        """
        if dataset not in self._features:
            raise errors.dataset_missing(dataset)
        unknown = [name for name in params if name not in ("$limit", "$offset", "$order")]
        if unknown:
            raise errors.unknown_arguments(_QUERY, unknown)
        order = params.get("$order")
        if order not in (None, ":id"):
            raise errors.no_such_column(_QUERY, str(order))
        limit = count_asked(params, "$limit", DEFAULT_LIMIT, _QUERY)
        offset = count_asked(params, "$offset", 0, _QUERY)
        features = self._features[dataset]
        if order is None:
            # What has no order comes in another one in every request, as there.
            features = random.Random(offset + limit).sample(features, len(features))  # noqa: S311
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
        body = {
            "type": "FeatureCollection",
            "features": features[offset : offset + limit],
            "crs": crs,
        }
        return json.dumps(body, separators=(",", ":")) + "\n"


def _district_middles() -> dict[int, Point]:
    return {d.number: (d.longitude, d.latitude) for d in DISTRICTS}


def _beat_middles(members: Callable[[District], Sequence[int]]) -> dict[int, Point]:
    """Return the mean place of the beats of each ward or area, the busier counting more.

    Args:
        members: the wards or areas of a district.
    """
    middles = {}
    for number, found in sorted(places_of(members).items()):
        weight = sum(place.weight for place in found)
        middles[number] = (
            sum(place.longitude * place.weight for place in found) / weight,
            sum(place.latitude * place.weight for place in found) / weight,
        )
    return middles


def _earlier_ward_middles(reach: float) -> dict[int, Point]:
    """Return where wards lay in an earlier map: each some way off, and ward 2 in the south."""
    moved = {
        ward: (longitude + reach * math.cos(ward), latitude + reach * math.sin(ward) * _EAST)
        for ward, (longitude, latitude) in _ward_middles().items()
    }
    return moved | {2: _OLD_WARD_2}


def _ward_middles() -> dict[int, Point]:
    return _beat_middles(lambda district: district.wards)


def _cells(middles: Mapping[int, Point]) -> dict[int, list[Point]]:
    """Return the part of the city that is nearest to each middle, as a ring of points."""
    cells = {}
    for number, middle in middles.items():
        cell: list[Point] = list(_CITY)
        for other in middles.values():
            if other != middle:
                cell = _nearer(cell, middle, other)
        cells[number] = cell
    return cells


def _nearer(ring: Sequence[Point], one: Point, other: Point) -> list[Point]:
    """Return the part of a ring that lies nearer to one point than to the other."""

    def excess(point: Point) -> float:
        return _distance(point, one) - _distance(point, other)

    kept: list[Point] = []
    for i, end in enumerate(ring):
        start = ring[i - 1]
        before, after = excess(start), excess(end)
        if (before <= 0) != (after <= 0):
            share = before / (before - after)
            kept.append(
                (
                    start[0] + share * (end[0] - start[0]),
                    start[1] + share * (end[1] - start[1]),
                )
            )
        if after <= 0:
            kept.append(end)
    return kept


def _distance(one: Point, other: Point) -> float:
    """Return the square of a distance, in degrees north."""
    return ((one[0] - other[0]) * _EAST) ** 2 + (one[1] - other[1]) ** 2


def _feature(ring: Sequence[Point], properties: dict[str, str]) -> Feature:
    points = [[round(longitude, 6), round(latitude, 6)] for longitude, latitude in ring]
    geometry = {"type": "MultiPolygon", "coordinates": [[[*points, points[0]]]]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _label(number: int) -> str:
    """Return a district's number as the portal labels it: `1ST`, `2ND`, `3RD`, `11TH`."""
    teens = range(10, 14)
    ending = "TH" if number in teens else {1: "ST", 2: "ND", 3: "RD"}.get(number % 10, "TH")
    return f"{number}{ending}"
