"""EXR files whose empty lines are encoded once: to the bit what OpenEXR writes of whole planes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from roto_worker.export import exr
from roto_worker.export.exr import write_exr

Plane = NDArray[np.float16] | NDArray[np.float32]
WIDTH = 37


def planes_of(lines: str, kind: type[np.floating] = np.float32) -> dict[str, Plane]:
    """Three planes; a line for each letter: ``-`` is empty, ``a``, ``b``, ``c`` has values in that
    plane alone, ``n`` negative zeros, ``x`` values in all."""
    rng = np.random.default_rng(len(lines))
    planes = {name: np.zeros((len(lines), WIDTH), kind) for name in "abc"}
    for y, line in enumerate(lines):
        for name, plane in planes.items():
            if line in (name, "x"):
                plane[y] = rng.random(WIDTH)
            elif line == "n":
                plane[y] = -0.0
    return planes


def openexrs_own(path: Path, planes: dict[str, Plane]) -> bytes:
    """The file as OpenEXR writes it line by line."""
    header = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIPS_COMPRESSION}
    header |= {"pixelAspectRatio": 1.0, "roto/job": "dataWindow"}
    OpenEXR.File(header, planes).write(str(path))
    return path.read_bytes()


LINES = ["-", "x", "---", "xxx", "x--", "--x", "-x-", "a-b-c", "--ab--xx-", "-n-", "n", "nn-nn"]


@pytest.mark.parametrize("lines", LINES)
@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_it_is_what_openexr_writes(tmp_path: Path, lines: str, kind: type[np.floating]) -> None:
    planes = planes_of(lines, kind)
    write_exr(tmp_path / "ours.exr", planes, metadata={"roto/job": "dataWindow"})
    assert (tmp_path / "ours.exr").read_bytes() == openexrs_own(tmp_path / "its.exr", planes)


@settings(max_examples=60, deadline=None)
@given(lines=st.text("-abcnx", min_size=1, max_size=40), one_of_each=st.booleans())
def test_every_bit_comes_back(
    tmp_path_factory: pytest.TempPathFactory, lines: str, one_of_each: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "every_bit.exr"
    planes = planes_of(lines)
    if one_of_each:
        planes["b"] = planes["b"].astype(np.float16)
    write_exr(path, planes)
    image = oiio.ImageInput.open(str(path))
    spec = image.spec()
    assert (spec.height, spec.full_height, spec.y, spec.full_y) == (len(lines), len(lines), 0, 0)
    pixels = image.read_image(0, 0, 0, 3, oiio.FLOAT)
    image.close()
    for number, name in enumerate(spec.channelnames):
        read = np.ascontiguousarray(pixels[..., number])
        assert np.array_equal(read.view("u4"), planes[name].astype(np.float32).view("u4"))


def test_the_planes_are_left_as_they_are(tmp_path: Path) -> None:
    planes = planes_of("-a-x")
    for plane in planes.values():
        plane.flags.writeable = False
    write_exr(tmp_path / "a.exr", planes)


def test_a_file_that_lost_its_end_is_none(tmp_path: Path) -> None:
    data = openexrs_own(tmp_path / "its.exr", planes_of("-ax--c"))
    assert exr._is_whole(data, 6)
    assert not any(exr._is_whole(data[:length], 6) for length in range(len(data)))
    assert not exr._is_whole(data + b"x", 6)
