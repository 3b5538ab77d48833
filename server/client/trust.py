"""Whom a connection over TLS believes, what a refused certificate is in words, and when a certificate ends.

Only what Python brings along: kiosk, display and a hall with certificates of another make need no `cryptography`.
"""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_PEM: Final = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.S)
_SEQUENCE, _VERSION, _UTC_TIME, _TIME = 0x30, 0xA0, 0x17, 0x18

# OpenSSL's x509_vfy.h.
_NOT_YET, _OVER = 9, 10
_UNKNOWN: Final = {2, 7, 18, 19, 20, 21}
"""No way from the certificate to an authority that is believed, or another authority of the same name signed it."""
_FORBIDDEN: Final = {47, 48, 49, 50, 51, 52, 53}
_ANOTHER_NAME: Final = {62, 64}


def pinned(url: str, ca: Path | None) -> ssl.SSLContext | None:
    """What believes the authority in `ca` and nobody else. None without `ca`: then whoever this PC's system believes.

    Raises ValueError with a sentence for a person. That an authority has ended is told at each connection instead: a
    PC whose clock is wrong at first must not stay away for good.
    """
    if ca is None:
        return None
    if not url.startswith(("https://", "wss://")):
        raise ValueError(f"--ca {ca}: what goes to {url} is not encrypted; give the https:// address of the hall")
    try:
        text = ca.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ValueError(f"--ca {ca}: {error.strerror}") from None
    except UnicodeDecodeError:
        text = ""
    if "PRIVATE KEY" in text:
        raise ValueError(f"--ca {ca}: it holds a private key, which stays on the server; the file is ca.crt")
    if not (found := _PEM.findall(text)):
        raise ValueError(f"--ca {ca}: there is no certificate in it; it is the ca.crt that `luot tls` made")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # asks for a certificate and compares its name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cadata="\n".join(found))
    except (ssl.SSLError, ValueError, TypeError):
        raise ValueError(f"--ca {ca}: the certificate in it is damaged; copy it from the server again") from None
    if len(context.get_ca_certs()) < len(set(found)):  # those are authorities
        raise ValueError(f"--ca {ca}: it is a server's certificate, not its authority's; the file is ca.crt")
    return context


def said(error: BaseException, url: str, *, pin: bool) -> str:
    """Why there is no connection to `url`, as the end of a sentence for a person. `pin`: is there a `--ca`?"""
    host = urlsplit(url).hostname
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        if code == _NOT_YET:
            return "its certificate is not valid yet: look at the date of this PC"
        if code == _OVER:
            return "its certificate has ended (a new one: `luot tls` on the server), or the date of this PC is wrong"
        if code in _ANOTHER_NAME:
            return f"its certificate is not for {host} (one that is: `luot tls --name {host}` on the server)"
        if code in _FORBIDDEN:
            return f"its authority may not speak for it ({error.verify_message})"
        if code in _UNKNOWN and pin:
            return "its certificate is not of the authority in the file of --ca: another machine, or a new authority"
        if code in _UNKNOWN:
            return "this PC does not know who made its certificate: give the hall's ca.crt by --ca FILE"
        return f"its certificate is refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS there ({error.reason or 'cut off'}): is [tls] in the hall.toml that the hall runs with?"
    if isinstance(error, ConnectionResetError) and url.startswith("wss:"):
        return "it hangs up before TLS begins: is [tls] in the hall.toml that the hall runs with?"
    return str(error) or type(error).__name__


def ends(pem: Path) -> datetime:
    """When the first certificate of a PEM file ends, in UTC. Raises OSError, ValueError."""
    found = _PEM.search(pem.read_bytes().decode("ascii", "replace"))
    if found is None:
        raise ValueError("there is no certificate in it")
    try:
        return _ends(ssl.PEM_cert_to_DER_cert(found.group()))
    except (IndexError, KeyError):
        raise ValueError("the certificate in it is damaged") from None


def _ends(der: bytes) -> datetime:
    """RFC 5280, 4.1: a sequence of a sequence of version?, serial, algorithm, issuer, a sequence of two times, …"""
    _, certificate, _ = _part(der)
    _, rest, _ = _part(certificate)
    kind, _, after = _part(rest)
    if kind == _VERSION:
        rest = after
    for _ in ("serial", "algorithm", "issuer"):
        _, _, rest = _part(rest)
    _, validity, _ = _part(rest)
    _, _, rest = _part(validity)
    kind, end, _ = _part(rest)
    form = {_UTC_TIME: "%y%m%d%H%M%SZ", _TIME: "%Y%m%d%H%M%SZ"}[kind]
    return datetime.strptime(end.decode("ascii"), form).replace(tzinfo=UTC)


def _part(der: bytes) -> tuple[int, bytes, bytes]:
    """The kind and the content of the first value, and what follows it (X.690, 8.1)."""
    kind, length, start = der[0], der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start])
    if len(der) < start + length:
        raise IndexError
    return kind, der[start : start + length], der[start + length :]
