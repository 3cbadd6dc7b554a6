"""A TLS proxy: clients that can call nothing but Meta's own hosts reach the simulator through it."""

import asyncio
import contextlib
import ssl

from adopt.mock.authority import HOSTS

_PATIENCE = 30  # seconds to say where one wants to go
_CHUNK = 1 << 16
_OK = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Proxy:
    """Answers CONNECT for Meta's hosts with the simulator that listens at an address, and refuses all others."""

    def __init__(self, context: ssl.SSLContext, host: str, port: int) -> None:
        self._context, self._host, self._port = context, host, port
        self._open: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        with contextlib.suppress(OSError, EOFError, TimeoutError, asyncio.CancelledError):
            await self._tunnel(reader, writer)
            writer.close()
            await writer.wait_closed()
        writer.transport.abort()

    def close(self) -> None:
        """End the connections still open."""
        for task in self._open:
            task.cancel()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return await _refuse(writer, "431 Request Header Fields Too Large", "the head of the request is too long")
        verb, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        if verb.upper() != "CONNECT":
            return await _refuse(writer, "405 Method Not Allowed", "this proxy takes CONNECT only: call https:// URLs")
        host = rest.split(" ")[0].rpartition(":")[0].strip("[]").lower()
        if host not in HOSTS:
            reason = f"{host or 'this host'} is not simulated, and nothing is passed on; simulated: {', '.join(HOSTS)}"
            return await _refuse(writer, "403 Forbidden", reason)
        writer.write(_OK)
        await writer.drain()
        await writer.start_tls(self._context)
        inner, outer = await asyncio.open_connection(self._host, self._port)
        try:
            await _both_ways(reader, writer, inner, outer)
        finally:
            outer.transport.abort()
        return None


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    inner: asyncio.StreamReader,
    outer: asyncio.StreamWriter,
) -> None:
    """Copy until either side ends: then what it said last has been passed on."""
    ways = [asyncio.create_task(_copy(reader, outer)), asyncio.create_task(_copy(inner, writer))]
    try:
        ended, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ended:
            way.result()
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK):
        sink.write(data)
        await sink.drain()


async def _refuse(writer: asyncio.StreamWriter, status: str, reason: str) -> None:
    body = f"adopt mock: {reason}\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
