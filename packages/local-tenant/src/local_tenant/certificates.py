"""The https identity of the local tenant: a CA of its own and a certificate for this machine's loopback names."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

import certifi
import trustme
from cryptography import x509

from local_tenant.data_folder import replace_file

NAMES = ("localhost", "*.localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files in the data folder.

    Attributes:
        ca: the CA's certificate, PEM; what clients are to trust.
        server: the server's private key and certificate chain, PEM.
        bundle: the CA together with this machine's usual roots, PEM: for a shell that also talks to other hosts.
    """

    ca: Path
    server: Path
    bundle: Path


def ensure_certificates(folder: Path, host: str) -> Certificates:
    """Find the certificates in `folder`, or make them; made anew if they do not name `host`.

    Browsers accept no wildcard directly below localhost, so that each host needs a name of its own.

    The CA's private key is never written: once the one server certificate is signed, nobody can sign another that a
    machine trusting this CA would accept.
    """
    files = Certificates(folder / "ca.pem", folder / "server.pem", folder / "ca-bundle.pem")
    roots = _usual_roots(files)
    if not (files.ca.exists() and files.server.exists() and host in _names(files.server)):
        ca = trustme.CA(organization_name="Auth0 tenant on this machine")
        server = ca.issue_cert(*dict.fromkeys((*NAMES, host)))
        chain = b"".join(blob.bytes() for blob in server.cert_chain_pems)
        # The CA last: it marks the pair as whole.
        replace_file(files.server, server.private_key_pem.bytes() + chain)
        replace_file(files.ca, ca.cert_pem.bytes())
    replace_file(files.bundle, roots + b"\n" + files.ca.read_bytes())
    return files


def _names(server: Path) -> list[str]:
    certificate = x509.load_pem_x509_certificate(server.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName)


def _usual_roots(files: Certificates) -> bytes:
    for candidate in (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, certifi.where()):
        if candidate and Path(candidate).is_file():
            content = Path(candidate).read_bytes()
            # A shell that evaluated `local-tenant env` names the bundle itself, which ends with the tenant's own CA.
            return content.removesuffix(b"\n" + files.ca.read_bytes()) if files.ca.exists() else content
    return b""
