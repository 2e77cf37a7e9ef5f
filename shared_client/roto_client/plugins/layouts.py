"""Where each host wants what, and where the plugins' sources are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import roto_client
from roto_shapes.errors import RotoError


@dataclass(frozen=True)
class Layout:
    """``source``: folder below the plugins' sources. ``top``: what the plugin's folder is called
    where it is installed, and in the zip unless that is ``flat``. ``kind``: how it is built,
    `bundle.content_of`."""

    host: str
    title: str
    source: str
    top: str
    kind: str = "vendored"
    flat: bool = False


HOSTS = {
    "nuke": Layout("nuke", "Nuke", "nuke", "megaton_roto"),
    "silhouette": Layout(
        "silhouette", "Silhouette", "silhouette/megaton_roto_silhouette", "megaton_roto_silhouette"
    ),
    "blender": Layout("blender", "Blender", "blender", "megaton_roto", kind="extension", flat=True),
    "aftereffects": Layout(
        "aftereffects", "After Effects", "aftereffects", "com.megatonroto.panel", kind="panel"
    ),
}


def layout_of(host: str) -> Layout:
    """The layout of a host. Raises RotoError ``bad_request``."""
    if host not in HOSTS:
        raise RotoError(
            f"There is no plugin for {host!r}.",
            hint=f"There are: {', '.join(HOSTS)}.",
            code="bad_request",
        )
    return HOSTS[host]


def source_of(layout: Layout) -> Path:
    """The folder with a plugin's source: of the checkout, or of the installed package.

    Raises RotoError ``not_found`` when neither is there.
    """
    package = Path(roto_client.__file__).resolve().parent
    places = (package.parents[1] / "plugins", package / "plugin_sources")
    for place in places:
        if (place / layout.source).is_dir():
            return place / layout.source
    raise RotoError(
        f"The source of the {layout.title} plugin is not installed.",
        hint="Install megaton-roto from its wheel, or work in a checkout.",
        code="not_found",
    )
