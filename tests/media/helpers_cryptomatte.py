"""A Cryptomatte decoder written from the public specification 1.2.0, sharing no code with ours."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813
from numpy.typing import NDArray

_METADATA = re.compile(r"cryptomatte/([^/]{1,7})/(name|hash|conversion|manifest)")


@dataclass
class Decoded:
    """``ids``/``coverages``: ``[levels, height, width]``; ``manifest``: name -> 8 hex digits."""

    name: str
    hash: str
    conversion: str
    manifest: dict[str, str]
    channels: list[str]
    formats: set[str]
    ids: NDArray[np.float32]
    coverages: NDArray[np.float32]
    pixel_aspect: float
    attributes: dict[str, object]

    def matte(self, name: str) -> NDArray[np.float32]:
        """An object's matte: its coverages summed over all ranks where the id is its own."""
        wanted = float_of(self.manifest[name])
        return np.where(self.ids == wanted, self.coverages, 0).sum(axis=0, dtype=np.float32)


def float_of(digits: str) -> np.float32:
    """The id in a manifest's hexadecimal digits, which are the float's bits."""
    return np.float32(struct.unpack("<f", struct.pack("<I", int(digits, 16)))[0])


def decode(path: Path, wanted: str = "CryptoObject") -> Decoded:
    """The Cryptomatte called ``wanted`` in an EXR, found by its metadata."""
    image = oiio.ImageInput.open(str(path))
    assert image is not None, oiio.geterror()
    spec = image.spec()
    pixels = image.read_image(0, 0, 0, spec.nchannels, oiio.FLOAT)
    image.close()
    found: dict[str, dict[str, str]] = {}
    for attribute in spec.extra_attribs:
        match = _METADATA.fullmatch(attribute.name)
        if match:
            found.setdefault(match[1], {})[match[2]] = attribute.value
    (facts,) = (facts for facts in found.values() if facts["name"] == wanted)
    ranks = _ranks(list(spec.channelnames), wanted)
    formats = spec.channelformats or [spec.format] * spec.nchannels
    return Decoded(
        facts["name"],
        facts["hash"],
        facts["conversion"],
        json.loads(facts["manifest"]),
        list(spec.channelnames),
        {str(formats[i]) for pair in ranks for i in pair},
        np.stack([pixels[..., i] for i, _ in ranks]),
        np.stack([pixels[..., i] for _, i in ranks]),
        spec.get_float_attribute("PixelAspectRatio"),
        {attribute.name: attribute.value for attribute in spec.extra_attribs},
    )


def _ranks(channels: list[str], name: str) -> list[tuple[int, int]]:
    """Channel indices of (id, coverage), rank by rank: R, G and B, A of each numbered layer."""
    layers: dict[int, dict[str, int]] = {}
    for index, channel in enumerate(channels):
        match = re.fullmatch(re.escape(name) + r"(\d\d)\.(\w+)", channel)
        if match:
            layers.setdefault(int(match[1]), {})[match[2][0].upper()] = index
    pairs = []
    for number in sorted(layers):
        layer = layers[number]
        pairs += [(layer["R"], layer["G"]), (layer["B"], layer["A"])]
    return pairs
