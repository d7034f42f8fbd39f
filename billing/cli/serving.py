"""The command that serves the desk to browsers, with nothing else needed."""

from __future__ import annotations

import signal
from collections.abc import Callable
from ipaddress import ip_address
from types import FrameType
from typing import Any

import click
from waitress import create_server

from billing.cli.console import DONE, Console, command
from billing.cli.minding import Minder
from billing.errors import Refused
from billing.web.app import create_app
from billing.wiring import Program

THREADS = 8
"""Requests that are answered at the same time; each may hold one connection to the database."""
LARGEST_REQUEST = 256 * 2**20
"""Bytes; each page allows far less, as it says itself."""


@click.command()
@click.option("--host", help="The address to answer at; 127.0.0.1 is this machine alone.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to answer at; 0 takes any that is free.")
@command
def serve(console: Console, host: str | None, port: int | None) -> int:
    """Serve the desk to browsers, and do everything that is to happen by itself, until Ctrl-C or a request to end.

    One worker process is started with it and ended with it. With MERIDIAN_BROKER_URL set, workers run on their own,
    and none is started.
    """
    return serve_desk(console, console.program, host, port)


def serve_desk(
    console: Console,
    program: Program,
    host: str | None = None,
    port: int | None = None,
    *,
    first: Callable[[str], str] = lambda address: "",
) -> int:
    """Serve a program's desk until Ctrl-C or a request to end. Raises :class:`Refused` when it cannot listen there.

    ``first`` is done once the address is known and before anybody is answered; what it says is told with the address.
    """
    server = _listening(program, host or program.settings.host, program.settings.port if port is None else port)
    address = _address(host or program.settings.host, server.effective_port)
    more = first(address)
    told = f"Meridian is served at {address}. Ctrl-C ends it.{_warning(program, host)}"
    console.report({"address": address}, "\n\n".join(filter(None, (more, told))))
    signal.signal(signal.SIGTERM, _end)
    minder = None if program.settings.broker_url else Minder(program.settings)
    try:
        if minder is not None:
            minder.begin()
        server.run()
    finally:
        server.close()
        if minder is not None:
            minder.end()
        program.database.close()
    return DONE


def _listening(program: Program, host: str, port: int) -> Any:
    """The server, holding its port. Raises :class:`Refused` when it cannot have it."""
    try:
        return create_server(
            create_app(program),
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            max_request_body_size=LARGEST_REQUEST,
            # What proxies say of browsers is judged in the app, which knows how many there are.
            clear_untrusted_proxy_headers=program.settings.trusted_proxies == 0,
        )
    except OSError as error:
        raise Refused(
            f"Meridian cannot answer at {_address(host, port)}: {error.strerror or error}. "
            "It may be running there already; end what runs there, or choose another one with --port."
        ) from None
    except ValueError:
        raise Refused(f"{host} is no address of this machine. Name one with --host, such as 127.0.0.1.") from None


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _warning(program: Program, host: str | None) -> str:
    if _is_this_machine(host or program.settings.host) or program.settings.secure_cookies:
        return ""
    return (
        "\nOther machines can reach it, and nothing on the way is encrypted: put a proxy that speaks HTTPS before it, "
        "and set MERIDIAN_SECURE_COOKIES."
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(DONE)
