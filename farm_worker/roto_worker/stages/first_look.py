"""A new plate is read for the first time: probed, decoded, made into proxies and thumbnails.

Run as a module by `ingest`, in a process with limits (see `media.confined`).
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio  # noqa: N813

from ..export.drawing import resized
from ..media import open_plate
from ..media.confined import Message, Say, serve
from ..media.files import write_bytes
from ..media.header import Encoded
from ..media.placing import place
from ..media.probe import Probed, probe_plate
from ..media.remarks import of_frames
from ..media.source import Image8, PlateInfo

THUMBNAIL_HEIGHT = 120
_QUALITY = 90
_FOLDERS = {"proxy": "proxies", "thumbnail": "thumbnails"}


def look(request: Message, say: Say) -> Message:
    """Probe every frame, decode every frame, write proxies and thumbnails.

    ``request``: the ``plate``, ``colorspace``, ``fps`` and ``frame_range`` of a task's shot (or
    None), ``placing`` of its parameters (or None), which goes before the range, ``output_dir``,
    ``proxy_height`` and ``thumbnails``. Messages: ``{"done", "total",
    "message"}``, ``{"at"}`` with the frame that is decoded next. The answer is ``{"files",
    "plate"}`` of a task's result.

    Proxies keep the plate's pixel aspect (nothing is unsqueezed) and are never larger than it.

    Raises:
        RotoError: what `place`, `probe_plate` and `open_plate` raise, naming the first bad frame;
            ``disk_full``.
    """
    oiio.attribute("try_all_readers", 0)  # no reader but the one of the file's own format
    told = request["fps"]
    wanted = request["frame_range"]
    placing = request["placing"]
    placed = place(request["plate"], request["colorspace"], placing) if placing else None
    if placed is not None:
        wanted = placed.frames

    def checked(done: int, total: int) -> None:
        say({"done": done, "total": 2 * total, "message": "checking frames"})

    probed = probe_plate(
        request["plate"],
        colorspace=request["colorspace"],
        frame_range=(wanted[0], wanted[1]) if wanted else None,
        fps=(told[0], told[1]) if told else None,
        on_frame=checked,
    )
    odd: list[int] = []
    files = _write_proxies(request, probed.info, say, odd)
    plate = _facts(probed, told, odd)
    if placed is not None:
        plate["handles"] = list(placed.handles)
    return {"files": files, "plate": plate}


def _facts(probed: Probed, told_fps: list[int] | None, odd: list[int]) -> dict[str, Any]:
    """``odd``: the frames with pixels that are no finite numbers."""
    info, remarks = probed.info, list(probed.remarks)
    if odd:
        what = "holds pixels that are no finite numbers; they are read as black or clipped"
        remarks.append(of_frames("not_finite", what, sorted(odd)))
    metadata: dict[str, Any] = dict(info.metadata)
    if told_fps:
        metadata["fps_source"] = "told"
    metadata["report"] = [remark.as_json() for remark in remarks]
    return {
        "width": info.width,
        "height": info.height,
        "pixel_aspect": info.pixel_aspect,
        "fps": list(told_fps or info.fps),
        "frame_range": list(info.frame_range),
        "colorspace": info.colorspace,
        "metadata": metadata,
    }


def _write_proxies(
    request: Message, info: PlateInfo, say: Say, odd: list[int]
) -> list[dict[str, Any]]:
    def note(frame: int, pixels: Encoded) -> None:
        if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
            odd.append(frame)

    root = Path(request["output_dir"])
    first, last = info.frame_range
    total = last - first + 1
    chosen = {round(frame) for frame in np.linspace(first, last, request["thumbnails"])}
    for folder in _FOLDERS.values():
        (root / folder).mkdir(exist_ok=True)
    files = []
    source = open_plate(
        request["plate"],
        colorspace=request["colorspace"],
        frame_range=info.frame_range,
        on_read=note,
    )
    with closing(source):
        for done, frame in enumerate(range(first, last + 1), 1):
            say({"at": frame})
            image = source.read(frame)
            files.append(_write_jpeg(root, image, frame, "proxy", request["proxy_height"]))
            if frame in chosen:
                files.append(_write_jpeg(root, image, frame, "thumbnail", THUMBNAIL_HEIGHT))
            say({"done": total + done, "total": 2 * total, "message": "making proxies"})
    return files


def _write_jpeg(root: Path, image: Image8, frame: int, role: str, height: int) -> dict[str, Any]:
    path = root / _FOLDERS[role] / f"{frame}.jpg"
    height = min(height, image.shape[0])
    width = max(1, round(image.shape[1] * height / image.shape[0]))
    small = np.ascontiguousarray(resized(image, width, height)[..., ::-1])
    ok, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not ok:
        raise ValueError(f"frame {frame} cannot be written as a JPEG of {width}x{height}")
    write_bytes(path, data.tobytes())
    return {
        "role": role,
        "path": path.relative_to(root).as_posix(),
        "size": path.stat().st_size,
        "frame": frame,
        "format": "jpg",
    }


if __name__ == "__main__":
    serve(look)
