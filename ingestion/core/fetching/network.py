"""Proxies and certificates as the environment names them; this machine is always asked directly."""

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

import certifi

from ingestion.core.errors import LoadError

# The first that is set is used by all of ours, whichever library it was meant for.
CERTIFICATE_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CERTIFICATE_FOLDER = "SSL_CERT_DIR"


@dataclass(frozen=True)
class Proxy:
    """A proxy.

    Attributes:
        variable: the environment variable that names it; a message may quote it.
        address: its URL, which may hold a password.
    """

    variable: str
    address: str

    def __str__(self) -> str:
        return f"through the proxy of {self.variable}"


def proxy_for(url: str, environ: Mapping[str, str] = os.environ) -> Proxy | None:
    """Return the proxy of a URL; None where it is asked directly."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    given = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if is_loopback(host) or proxy_bypass_environment(host, {"no": given}):
        return None
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if address := environ.get(variable, "").strip():
                return Proxy(variable, address if "://" in address else f"http://{address}")
    return None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its own name or address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def certificate_file(environ: Mapping[str, str] = os.environ) -> str:
    """Return the file of the authorities to trust.

    Raises:
        LoadError: the environment names one that cannot be read; names the variable.
    """
    variable = next((name for name in CERTIFICATE_FILES if environ.get(name)), None)
    if variable is None:
        return certifi.where()
    path = Path(environ[variable])
    if not path.is_file():
        msg = f"{variable} names {path}, which is not a file: unset it, or name a file in PEM"
        raise LoadError(msg)
    return str(path)


def certificate_folder(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the folder of further authorities, if the environment names one.

    Raises:
        LoadError: it names one that is not there.
    """
    folder = environ.get(CERTIFICATE_FOLDER) or None
    if folder and not any(Path(part).is_dir() for part in folder.split(os.pathsep)):
        msg = f"{CERTIFICATE_FOLDER} names {folder}, which is not a folder: unset it"
        raise LoadError(msg)
    return folder


def authorities(url: str, environ: Mapping[str, str] = os.environ) -> ssl.SSLContext | bool:
    """Return the authorities that a URL's server is checked by; plain HTTP needs none.

    Raises:
        LoadError: the environment names authorities that cannot be read.
    """
    if urlsplit(url).scheme != "https":
        return False
    file, folder = certificate_file(environ), certificate_folder(environ)
    try:
        return ssl.create_default_context(cafile=file, capath=folder)
    except (ssl.SSLError, OSError) as error:
        msg = f"{file} cannot be read as certificates in PEM ({error}): see SSL_CERT_FILE"
        raise LoadError(msg) from None


def network_hint(environ: Mapping[str, str] = os.environ) -> str:
    """Return what in the environment may be why another library reached nothing; often nothing."""
    try:
        certificate_file(environ)
        certificate_folder(environ)
    except LoadError as error:
        return str(error)
    proxy = proxy_for("https://host", environ) or proxy_for("http://host", environ)
    return f"asked {proxy}" if proxy else ""
