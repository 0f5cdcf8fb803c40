"""dbt in this process: what it sends for a build, and what it makes of one changed file.

Parsing the project takes longer than building a mutant. It is parsed once; a mutant replaces the
text of one model or macro in the manifest, and the nodes that depend on it are compiled again.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbt.adapters.factory import get_adapter, register_adapter
from dbt.compilation import Compiler
from dbt.config.runtime import RuntimeConfig
from dbt.context.providers import generate_runtime_macro_context
from dbt.context.query_header import generate_query_header_context
from dbt.flags import get_flags
from dbt.mp_context import get_mp_context
from dbt.task.test import TestRunner
from dbt_common.exceptions import DbtBaseException

from dbt_project.paths import ROOT, Paths

COMPILED = ("model", "test")


class Compiled:
    """The project as dbt parsed it, and its nodes compiled.

    Attributes:
        manifest: dbt's.
        models: the ids of models.
        tests: the ids of data tests.
    """

    def __init__(self, paths: Paths, manifest: Any) -> None:
        """Make dbt ready to compile, after an invocation of it on these files."""
        self.paths, self.manifest = paths, manifest
        self._flags = get_flags()  # type: ignore[no-untyped-call]
        self._config = RuntimeConfig.from_args(self._flags)
        register_adapter(self._config, get_mp_context())
        self._adapter = get_adapter(self._config)
        self._adapter.set_macro_context_generator(generate_runtime_macro_context)
        self._adapter.set_macro_resolver(manifest)
        self._adapter.connections.set_query_header(
            generate_query_header_context(self._config, manifest)
        )
        nodes = manifest.nodes.values()
        self.models = {node.unique_id for node in nodes if node.resource_type == "model"}
        self.tests = {node.unique_id for node in nodes if node.resource_type == "test"}

    def texts(self, node_ids: Iterable[str], *, full_refresh: bool) -> dict[str, str]:
        """What dbt makes of nodes, by id."""
        object.__setattr__(self._flags, "FULL_REFRESH", full_refresh)
        with self._adapter.connection_named("mutants"):
            return {node_id: self._compile(node_id) for node_id in node_ids}

    def _compile(self, node_id: str) -> str:
        node = copy.copy(self.manifest.nodes[node_id])
        node.compiled, node.compiled_code, node.extra_ctes_injected = False, None, False
        node.extra_ctes = []
        compiled = Compiler(self._config).compile_node(node, self.manifest, {}, write=False)
        return str(compiled.compiled_code)

    @contextmanager
    def changed(self, file: Path, text: str) -> Iterator[set[str]]:
        """Put another text in a file's place; yields the ids of nodes that may be different."""
        name = file.relative_to(ROOT).as_posix()
        before = file.read_text(encoding="utf-8")
        model = next((n for n in self.models if self._is_of(self.manifest.nodes[n], name)), None)
        if model:
            node = self.manifest.nodes[model]
            raw_code, node.raw_code = node.raw_code, text.strip()
            try:
                yield {model}
            finally:
                node.raw_code = raw_code
            return
        macros = [m for m in self.manifest.macros.values() if self._is_of(m, name)]
        sql = {macro.unique_id: macro.macro_sql for macro in macros}
        for macro in macros:
            macro.macro_sql = _as_changed(macro.macro_sql, before, text)
        changed = {macro.unique_id for macro in macros if macro.macro_sql != sql[macro.unique_id]}
        try:
            yield self._using(changed)
        finally:
            for macro in macros:
                macro.macro_sql = sql[macro.unique_id]

    def _is_of(self, node: Any, file: str) -> bool:
        return bool(node.original_file_path == file and node.package_name == "warehouse")

    def _using(self, macros: set[str]) -> set[str]:
        """The nodes that use macros, themselves or by others."""
        using = set(macros)
        while True:
            more = {
                macro.unique_id
                for macro in self.manifest.macros.values()
                if using & {*macro.depends_on.macros, *_dispatched(macro)}
            }
            if more <= using:
                break
            using |= more
        return {
            node_id
            for node_id in self.models | self.tests
            if using & set(self.manifest.nodes[node_id].depends_on.macros)
        }

    def descendants(self, models: Iterable[str]) -> set[str]:
        """Models, and all that are built from them."""
        found, left = set(models), list(models)
        while left:
            for child in self.manifest.child_map[left.pop()]:
                if child in self.models and child not in found:
                    found.add(child)
                    left.append(child)
        return found

    def that_fail_a_build(self, tests: Mapping[str, str]) -> dict[str, str]:
        """The data tests that do not only warn."""
        config = {test: self.manifest.nodes[test].config for test in tests}
        return {t: sql for t, sql in tests.items() if config[t].severity.lower() == "error"}

    def unit_tests(self, models: Iterable[str]) -> Iterator[str]:
        """Run the unit tests of models; yields the names of those that fail."""
        tested = set(models)
        for test in self.manifest.unit_tests.values():
            if test.depends_on.nodes[0] in tested and not self._passes(test):
                yield test.name

    def _passes(self, test: Any) -> bool:
        """Whether a unit test passes; one that cannot be executed does not."""
        runner = TestRunner(self._config, self._adapter, test, 1, 1)
        with self._adapter.connection_named(test.unique_id):
            try:
                result = runner.execute_unit_test(test, self.manifest)[1]
            except DbtBaseException:
                return False
        return not result.should_error


def _dispatched(macro: Any) -> Iterator[str]:
    """The macros that a macro may dispatch to, by the names of those for engines."""
    for engine in ("default", "duckdb"):
        yield f"macro.{macro.package_name}.{engine}__{macro.name}"


def _as_changed(macro: str, before: str, after: str) -> str:
    """A macro's text as it is after a change of its file."""
    start = before.index(macro)
    end = start + len(macro)
    same = next(
        (place for place, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
        len(before),
    )
    if not start <= same < end:
        return macro
    return after[start : end + len(after) - len(before)]
