"""The simulator's certificate authority: it speaks for Meta's hosts and, by its own constraint, for no others."""

import datetime as dt
import os
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DOMAINS = ("facebook.com", "instagram.com")
HOSTS = (
    "graph.facebook.com",
    "graph-video.facebook.com",
    "rupload.facebook.com",
    "www.facebook.com",
    "facebook.com",
    "m.facebook.com",
    "graph.instagram.com",
)
CA_LIFE, LEAF_LIFE = dt.timedelta(days=3650), dt.timedelta(days=30)
_MARGIN = dt.timedelta(days=2)  # a certificate about to end is made anew


def authority(folder: Path) -> Path:
    """Give the file of the authority's certificate in a folder; made, with its key, where it is missing."""
    bundle, key = folder / "mock-ca.pem", folder / "mock-ca.key"
    if not _usable(bundle, key):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = ec.generate_private_key(ec.SECP256R1())
        _write(key, _pem(secret))
        _write(bundle, _root(secret).public_bytes(serialization.Encoding.PEM))
    return bundle


def server_context(folder: Path) -> ssl.SSLContext:
    """Give the TLS settings of a server that has Meta's names, signed by the authority in a folder."""
    bundle = authority(folder)
    secret = serialization.load_pem_private_key((folder / "mock-ca.key").read_bytes(), None)
    if not isinstance(secret, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{folder / 'mock-ca.key'} is not the key of the simulator: remove it")  # noqa: TRY004 - a file's content
    own = ec.generate_private_key(ec.SECP256R1())
    leaf = _leaf(own, x509.load_pem_x509_certificate(bundle.read_bytes()), secret)
    held = folder / f"mock-tls.{os.getpid()}.pem"  # ssl reads certificates from files only
    _write(held, _pem(own) + leaf.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(held)
    finally:
        held.unlink()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _usable(bundle: Path, key: Path) -> bool:
    try:
        found = x509.load_pem_x509_certificate(bundle.read_bytes())
        secret = serialization.load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        return False
    return found.public_key() == secret.public_key() and found.not_valid_after_utc > _now() + LEAF_LIFE + _MARGIN


def _root(secret: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "adopt flight simulator (not Meta)")])
    key_id = x509.SubjectKeyIdentifier.from_public_key(secret.public_key())
    return (
        _certificate(name, name, secret, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints([x509.DNSName(name) for name in DOMAINS], None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(key_id, critical=False)
        .sign(secret, hashes.SHA256())
    )


def _leaf(
    own: ec.EllipticCurvePrivateKey, root: x509.Certificate, secret: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS[0])])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(secret.public_key())
    return (
        _certificate(name, root.subject, own, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(issuer, critical=False)
        .sign(secret, hashes.SHA256())
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, own: ec.EllipticCurvePrivateKey, life: dt.timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - _MARGIN)
        .not_valid_after(_now() + life)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _pem(secret: ec.EllipticCurvePrivateKey) -> bytes:
    return secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, 0o600)
        file.write(content)
