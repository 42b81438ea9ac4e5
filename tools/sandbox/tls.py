# SPDX-FileCopyrightText: The Mistral SDK authors
# SPDX-License-Identifier: Apache-2.0
"""TLS in front of a service: a real server with a certificate, which passes on what it decrypts."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import ssl
import threading
from typing import TYPE_CHECKING

from tools.sandbox.cloud import LOOPBACK
from tools.supervision.errors import SupervisionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["TLSFront", "serve_tls"]

_CHUNK = 65536
#: Seconds.
_PATIENCE = 10.0


@dataclasses.dataclass(frozen=True)
class TLSFront:
    """Where it is, and whom to trust."""

    #: As ``https://127.0.0.1:43211``.
    url: str
    #: The certificate of the authority that made the server's.
    ca_file: Path
    #: The certificate of an authority that made nobody's.
    other_ca_file: Path


@contextlib.contextmanager
def serve_tls(port: int, folder: Path) -> Iterator[TLSFront]:
    """Serve, by TLS, what a service on ``port`` serves without, until the block ends.

    :param folder: gets the certificates.
    """
    import trustme

    authority, other = trustme.CA(), trustme.CA()
    files = [folder / "ca.pem", folder / "other-ca.pem"]
    for made, path in zip((authority, other), files, strict=True):
        made.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(LOOPBACK).configure_cert(context)
    proxy = _Proxy(port, context)
    thread = threading.Thread(target=proxy.run, name="tls-front", daemon=True)
    thread.start()
    try:
        yield TLSFront(f"https://{LOOPBACK}:{proxy.wait_for_port()}", *files)
    finally:
        proxy.stop()
        thread.join()


class _Proxy:
    """An event loop in a thread: bytes from a TLS connection to a plain one, and back."""

    def __init__(self, target: int, context: ssl.SSLContext) -> None:
        self._target = target
        self._context = context
        self._started = threading.Event()
        self._port = 0

    def run(self) -> None:
        asyncio.run(self._serve())

    def wait_for_port(self) -> int:
        if not self._started.wait(_PATIENCE):
            raise SupervisionError(f"the TLS front of port {self._target} did not start")
        return self._port

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        # Clients that refuse the certificate are what it is for: nothing to report.
        self._loop.set_exception_handler(lambda loop, context: None)
        server = await asyncio.start_server(self._pass_on, LOOPBACK, 0, ssl=self._context)
        self._port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._ended.wait()
        server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on one connection both ways until either side, or the front, ends it."""
        with contextlib.ExitStack() as opened:
            opened.callback(writer.transport.abort)
            try:
                service_reader, service_writer = await asyncio.open_connection(
                    LOOPBACK, self._target
                )
            except OSError:
                return
            opened.callback(service_writer.transport.abort)
            ways = (_copy(reader, service_writer), _copy(service_reader, writer))
            tasks = [asyncio.ensure_future(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        # All that was written goes out before the connection is given up.
        writer.close()
        await writer.wait_closed()
