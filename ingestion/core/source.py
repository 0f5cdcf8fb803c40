"""What a source declares of itself; everything that knows sources asks the registry for these.

A declaration is imported by every command, so it imports nothing that takes long: it names its
parts as `module:attribute`, and they are imported when they are needed.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, cast

from ingestion.core.errors import LoadError
from ingestion.core.intervals import Days

if TYPE_CHECKING:
    import pyarrow as pa

    from ingestion.core.loading import LoadSession
    from ingestion.core.progress import Progress
    from ingestion.core.settings import SourceSettings
    from ingestion.simulators.simulator import Simulator


@dataclass(frozen=True)
class RawTable:
    """A table of raw: its columns, all text, and the key that rows are merged on.

    Attributes:
        columns: their names, as received.
        key: the columns that identify a row.
        is_note: whether its rows are this project's own notes about the source (what it counted,
            when it was compared), which are not counted as rows received.
        is_varied: whether most of its columns hardly repeat a value.
    """

    columns: tuple[str, ...]
    key: tuple[str, ...]
    is_note: bool = False
    is_varied: bool = False

    def empty(self) -> "pa.Table":
        """Return the table without rows."""
        import pyarrow as pa  # noqa: PLC0415

        return pa.table({column: pa.array([], pa.string()) for column in self.columns})


# When a part of a source (a data set, a country, a store) was last compared as a whole.
RECONCILIATIONS = RawTable(
    ("part", "reconciled_at", "periods_compared", "periods_read_again"), ("part",), is_note=True
)

# Which parts of a source (a data set, a country, files) had rows that the source called made up,
# and which had others: see `ingestion.core.simulated`.
ORIGINS = RawTable(("part", "is_made_up", "noted_at"), ("part", "is_made_up"), is_note=True)


@dataclass(frozen=True)
class Options:
    """The options of `warehouse load` or `warehouse reconcile` that mean something to a source."""

    since: bool = False
    until: bool = False
    files: bool = False
    accept_shrink: bool = False

    @property
    def columns(self) -> bool:
        """Whether `--columns` means something: to what takes files."""
        return self.files


@dataclass
class LoadResult:
    """What a load did.

    Attributes:
        rows: rows received into raw, by raw table; a table that received none is absent.
        load_ids: dlt's load ids, in order.
        newest_at: the newest change at the source that was seen, as the source writes it.
        notes: what a reader should know, a sentence each.
        failures: parts of the source that could not be loaded (a country's database), with the
            reason in one line; the other parts were loaded.
    """

    rows: dict[str, int] = field(default_factory=dict)
    load_ids: list[str] = field(default_factory=list)
    newest_at: str | None = None
    notes: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    def note_failures(self, parts: int, *, note: str, error: str) -> None:
        """Add a note for each part that failed.

        Args:
            parts: how many parts there are.
            note: a sentence with `{part}` and `{reason}`.
            error: the message, with the same, if every part failed.

        Raises:
            LoadError: every part failed.
        """
        failures = sorted(self.failures.items())
        self.notes += [note.format(part=part, reason=reason) for part, reason in failures]
        if failures and len(failures) == parts:
            part, reason = failures[0]
            raise LoadError(error.format(part=part, reason=reason))


@dataclass(frozen=True)
class LoadOptions:
    """What was given on a command line.

    Attributes:
        since: first day to load; what is loaded already stays and is kept current. First day to
            reconcile; every day where None.
        until: the day after the last day; open where None.
        files: load these files, folders or patterns instead of asking the source.
        columns: of `--columns`: names in these files, and ours.
        accept_shrink: load even though the source lost more than a fifth of the rows loaded.
        reconcile: compare what was loaded with the source instead of asking for what is new.
    """

    since: date | None = None
    until: date | None = None
    files: tuple[Path, ...] = ()
    columns: tuple[str, ...] = ()
    accept_shrink: bool = False
    reconcile: bool = False

    @property
    def days(self) -> Days:
        """The days to load or to compare."""
        return Days(self.since, self.until)

    def require_taken(self, sources: "Iterable[Source]") -> None:
        """Refuse options that one of the sources would ignore.

        Raises:
            LoadError: names the source, the option and what to do.
        """
        options = [option.name for option in fields(self) if option.name != "reconcile"]
        names = [name for name in options if getattr(self, name)]
        for source in sources:
            taken = source.reconcile_options if self.reconcile else source.load_options
            if ignored := [_flag(name) for name in names if not getattr(taken, name)]:
                command = "reconcile" if self.reconcile else "load"
                msg = (
                    f"`warehouse {command} {source.name}` takes no {ignored[0]}: leave it out, "
                    "or name only sources that take it"
                )
                raise LoadError(msg)
        others = [_flag(name) for name in names if name not in {"files", "columns"}]
        if self.files and others:
            msg = f"--file loads the whole file: leave out {' and '.join(others)}"
            raise LoadError(msg)
        if self.columns and not self.files:
            msg = "--columns names columns of files: give the files with --file"
            raise LoadError(msg)
        if self.since and self.until and self.since >= self.until:
            msg = (
                f"--since {self.since} is not before --until {self.until}: "
                "give days with something between"
            )
            raise LoadError(msg)


NO_OPTIONS = LoadOptions()


@dataclass(frozen=True)
class Request:
    """What a load or a reconciliation is asked to do.

    Attributes:
        source: which source.
        data_dir: the folder of run-time files.
        options: what to load, or to compare.
        progress: where to show the work.
        clock: the moment, with its zone.
        session: what stays open for the next load.
        sleep: waits between attempts; tests pass their own.
    """

    source: "Source"
    data_dir: Path
    options: LoadOptions
    progress: "Progress"
    clock: Callable[[], datetime]
    session: "LoadSession"
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Source:
    """A source system.

    Attributes:
        name: on the command line, for example `chicago-crime`.
        domain: the schema of its marts.
        tables: its raw tables, by name.
        changed_at: by raw table, the column in which the source says when it last changed a row,
            as text that sorts by time.
        settings: the class of its settings, as `module:attribute`.
        load: the function that loads what is new, likewise; takes a `Request`, returns a
            `LoadResult`.
        reconcile: the function that compares what was loaded with the source, and repairs the
            difference, likewise.
        load_options: the options that `load` honours.
        reconcile_options: the options that `reconcile` honours.
        accounted: the raw tables whose rows are rows of the domain's fact, and `accounts` the marts
            of the domain that hold each of them once, by its load: a build with fewer or more rows
            in the one than in the other is not published.
        accounts: see `accounted`.
        address: the setting that says where the source is.
        simulator: its simulator, if it has one, likewise.
    """

    name: str
    domain: str
    tables: Mapping[str, RawTable]
    settings: str
    load: str
    reconcile: str
    changed_at: Mapping[str, str] = field(default_factory=dict)
    load_options: Options = Options()
    reconcile_options: Options = Options(since=True, until=True, accept_shrink=True)
    accounted: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    address: str = "base_url"
    simulator: str | None = None

    @property
    def key(self) -> str:
        """The name as identifiers have it, for example `chicago_crime`."""
        return self.name.replace("-", "_")

    @property
    def schema(self) -> str:
        """The schema of its raw tables."""
        return f"raw_{self.key}"

    @property
    def address_variable(self) -> str:
        """The environment variable that says where the source is."""
        return f"SOURCES__{self.key}__{self.address}".upper()

    def run(self, request: Request) -> LoadResult:
        """Load it, or reconcile it."""
        function = resolve_name(self.reconcile if request.options.reconcile else self.load)
        return cast("LoadResult", function(request))

    def find_simulator(self) -> "Simulator | None":
        """Return its simulator, if it has one."""
        return resolve_name(self.simulator) if self.simulator else None

    def is_configured(self) -> bool:
        """Return whether it can be loaded without further settings: its address is known."""
        return bool(getattr(self.settings_class().read(), self.address))

    def addresses(self) -> list[str]:
        """Return where the configuration says that the source is, as URLs.

        Raises:
            LoadError: the configuration cannot be read.
        """
        settings = self.settings_class().read()
        return settings.addresses() if getattr(settings, self.address) else []

    def settings_class(self) -> "type[SourceSettings]":
        """Return the class of its settings."""
        return cast("type[SourceSettings]", resolve_name(self.settings))


def _flag(name: str) -> str:
    if name == "files":
        return "--file"
    return f"--{name.replace('_', '-')}"
