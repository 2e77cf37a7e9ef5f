"""The pictures for people: overlay movie, contact sheet, and where lines are drawn."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape, Transform, TransformKey
from roto_worker.export.contact_sheet import CELL_WIDTH, ContactSheet, SheetFrame, choose_frames
from roto_worker.export.drawing import draw_shapes, tint
from roto_worker.export.overlay import fitting_size


def square(x: float, y: float, side: float) -> tuple[ControlPoint, ...]:
    corners = ((0, 0), (side, 0), (side, side), (0, side))
    return tuple(ControlPoint(x + dx, y + dy) for dx, dy in corners)


def document(width: int, height: int) -> Document:
    shape = Shape("s", "s", keys=[Key(1, square(10, 10, 40)), Key(11, square(30, 10, 40))])
    layer = Layer("l", "hero", color=(1.0, 0.0, 0.0), shapes=[shape])
    return Document(width, height, frame_range=(1, 11), layers=[layer])


def test_large_plates_give_small_overlays() -> None:
    assert fitting_size(4096, 2160, 1920) == (1920, 1012)
    assert fitting_size(2160, 4096, 1920) == (1012, 1920)
    assert fitting_size(961, 541, 1920) == (961, 541)
    assert fitting_size(4096, 2160, None) == (4096, 2160)
    assert fitting_size(321, 181, 161) == (160, 90), "4:2:0 would make it 162 wide"
    assert fitting_size(17_000, 16, 1920) == (1920, 2)


@pytest.mark.parametrize("scale", [1.0, 2.0, 0.5])
def test_outlines_are_drawn_where_they_are(scale: float) -> None:
    """Half a pixel matters: the square's edge at x = 20 (frame 6) lies between two pixels."""
    size = round(100 * scale)
    image = np.zeros((size, size, 3), np.uint8)
    draw_shapes(image, document(100, 100), 6, (scale, scale), points=False)
    # Weighted position of the line's pixels; the centre of pixel i is i + 0.5.
    red = image[round(30 * scale), : round(40 * scale), 0].astype(float)
    position = ((np.arange(red.size) + 0.5) * red).sum() / red.sum()
    assert abs(position - 20 * scale) < 0.1
    column = image[: round(40 * scale), round(40 * scale), 0].astype(float)
    position = ((np.arange(column.size) + 0.5) * column).sum() / column.sum()
    assert abs(position - 10 * scale) < 0.1


def test_layer_transform_and_visibility_are_drawn() -> None:
    moved = document(100, 100)
    moved.layers[0].transform = Transform((0, 0), [TransformKey(1, tx=30)])
    moved.layers[0].shapes[0].visible = [(1, 5)]
    image = np.zeros((100, 100, 3), np.uint8)
    draw_shapes(image, moved, 6, (1, 1))
    assert not image.any()
    draw_shapes(image, moved, 1, (1, 1), points=False)
    assert image[30, 39:41, 0].max() > 100
    assert image[30, :30].max() == 0


def test_shapes_far_outside_the_picture_do_no_harm() -> None:
    far = document(100, 100)
    far.layers[0].shapes[0].keys = [Key(1, square(-1e6, -1e6, 2e6))]
    draw_shapes(np.zeros((100, 100, 3), np.uint8), far, 1, (1, 1))


def test_tint_marks_what_the_matte_covers() -> None:
    plate = np.full((40, 40, 3), 100, np.uint8)
    matte = np.zeros((40, 40), np.float32)
    matte[10:30, 10:30] = 1
    shown = tint(plate, matte, (1.0, 0.0, 0.0), contour=False)
    assert np.array_equal(shown[:10], plate[:10])
    assert shown[20, 20, 0] > 140
    assert shown[20, 20, 1] < 70
    outlined = tint(plate, matte, (1.0, 0.0, 0.0), contour=True)
    assert outlined[10, 20, 0] > 200
    assert outlined[10, 20, 1] < 50
    assert plate.max() == 100


def test_contact_sheet(tmp_path: Path) -> None:
    width, height = 96, 64
    sheet = ContactSheet(width, height, document=document(width, height), title="sh010 1-11 flow")
    frames = choose_frames(1, 11, 3)
    assert frames == [1, 6, 11]
    for frame in frames:
        plate = np.full((height, width, 3), 10 * frame, np.uint8)
        matte = np.zeros((height, width), np.float32)
        matte[:, : width // 2] = 1
        sheet.add(SheetFrame(frame, plate, [(matte, (1.0, 0.5, 0.0))]))
    sheet.write(tmp_path / "sheet.png")
    image = cv2.imread(str(tmp_path / "sheet.png"))
    cell = round(CELL_WIDTH * height / width)
    assert image.shape == (34 + 3 * (cell + 12), 3 * (CELL_WIDTH + 12), 3)
    middle = 34 + 6 + cell // 2
    for row, frame in enumerate(frames):
        y = middle + row * (cell + 12)
        assert abs(int(image[y, 240, 0]) - 10 * frame) <= 1, "plate"
        assert image[y, CELL_WIDTH + 18 + 100].tolist() == [255] * 3, "matte"
        assert image[y, CELL_WIDTH + 18 + 400].tolist() == [0] * 3, "matte"
    assert image[5:30].max() > 200, "title"


def test_contact_sheet_of_a_strip_is_no_larger_than_others(tmp_path: Path) -> None:
    sheet = ContactSheet(16, 4096)
    sheet.add(SheetFrame(1, np.zeros((4096, 16, 3), np.uint8), []))
    sheet.write(tmp_path / "sheet.png")
    drawn = cv2.imread(str(tmp_path / "sheet.png"))
    assert drawn is not None
    assert drawn.shape[0] < 1100
    assert drawn.shape[1] <= 3 * CELL_WIDTH


def test_contact_sheet_of_an_anamorphic_plate_looks_right(tmp_path: Path) -> None:
    sheet = ContactSheet(100, 100, pixel_aspect=2.0)
    sheet.add(SheetFrame(1, np.zeros((100, 100, 3), np.uint8), []))
    sheet.write(tmp_path / "sheet.png")
    assert cv2.imread(str(tmp_path / "sheet.png")).shape[0] == CELL_WIDTH // 2 + 12


def test_few_frames_are_all_chosen() -> None:
    assert choose_frames(1001, 1001) == [1001]
    assert choose_frames(1001, 1003) == [1001, 1002, 1003]
    assert choose_frames(1, 100) == [1, 21, 41, 60, 80, 100]
