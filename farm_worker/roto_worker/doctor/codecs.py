"""Which plates this machine can decode, and how much of one it takes on."""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from roto_shapes.errors import RotoError

from .finding import Finding

_REINSTALL = "pip install --force-reinstall 'megaton-roto[worker]' in this environment"


def look_at_codecs() -> Iterator[Finding]:
    """Readers of every still format, decoders of every movie, and settings that are wrong."""
    yield _stills()
    yield _movies()
    yield from _limits()


def _stills() -> Finding:
    try:
        import OpenImageIO as oiio  # noqa: N813

        from ..media.content import PICTURES
    except (ImportError, OSError) as error:
        return Finding("formats", f"stills cannot be read: {error}", _REINSTALL)
    there = set(str(oiio.get_string_attribute("format_list")).split(","))
    if missing := sorted(PICTURES - there):
        return Finding("formats", f"OpenImageIO lacks {', '.join(missing)}", _REINSTALL)
    return Finding("formats", f"stills: {', '.join(sorted(PICTURES))}")


def _movies() -> Finding:
    try:
        from av.codec import codecs_available

        from ..media.movie_facts import CODECS, NEEDED_CODECS
    except (ImportError, OSError) as error:
        return Finding("formats", f"movies cannot be read: {error}", _REINSTALL)
    if missing := sorted(set(NEEDED_CODECS) - codecs_available):
        return Finding("formats", f"FFmpeg lacks {', '.join(missing)}", _REINSTALL)
    return Finding("formats", f"movies: {', '.join(sorted(CODECS & codecs_available))}")


def _limits() -> Iterator[Finding]:
    try:
        from ..export.permissions import Permissions
        from ..media.limits import Limits

        limits = Limits.from_environment()
        Permissions.from_environment()
    except ImportError:
        return  # told above
    except RotoError as error:
        yield Finding("limits", error.message, error.hint)
        return
    machine = psutil.virtual_memory().total >> 20
    text = (
        f"a frame may have {limits.max_pixels} pixels, a plate {limits.max_frames} frames; "
        f"decoding may take {limits.decode_memory_mb} MB of {machine} MB"
    )
    fix = "Lower ROTO_WORKER_DECODE_MEMORY_MB" if limits.decode_memory_mb > machine else ""
    yield Finding("limits", text, fix)
