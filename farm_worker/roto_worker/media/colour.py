"""From a plate's colour space to the 8-bit display-referred sRGB the engines see.

Everything goes through OpenColorIO's builtin ACES studio config and its *un-tone-mapped* sRGB
display view: scene-linear 0..1 becomes plainly encoded sRGB and what is brighter is clipped, as a
viewer with an sRGB process shows it. A tone-mapping view was not taken: it darkens the whole
picture (18 % grey from code 118 to 91) and bends shadows to keep highlights which rarely hold an
outline, while with plain encoding a PNG and the linear EXR it came from give the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import PyOpenColorIO as ocio  # noqa: N813

from roto_client.contract.colorspaces import find_colorspace

from .header import Encoded
from .source import Image8, Image16

CONFIG = "studio-config-v2.1.0_aces-v1.3_ocio-v2.3"
DISPLAY, VIEW = "sRGB - Display", "Un-tone-mapped"
LINEAR, TEXTURE, FILM_LOG = "Linear Rec.709 (sRGB)", "sRGB - Texture", "Cineon"

_VIDEO_TRANSFERS = ("709", "601", "274", "video", "PAL", "NTSC")
_LOG_TRANSFERS = ("Printing density", "Logarithmic")
_FLOAT_LIMIT = 65504.0


@lru_cache(maxsize=1)
def config() -> Any:
    """The colour config: the builtin studio config, with Cineon log and our file rules added."""
    made = deepcopy(ocio.Config.CreateFromBuiltinConfig(CONFIG))
    made.addColorSpace(_cineon())
    rules = ocio.FileRules()
    rules.insertRule(0, "exr", LINEAR, "*", "exr")
    rules.insertRule(1, "dpx", FILM_LOG, "*", "dpx")
    rules.setDefaultRuleColorSpace(TEXTURE)
    made.setFileRules(rules)
    made.validate()
    return made


def colorspace_for(path: str, metadata: Mapping[str, str], told: str | None) -> str:
    """The plate's colour space, by its name in the config.

    ``told`` wins; otherwise what the header says (an ACES container EXR, a DPX with a linear or
    video transfer), otherwise the file rules: EXR scene-linear Rec.709, DPX Cineon log, all others
    (movies too) sRGB texture.

    Raises:
        RotoError: ``bad_colorspace`` with the nearest names.
    """
    if told:
        return find_colorspace(told)
    # The rules go by the extension; the rest of a path need not even be text.
    extension = Path(path).suffix.encode("ascii", "replace").decode("ascii")
    name, _ = config().getColorSpaceFromFilepath(f"plate{extension}")
    return said_by_header(metadata) or str(name)


def colorspace_source(metadata: Mapping[str, str], told: str | None) -> str:
    """Where `colorspace_for` has its answer from: ``told``, ``file`` or (a guess) ``rule``."""
    if told:
        return "told"
    return "file" if said_by_header(metadata) else "rule"


def said_by_header(metadata: Mapping[str, str]) -> str:
    """The colour space that the file itself says; empty where it says none."""
    if metadata.get("acesImageContainerFlag") == "1":
        return "ACES2065-1"
    transfer = metadata.get("dpx:Transfer", "")
    if transfer == "Linear":
        return LINEAR
    if transfer in _LOG_TRANSFERS:
        return FILM_LOG
    return TEXTURE if any(name in transfer for name in _VIDEO_TRANSFERS) else ""


def is_scene_linear(colorspace: str) -> bool:
    """Whether the space is light itself, which takes floats, or very many steps."""
    return bool(config().getColorSpace(colorspace).getEncoding() == "scene-linear")


class DisplayTransform:
    """Turns frames of one colour space into 8-bit sRGB. Safe to use from several threads."""

    def __init__(self, colorspace: str) -> None:
        """``colorspace``: a name `colorspace_for` gave."""
        space = config().getColorSpace(colorspace)
        self.colorspace = colorspace
        if space.isData():
            self._processor = None
            return
        view = ocio.DisplayViewTransform(src=colorspace, display=DISPLAY, view=VIEW)
        processor = config().getProcessor(view).getDefaultCPUProcessor()
        self._processor = None if processor.isNoOp() else processor

    @property
    def is_plain(self) -> bool:
        """The code values are shown as they are."""
        return self._processor is None

    def to_srgb8(self, pixels: Encoded) -> Image8:
        """``[height, width, 3]`` integers (full scale = 1.0) or float to uint8 sRGB.

        NaN becomes black, infinities and whatever lies outside 0..1 on the display are clipped.
        """
        if self._processor is None and pixels.dtype == np.uint8:
            return np.asarray(pixels, np.uint8)
        shown = self._shown(pixels)
        shown *= 255
        return np.rint(shown, out=shown).astype(np.uint8)

    def to_srgb16(self, pixels: Encoded) -> Image16:
        """As `to_srgb8` in 16 bits, for what is handed on rather than looked at by an engine."""
        if self._processor is None and pixels.dtype == np.uint16:
            return np.asarray(pixels, np.uint16)
        if self._processor is None and pixels.dtype == np.uint8:
            return np.multiply(pixels, 257, dtype=np.uint16)
        shown = self._shown(pixels)
        shown *= 65535
        return np.rint(shown, out=shown).astype(np.uint16)

    def _shown(self, pixels: Encoded) -> np.ndarray[Any, np.dtype[np.float32]]:
        """On the display, 0 to 1; an array of its own."""
        shown = _as_float(pixels)
        if self._processor is not None:
            # Row by row: the same bits as all in one (applyRGB), 2.7 times as fast.
            height, width, channels = shown.shape
            self._processor.apply(ocio.PackedImageDesc(shown, width, height, channels))
            # Not a number now means an overflow on the way: the input held none.
            if np.isnan(shown.min(initial=0)):
                np.nan_to_num(shown, copy=False, nan=1.0)
        return np.clip(shown, 0, 1, out=shown)


def _as_float(pixels: Encoded) -> np.ndarray[Any, np.dtype[np.float32]]:
    if pixels.dtype == np.uint8:
        return np.multiply(pixels, np.float32(1 / 255), dtype=np.float32)
    if pixels.dtype == np.uint16:
        return np.multiply(pixels, np.float32(1 / 65535), dtype=np.float32)
    if pixels.dtype == np.float16:
        # A look-up of all halves there are: three times as fast as looking at each one.
        return np.take(_halves(), np.ascontiguousarray(pixels).view(np.uint16))
    return _sane(pixels)


@lru_cache(maxsize=1)
def _halves() -> np.ndarray[Any, np.dtype[np.float32]]:
    """What `_sane` makes of every half float, by its bits."""
    return _sane(np.arange(1 << 16, dtype=np.uint16).view(np.float16))


def _sane(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    floats = np.nan_to_num(
        pixels.astype(np.float32), nan=0.0, posinf=_FLOAT_LIMIT, neginf=-_FLOAT_LIMIT
    )
    return np.clip(floats, -_FLOAT_LIMIT, _FLOAT_LIMIT, out=floats)


def _cineon() -> Any:
    """Kodak Cineon log: linear = (10^((code - 685) / 300) - black) / (1 - black), 10-bit codes.

    Black point 95, white point 685, 0.002 density per code and a 0.6 gamma; Rec.709 primaries.
    """
    black = 10 ** ((95 - 685) / 300)
    # The transform's logarithm has base 2, hence log10(2).
    space = ocio.ColorSpace(name=FILM_LOG, aliases=["cineon_log"], encoding="log")
    space.setTransform(
        ocio.GroupTransform(
            [
                ocio.LogAffineTransform(
                    logSideSlope=[300 / 1023 * math.log10(2)] * 3,
                    logSideOffset=[685 / 1023] * 3,
                    linSideSlope=[1 - black] * 3,
                    linSideOffset=[black] * 3,
                    direction=ocio.TRANSFORM_DIR_INVERSE,
                ),
                ocio.ColorSpaceTransform(src=LINEAR, dst="ACES2065-1"),
            ]
        ),
        ocio.COLORSPACE_DIR_TO_REFERENCE,
    )
    return space
