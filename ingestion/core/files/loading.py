"""Loads files into raw: each as a whole, once.

Flow: rows of a file -> packages with its hash, name and line numbers -> raw, appended; the last
    package brings the file's note in table `files`, and with it the file counts. Staging joins
    lines to `files`, and takes the load id of the note for every line.
Failures: a refused file's lines are deleted; those of a load that was killed are deleted by the
    next one, which starts over. Other files are loaded all the same.
Twice: a file whose note is there is not read again, whatever its name and however it is compressed:
    the hash is of its content, with `--columns` where they were given, so that other columns make
    it another file (`identity`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from ingestion.core.errors import LoadError
from ingestion.core.files.errors import FileError, display_name
from ingestion.core.files.form import Column, FileForm, Renames, parse_renames
from ingestion.core.files.identity import identify, sha256_of
from ingestion.core.files.paths import find_files
from ingestion.core.files.reading import read_file
from ingestion.core.files.rows import ROWS_PER_PACKAGE, Counts, FileRows, in_packages
from ingestion.core.progress import Task
from ingestion.core.raw.store import RawStore
from ingestion.core.raw.text_tables import text_table
from ingestion.core.simulated import COLUMN as SIMULATED
from ingestion.core.source import LoadResult, Request

MAX_PROBLEMS = 3


@dataclass(frozen=True)
class FileTarget:
    """Where the rows of files go.

    Attributes:
        table: the raw table, made by `tables.lines_table`.
        form: of the files.
        settings: SQL that is sent to raw before the first package.
        from_name: what a file's name says of all its lines, by column of the raw table.
        said_by: the columns of lines that say the same themselves, by those of `from_name`.
        notes: what to say of a loaded file, by its name and the columns without any value.
    """

    table: str
    form: FileForm
    settings: str = ""
    from_name: Callable[[str], Mapping[str, str | None]] = lambda _: {}
    said_by: Mapping[str, str] = field(default_factory=dict)
    notes: Callable[[str, Collection[str]], Iterable[str]] | None = None


def load_files(request: Request, target: FileTarget) -> LoadResult:
    """Load the files that a request names.

    Returns:
        What was loaded; a file that was refused is in its `failures`.

    Raises:
        LoadError: `--file` or `--columns` name nothing, or every file was refused.
    """
    options = request.options
    renames = parse_renames(options.columns)
    suffixes = [suffix for kind in target.form.other_kinds for suffix in kind.suffixes]
    files = find_files(options.files, suffixes=suffixes)
    with _Load(request, target, renames) as load:
        for file in files:
            load.file(file)
        return load.outcome(files)


class _Load(ExitStack):
    def __init__(self, request: Request, target: FileTarget, renames: Renames) -> None:
        super().__init__()
        # What a simulator wrote says so.
        columns = (*target.form.columns, Column(SIMULATED, is_required=False))
        self._target = replace(target, form=replace(target.form, columns=columns))
        self._request, self._renames = request, renames
        self._origins: dict[str, bool] = {}
        self._raw: RawStore | None = None
        self._refused: dict[str, str] = {}
        self._notes: list[str] = []
        self._loaded = 0

    def file(self, file: Path) -> None:
        """Load a file, or keep why it is refused."""
        name = display_name(file.name)
        unit = self._target.form.rows
        try:
            with (
                self._request.progress.task(f"{unit} of {name}", unit=unit) as task,
                read_file(
                    file, self._target.form, self._renames, scratch=self._request.data_dir / "cache"
                ) as rows,
            ):
                self._rows(file, rows, task)
        except FileError as error:
            # Files in different folders may have the same name.
            self._refused[display_name(file) if name in self._refused else name] = str(error)

    def _rows(self, file: Path, rows: FileRows, task: Task) -> None:
        before = file.stat()
        # Of a kind that another process reads, the beginning is read meanwhile.
        content = sha256_of(file, self._renames)
        # Nothing is made for a file that is refused at once.
        first = next(rows.tables, None)
        raw = self._opened()
        target = self._target
        found = identify(
            *(raw, target.table, content, rows.name),
            says=target.from_name(rows.name),
            said_by=target.said_by,
        )
        self._notes += [found.note] if found.note else []
        if (file_key := found.file_sha256) is None:
            return
        packages = in_packages(_chained(first, rows.tables), ROWS_PER_PACKAGE)
        del first
        held: pa.Table | None = None
        without = {*self._target.form.names}
        try:
            for package in packages:
                without -= {n for n in without if package[n].null_count < package.num_rows}
                self._origins[self._target.table] = SIMULATED not in without
                if package.num_rows < ROWS_PER_PACKAGE:
                    # The last one waits for the note.
                    held = package
                else:
                    self._commit(raw, package, file_key, rows)
                    task.advance(package.num_rows)
                # The next package needs the memory.
                del package
            rows.counts.require_all(rows.name)
            if (file.stat().st_size, file.stat().st_mtime_ns) != (
                before.st_size, before.st_mtime_ns
            ):  # fmt: skip
                msg = f"{rows.name} changed while it was read: load it when it is whole"
                raise FileError(msg)
        except FileError:
            self._delete_unfinished(raw)
            raise
        self._commit(raw, held, file_key, rows, content)
        task.advance(held.num_rows if held is not None else 0)
        self._loaded += 1
        self._note_outcome(rows)
        if target.notes is not None:
            self._notes += target.notes(rows.name, without)

    def _opened(self) -> RawStore:
        if self._raw is None:
            self._raw = self.enter_context(RawStore.for_request(self._request))
            self._raw.make_tables()
            self._raw.origins.read = self._origins.copy
            self._delete_unfinished(self._raw)
            if self._target.settings:
                self._raw.connection.execute(self._target.settings)
        return self._raw

    def _delete_unfinished(self, raw: RawStore) -> None:
        """Delete lines of files that were not read to their end: nothing has seen them."""
        raw.connection.execute(
            f"delete from {raw.schema}.{self._target.table} where file_sha256 not in "
            f"(select file_sha256 from {raw.schema}.files)"
        )

    def _commit(
        self,
        raw: RawStore,
        package: pa.Table | None,
        sha256: str,
        rows: FileRows,
        content_sha256: str = "",
    ) -> None:
        """Write rows; with the hash of the whole content, the last ones and the file's note."""
        table, names = self._target.table, raw.tables[self._target.table].columns
        content: dict[str, Sequence[pa.Table]] = {}
        if package is not None:
            same: dict[str, str | None] = {"file_sha256": sha256, "file_name": rows.name}
            same |= self._target.from_name(rows.name)
            content[table] = [
                pa.table(
                    {
                        name: pa.repeat(pa.scalar(same[name], pa.string()), package.num_rows)
                        if name in same
                        else package[name]
                        for name in names
                    }
                )
            ]
        if content_sha256:
            columns = raw.tables["files"].columns
            content["files"] = [self._note(columns, sha256, content_sha256, rows)]
        raw.commit(content, {}, only_new={table, "files"})
        del content
        pa.default_memory_pool().release_unused()

    def _note(
        self, columns: Sequence[str], sha256: str, content_sha256: str, rows: FileRows
    ) -> pa.Table:
        counts: Counts = rows.counts
        cells = {
            "file_sha256": sha256,
            "file_name": rows.name,
            "file_table": self._target.table,
            "loaded_at": self._request.clock().isoformat(),
            "lines": counts.lines,
            "header": counts.header,
            "rows": counts.rows,
            "rejected": counts.rejected,
            "blank": counts.blank,
            "kind": rows.kind,
            "encoding": rows.encoding or None,
            "content_sha256": content_sha256,
            **self._target.from_name(rows.name),
        }
        return text_table(columns, [tuple(cells[column] for column in columns)])

    def _note_outcome(self, rows: FileRows) -> None:
        counts = rows.counts
        if counts.rejected:
            problems = sorted(counts.problems.items(), key=lambda each: -each[1][0])
            said = "; ".join(
                f"{count:,} from line {first:,} on: {why}"
                if count > 1
                else f"line {first:,}: {why}"
                for why, (count, first) in problems[:MAX_PROBLEMS]
            )
            self._notes.append(
                f"{rows.name}: {counts.rejected:,} of {counts.rejected + counts.rows:,} lines are "
                f"rejected ({said})."
            )
        if rows.encoding == "windows-1252":
            self._notes.append(f"{rows.name} is not UTF-8: it was read as Windows-1252.")
        self._notes += rows.notes

    def outcome(self, files: Sequence[Path]) -> LoadResult:
        """Return what was loaded.

        Raises:
            LoadError: every file was refused.
        """
        if len(self._refused) == len(files):
            raise LoadError("; ".join(self._refused.values()))
        result = self._opened().result
        result.notes += self._notes
        if self._refused:
            done = f"{self._loaded} of {len(files)} files were loaded"
            result.failures |= {
                name: f"{why} ({done}; nothing of this one)" for name, why in self._refused.items()
            }
        return result


def _chained(first: pa.Table | None, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    if first is not None:
        yield first
    del first
    yield from tables
