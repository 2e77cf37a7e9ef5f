"""Writers of small plates in every format, with the frame number encoded in the picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenEXR
import OpenImageIO as oiio  # noqa: N813
from numpy.typing import NDArray

SIZE = (48, 32)


def plate_dict(
    path: Path | str, kind: str = "sequence", first: int | None = None
) -> dict[str, Any]:
    plate: dict[str, Any] = {"kind": kind, "path": str(path)}
    if first is not None:
        plate["first_frame"] = first
    return plate


def picture(frame: int, size: tuple[int, int] = SIZE) -> NDArray[np.float32]:
    """0..1 RGB: the left half's grey tells the frame, a red L tells the orientation."""
    width, height = size
    image = np.full((height, width, 3), level(frame), np.float32)
    image[:, width // 2 :] = (0.2, 0.5, 0.8)
    image[: height // 2, :4] = (0.9, 0.1, 0.1)
    image[height // 2 - 4 : height // 2, :12] = (0.9, 0.1, 0.1)
    return image


def level(frame: int) -> float:
    """The grey of ``frame``'s left half: 1/64 a frame."""
    return (8 + frame % 48) / 64


def write_oiio(path: Path, image: NDArray[Any], bits: str = "uint8", **attributes: Any) -> None:
    """``image`` 0..1 float ``[h, w, c]`` through OpenImageIO, full scale of the integer type."""
    spec = oiio.ImageSpec(image.shape[1], image.shape[0], image.shape[2], bits)
    for name, value in attributes.items():
        spec.attribute(name.replace("__", ":"), value)
    out = oiio.ImageOutput.create(str(path))
    assert out is not None, oiio.geterror()
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(np.ascontiguousarray(image, np.float32)), out.geterror()
    out.close()


def write_exr(
    path: Path,
    channels: dict[str, NDArray[Any]],
    *,
    display: tuple[int, int, int, int] | None = None,
    data_origin: tuple[int, int] = (0, 0),
    **header: Any,
) -> None:
    """An EXR; ``display`` is (x0, y0, x1, y1) inclusive, the data window follows the arrays."""
    height, width = next(iter(channels.values())).shape[:2]
    x, y = data_origin
    made = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage, **header}
    made["dataWindow"] = _window(x, y, x + width - 1, y + height - 1)
    made["displayWindow"] = _window(*(display or (x, y, x + width - 1, y + height - 1)))
    # OpenEXR's module ignores strides: a slice would be written as the wrong pixels.
    solid = {name: np.ascontiguousarray(plane) for name, plane in channels.items()}
    OpenEXR.File(made, solid).write(str(path))


def _window(x0: int, y0: int, x1: int, y1: int) -> tuple[NDArray[Any], NDArray[Any]]:
    return np.array([x0, y0], np.int32), np.array([x1, y1], np.int32)


def write_movie(
    path: Path,
    codec: str,
    pixel_format: str,
    frames: int = 30,
    *,
    rate: Fraction = Fraction(24),
    size: tuple[int, int] = (160, 96),
    options: dict[str, str] | None = None,
    images: list[NDArray[np.uint8]] | None = None,
    aspect: Fraction | None = None,
) -> None:
    """A movie whose frame i is flat grey `movie_level(i)`, or ``images``."""
    container = av.open(str(path), "w")
    stream = container.add_stream(codec, rate=rate, options=options or {})
    stream.width, stream.height = size
    stream.pix_fmt, stream.thread_count = pixel_format, 1
    if aspect:
        stream.codec_context.sample_aspect_ratio = aspect
    for index in range(frames if images is None else len(images)):
        if images is None:
            image = np.full((size[1], size[0], 3), movie_level(index), np.uint8)
        else:
            image = images[index]
        for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
            container.mux(packet)
    for packet in stream.encode(None):
        container.mux(packet)
    container.close()


def movie_level(index: int) -> int:
    return 16 + 7 * index
