"""Edit lists and media of the tests: sequences of tiny pictures, movies with timecode."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import httpx
import numpy as np
from helpers_people import House
from numpy.typing import NDArray

from roto_shapes.timecode import Timecode

RATE = Fraction(24)
HOUR = 24 * 3600
"""Frames of an hour at 24 a second."""


def movie(path: Path, frames: int, timecode: str, shades: Sequence[int] = (90,)) -> str:
    """A ProRes movie of grey frames, 24 a second, that begins at ``timecode``.

    ``shades``: of its scenes, which are equally long and all of another pattern.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream("prores_ks", rate=24, options={"profile": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv422p10le"
        stream.metadata["timecode"] = timecode
        for number in range(frames):
            scene = number * len(shades) // frames
            picture = scene_picture(shades[scene], scene, number)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return str(path)


def scene_picture(shade: int, scene: int, number: int) -> NDArray[np.uint8]:
    """A frame of a scene: bars of its own width over its shade, with a dot that goes to and fro."""
    picture = np.full((36, 64, 3), shade, np.uint8)
    picture[:, :: scene + 3, scene % 3] = 255 - shade
    cv2.circle(picture, (4 + abs(number * 2 % 112 - 56), 18), 3, (220, 40, 40), -1)
    return picture


def sequence(folder: Path, name: str, frames: Iterable[int]) -> str:
    """A sequence ``name.%07d.png`` in ``folder``; its pattern."""
    folder.mkdir(parents=True, exist_ok=True)
    first = None
    for frame in frames:
        path = folder / f"{name}.{frame:07d}.png"
        if first is None:
            cv2.imwrite(str(path), np.full((36, 64, 3), 90, np.uint8))
            first = path
        else:
            path.hardlink_to(first)
    return str(folder / f"{name}.%07d.png")


def tc(frames: int, rate: Fraction = RATE, *, drop: bool = False) -> str:
    """A timecode."""
    return str(Timecode.at(frames, rate, drop=drop))


def cut(number: int, reel: str, source: tuple[int, int], record: tuple[int, int]) -> str:
    """An event's line; ranges are frames since midnight, their ends not in them."""
    return f"{number:03d}  {reel} V C {' '.join(map(tc, (*source, *record)))}"


def edl(*lines: str) -> str:
    """A list of those lines."""
    return "\n".join(("TITLE: cut", "FCM: NON-DROP FRAME", "", *lines)) + "\n"


def conformed(client: httpx.Client, project: str, **body: Any) -> dict[str, Any]:
    """The answer to a new conform of EDL ``text`` at 24 frames a second."""
    told = {"name": "reel2", "fps": [24, 1], **body}
    answer = client.post(f"/projects/{project}/conforms", json=told)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def uploaded(client: httpx.Client, project: str, *paths: Path) -> dict[str, str]:
    """A plate of an upload of the files."""
    contents = [path.read_bytes() for path in paths]
    files = [
        {"name": path.name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in zip(paths, contents, strict=True)
    ]
    upload = client.post("/uploads", json={"project_id": project, "files": files}).json()["id"]
    offset = {"Upload-Offset": "0"}
    for index, data in enumerate(contents):
        sent = client.patch(f"/uploads/{upload}/files/{index}", content=data, headers=offset)
        assert sent.status_code < 300, sent.text
    assert client.post(f"/uploads/{upload}/complete").status_code < 300
    return {"upload_id": upload}


def media_folder(house: House, name: str) -> Path:
    """An empty folder below the plates."""
    folder = house.plates / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
