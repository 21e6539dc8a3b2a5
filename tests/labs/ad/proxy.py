"""A proxy on the way to the controller that breaks connections where a test wants it.

    with Proxy(controller, tls=True) as proxy:
        proxy.fault = Fault(after_entries=150)      # the next connection is cut there
        ... f"ldaps://{domain.SERVER}:{proxy.port}" ...
        proxy.entries                               # what came through, in all

It listens at the controller's address under another port, so that names, tickets and certificates
stay right.  With tls it ends TLS itself, with the controller's own key, because entries can only be
counted in the clear; without, it passes bytes on, and counts entries of unsealed LDAP.
"""

import asyncio
import dataclasses
import ssl
import threading

from controller import LDAP_PORT, LDAPS_PORT

CHUNK_BYTES = 16384
SEARCH_RESULT_ENTRY = 0x64  # RFC 4511, section 4.5.2: [APPLICATION 4]
LDAP_MESSAGE = 0x30


@dataclasses.dataclass
class Fault:
    """What befalls the next `connections` connections; of the bounds the first to be reached counts."""

    after_bytes: int = None  # cut after so many bytes from the controller
    after_entries: int = None  # cut in place of the entry after so many
    delay_s: float = 0  # before each piece from the controller
    refuse: bool = False  # reset at once
    freeze: bool = False  # take the connection and never say anything
    connections: int = 1


class Entries:
    """Cuts a stream of LDAP messages where the entry after the permitted ones begins."""

    def __init__(self, permitted):
        self.permitted = permitted
        self.seen = 0
        self._rest = b""  # an incomplete message, not passed on before it is whole
        self._foreign = False  # not LDAP in the clear: sealed, or TLS

    def feed(self, data):
        """Returns (bytes to pass on, whether to cut now)."""
        if self._foreign:
            return data, False
        data = self._rest + data
        at = 0
        while (length := _message_length(data, at)) and at + length <= len(data):
            if _operation(data, at) == SEARCH_RESULT_ENTRY:
                if self.seen == self.permitted:
                    return data[:at], True
                self.seen += 1
            at += length
        if length is None:
            self._foreign = True
            at = len(data)
        self._rest = data[at:]
        return data[:at], False


def _length(data, at):
    """(content length, bytes of tag and length), or None if they are not all there."""
    if len(data) < at + 2:
        return None
    first = data[at + 1]
    if first < 0x80:
        return first, 2
    octets = first & 0x7F
    if len(data) < at + 2 + octets:
        return None
    return int.from_bytes(data[at + 2:at + 2 + octets], "big"), 2 + octets


def _message_length(data, at):
    """The whole message's; 0 if that can't be told yet, None if it is no LDAP message."""
    if at < len(data) and data[at] != LDAP_MESSAGE:
        return None
    known = _length(data, at)
    return sum(known) if known else 0


def _operation(data, at):
    """The tag behind the message's number."""
    at += _length(data, at)[1]
    return data[at + sum(_length(data, at))]


class Proxy:
    def __init__(self, controller, tls=False, port=0):
        self.controller = controller
        self.tls = tls
        self.port = port
        self.fault = None
        self.connections = self.bytes = self.entries = 0  # so far; written by the proxy's thread only
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server = None

    def __enter__(self):
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *_):
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self):
        context = None
        if self.tls:
            folder = self.controller.directory / "tls"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "dc.pem", folder / "dc.key")
        self._server = await asyncio.start_server(self._serve, self.controller.address, self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self):
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _next_fault(self):
        fault = self.fault
        if fault is None:
            return Fault()
        fault.connections -= 1
        if fault.connections <= 0:
            self.fault = None
        return fault

    async def _serve(self, reader, writer):
        self.connections += 1
        fault = self._next_fault()
        try:
            if fault.refuse:
                return
            if fault.freeze:
                await asyncio.Event().wait()
            await self._connect(reader, writer, fault)
        except (OSError, asyncio.CancelledError):
            pass  # either end went away, or the proxy does
        finally:
            writer.transport.abort()

    async def _connect(self, reader, writer, fault):
        context = None
        if self.tls:
            context = ssl.create_default_context(cafile=self.controller.directory / "tls" / "ca.pem")
        up_reader, up_writer = await asyncio.open_connection(
            self.controller.address, LDAPS_PORT if self.tls else LDAP_PORT, ssl=context
        )
        try:
            ways = [asyncio.ensure_future(self._forth(reader, up_writer)),
                    asyncio.ensure_future(self._back(up_reader, writer, fault))]
            _, open_ways = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in open_ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            up_writer.transport.abort()

    async def _forth(self, reader, writer):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()

    async def _back(self, reader, writer, fault):
        """Returns when the controller is done, or where the fault cuts."""
        entries = Entries(fault.after_entries)
        passed = 0
        while data := await reader.read(CHUNK_BYTES):
            if fault.delay_s:
                await asyncio.sleep(fault.delay_s)
            seen = entries.seen
            data, cut = entries.feed(data)
            self.entries += entries.seen - seen
            if fault.after_bytes is not None and passed + len(data) >= fault.after_bytes:
                data, cut = data[:fault.after_bytes - passed], True
            passed += len(data)
            self.bytes += len(data)
            writer.write(data)
            await writer.drain()
            if cut:
                return
