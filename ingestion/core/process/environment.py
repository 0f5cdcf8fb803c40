"""The environment of a command: libraries read it by themselves, so what is not meant for us goes.

`prepare_environment` is called before anything of dbt or dlt is imported; child processes inherit
what it leaves. What dlt reads is restricted in `configuration`; proxies and certificates are read
in `fetching.network`.
"""

import io
import os
import sys
import warnings
from collections.abc import MutableMapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.core.errors import WarehouseError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Patterns of variables, by what they would do. All are cleared.
CLEARED = {
    "options of dbt that another project left, such as DBT_EMPTY and DBT_TARGET": ("DBT_*",),
    "folders and switches of dlt": ("DLT_*",),
    "these are for the pipeline itself to set": ("WAREHOUSE_AUDIT", "WAREHOUSE_STORE_FAILURES"),
    "addresses of a service called warehouse, which Kubernetes adds to its containers": (
        *("WAREHOUSE_SERVICE_HOST", "WAREHOUSE_SERVICE_PORT*", "WAREHOUSE_PORT"),
        "WAREHOUSE_PORT_*",
    ),
    # Passwords and certificates stay: a URL need not hold them.
    "another database server, or another form of its answers": (
        *("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE", "PGSERVICEFILE"),
        *("PGOPTIONS", "PGDATESTYLE", "PGTZ", "PGCLIENTENCODING", "PGGEQO", "PGAPPNAME"),
        *("PGTARGETSESSIONATTRS", "PGCONNECT_TIMEOUT", "PGLOADBALANCEHOSTS"),
    ),
    "another place of DuckDB's files": ("MOTHERDUCK_*", "motherduck_*"),
    "how Arrow computes": ("ARROW_*",),
    "how uvicorn serves": ("WEB_CONCURRENCY", "UVICORN_*"),
    "the keys of each connection, in a file": ("SSLKEYLOGFILE",),
    "how the child processes in Python run": (
        *("PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONDEVMODE", "PYTHONINSPECT", "PYTHONSTARTUP"),
        *("PYTHONPROFILEIMPORTTIME", "PYTHONVERBOSE", "PYTHONDEBUG", "PYTHONTRACEMALLOC"),
    ),
    # On the command itself they have taken effect before it begins. LD_LIBRARY_PATH stays: Python
    # and Node may need it to start.
    "how the libraries of child processes are found and get their memory": (
        *("LD_PRELOAD", "LD_AUDIT", "LD_DEBUG*", "LD_BIND_*", "LD_PROFILE*", "LD_SHOW_AUXV"),
        *("LD_TRACE_*", "LD_VERBOSE", "LD_WARN", "LD_DYNAMIC_WEAK", "DYLD_INSERT_LIBRARIES"),
        *("MALLOC_*", "GLIBC_TUNABLES"),
    ),
    "how Node builds the report site": (
        *("NODE_ENV", "NODE_OPTIONS", "NODE_PATH", "EVIDENCE_*", "VITE_*"),
        *(
            f"{npm}_{option}"
            for npm, options in (
                ("npm_config", ("production", "omit", "only", "dry_run", "ignore_scripts")),
                ("NPM_CONFIG", ("PRODUCTION", "OMIT", "ONLY", "DRY_RUN", "IGNORE_SCRIPTS")),
            )
            for option in options
        ),
    ),
}
PATTERNS = tuple(pattern for patterns in CLEARED.values() for pattern in patterns)
# Their libraries do not know that a proxy cannot reach this machine's own addresses.
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def prepare_environment(environ: MutableMapping[str, str] = os.environ) -> None:
    """Leave in the environment what is used knowingly."""
    for name in [name for name in environ if is_cleared(name)]:
        del environ[name]
    _keep_loopback_direct(environ)
    # `-W error` would turn the advice of libraries into failures.
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        # A terminal without our letters gets their codes, never an error.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def open_missing_streams() -> None:
    """Open standard streams that are closed, as `2>&-` leaves them.

    The next file that is opened would take their place, and what is printed would go into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free.
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


class _Output(io.FileIO):
    """A standard stream whose reader may be done, as `| head` is: the work goes on without it."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write; what nobody reads any more is dropped."""
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            return memoryview(data).nbytes


def outlive_readers() -> None:
    """Let a command end as it would if its output were read to the end.

    A run does not fail because `| head -1` has seen enough of it.
    """
    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        # Streams that a test or another program put in their place are theirs.
        if stream is getattr(sys, f"__{name}__") and isinstance(stream, io.TextIOWrapper):
            stream.flush()
            output = io.TextIOWrapper(
                io.BufferedWriter(_Output(number, "w", closefd=False)),
                encoding=stream.encoding,
                errors="backslashreplace",
                line_buffering=True,
            )
            setattr(sys, name, output)


def require_current_folder() -> None:
    """Refuse to work in a folder that was deleted: libraries ask for it.

    Raises:
        WarehouseError: it was.
    """
    try:
        Path.cwd()
    except FileNotFoundError:
        msg = "the current folder was deleted: change to another one, and run the command again"
        raise WarehouseError(msg) from None


def is_cleared(name: str) -> bool:
    """Whether a variable is cleared."""
    return any(fnmatchcase(name, pattern) for pattern in PATTERNS)


def _keep_loopback_direct(environ: MutableMapping[str, str]) -> None:
    """Exempt this machine from proxies; both spellings, since libraries prefer one or the other."""
    given = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    hosts = [host.strip() for host in given.split(",") if host.strip()]
    if "*" not in hosts:
        hosts += [host for host in LOOPBACK if host not in hosts]
    for name in ("no_proxy", "NO_PROXY"):
        environ[name] = ",".join(hosts)
