"""Serve the site on this machine like any web server: static files, with a path prefix or not."""

import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from reports.site_builder.errors import SiteError


def site_app(folder: Path, base_path: str = "") -> Starlette:
    """The site below `base_path`; the root redirects there."""
    files = StaticFiles(directory=folder, html=True, follow_symlink=True)
    routes: list[Route | Mount] = [Mount(base_path or "/", files)]
    if base_path:
        routes.append(Route("/", lambda _: RedirectResponse(f"{base_path}/")))
    return Starlette(routes=routes, middleware=[Middleware(GZipMiddleware, compresslevel=1)])


def serve(
    folder: Path,
    *,
    base_path: str = "",
    host: str = "127.0.0.1",
    port: int = 8090,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the site until Ctrl-C.

    Args:
        folder: of the site; a new site that replaces it is served at once.
        base_path: for which it was built.
        host: address to listen on.
        port: 0 takes a free one.
        ready: called with the address once it listens.

    Raises:
        SiteError: the address or the port cannot be used.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        msg = f"cannot listen on {host}, port {port} ({error.strerror}): choose another --port"
        raise SiteError(msg) from None
    with listener:
        if ready:
            ready(f"http://{host}:{listener.getsockname()[1]}{base_path}/")
        config = uvicorn.Config(site_app(folder, base_path), log_level="warning")
        uvicorn.Server(config).run([listener])
