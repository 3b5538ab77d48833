"""A hall's own authority and its server's certificate, made by `cryptography`, as two private files and a public one.

`ca.key` holds the authority's key and certificate, `server.pem` the server's: each pair in one file, so that it is
there whole or not at all. `ca.crt` is the authority's certificate alone, for kiosks, displays and browsers. They would
believe it for every site, so it may speak (RFC 5280, 4.2.1.10) for this hall's names and for private networks only.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.files import whole, write_private

AUTHORITY: Final = timedelta(days=3652)
"""Ten years."""
SERVER: Final = timedelta(days=820)
"""Apple's systems take no longer than 825 days, and these begin a day early."""
BEFORE: Final = timedelta(days=1)
"""So long ago a new certificate begins: the clocks of a hall's PCs differ."""

CA_KEY, CA, SERVER_PEM = "ca.key", "ca.crt", "server.pem"

_NETWORKS: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
_NETWORKS6: Final = ("fc00::/7", "fe80::/10", "::1/128")
_DOMAINS: Final = ("localhost", "local", "lan", "internal", "home.arpa")
"""Networks and domains that belong to nobody (RFC 1918, 3927, 4193, 4291; 6761, 6762, 8375; ICANN's `.internal`)."""
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Unmade(Exception):
    """No certificate was made; the text is a sentence for a person."""


@dataclass(frozen=True)
class Made:
    """What lies in the folder now. `names` are the server certificate's; `fingerprint` is the SHA-256 of `ca.crt`."""

    names: tuple[str, ...]
    fingerprint: str
    authority_ends: datetime
    server_ends: datetime
    new_authority: bool
    left_out: tuple[str, ...] = ()
    """Of the machine's own names: the authority, made when it had others, may not speak for them."""


def make(
    folder: Path,
    names: Sequence[str],
    now: datetime,
    *,
    host: str,
    here: Sequence[str] = (),
    new_authority: bool = False,
) -> Made:
    """A new server's certificate for this machine's names (`here`), for `names` and for those of the one before it; an
    authority where there is none yet.

    `now` is in UTC, `host` the machine's name, which the certificates show. Raises :class:`Unmade`, OSError: for a name
    that the authority may not speak for, unless it is one of the machine's own, which change without anybody's doing.
    """
    mine = [named(name) for name in here]
    wanted = list(dict.fromkeys([*mine, *(named(name) for name in names), *_before(folder / SERVER_PEM)]))
    left_out: list[x509.GeneralName] = []
    authority = None if new_authority else _load(folder)
    if authority is None:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _authority(key, wanted, now, host)
        folder.mkdir(exist_ok=True)  # no mode: on Windows 0o700 would shut out the service that runs the hall
        write_private(folder / CA_KEY, _private(key) + _public(certificate))
    else:
        key, certificate = authority
        left_out = [name for name in mine if not _is_within(name, _spoken_for(certificate))]
        wanted = [name for name in wanted if name not in left_out]
    _refuse_what_it_may_not(certificate, wanted, now)
    # Also where it is there: a make that was cut short left the old one.
    with whole(folder / CA) as part:
        part.write_text(_public(certificate), "ascii")
        part.chmod(0o644)  # it is for everybody
    own = ec.generate_private_key(ec.SECP256R1())
    server = _server(own, wanted, (key, certificate), now, host)
    write_private(folder / SERVER_PEM, _private(own) + _public(server))
    return Made(
        names=tuple(str(name.value) for name in wanted),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        authority_ends=certificate.not_valid_after_utc,
        server_ends=server.not_valid_after_utc,
        new_authority=authority is None,
        left_out=tuple(str(name.value) for name in left_out),
    )


def named(name: str) -> x509.GeneralName:
    """A name or an address as it stands in a certificate. Raises :class:`Unmade`."""
    bare = name.strip().removeprefix("[").removesuffix("]")
    try:
        return x509.IPAddress(ipaddress.ip_address(bare))
    except ValueError:
        pass
    try:
        plain = bare.lower().encode("idna").decode("ascii")
    except UnicodeError:
        plain = ""
    if len(plain) > 253 or not all(_LABEL.fullmatch(label) for label in plain.split(".")):
        raise Unmade(f"{name!r} is neither a name of a machine nor an address")
    return x509.DNSName(plain)


def _authority(
    key: ec.EllipticCurvePrivateKey, wanted: Iterable[x509.GeneralName], now: datetime, host: str
) -> x509.Certificate:
    mark = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # Two authorities of one hall must not have the same name: a program would take one for the other.
    subject = _subject(f"Luot {host[:40]} {mark.digest.hex()[:8]}")
    usage = _usage(key_cert_sign=True, crl_sign=True)
    return (
        _begun(subject, subject, key.public_key(), now, now + AUTHORITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=_permitted(wanted), excluded_subtrees=None), critical=True
        )
        # A browser's or a system's store would believe it for programs and mail as well.
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(mark, critical=False)
        .sign(key, hashes.SHA256())
    )


def _server(
    own: ec.EllipticCurvePrivateKey,
    wanted: Sequence[x509.GeneralName],
    authority: tuple[ec.EllipticCurvePrivateKey, x509.Certificate],
    now: datetime,
    host: str,
) -> x509.Certificate:
    key, issuer = authority
    known = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _begun(
            _subject(f"Luot server {host[:40]}"),
            issuer.subject,
            own.public_key(),
            now,
            min(now + SERVER, issuer.not_valid_after_utc),
        )
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known), critical=False)
        .sign(key, hashes.SHA256())
    )


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    start = now - BEFORE
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    return builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _permitted(wanted: Iterable[x509.GeneralName]) -> list[x509.GeneralName]:
    """What the authority may speak for: private networks and domains, and what is asked for now beyond them."""
    out: list[x509.GeneralName] = [x509.DNSName(name) for name in _DOMAINS]
    out += [x509.IPAddress(ipaddress.ip_network(network)) for network in (*_NETWORKS, *_NETWORKS6)]
    for name in wanted:
        if _is_within(name, out):
            continue
        if isinstance(name, x509.IPAddress):
            # A global IPv6 address changes its second half every day.
            size = 64 if name.value.version == 6 else 32
            out.append(x509.IPAddress(ipaddress.ip_network(f"{name.value}/{size}", strict=False)))
        else:
            out.append(name)
    return out


def _is_within(name: x509.GeneralName, permitted: Iterable[x509.GeneralName]) -> bool:
    if isinstance(name, x509.IPAddress):
        networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
        return any(name.value in network for network in networks if not isinstance(network, Address))
    domains = [str(one.value) for one in permitted if isinstance(one, x509.DNSName)]
    return any(name.value == domain or str(name.value).endswith(f".{domain}") for domain in domains)


def _spoken_for(authority: x509.Certificate) -> list[x509.GeneralName]:
    found = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    return list(found.permitted_subtrees or ())


def _refuse_what_it_may_not(authority: x509.Certificate, wanted: Iterable[x509.GeneralName], now: datetime) -> None:
    if authority.not_valid_after_utc <= now:
        raise Unmade("the hall's authority has ended: make a new one by --new-authority")
    for name in wanted:
        if not _is_within(name, _spoken_for(authority)):
            raise Unmade(
                f"the hall's authority may not speak for {name.value}, no name of the hall when it was made: make a "
                "new one by --new-authority (each kiosk, display and browser then needs the new ca.crt)"
            )


def _load(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
    """The authority of this folder; None where there is none. Raises :class:`Unmade`, OSError."""
    file = folder / CA_KEY
    if not file.exists():
        if (folder / CA).exists():
            raise Unmade(
                f"{folder / CA} is there, but not its key {file}: put that back for as long as this takes, or make a "
                "new authority by --new-authority (each kiosk, display and browser then needs the new ca.crt)"
            )
        return None
    text = file.read_bytes()
    try:
        key = serialization.load_pem_private_key(text, password=None)
        certificate = x509.load_pem_x509_certificate(text)
    except (ValueError, TypeError) as error:
        raise Unmade(f"{file} cannot be read ({error}): put the right one there, or take it away") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise Unmade(f"{file} was not made by `luot tls`: put the right one there, or take it away")
    return key, certificate


def _before(file: Path) -> list[x509.GeneralName]:
    """The names of the certificate that is renewed: those that were asked for then are wanted still."""
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except (FileNotFoundError, ValueError, x509.ExtensionNotFound):
        return []  # it is made anew, whatever it was


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode("ascii")


def _public(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
