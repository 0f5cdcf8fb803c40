"""JSON bodies: whole, with each name once, and every row counted apart; or refused."""

import json
import random
from typing import Any

import pytest

from ingestion.core.fetching.http import TransientError
from ingestion.core.fetching.json_body import JsonError, read_json
from ingestion.core.json_count import JsonCount
from ingestion.sources.chicago_crime.portal.client import read_features


@pytest.mark.parametrize(
    "value",
    [
        [], {}, [1], ["a"], [{"a": []}], [{"a": "],[{"}, {"a": '"\\'}], {"features": [{}, {}]},
        {"a": [1], "b": [[1, 2], [3]], "c": {"d": [1]}}, 7, "x", None,
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_whole_body_is_read(value: Any, encoding: str) -> None:
    assert read_json(json.dumps(value).encode(encoding)) == value


BAD = {
    "cut": (b'{"features": [{"type": "Feature"}', "it is not JSON"),
    "a name twice": (b'{"features": [], "features": []}', "'features' stands twice in one object"),
    "NaN": (b'{"features": [{"properties": {"ward": NaN}}]}', "NaN is not a number of JSON"),
    "sign-in page": (
        b"\n<!DOCTYPE html><title>Sign in</title>",
        "it is a web page or XML, not JSON",
    ),
    "something behind": (b'{"features": []} []', "it is not JSON: Extra data"),
    "no text": (b'{"features": ["\xff"]}', "it is not JSON"),
    "deep": (b"[" * 100_000, "it is nested too deeply|it is not JSON"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_body_that_is_not_whole_or_says_two_things_is_refused(fault: str) -> None:
    body, why = BAD[fault]
    with pytest.raises(JsonError, match=why):
        read_json(body)
    with pytest.raises(TransientError, match="its answer is not complete GeoJSON"):
        read_features(body)


def test_a_row_that_the_parser_lost_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = json.loads
    monkeypatch.setattr(json, "loads", lambda *a, **b: {"features": loads(*a, **b)["features"][1:]})
    with pytest.raises(JsonError, match="3 values in lists, of which 2 came"):
        read_json(b'{"features": [{}, {}, {}]}')


def count_values(text: bytes, size: int) -> JsonCount:
    count = JsonCount()
    for at in range(0, len(text), size):
        count.add(text[at : at + size])
    return count


@pytest.mark.parametrize("seed", range(300))
def test_values_are_counted_wherever_the_parts_of_a_text_end(seed: int) -> None:
    random_ = random.Random(seed)

    def text() -> str:
        return "".join(random_.choice('ab"\\,[]{}:\n é') for _ in range(random_.randrange(6)))

    def value(depth: int = 0) -> Any:
        kind = random_.randrange(5 if depth < 4 else 3)
        if kind == 3:
            return [value(depth + 1) for _ in range(random_.randrange(4))]
        if kind == 4:
            return {text(): value(depth + 1) for _ in range(random_.randrange(4))}
        return random_.choice([text(), 1, None, -2.5])

    size, indent = random_.choice([1, 2, 7, 1000]), random_.choice([None, 1])
    rows = [{text(): value(), text(): value()} for _ in range(random_.randrange(2, 6))]
    written = [json.dumps(row, ensure_ascii=seed % 2 == 0, indent=indent) for row in rows]
    assert count_values("\n".join(written).encode(), size).values == len(rows)
    array = count_values(f"[{','.join(written)}]".encode(), size)
    assert (array.values, array.elements) == (1, [len(rows)])
    wrapped = json.dumps({text() + "1": [1, 2], text() + "2": value(3), text() + "3": rows})
    assert count_values(wrapped.encode(), size).elements[-1] == len(rows)
