"""Read the YAML of a dbt project's models without dbt, which takes seconds to import."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]


def read_yaml(project: Path, key: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the path and content of each YAML file below `models/` that mentions a key.

    Parsing all of them takes longer than a small publication.
    """
    for path in sorted((project / "models").rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        if key in text:
            yield path, _parsed(text)


# `watch` publishes every second, and the files seldom change in between.
@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)
