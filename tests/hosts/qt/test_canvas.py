"""Clicks on the canvas land on the plate pixel that is seen there."""

from __future__ import annotations

import math
from typing import Any

import pytest

from roto_client.hosts.qt.canvas import BOX, NEGATIVE, ClickCanvas
from roto_client.hosts.qt.picture import Picture, mask_picture
from roto_client.hosts.qt.qt import Qt, QtCore, QtGui
from roto_shapes.errors import RotoError
from roto_shapes.prompts import Click, FramePrompt, check_prompts

try:
    from PySide6.QtTest import QTest
except ImportError:
    from PySide2.QtTest import QTest

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NO_KEY = Qt.KeyboardModifier.NoModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def addressed(width: int, height: int) -> Any:
    """A picture whose colour at a pixel tells the pixel: red and green are x, blue and alpha y."""
    image = QtGui.QImage(width, height, QtGui.QImage.Format.Format_RGB32)
    for y in range(height):
        for x in range(width):
            image.setPixel(
                x, y, 0xFF000000 | (x & 255) << 16 | (y & 255) << 8 | (x >> 8) << 4 | y >> 8
            )
    return image


def address(color: int) -> tuple[int, int]:
    low = color & 255
    return (color >> 16 & 255) | (low >> 4) << 8, (color >> 8 & 255) | (low & 15) << 8


@pytest.fixture
def canvas(qt: Any) -> Any:
    made = ClickCanvas()
    made.resize(640, 400)
    made.show()
    qt.processEvents()
    yield made
    made.close()
    made.deleteLater()
    qt.processEvents()


def click(canvas: Any, x: int, y: int, button: Any = LEFT, keys: Any = NO_KEY) -> None:
    QTest.mouseClick(canvas, button, keys, QtCore.QPoint(x, y))


def drag(
    canvas: Any,
    start: tuple[int, int],
    end: tuple[int, int],
    button: Any = LEFT,
    keys: Any = NO_KEY,
) -> None:
    QTest.mousePress(canvas, button, keys, QtCore.QPoint(*start))
    QTest.mouseMove(canvas, QtCore.QPoint(*end))
    QTest.mouseRelease(canvas, button, keys, QtCore.QPoint(*end))


def wheel(canvas: Any, x: int, y: int, steps: int) -> None:
    at = QtCore.QPointF(x, y)
    canvas.wheelEvent(
        QtGui.QWheelEvent(
            at, at, QtCore.QPoint(), QtCore.QPoint(0, 120 * steps), Qt.MouseButton.NoButton,
            NO_KEY, Qt.ScrollPhase.NoScrollPhase, False,
        )
    )  # fmt: skip


@pytest.mark.parametrize("aspect", [1.0, 0.5, 1.5, 2.0])
@pytest.mark.parametrize(("zoom", "pan"), [(8, (0, 0)), (11, (37, -21)), (14, (-80, 55))])
def test_a_click_is_on_the_pixel_that_is_painted_there(
    canvas: Any, qt: Any, aspect: float, zoom: int, pan: tuple[int, int]
) -> None:
    """The proof is in the picture: the colour under the pointer tells which plate pixel it is."""
    canvas.set_picture(Picture(addressed(300, 200)), 300, 200, aspect)
    wheel(canvas, 320, 200, zoom)
    drag(canvas, (300, 200), (300 + pan[0], 200 + pan[1]), MIDDLE)
    qt.processEvents()
    shown = canvas.grab().toImage()
    seen = 0
    for x, y in ((3, 5), (101, 77), (319, 199), (320, 200), (411, 333), (638, 398)):
        canvas.set_prompt(None)
        click(canvas, x, y)
        points = canvas.prompt(1).points
        assert len(points) == 1
        found = math.floor(points[0].x), math.floor(points[0].y)
        assert address(shown.pixel(x, y)) == found
        seen += 1
    assert seen == 6


def test_numbers_under_a_known_zoom(canvas: Any) -> None:
    canvas.set_picture(None, 312, 192, 2.0)
    # 640 x 400 less the margins of 8: 624 / (312 * 2) = 1 view pixel per plate pixel in y.
    assert canvas.view.scales == (2.0, 1.0)
    click(canvas, 8 + 50, 104 + 70)
    assert canvas.prompt(7) == FramePrompt(7, (Click(25.25, 70.5),))


def test_a_proxy_is_spread_over_the_plate(canvas: Any, qt: Any) -> None:
    canvas.set_picture(Picture(addressed(100, 100)), 4000, 4000)
    wheel(canvas, 320, 200, 16)
    qt.processEvents()
    shown = canvas.grab().toImage()
    click(canvas, 250, 150)
    point = canvas.prompt(1).points[0]
    assert address(shown.pixel(250, 150)) == (int(point.x // 40), int(point.y // 40))


def test_clicks_beside_the_plate_say_nothing(canvas: Any) -> None:
    canvas.set_picture(None, 100, 300)
    click(canvas, 20, 200)
    assert canvas.prompt(1).is_empty


def test_left_right_alt_and_the_tool(canvas: Any) -> None:
    canvas.set_picture(None, 624, 384)
    click(canvas, 100, 100)
    click(canvas, 150, 100, RIGHT)
    click(canvas, 200, 100, keys=ALT)
    canvas.tool = NEGATIVE
    click(canvas, 250, 100)
    click(canvas, 300, 100, RIGHT)
    assert [point.positive for point in canvas.prompt(1).points] == [
        True,
        False,
        False,
        False,
        True,
    ]


def test_a_point_is_moved_or_taken_away_and_all_can_be_undone(canvas: Any) -> None:
    told: list[int] = []
    canvas.changed.connect(lambda: told.append(1))
    canvas.set_picture(None, 624, 384)
    click(canvas, 108, 108)
    click(canvas, 208, 108)
    drag(canvas, (108, 108), (158, 128))
    assert canvas.prompt(1).points == (Click(150.5, 120.5), Click(200.5, 100.5))
    click(canvas, 208, 108)
    assert canvas.prompt(1).points == (Click(150.5, 120.5),)
    canvas.undo()
    canvas.undo()
    assert canvas.prompt(1).points == (Click(100.5, 100.5), Click(200.5, 100.5))
    canvas.redo()
    assert canvas.prompt(1).points[0] == Click(150.5, 120.5)
    click(canvas, 400, 300)
    canvas.redo()
    assert len(canvas.prompt(1).points) == 3
    for _ in range(9):
        canvas.undo()
    assert canvas.prompt(1).is_empty
    # 4 acts, 2 undone, 1 redone, 1 act, 4 undone; what does nothing tells nothing.
    assert len(told) == 12


def test_a_box_is_cut_at_the_plate_and_fits_the_prompt_rules(canvas: Any) -> None:
    canvas.set_picture(None, 624, 384)
    canvas.tool = BOX
    drag(canvas, (500, 300), (639, 399))
    assert canvas.prompt(3).box == (492.5, 292.5, 624.0, 384.0)
    drag(canvas, (400, 380), (100, 50), keys=SHIFT)
    prompt = canvas.prompt(3)
    assert prompt.box == (92.5, 42.5, 392.5, 372.5)
    check_prompts([prompt], 624, 384, (1, 9))
    drag(canvas, (300, 200), (302, 201))
    assert canvas.prompt(3).box == prompt.box, "a slip is no box"


def test_keys(canvas: Any) -> None:
    canvas.set_picture(None, 1000, 600)
    fitted = canvas.view
    click(canvas, 300, 200)
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert canvas.prompt(1).is_empty
    QTest.keyClick(canvas, Qt.Key.Key_1)
    assert canvas.view.scale == 1.0
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.view == fitted
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, (300, 200), (340, 230))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.prompt(1).is_empty
    assert (canvas.view.left - fitted.left, canvas.view.top - fitted.top) == (40, 30)


def test_the_zoom_stays_from_frame_to_frame_but_not_for_another_plate(canvas: Any) -> None:
    canvas.set_picture(None, 1000, 600)
    wheel(canvas, 100, 100, 4)
    zoomed = canvas.view
    canvas.set_picture(None, 1000, 600)
    assert canvas.view == zoomed
    canvas.set_picture(None, 500, 600)
    assert canvas.view.scale == pytest.approx(384 / 600)


def test_a_fitted_plate_stays_fitted_in_another_size(canvas: Any, qt: Any) -> None:
    canvas.set_picture(None, 1000, 600)
    canvas.resize(1016, 700)
    qt.processEvents()
    assert canvas.view.scale == 1.0


def test_before_there_is_a_frame_nothing_can_be_said(canvas: Any) -> None:
    click(canvas, 100, 100)
    wheel(canvas, 100, 100, 3)
    assert canvas.prompt(1).is_empty
    assert not canvas.grab().isNull()


def test_painting_a_large_frame_takes_a_small_one_of_it(canvas: Any) -> None:
    image = QtGui.QImage(4096, 2160, QtGui.QImage.Format.Format_RGB32)
    image.fill(0)
    picture = Picture(image)
    assert [level.width() for level in picture.levels] == [4096, 2048, 1024, 512]
    assert picture.level(0.15).width() == 1024
    assert picture.level(0.3).width() == 2048
    assert picture.level(0.6).width() == 4096
    assert picture.level(8.0).width() == 4096


def test_a_veil_is_as_dense_as_the_mask(qt: Any) -> None:
    grey = QtGui.QImage(2, 1, QtGui.QImage.Format.Format_Grayscale8)
    grey.setPixelColor(0, 0, QtGui.QColor(0, 0, 0))
    grey.setPixelColor(1, 0, QtGui.QColor(255, 255, 255))
    content = QtCore.QByteArray()
    buffer = QtCore.QBuffer(content)
    buffer.open(QtCore.QIODevice.OpenModeFlag.WriteOnly)
    grey.save(buffer, "PNG")
    veil = mask_picture(bytes(content.data()), QtGui.QColor("#3f9cff")).levels[0]
    assert veil.pixelColor(0, 0).alpha() == 0
    assert veil.pixelColor(1, 0).alpha() == pytest.approx(130, abs=1)


def test_what_is_no_picture_is_an_error_with_a_hint(qt: Any) -> None:
    for make in (Picture.decoded, lambda content: mask_picture(content, QtGui.QColor("red"))):
        with pytest.raises(RotoError) as caught:
            make(b"no picture")
        assert caught.value.hint
