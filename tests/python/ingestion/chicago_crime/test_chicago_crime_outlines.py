"""Outlines of districts and wards: made at the simulated portal, loaded when they changed."""

from itertools import pairwise
from typing import Any

import httpx
import pytest

from ingestion.simulators.serving import serving
from tests.python.ingestion.conftest import OUTLINE_COUNT, OUTLINES, Portal, Raw, use

DISTRICTS, WARDS = "24zt-jpfn", "p293-wvbd"
CURRENT = (
    "select area_number, geometry from outlines where _dlt_load_id ="
    " (select max(_dlt_load_id) from outlines where dataset = '{0}') and dataset = '{0}'"
)


@pytest.fixture
def portal(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> Any:
    with serving("chicago-crime", rows=50, seed=5) as url:
        use(url, monkeypatch)
        found = Portal(url)
        yield found
        found.http.close()


def served(portal: Portal, dataset: str, **clauses: object) -> httpx.Response:
    params = {f"${name}": str(value) for name, value in clauses.items()}
    return portal.http.get(f"{portal.url}/resource/{dataset}.geojson", params=params)


def features(portal: Portal, dataset: str, **clauses: object) -> list[dict[str, Any]]:
    answer = served(portal, dataset, **{"order": ":id", **clauses})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["features"]
    return found


def numbers(portal: Portal, dataset: str, **clauses: object) -> list[str]:
    name = "dist_num" if dataset == DISTRICTS else "ward"
    return [one["properties"][name] for one in features(portal, dataset, **clauses)]


def loaded(raw: Raw, dataset: str) -> list[str]:
    """The areas whose outlines are current."""
    return [number for number, _ in raw.query(CURRENT.format(dataset) + " order by all")]


def contains(ring: list[list[float]], longitude: float, latitude: float) -> bool:
    """Whether a ray to the east leaves the ring an odd number of times."""
    crossed = [
        longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1
        for (x1, y1), (x2, y2) in pairwise(ring)
        if (y1 > latitude) != (y2 > latitude)
    ]
    return sum(crossed) % 2 == 1


def test_the_portal_serves_an_outline_of_each_area_that_holds_its_crimes(portal: Portal) -> None:
    assert len(features(portal, WARDS)) == 50
    rings = {
        one["properties"]["dist_num"]: one["geometry"]["coordinates"][0][0]
        for one in features(portal, DISTRICTS)
    }
    assert len(rings) == 22
    assert all(ring[0] == ring[-1] and len(ring) < 60 for ring in rings.values())
    crimes = portal.rows("district,longitude,latitude", "latitude is not null")
    inside = [
        contains(
            rings[f"{int(crime['district'])}"], float(crime["longitude"]), float(crime["latitude"])
        )
        for crime in crimes
        if crime.get("district") in {f"{int(number):03d}" for number in rings}
    ]
    assert len(inside) > 30
    assert sum(inside) > 0.9 * len(inside)


def test_the_portal_pages_outlines_and_refuses_what_it_does_not_know(portal: Portal) -> None:
    whole = numbers(portal, WARDS)
    pages = [numbers(portal, WARDS, limit=20, offset=offset) for offset in (0, 20, 40, 60)]
    assert [len(page) for page in pages] == [20, 20, 10, 0]
    assert [number for page in pages for number in page] == whole
    unordered = served(portal, WARDS).json()["features"]
    assert [one["properties"]["ward"] for one in unordered] != whole
    missing = served(portal, "aaaa-bbbb")
    assert (missing.status_code, missing.json()["code"]) == (404, "dataset.missing")
    assert served(portal, WARDS, limit="all").status_code == 400
    assert served(portal, WARDS, where="ward = '1'").status_code == 400
    tag = served(portal, WARDS).headers["ETag"]
    again = portal.http.get(
        f"{portal.url}/resource/{WARDS}.geojson", headers={"If-None-Match": tag}
    )
    assert again.status_code == 304


def test_a_first_load_adds_every_outline_and_a_second_none(portal: Portal, raw: Raw) -> None:
    first = raw.load()
    assert first.rows["outlines"] == OUTLINE_COUNT
    assert loaded(raw, DISTRICTS) == sorted(numbers(portal, DISTRICTS))
    assert loaded(raw, WARDS) == sorted(numbers(portal, WARDS))
    kinds = raw.query("select dataset, area_kind, count(*) from outlines group by all order by all")
    assert kinds == [
        (DISTRICTS, "district", 22),
        ("igwz-8jzy", "community_area", 77),
        ("k9yb-bpqx", "ward", 50),
        (WARDS, "ward", 50),
        ("xt4z-bnwh", "ward", 50),
    ]
    portal.control("reset")
    again = raw.load()
    assert (again.rows, again.load_ids, again.failures) == ({}, [], {})
    statuses = [one["status"] for one in portal.requests() if one["path"].endswith(".geojson")]
    assert statuses == [304] * len(OUTLINES)


def test_a_file_of_many_pages_is_loaded_completely_and_once(
    portal: Portal, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__CHICAGO_CRIME__PAGE_SIZE", "25")
    assert raw.load().rows["outlines"] == OUTLINE_COUNT
    assert loaded(raw, WARDS) == sorted(numbers(portal, WARDS))
    portal.control("reset")
    assert raw.load().load_ids == []
    offsets = [one["query"] for one in portal.requests() if WARDS in one["path"]]
    assert [query.rpartition("=")[2] for query in offsets] == ["0", "25", "50"]


def test_outlines_changed_or_removed_at_the_portal_follow_with_the_next_load(
    portal: Portal, raw: Raw
) -> None:
    raw.load()
    before = features(portal, DISTRICTS)
    square = {"type": "Polygon", "coordinates": [[[1, 2], [3, 2], [3, 4], [1, 2]]]}
    changed = [{**before[0], "geometry": square}, *before[2:]]
    portal.control("outlines", dataset=DISTRICTS, features=changed)
    report = raw.load()
    assert report.rows == {"outlines": 21}
    assert loaded(raw, DISTRICTS) == sorted(numbers(portal, DISTRICTS))
    assert before[1]["properties"]["dist_num"] not in loaded(raw, DISTRICTS)
    number = before[0]["properties"]["dist_num"]
    geometries = dict(raw.query(CURRENT.format(DISTRICTS)))
    assert geometries[number] == '{"type":"Polygon","coordinates":[[[1,2],[3,2],[3,4],[1,2]]]}'
    assert loaded(raw, WARDS) == sorted(numbers(portal, WARDS))
    # Back to the first file: its rows are there already, and current again.
    portal.control("outlines", dataset=DISTRICTS, features=before)
    assert raw.load().rows == {"outlines": 22}
    assert len(loaded(raw, DISTRICTS)) == 22
    assert raw.query(f"select count(*) from outlines where dataset = '{DISTRICTS}'") == [(43,)]


def test_a_portal_without_outlines_is_noted_and_loaded_outlines_stay(
    portal: Portal, raw: Raw
) -> None:
    portal.control("outlines", dataset=WARDS, features=None)
    first = raw.load()
    assert first.rows["outlines"] == OUTLINE_COUNT - 50
    assert first.failures == {}
    assert f"The portal has no {WARDS}: no outlines of wards loaded." in first.notes
    portal.control("outlines", dataset=DISTRICTS, features=None)
    assert (again := raw.load()).load_ids == []
    assert len(again.notes) == 2
    assert len(loaded(raw, DISTRICTS)) == 22


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"mode": "html", "times": 6}, "its answer is not complete GeoJSON"),
        ({"mode": "status", "status": 403}, "refused 24zt-jpfn with 403"),
    ],
)
def test_unreadable_outlines_fail_alone_and_come_with_the_next_load(
    portal: Portal,
    raw: Raw,
    fault: dict[str, Any],
    message: str,
) -> None:
    portal.control("fail", match=DISTRICTS, **fault)
    report = raw.load(sleep=lambda _: None)
    assert list(report.failures) == ["outlines of districts"]
    assert message in report.failures["outlines of districts"]
    assert (report.rows["crimes"], report.rows["outlines"]) == (50, OUTLINE_COUNT - 22)
    assert raw.load().rows == {"outlines": 22}


def test_a_truncated_answer_is_requested_again(portal: Portal, raw: Raw) -> None:
    portal.control("fail", match=DISTRICTS, mode="cut")
    assert raw.load().rows["outlines"] == OUTLINE_COUNT


def test_a_file_that_shrank_is_refused_until_it_is_accepted(portal: Portal, raw: Raw) -> None:
    raw.load()
    before = features(portal, WARDS)
    portal.control("outlines", dataset=WARDS, features=before[:5])
    assert "5 features where 50 are loaded" in raw.load().failures["outlines of wards"]
    assert len(loaded(raw, WARDS)) == 50
    assert raw.load(accept_shrink=True).rows == {"outlines": 5}
    portal.control("outlines", dataset=WARDS, features=before)


def test_an_empty_file_is_refused_and_loaded_outlines_stay(portal: Portal, raw: Raw) -> None:
    raw.load()
    portal.control("outlines", dataset=WARDS, features=[])
    report = raw.load()
    assert "has no feature in p293-wvbd" in report.failures["outlines of wards"]
    assert len(loaded(raw, WARDS)) == 50


def test_a_feature_without_number_or_geometry_is_kept_as_received(portal: Portal, raw: Raw) -> None:
    point = {"type": "Point", "coordinates": [-87.6, 41.9]}
    odd = [
        {"type": "Feature", "properties": {"dist_num": "1.0"}, "geometry": None},
        {"type": "Feature", "properties": None, "geometry": point},
    ]
    portal.control("outlines", dataset=DISTRICTS, features=odd)
    raw.load()
    assert raw.query(CURRENT.format(DISTRICTS) + " order by feature_number") == [
        ("1.0", None),
        (None, '{"type":"Point","coordinates":[-87.6,41.9]}'),
    ]
