"""What to know of a plate before one relies on it, from what its first frame says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from roto_shapes.timecode import Timecode, may_drop

from .colour import is_scene_linear, said_by_header
from .header import DEFAULT_FPS
from .remarks import INFO, WARNING, Remark
from .source import PlateInfo

_USUAL = frozenset(Fraction(rate) for rate in (12, 15, 24, 25, 30, 48, 50, 60, 72, 96, 100, 120))
_ORIENTATIONS = 8
"""Of EXIF and TIFF; 1 is as stored."""
_FEW_BITS = re.compile(r"\(([1-9]|10) bits\)")
_WINDOW = re.compile(r"(-?\d+),(-?\d+) (\d+)x(\d+)")


def on_plate(info: PlateInfo, told_fps: tuple[int, int] | None) -> Iterator[Remark]:
    """Rate, timecode, colour, alpha, pixel aspect and windows. ``told_fps`` wins over the file."""
    yield from _on_rate(info, told_fps)
    yield from _on_timecode(info, told_fps)
    yield from _on_colorspace(info)
    if (alpha := info.metadata.get("alpha", "none")) != "none":
        kind = "" if alpha == "unspecified" else f" ({alpha})"
        shown = "seen over black" if alpha == "premultiplied" else "taken as stored"
        yield Remark(
            "alpha_ignored",
            INFO,
            f"the plate has an alpha channel{kind}; it is not used, colours are {shown}",
            {"alpha": alpha},
        )
    if abs(info.pixel_aspect - 1) > 1e-3:
        yield Remark(
            "anamorphic",
            INFO,
            f"pixels are {info.pixel_aspect:g} times as wide as high; nothing is unsqueezed",
            {"pixel_aspect": info.pixel_aspect},
        )
    yield from _on_windows(info)
    turned = info.metadata.get("Orientation", "1")
    if turned.isascii() and turned.isdecimal() and 2 <= int(turned) <= _ORIENTATIONS:
        yield Remark(
            "rotated",
            WARNING,
            f"viewers turn or mirror the pictures (orientation {turned}); tracking does not",
            {"orientation": int(turned)},
        )


def _on_rate(info: PlateInfo, told: tuple[int, int] | None) -> Iterator[Remark]:
    of_file = Fraction(*info.fps)
    if info.metadata.get("fps_source") == "default":
        if told is None:
            yield Remark(
                "no_frame_rate",
                WARNING,
                f"the files say no frame rate; {DEFAULT_FPS[0]} is assumed",
                {"fps": list(info.fps)},
            )
    elif told is not None and Fraction(*told) != of_file:
        yield Remark(
            "frame_rate_differs",
            WARNING,
            f"the files say {_said(of_file)} frames per second; the told {_said(Fraction(*told))} "
            "is used",
            {"file": list(info.fps), "told": list(told)},
        )
    rate = Fraction(*told) if told else of_file
    detail = {"fps": [rate.numerator, rate.denominator]}
    if rate * 1001 / 1000 in _USUAL:
        text = f"{_said(rate)} frames per second ({rate.numerator}/{rate.denominator}, exactly)"
        yield Remark("non_integer_rate", INFO, text, detail)
    elif rate not in _USUAL:
        text = f"{_said(rate)} frames per second is no usual rate"
        yield Remark("odd_frame_rate", WARNING, text, detail)


def _on_colorspace(info: PlateInfo) -> Iterator[Remark]:
    space = info.colorspace or ""
    detail = {"colorspace": space}
    if info.metadata.get("colorspace_source") == "rule":
        text = f"neither you nor the files say the colour space; {space} is assumed"
        yield Remark("colorspace_assumed", WARNING, text, detail)
    if info.metadata.get("colorspace_source") != "told":
        return
    of_file = said_by_header(info.metadata)
    if of_file and of_file != space:
        yield Remark(
            "colorspace_differs",
            WARNING,
            f"the files say they are {of_file}; the told {space} is used",
            {"file": of_file, "told": space},
        )
    elif not of_file and _has_few_steps(info.metadata) and is_scene_linear(space):
        text = f"{space} was told, which is scene-linear; files of this kind hardly ever are"
        yield Remark("colorspace_unlikely", WARNING, text, detail)


def _has_few_steps(metadata: Mapping[str, str]) -> bool:
    """A movie, or a picture of at most 10 bits: too few for linear light."""
    pixels = metadata.get("pixel_type", "")
    return "pixel_format" in metadata or pixels == "uint8" or bool(_FEW_BITS.search(pixels))


def _on_timecode(info: PlateInfo, told: tuple[int, int] | None) -> Iterator[Remark]:
    timecode = Timecode.parse(info.metadata.get("timecode", ""))
    if timecode is None:
        return
    rate = Fraction(*(told or info.fps))
    if timecode.drop:
        fits = may_drop(rate)
        misfit = "" if fits else f", which counts 29.97 and not {_said(rate)} frames per second"
        yield Remark(
            "drop_frame_timecode",
            INFO if fits else WARNING,
            f"the timecode is drop-frame ({timecode}){misfit}",
            {"timecode": str(timecode)},
        )
    if not timecode.exists_at(rate):
        yield Remark(
            "timecode_beyond_rate",
            WARNING,
            f"there is no timecode {timecode} at {_said(rate)} frames per second",
            {"timecode": str(timecode)},
        )


def _on_windows(info: PlateInfo) -> Iterator[Remark]:
    data, display = (
        _window(info.metadata.get(name, "")) for name in ("data_window", "display_window")
    )
    if data is None or display is None or data == display:
        return
    outside = data[0] < display[0] or data[1] < display[1]
    outside = outside or data[2] > display[2] or data[3] > display[3]
    covers = all(d <= s for d, s in zip(data[:2], display[:2], strict=True)) and all(
        d >= s for d, s in zip(data[2:], display[2:], strict=True)
    )
    detail = {
        "data_window": info.metadata["data_window"],
        "display_window": info.metadata["display_window"],
    }
    meet = all(max(data[i], display[i]) < min(data[i + 2], display[i + 2]) for i in (0, 1))
    if not meet:
        text = "nothing of the files lies in the display window; the plate is black"
        yield Remark("cropped", WARNING, text, detail)
        return
    if outside:
        text = "the files hold more than the display window; the overscan is not tracked"
        yield Remark("overscan", INFO, text, detail)
    if not covers:
        text = "the files do not fill the display window; what they do not cover is black"
        yield Remark("cropped", INFO, text, detail)


def _window(text: str) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom (the latter two past the last pixel)."""
    found = _WINDOW.fullmatch(text)
    if not found:
        return None
    left, top, width, height = map(int, found.groups())
    return left, top, left + width, top + height


def _said(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
