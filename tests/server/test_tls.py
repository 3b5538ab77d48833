"""`luot tls`: certificates that OpenSSL finds right, renewed under one authority, private, and never half there."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from server.access import certificates
from server.client import trust
from server.settings import process as configs
from tests.certificates import made, secure_hall
from tests.halls import begin, luot, until

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hall's folder."""
    (tmp_path / "hội trường").mkdir()
    begin(tmp_path / "hội trường")
    return tmp_path / "hội trường"


def openssl(*words: str) -> str:
    done = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(file.read_bytes())


def test_the_certificates_are_what_browsers_and_openssl_ask_for(folder: Any) -> None:
    said = luot("tls", "--name", "1cua.phuong.gov.vn", "--name", "203.0.113.9", data=folder)
    assert said.returncode == 0, said.stderr
    tls = folder / "tls"
    openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(tls / "ca.crt"), str(tls / "server.pem"))
    authority, server = read(tls / "ca.crt"), read(tls / "server.pem")
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", os.uname().nodename.lower(), "1cua.phuong.gov.vn"} <= set(
        names.get_values_for_type(x509.DNSName)
    )
    assert {"127.0.0.1", "203.0.113.9"} <= {str(one) for one in names.get_values_for_type(x509.IPAddress)}
    from server.pages.addresses import lan_addresses

    assert set(lan_addresses()) <= {str(one) for one in names.get_values_for_type(x509.IPAddress)}
    text = openssl("x509", "-in", str(tls / "server.pem"), "-noout", "-text")
    assert "CA:FALSE" in text
    assert "TLS Web Server Authentication" in text
    text = openssl("x509", "-in", str(tls / "ca.crt"), "-noout", "-text")
    for line in ("CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign\n", "Name Constraints: critical"):
        assert line in text
    assert server.not_valid_after_utc - server.not_valid_before_utc <= timedelta(days=825)
    assert timedelta(days=3650) <= authority.not_valid_after_utc - datetime.now(UTC) <= timedelta(days=3653)
    assert openssl("x509", "-in", str(tls / "ca.crt"), "-noout", "-fingerprint", "-sha256").strip()[-95:] in said.stdout


def test_keys_are_for_the_halls_user_alone_and_ca_crt_holds_none(folder: Any) -> None:
    assert luot("tls", data=folder).returncode == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder / "tls").iterdir()}
    assert modes == {"ca.key": 0o600, "server.pem": 0o600, "ca.crt": 0o644}
    assert "PRIVATE" not in (folder / "tls/ca.crt").read_text()


def test_what_it_says_to_do_is_what_the_hall_takes(folder: Any, tmp_path: Path) -> None:
    said = luot("tls", "--name", "cua.lan", data=folder).stdout
    lines = [line.removeprefix("     ") for line in said.splitlines() if line.startswith("     ")]
    toml = "\n".join(line for line in lines if not line.startswith("--server"))
    assert tomllib.loads(toml)["tls"]["cert"] == str(folder / "tls/server.pem")
    (tmp_path / "hall.toml").write_text(toml, "utf-8")
    config = configs.read(tmp_path / "hall.toml")
    assert config.hosts == ("cua.lan",)
    assert config.tls is not None
    assert Path(config.tls.key).exists()
    (way,) = [line for line in lines if line.startswith("--server")]
    assert way.endswith(":8000 --ca ca.crt")
    assert way.startswith("--server https://")


def test_renewing_keeps_the_authority_and_the_names_and_makes_a_new_certificate(folder: Any) -> None:
    first = luot("tls", "--name", "cua.lan", data=folder)
    ca, pem = ((folder / "tls" / name).read_bytes() for name in ("ca.crt", "server.pem"))
    second = luot("tls", data=folder)
    assert second.returncode == 0, second.stderr
    assert (folder / "tls/ca.crt").read_bytes() == ca
    assert (folder / "tls/server.pem").read_bytes() != pem
    assert "cua.lan" in second.stdout
    assert "Restart the hall. Kiosks, displays and browsers stay as they are" in second.stdout
    assert "What is to be done now" in first.stdout
    third = luot("tls", "--new-authority", data=folder)
    assert (folder / "tls/ca.crt").read_bytes() != ca
    assert "cua.lan" in third.stdout
    assert read(folder / "tls/ca.crt").subject != x509.load_pem_x509_certificate(ca).subject


def test_nothing_is_made_where_no_hall_is(tmp_path: Path) -> None:
    ended = luot("tls", data=tmp_path)
    assert ended.returncode == 2
    assert "there is no hall in" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_cryptography_it_is_a_sentence(folder: Any) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests/setup/hidden"), "HIDDEN": "cryptography"}
    words = [sys.executable, "-m", "server", "tls", "--data", str(folder)]
    ended = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == 'luot: the tls part is not installed here (no cryptography): pip install "luot[tls]"\n'
    assert not (folder / "tls").exists()


@pytest.mark.parametrize("name", ["*.lan", "a b", "http://cua.lan", "cua.lan:8000", "", "a..b", "-a.lan", "x" * 64])
def test_what_is_no_name_is_refused_and_nothing_is_made(folder: Any, name: Any) -> None:
    ended = luot("tls", "--name", name, data=folder)
    assert ended.returncode == 2
    assert "neither a name of a machine nor an address" in ended.stderr
    assert not (folder / "tls").exists()


def test_the_authority_speaks_for_this_hall_and_private_networks_only(tmp_path: Path) -> None:
    tls = made(tmp_path / "tls", "127.0.0.1", now=NOW)
    before = (tls / "server.pem").read_bytes()
    for name in ("mail.example.com", "203.0.113.9", "2001:db8::1"):
        with pytest.raises(certificates.Unmade, match="may not speak for"):
            made(tls, name, now=NOW)
    assert (tls / "server.pem").read_bytes() == before
    for name in ("10.1.2.3", "192.168.7.7", "fd00::7", "cua.lan", "may-chu.local"):
        made(tls, name, now=NOW)


def test_an_address_that_changed_by_itself_is_left_out_and_keeps_no_certificate_from_being_made(tmp_path: Path) -> None:
    """A provider gives a hall another IPv6 network: kiosks and browsers must not be visited for that."""
    tls = tmp_path / "tls"
    certificates.make(tls, [], NOW, host="h", here=["192.168.1.10", "2405:4802:1:1::5"])
    made_again = certificates.make(tls, [], NOW, host="h", here=["192.168.1.11", "2405:4802:9:9::5"])
    assert made_again.left_out == ("2405:4802:9:9::5",)
    assert {"192.168.1.11", "2405:4802:1:1::5"} <= set(made_again.names)
    with pytest.raises(certificates.Unmade, match="may not speak for"):
        certificates.make(tls, ["2405:4802:9:9::6"], NOW, host="h")


def test_the_authority_is_believed_for_servers_alone(tmp_path: Path) -> None:
    """A system's store holds it: no program and no mail may be signed under it."""
    tls = made(tmp_path / "tls", "127.0.0.1", now=NOW)
    key, authority = certificates._load(tls)
    own = ec.generate_private_key(ec.SECP256R1())
    subject = certificates._subject("Somebody Else")
    builder = certificates._begun(subject, authority.subject, own.public_key(), NOW, NOW + timedelta(days=9))
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    leaf = builder.add_extension(certificates._usage(digital_signature=True), critical=True).sign(key, hashes.SHA256())
    (tls / "leaf.pem").write_text(certificates._public(leaf))
    words = ["openssl", "verify", "-purpose", "smimesign", "-CAfile", str(tls / "ca.crt"), str(tls / "leaf.pem")]
    verified = subprocess.run(words, capture_output=True, text=True, check=False)
    assert verified.returncode != 0
    assert "urpose" in verified.stderr  # "unsupported", or "unsuitable certificate purpose"


def test_a_key_that_was_taken_to_a_safe_is_asked_for(folder: Any) -> None:
    assert luot("tls", data=folder).returncode == 0
    before = {path.name: path.read_bytes() for path in (folder / "tls").iterdir()}
    (folder / "tls/ca.key").unlink()
    ended = luot("tls", data=folder)
    assert ended.returncode == 2
    assert "put that back for as long as this takes" in ended.stderr
    assert (folder / "tls/server.pem").read_bytes() == before["server.pem"]
    (folder / "tls/ca.key").write_bytes(before["ca.key"])
    assert luot("tls", data=folder).returncode == 0
    assert (folder / "tls/ca.crt").read_bytes() == before["ca.crt"]


@pytest.mark.parametrize("text", ["", "no key\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_damaged_key_is_a_sentence(folder: Any, text: Any) -> None:
    assert luot("tls", data=folder).returncode == 0
    (folder / "tls/ca.key").write_text(text)
    ended = luot("tls", data=folder)
    assert ended.returncode == 2
    assert "ca.key" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("blocked", ["ca.key", "ca.crt", "server.pem"])
def test_a_make_that_is_cut_short_leaves_nothing_half_and_the_next_one_ends_it(tmp_path: Path, blocked: Any) -> None:
    tls = tmp_path / "tls"
    (tls / blocked).mkdir(parents=True)  # nothing can be written in its place
    with pytest.raises((OSError, certificates.Unmade)):
        made(tls, now=NOW)
    assert not list(tls.glob("*.part"))
    keys = (tls / "ca.key").read_bytes() if (tls / "ca.key").is_file() else None
    (tls / blocked).rmdir()
    made(tls, now=NOW)
    if keys is not None:
        assert (tls / "ca.key").read_bytes() == keys, "the authority that was made already stays"
    assert read(tls / "ca.key") == read(tls / "ca.crt")
    openssl("verify", "-no_check_time", "-CAfile", str(tls / "ca.crt"), str(tls / "server.pem"))


def test_no_copy_takes_a_key_along(folder: Any, tmp_path: Path) -> None:
    assert luot("tls", data=folder).returncode == 0
    (tmp_path / "stick").mkdir()
    assert luot("backup", "--to", str(tmp_path / "stick/copy.db"), data=folder).returncode == 0
    assert [path.name for path in (tmp_path / "stick").iterdir()] == ["copy.db"]
    copy = (tmp_path / "stick/copy.db").read_bytes()
    for name in ("ca.key", "server.pem"):
        for line in (folder / "tls" / name).read_bytes().splitlines():
            assert line.startswith(b"-----") or line not in copy


def test_a_server_certificate_never_outlives_its_authority(tmp_path: Path) -> None:
    tls = made(tmp_path / "tls", now=NOW)
    made(tls, now=NOW + certificates.AUTHORITY - timedelta(days=100))
    assert read(tls / "server.pem").not_valid_after_utc == read(tls / "ca.crt").not_valid_after_utc
    with pytest.raises(certificates.Unmade, match="new one by --new-authority"):
        made(tls, now=NOW + certificates.AUTHORITY + timedelta(days=1))


def test_an_authority_near_its_end_is_said(folder: Any) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    assert "for good" not in luot("tls", data=folder).stdout
    names = read(folder / "tls/server.pem").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    for name in ("ca.key", "ca.crt", "server.pem"):
        (folder / "tls" / name).unlink()
    made(folder / "tls", *(str(name.value) for name in names), now=now - certificates.AUTHORITY + timedelta(days=90))
    assert "Both end on that day, for good: make a new authority beforehand" in luot("tls", data=folder).stdout


# --- the end of a certificate -------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 820, 3650, 10000, 30000])
@pytest.mark.parametrize("kind", [("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), ("rsa:2048",)])
def test_the_end_is_read_as_openssl_reads_it(tmp_path: Path, days: Any, kind: Any) -> None:
    cert = tmp_path / "x.crt"
    words = ["req", "-x509", "-newkey", *kind, "-nodes", "-keyout", str(tmp_path / "x.key"), "-out", str(cert)]
    openssl(*words, "-days", str(days), "-subj", "/CN=x")
    cert.write_text(openssl("x509", "-in", str(cert), "-text"))  # with words before it, as many tools write it
    told = openssl("x509", "-in", str(cert), "-noout", "-enddate").strip().removeprefix("notAfter=")
    assert trust.ends(cert) == datetime.strptime(told, "%b %d %H:%M:%S %Y %Z").replace(tzinfo=UTC)


def test_what_is_no_certificate_is_told(tmp_path: Path) -> None:
    cert = made(tmp_path / "tls") / "ca.crt"
    lines = cert.read_text().splitlines()
    for text in ("", "x", "\n".join([lines[0], lines[1], lines[-1]])):
        cert.write_text(text)
        with pytest.raises(ValueError, match="certificate"):
            trust.ends(cert)


@pytest.mark.parametrize(
    ("left", "code"),
    [(timedelta(days=31), None), (timedelta(days=29), "tls_ends"), (timedelta(days=-1), "tls_over")],
)
async def test_the_manager_and_the_log_are_told_before_it_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, left: Any, code: Any
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    tls = made(tmp_path / "tls", now=now - certificates.SERVER + left)
    end = read(tls / "server.pem").not_valid_after_utc
    async with secure_hall(tmp_path / "hall", tls) as h:
        await until(lambda: h.service._pages.full_name)  # the first look of the minute's round is over
        alarms = {alarm for alarm in h.service.alarms.standing if alarm.startswith("tls_")}
        assert alarms == ({f"{code}:{end:%Y-%m-%d}"} if code else set())
        told = [record.getMessage() for record in caplog.records if "`luot tls` makes a new one" in record.getMessage()]
        assert len(told) == (1 if code else 0)
