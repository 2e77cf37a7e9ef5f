"""Files of several views: the one that is asked for is read, or it is told which is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813
import pytest
from helpers_media import picture, plate_dict

from roto_worker.media.probe import probe_plate
from roto_worker.media.remarks import Remark
from roto_worker.media.sequence import SequenceReader

LEFT, RIGHT = picture(3), picture(20)


def in_parts(path: Path) -> None:
    """As stereo renders come: a part for each eye, and one of depth before them."""
    depth = {"type": OpenEXR.scanlineimage, "view": "right"}
    parts = [OpenEXR.Part(depth, {"Z": RIGHT[..., 0].copy()}, "depth.right")]
    for view, image in (("left", LEFT), ("right", RIGHT)):
        header = {"type": OpenEXR.scanlineimage, "view": view}
        parts.append(OpenEXR.Part(header, {"RGB": image}, f"rgb.{view}"))
    OpenEXR.File(parts).write(str(path))


def in_layers(path: Path, *names: str) -> None:
    """One part of both: ``names`` are the prefixes of the left and the right channels."""
    spec = oiio.ImageSpec(LEFT.shape[1], LEFT.shape[0], 6, "float")
    spec.channelnames = tuple(prefix + channel for prefix in names for channel in "RGB")
    spec.attribute("multiView", oiio.TypeDesc("string[2]"), ("left", "right"))
    out: Any = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(np.dstack([LEFT, RIGHT])), out.geterror()
    out.close()


def write(folder: Path, kind: str) -> str:
    path = folder / "v.1.exr"
    if kind == "parts":
        in_parts(path)
    else:
        in_layers(path, *{"first unnamed": ("", "right."), "named": ("left.", "right.")}[kind])
    return str(folder / "v.%d.exr")


def told(plate: str, view: str | None) -> Remark:
    asked = {**plate_dict(plate), **({"view": view} if view else {})}
    found = [one for one in probe_plate(asked).remarks if one.code.startswith("several_")]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("kind", ["parts", "first unnamed", "named"])
def test_each_eye_of_one_file_is_read(tmp_path: Path, kind: str) -> None:
    plate = write(tmp_path, kind)
    for view, image in ((None, LEFT), ("left", LEFT), ("right", RIGHT)):
        assert np.array_equal(SequenceReader(plate, view).read(1), image), view
        remark = told(plate, view)
        assert (remark.code, remark.level) == ("several_views", "info")
        assert sorted(remark.detail["views"]) == ["left", "right"]
        assert remark.detail["view"] == (view or "left")


@pytest.mark.parametrize("kind", ["parts", "first unnamed", "named"])
def test_a_view_that_is_not_there_is_told(tmp_path: Path, kind: str) -> None:
    plate = write(tmp_path, kind)
    assert np.array_equal(SequenceReader(plate, "centre").read(1), LEFT)
    remark = told(plate, "centre")
    assert (remark.code, remark.level, remark.detail["view"]) == (
        "several_views",
        "warning",
        "left",
    )
    assert "'centre' was asked for and 'left' is read" in remark.message


def test_an_eye_with_a_sequence_of_its_own_is_read_as_any(tmp_path: Path) -> None:
    OpenEXR.File({"type": OpenEXR.scanlineimage}, {"RGB": RIGHT}).write(str(tmp_path / "r.1.exr"))
    plate = {**plate_dict(tmp_path / "r.%d.exr"), "view": "right"}
    assert np.array_equal(SequenceReader(plate["path"], "right").read(1), RIGHT)
    assert {one.code for one in probe_plate(plate).remarks} == {
        "no_frame_rate", "colorspace_assumed",
    }  # fmt: skip
