"""The ingest stage: is this a plate, what is true of it, and small pictures of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..export.drawing import resized
from ..media import open_plate
from ..media.files import write_bytes
from ..media.probe import probe_plate
from ..media.source import Image8, PlateInfo
from .context import StageResult, TaskContext

PROXY_HEIGHT, THUMBNAILS, THUMBNAIL_HEIGHT = 540, 5, 120
_QUALITY = 90
_FOLDERS = {"proxy": "proxies", "thumbnail": "thumbnails"}


def run(ctx: TaskContext) -> StageResult:
    """Probe every frame, decode every frame, write proxies and thumbnails.

    Proxies keep the plate's pixel aspect (nothing is unsqueezed) and are never larger than it.

    Raises:
        RotoError: what `probe_plate` and `open_plate` raise, naming the first bad frame;
            ``disk_full``.
    """
    shot, params = ctx.spec["shot"], ctx.spec["params"]
    wanted = shot.get("frame_range")
    info = probe_plate(
        shot["plate"],
        colorspace=shot.get("colorspace"),
        frame_range=(wanted[0], wanted[1]) if wanted else None,
        on_frame=lambda done, total: ctx.progress(done, 2 * total, "checking frames"),
    )
    ctx.log("probed", width=info.width, height=info.height, frames=list(info.frame_range))
    files = _write_proxies(
        ctx,
        info,
        params.get("proxy_height", PROXY_HEIGHT),
        params.get("thumbnails", THUMBNAILS),
    )
    plate = {
        "width": info.width,
        "height": info.height,
        "pixel_aspect": info.pixel_aspect,
        "fps": list(shot.get("fps") or info.fps),
        "frame_range": list(info.frame_range),
        "colorspace": info.colorspace,
        "metadata": info.metadata,
    }
    return {"files": files, "provenance": ctx.spec["provenance"], "plate": plate}


def _write_proxies(
    ctx: TaskContext, info: PlateInfo, proxy_height: int, thumbnails: int
) -> list[dict[str, Any]]:
    first, last = info.frame_range
    total = last - first + 1
    chosen = {round(frame) for frame in np.linspace(first, last, thumbnails)}
    for folder in _FOLDERS.values():
        (ctx.output_dir / folder).mkdir(exist_ok=True)
    files = []
    source = open_plate(
        ctx.spec["shot"]["plate"],
        colorspace=ctx.spec["shot"].get("colorspace"),
        frame_range=info.frame_range,
    )
    with closing(source):
        for done, frame in enumerate(range(first, last + 1), 1):
            image = source.read(frame)
            files.append(_write_jpeg(ctx.output_dir, image, frame, "proxy", proxy_height))
            if frame in chosen:
                files.append(
                    _write_jpeg(ctx.output_dir, image, frame, "thumbnail", THUMBNAIL_HEIGHT)
                )
            ctx.progress(total + done, 2 * total, "making proxies")
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
