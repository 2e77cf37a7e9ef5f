"""Real footage: a camera movie and real JPEG sequences."""

from __future__ import annotations

import os
from pathlib import Path

import av
import numpy as np
import pytest
from helpers_media import plate_dict

from roto_worker.media import open_plate
from roto_worker.media.probe import probe_plate

FOOTAGE = Path(os.environ.get("ROTO_SHARED", "../shared")) / "footage"

pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"no footage in {FOOTAGE} (set ROTO_SHARED)"),
]


def test_dog_movie_by_number_equals_decoding_in_order() -> None:
    path = FOOTAGE / "movies" / "dog.mp4"
    plate = plate_dict(path, "movie", first=1001)
    info = probe_plate(plate).info
    assert (info.width, info.height, info.fps) == (1280, 720, (30000, 1001))
    assert info.frame_range == (1001, 1289)
    wanted = {0, 1, 20, 21, 22, 60, 61}
    expected = {}
    with av.open(str(path)) as movie:
        for index, frame in enumerate(movie.decode(video=0)):
            if index in wanted:
                expected[index] = frame.to_ndarray(format="gray", threads=1)[::8, ::8].astype(float)
            if index > 61:
                break
    source = open_plate(plate)
    for index in (61, 60, 0, 22, 21, 20, 1):
        rgb = source.read(1001 + index)[::8, ::8].astype(float)
        luma = rgb @ (0.2126, 0.7152, 0.0722)
        errors = {other: np.abs(luma - grey).mean() for other, grey in expected.items()}
        assert min(errors, key=errors.__getitem__) == index
    source.close()


@pytest.mark.parametrize("clip", ["blackswan", "dog"])
def test_davis_sequences(clip: str) -> None:
    folders = [path.parent for path in (FOOTAGE / "davis" / clip).rglob("*.jpg")]
    if not folders:
        pytest.skip(f"no frames of {clip}")
    name = min(folders[0].glob("*.jpg")).name
    digits = "".join(character for character in name if character.isdigit())
    plate = plate_dict(folders[0] / name.replace(digits, f"%0{len(digits)}d"))
    info = probe_plate(plate).info
    assert (info.width, info.height) == (854, 480)
    source = open_plate(plate)
    last = info.frame_range[1]
    assert source.read(last).std() > 10
    source.close()
