"""Pictures to paint quickly. Everything here may run on any thread, and should run on a worker's:
decoding and scaling a 4K frame takes longer than a host may be kept."""

from __future__ import annotations

from typing import List, Optional

from roto_shapes.errors import RotoError

from .qt import Qt, QtCore, QtGui

_SMALLEST = 256
_MASK_OPACITY = 130


class Picture:
    """An image and its halves, quarters and so on; painting takes the one that fits."""

    def __init__(self, image: QtGui.QImage) -> None:
        """Raises RotoError if the image is empty."""
        if image.isNull():
            raise RotoError("The picture is empty.", hint="The frame may be missing or unreadable.")
        self.levels: List[QtGui.QImage] = [image]
        while min(self.levels[-1].width(), self.levels[-1].height()) >= 2 * _SMALLEST:
            last = self.levels[-1]
            self.levels.append(
                last.scaled(
                    last.width() // 2,
                    last.height() // 2,
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )

    @classmethod
    def decoded(cls, content: bytes) -> Picture:
        """A PNG, JPEG or another format of Qt's. Raises RotoError."""
        return cls(_image(content))

    def level(self, scale: float) -> QtGui.QImage:
        """The smallest image that is not blurred at ``scale`` device pixels per image pixel."""
        index = 0
        while index + 1 < len(self.levels) and scale * 2 ** (index + 1) <= 1.0:
            index += 1
        return self.levels[index]


def _image(content: bytes) -> QtGui.QImage:
    image = QtGui.QImage()
    image.loadFromData(content)
    return image.convertToFormat(QtGui.QImage.Format.Format_ARGB32_Premultiplied)


def mask_picture(content: bytes, color: QtGui.QColor) -> Picture:
    """A grey PNG as a veil of ``color``, as dense as it is white. Raises RotoError."""
    grey = QtGui.QImage()
    grey.loadFromData(content)
    if grey.isNull():
        raise RotoError("The mask cannot be read.", hint="Ask for the preview again.")
    grey = grey.convertToFormat(QtGui.QImage.Format.Format_Grayscale8)
    veil = QtGui.QImage(grey.size(), QtGui.QImage.Format.Format_ARGB32)
    veil.fill(color)
    veil.setAlphaChannel(grey)
    thin = QtGui.QImage(grey.size(), QtGui.QImage.Format.Format_ARGB32_Premultiplied)
    thin.fill(QtGui.QColor(0, 0, 0, 0))
    painter = QtGui.QPainter(thin)
    painter.setOpacity(_MASK_OPACITY / 255)
    painter.drawImage(0, 0, veil)
    painter.end()
    return Picture(thin)


def thumbnail(content: bytes, width: int, height: int) -> QtGui.QImage:
    """A PNG made to fit into ``width`` x ``height``. Raises RotoError."""
    image = QtGui.QImage()
    image.loadFromData(content)
    if image.isNull():
        raise RotoError("The mask cannot be read.", hint="The next frame comes in a moment.")
    return image.convertToFormat(QtGui.QImage.Format.Format_Grayscale8).scaled(
        QtCore.QSize(width, height),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def paint(
    painter: QtGui.QPainter,
    picture: Optional[Picture],
    place: QtCore.QRectF,
    window: QtCore.QRectF,
    ratio: float,
) -> None:
    """Paint a picture over ``place``; only what is inside ``window`` costs anything.

    ``ratio``: device pixels per logical pixel.
    """
    if picture is None or place.isEmpty():
        return
    full = picture.levels[0]
    scale = max(place.width() / full.width(), place.height() / full.height()) * ratio
    image = picture.level(scale)
    seen = place.intersected(window)
    if seen.isEmpty():
        return
    across, down = image.width() / place.width(), image.height() / place.height()
    part = QtCore.QRectF(
        (seen.left() - place.left()) * across,
        (seen.top() - place.top()) * down,
        seen.width() * across,
        seen.height() * down,
    )
    # Single pixels are what an artist zooms in for: smooth only when made smaller.
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform, scale < 2.0)
    painter.drawImage(seen, image, part)
