# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""The parameter ``tls``: whom to trust, and who we are.

Certificates come as text and not as paths: a path would let a workflow's author use, or find out
about, any file that the executor can read.
"""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mistral_lib import actions

if TYPE_CHECKING:
    import ssl

__all__ = ["Tls", "client_context"]


@dataclass
class Tls:
    """How the peer is verified, and by which certificate we say who we are."""

    #: Whether the peer's certificate must be valid and bear the host's name.
    verify: bool = True
    #: PEM of the authorities to trust; those of the executor's system by default.
    ca: str | None = None
    #: PEM of our own certificate and its key, one after the other.
    certificate: actions.Secret[str | None] = None


def client_context(tls: Tls | None) -> ssl.SSLContext:
    """Return the context for a connection.

    :raises InvalidInput: a certificate can't be read.
    """
    tls = tls or Tls()
    if tls.ca == "":
        # To the standard library that is no authority given, and so the system's.
        raise actions.InvalidInput(
            "Parameter 'tls.ca' is empty: leave it out, to trust the system's authorities"
        )
    if tls.certificate is None:
        # Reading the system's authorities takes ten times as long as a request.
        return _shared(tls.verify, tls.ca)
    context = _context(tls.verify, tls.ca)
    _present(context, tls.certificate)
    return context


@functools.lru_cache(maxsize=16)
def _shared(verify: bool, ca: str | None) -> ssl.SSLContext:
    return _context(verify, ca)


def _context(verify: bool, ca: str | None) -> ssl.SSLContext:
    import ssl

    # Between the certificates, a bundle may say their names in any letters.
    pem = None if ca is None else ca.encode("ascii", "replace").decode("ascii")
    try:
        context = ssl.create_default_context(cadata=pem)
    except ssl.SSLError as e:
        raise actions.InvalidInput("Parameter 'tls.ca' must hold certificates in PEM") from e
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _present(context: ssl.SSLContext, certificate: str) -> None:
    import ssl

    # OpenSSL reads it from a file alone; nobody else can read this one, and it is gone at once.
    with tempfile.NamedTemporaryFile("w", encoding="ascii", errors="replace") as file:
        file.write(certificate)
        file.flush()
        try:
            # The empty password: an encrypted key is an error, where OpenSSL would ask a terminal.
            context.load_cert_chain(file.name, password="")
        except (ssl.SSLError, ValueError) as e:
            raise actions.InvalidInput(
                "Parameter 'tls.certificate' must hold a certificate and its key, not encrypted, "
                "in PEM"
            ) from e
