"""`roto login`: a code that is approved in a browser, or an API key."""

from __future__ import annotations

import os
import platform
import sys
import webbrowser
from threading import Event
from typing import Annotated

import typer

from ..api import DeviceCode
from ..api.config import find_server, store_key, write_config
from ..api.device import begin, wait_for_key
from .connect import Server, client_for


def login(
    server: Server = None,
    key: Annotated[
        str | None,
        typer.Option(help="An API key instead of a code; - asks for it.", show_default=False),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Only show the address and the code.")
    ] = False,
) -> None:
    """Sign in at a server, in your browser, and keep the key: in the keyring, or a private file."""
    url, _ = find_server(server)
    user = ""
    if key == "-":
        key = typer.prompt("API key", hide_input=True)
    if key is None:
        transport = client_for(url, None).transport
        code = begin(transport, f"roto on {platform.node()}")
        _show(code)
        if not no_browser:
            _open(code.address_with_code)
        made = wait_for_key(transport, code, Event())
        key, user = made.api_key, made.user
    client_for(url, key.strip()).probe()
    kept = store_key(url, key.strip())
    as_whom = f" as {user}" if user else ""
    typer.echo(
        f"Signed in to {url}{as_whom}. The key is in {kept}, the address in "
        f"{write_config(server=url)}."
    )


def _show(code: DeviceCode) -> None:
    minutes = max(1, round(code.seconds_left() / 60))
    plural = "s" if minutes > 1 else ""
    typer.echo(f"Open {code.address} in a browser, on this machine or any other,", err=True)
    typer.echo(f"and enter the code  {code.user_code}", err=True)
    typer.echo(f"Waiting for it, {minutes} minute{plural} at most. Ctrl-C stops.", err=True)


def _open(address: str) -> None:
    if not _has_screen():
        return
    try:
        opened = webbrowser.open(address)
    except webbrowser.Error:
        opened = False
    if not opened:
        typer.echo("No browser could be opened here.", err=True)


def _has_screen() -> bool:
    """Whether a browser would have a window: in a terminal one would take the terminal over."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
