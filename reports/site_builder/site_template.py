"""The template: the pages without data, as built by Evidence.

It is built once for every base path: the path in it is a placeholder, which is replaced when the
site is assembled.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from filelock import FileLock

from reports.site_builder.node import install_packages, run

PROJECT = Path(__file__).resolve().parents[1] / "site"
PLACEHOLDER = "/__site_base_path__"
KEPT_TEMPLATES = 3
# The template does not depend on these: queries run when the data is exported.
NOT_IN_TEMPLATE = ("sources", "README.md", "node_modules", ".evidence", "build")


def built_template(cache: Path, *, env: Mapping[str, str], say: Callable[[str], None]) -> Path:
    """The folder of the template; builds it if pages, components or packages changed.

    Args:
        cache: has the packages and the templates built before.
        env: the environment for Node.
        say: gets a line when something takes minutes.

    Raises:
        SiteError: Node is missing, or npm or Evidence failed.
    """
    name = content_hash()
    template = cache / "templates" / name
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / ".lock"):
        if not template.is_dir():
            _build(cache / "work", template, env=env, say=say)
        template.touch()
        for old in sorted(template.parent.iterdir(), key=lambda path: -path.stat().st_mtime)[
            KEPT_TEMPLATES:
        ]:
            shutil.rmtree(old)
    return template


def content_hash() -> str:
    """A hash of everything that the template is built from."""
    found = hashlib.sha256(Path(__file__).read_bytes())
    for path in source_files():
        found.update(f"{path.relative_to(PROJECT)}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:20]


def source_files() -> Iterator[Path]:
    """The files of the Evidence project from which the template is built."""
    for path in sorted(PROJECT.rglob("*")):
        if path.is_file() and path.relative_to(PROJECT).parts[0] not in NOT_IN_TEMPLATE:
            yield path


def page_routes() -> list[str]:
    """The paths of the pages below the base path, such as `crime/districts/[district]`."""
    pages = PROJECT / "pages"
    found = (path.relative_to(pages).with_suffix("").as_posix() for path in pages.rglob("*.md"))
    return sorted(re.sub(r"(^|/)index$", "", route) for route in found)


def _build(
    work: Path, template: Path, *, env: Mapping[str, str], say: Callable[[str], None]
) -> None:
    prepare(work)
    used = install_packages(work, env=env, say=say)
    say("building the site's pages, about two minutes")
    used |= {"VITE_EVIDENCE_SPA": "true", "SITE_VERSION": template.name, "NODE_ENV": "production"}
    run(["npm", "run", "build"], work, used, log=work.parent / "build.log")
    template.parent.mkdir(exist_ok=True)
    (work / "build").rename(template)


def prepare(work: Path) -> None:
    """Copy the project to where it is built; installed packages stay."""
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
