"""Assemble the site in the folder of the build: the template, a folder for each page, the data."""

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock

from reports.site_builder.build_metadata import write_build_metadata
from reports.site_builder.errors import SiteError
from reports.site_builder.site_template import PLACEHOLDER, built_template, page_routes
from reports.site_builder.sources import MARTS, Export, literal, sources

TEXT = frozenset({".html", ".js", ".css", ".json", ".webmanifest", ".svg"})
BASE_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
MEMORY = "768MB"
# What URLs, patterns and shells of Node's tools take for something else than a letter.
MISREAD = re.compile(r"""[#?%*|\\;&<>$`'"(){}\[\]!\x00-\x1f\x7f\ud800-\udfff]""")


def report(
    data_dir: Path,
    *,
    base_path: str = "",
    env: Mapping[str, str] = os.environ,
    say: Callable[[str], None] = print,
) -> Path:
    """Write the site of the published build to `published/site`; builds only what changed.

    Args:
        data_dir: holds `published`, with the `runs.json` that says how runs ended.
        base_path: URL path prefix at which it will be served, such as `/reports`, or empty.
        env: the environment for Node; WAREHOUSE_CACHE_DIR, where the packages and the built
            pages are kept, by default `cache` in `data_dir`; WAREHOUSE_MEMORY_LIMIT.
        say: gets a line for each step.

    Returns:
        The folder of the site.

    Raises:
        SiteError: nothing is published, the base path is invalid, Node is missing, or npm failed.
    """
    if base_path.endswith("/") or not BASE_PATH.fullmatch(base_path):
        msg = f"{base_path!r} is not a base path: write it as /reports, without a trailing slash"
        raise SiteError(msg)
    _published(data_dir)
    cache = _cache_folder(data_dir, env)
    template = built_template(cache / "site", env=env, say=say)
    began = time.monotonic()
    with FileLock(data_dir / ".site.lock"):
        # Only now: pages take minutes, and there may be a newer publication.
        build, manifest = _published(data_dir)
        partial = build / ".site.partial"
        # Left by a killed run.
        shutil.rmtree(partial, ignore_errors=True)
        try:
            _copy_template(template, partial, base_path)
            export = _export(build, manifest, partial / "data", env)
            site = _swap_site_link(build, partial)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    size = sum(path.stat().st_size for path in (site / "data").rglob("*") if path.is_file())
    say(
        f"site       {len(export.status)} tables, {size / 1e6:.1f} MB of data,"
        f" in {time.monotonic() - began:.1f} s: {data_dir / 'published' / 'site'}"
    )
    return site


def _published(data_dir: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of the published build, resolved, and its manifest."""
    build = (data_dir / "published").resolve()
    try:
        manifest: dict[str, Any] = json.loads((build / "manifest.json").read_text())
    except FileNotFoundError:
        msg = f"nothing is published in {data_dir}: run `warehouse demo` or `warehouse run` first"
        raise SiteError(msg) from None
    return build, manifest


def _cache_folder(data_dir: Path, env: Mapping[str, str]) -> Path:
    """Where the packages and the built pages are kept.

    Raises:
        SiteError: Node's tools would misread its path.
    """
    cache = Path(env.get("WAREHOUSE_CACHE_DIR") or data_dir / "cache").expanduser().absolute()
    if found := MISREAD.search(str(cache.resolve())):
        msg = (
            f"the site cannot be built in {cache}: Node's tools misread {found[0]!r} in a path; "
            "set WAREHOUSE_CACHE_DIR to a folder without it"
        )
        raise SiteError(msg)
    return cache


def _export(build: Path, manifest: dict[str, Any], folder: Path, env: Mapping[str, str]) -> Export:
    """Write the data of one build."""
    limit = env.get("WAREHOUSE_MEMORY_LIMIT") or MEMORY
    # One thread: the same rows give the same bytes. The database is attached, so that tables
    # that replace missing marts can be created beside it.
    with duckdb.connect(config={"memory_limit": limit, "threads": 1}) as con:
        con.execute("set timezone = 'UTC'")
        file = literal(build / manifest["database"]["path"])
        con.execute(f"attach {file} as {MARTS} (read_only)")
        _restrict(con, folder)
        export = Export(con, folder)
        for source in sources():
            export.write_source(source)
        write_build_metadata(export, build, manifest)
        export.write_list()
        _write_pages(folder.parent, export)
    return export


def _restrict(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Restrict a connection to reading what is attached and writing into a folder."""
    con.execute("set autoinstall_known_extensions = false; set autoload_known_extensions = false")
    con.execute(
        f"set allowed_directories = [{literal(folder)}]; set enable_external_access = false"
    )
    con.execute("set lock_configuration = true")


def _copy_template(template: Path, folder: Path, base_path: str) -> None:
    """Copy the template, replacing the placeholder with the base path; link files without it."""
    old, new = PLACEHOLDER.encode(), base_path.encode()
    for path in template.rglob("*"):
        copy = folder / path.relative_to(template)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.suffix in TEXT else b""
        if old in content:
            copy.write_bytes(content.replace(old, new))
        else:
            _link(path, copy)


def _link(path: Path, copy: Path) -> None:
    try:
        copy.hardlink_to(path)
    except OSError:  # another file system, or no hard links
        shutil.copyfile(path, copy)


def _write_pages(folder: Path, export: Export) -> None:
    """Give each page its own copy of the template: a static file server has no fallback.

    A page `crime/districts/[district]` is written for each value of the column `district` in
    the table `crime.districts`.
    """
    for route in page_routes():
        parent, parameter = re.fullmatch(r"(.*?)/?(?:\[(\w+)\])?", route).groups()  # type: ignore[union-attr]
        values = export.values(parent.replace("/", "."), parameter) if parameter else [""]
        for value in values:
            page = folder / parent / value / "index.html"
            if page != folder / "index.html":
                page.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / "index.html", page)


def _swap_site_link(build: Path, partial: Path) -> Path:
    """Make `partial` the site by replacing a link: a reader sees the old or the new one."""
    site = build / f"site-{time.time_ns():x}"
    partial.rename(site)
    beside = build / ".site.new"
    beside.unlink(missing_ok=True)
    beside.symlink_to(site.name, target_is_directory=True)
    beside.replace(build / "site")
    for old in build.glob("site-*"):
        if old != site:
            shutil.rmtree(old)
    return site
