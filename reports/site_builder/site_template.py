"""The shell: the pages without any data, as Evidence builds them. It depends on no data.

It is built once for every folder that the site may be served from: the base path in it is a
placeholder, which is replaced when the site is put together.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from filelock import FileLock

from reports.site_builder.node import install_packages, run

PROJECT = Path(__file__).resolve().parents[1] / "site"
PLACEHOLDER = "/__site_base_path__"
KEPT_SHELLS = 3
# What a shell does not depend on: queries run when the data is exported.
NOT_IN_SHELL = ("sources", "README.md", "node_modules", ".evidence", "build")


def built_shell(cache: Path, *, env: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """The folder of the shell; builds it where pages, components or packages have changed.

    Args:
        cache: holds the packages and the shells that were built before.
        env: the environment for Node.
        say: gets a line when something takes long.

    Raises:
        SiteError: there is no Node, or npm or Evidence failed.
    """
    name = content_hash()
    shell = cache / "shells" / name
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / ".lock"):
        if not shell.is_dir():
            _build(cache / "work", shell, env=env, say=say)
        shell.touch()
        for old in sorted(shell.parent.iterdir(), key=lambda path: -path.stat().st_mtime)[
            KEPT_SHELLS:
        ]:
            shutil.rmtree(old)
    return shell


def content_hash() -> str:
    """A name for all that the shell is made from."""
    found = hashlib.sha256(Path(__file__).read_bytes())
    for path in source_files():
        found.update(f"{path.relative_to(PROJECT)}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:20]


def source_files() -> Iterator[Path]:
    """The files of the Evidence project that make the shell."""
    for path in sorted(PROJECT.rglob("*")):
        if path.is_file() and path.relative_to(PROJECT).parts[0] not in NOT_IN_SHELL:
            yield path


def page_routes() -> list[str]:
    """The pages' addresses below the base path, such as `crime/districts/[district]`."""
    pages = PROJECT / "pages"
    found = (path.relative_to(pages).with_suffix("").as_posix() for path in pages.rglob("*.md"))
    return sorted(re.sub(r"(^|/)index$", "", route) for route in found)


def _build(work: Path, shell: Path, *, env: Mapping[str, str], say: Callable[[str], None]) -> None:
    prepare(work)
    used = install_packages(work, env=env, say=say)
    say("building the site's pages, about two minutes")
    used |= {"VITE_EVIDENCE_SPA": "true", "SITE_VERSION": shell.name, "NODE_ENV": "production"}
    run(["npm", "run", "build"], work, used, log=work.parent / "build.log")
    shell.parent.mkdir(exist_ok=True)
    (work / "build").rename(shell)


def prepare(work: Path) -> None:
    """Copy the project into the folder where it is built; installed packages stay."""
    work.mkdir(parents=True, exist_ok=True)
    for path in work.iterdir():
        if path.name != "node_modules":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in source_files():
        copy = work / path.relative_to(PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    with (work / "evidence.config.yaml").open("a") as config:
        config.write(f"\ndeployment:\n  basePath: {PLACEHOLDER}\n")
