"""A self-signed certificate to try out TLS on this machine; not for production."""

import ipaddress
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from reports.api.errors import ServeError

DAYS = 30
NAMES = ("localhost", "127.0.0.1", "::1")
PRIVATE = 0o600


def make_certificate(
    folder: Path,
    *,
    names: tuple[str, ...] = NAMES,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> tuple[Path, Path]:
    """Write `certificate.pem` and `key.pem`, which only its owner may read.

    Args:
        folder: gets both; it is created if it does not exist.
        names: hosts and addresses of the certificate.
        now: the clock, UTC; the certificate is valid for 30 days.

    Returns:
        The certificate's file and the key's.

    Raises:
        ServeError: a file exists already, or the folder cannot be written.
    """
    certfile, keyfile = folder / "certificate.pem", folder / "key.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = _certificate(key, names, now()).public_bytes(serialization.Encoding.PEM)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in (certfile, keyfile):
            if path.exists():
                msg = f"{path} exists already: remove it, or choose another folder"
                raise ServeError(msg)
        _write(keyfile, private, PRIVATE)
        _write(certfile, public, 0o644)
    except OSError as error:
        msg = f"the certificate cannot be written to {folder}: {error.strerror}"
        raise ServeError(msg) from None
    return certfile, keyfile


def _certificate(
    key: ec.EllipticCurvePrivateKey, names: tuple[str, ...], now: datetime
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(usage, False)
        .sign(key, hashes.SHA256())
    )


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _write(path: Path, content: bytes, mode: int) -> None:
    # Private from the first byte, and never over an existing file.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
