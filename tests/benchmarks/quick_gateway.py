"""A text gateway that answers at once and costs next to nothing: ``python -m tests.benchmarks.quick_gateway``.

It prints its port, takes every message, and forgets it: what is measured is Meridian, and not the other side.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_END = b"\r\n\r\n"


class Talk(asyncio.Protocol):
    """One connection, over which a message comes after the other."""

    def __init__(self) -> None:
        self.heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard += data
        while (ends := self.heard.find(_END)) >= 0:
            head = self.heard[:ends]
            whole = ends + len(_END) + int(_header(head, b"Content-Length: "))
            if len(self.heard) < whole:
                return
            self.heard = self.heard[whole:]
            taken = b'{"id": "gw-%s"}' % _header(head, b"Idempotency-Key: ")
            self.transport.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\n\r\n%s" % (len(taken), taken))


def _header(head: bytes, name: bytes) -> bytes:
    return head.partition(name)[2].partition(b"\r\n")[0]


class Running(NamedTuple):
    """A gateway in a process of its own."""

    address: str
    process: int


@contextmanager
def quick_gateway() -> Iterator[Running]:
    """Run it until the block ends."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Running(f"http://127.0.0.1:{int(process.stdout.readline())}/v1", process.pid)
        finally:
            process.kill()


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
