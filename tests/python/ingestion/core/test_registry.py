"""Sources are declared, found by name, and refuse options that mean nothing to them."""

from dataclasses import fields
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from ingestion.core.errors import LoadError, WarehouseError
from ingestion.core.loading import load
from ingestion.core.progress import Silent
from ingestion.core.registry import SETTING, find_source, sources
from ingestion.core.source import LoadOptions, Options, Source

SOURCES = list(sources().values())
GIVEN = {"since": date(2026, 1, 1), "until": date(2026, 2, 1), "accept_shrink": True}
REFUSED = [
    (source.name, option.name, reconcile)
    for source in SOURCES
    for reconcile in (False, True)
    for option in fields(Options)
    if not getattr(source.reconcile_options if reconcile else source.load_options, option.name)
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_what_a_declaration_names_is_there(source: Source) -> None:
    for name in (source.settings, source.load, source.reconcile, source.simulator):
        assert name is None or resolve_name(name)
    for table, column in source.changed_at.items():
        assert column in source.tables[table].columns


@pytest.mark.parametrize(("name", "option", "reconcile"), REFUSED)
def test_an_option_that_means_nothing_to_a_source_is_refused(
    name: str, option: str, reconcile: bool, tmp_path: Path
) -> None:
    given: dict[str, Any] = {option: (GIVEN | {"files": (tmp_path / "f.csv",)})[option]}
    options = LoadOptions(reconcile=reconcile, **given)
    command = "reconcile" if reconcile else "load"
    flag = option.replace("files", "file").replace("_", "-")
    with pytest.raises(LoadError, match=f"`warehouse {command} {name}` takes no --{flag}: leave"):
        load(name, options, data_dir=tmp_path, progress=Silent())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("nowhere.source", "nowhere.source, which cannot be imported"),
        ("json", "json declares no SOURCE"),
        ("ingestion.sources.pisa.source", "declares pisa, which is declared already"),
    ],
)
def test_a_module_without_a_source_is_one_clear_line(
    module: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, module)
    with pytest.raises(WarehouseError, match=message):
        sources()


def test_an_unknown_source_is_answered_with_those_there_are() -> None:
    with pytest.raises(WarehouseError, match="available: chicago-crime, pisa, store-sensors"):
        find_source("weather")
