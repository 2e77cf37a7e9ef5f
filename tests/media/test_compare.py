"""`roto clip compare`: figures that are known beforehand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from roto_client.cli import build_app
from roto_shapes.document import save
from roto_shapes.errors import RotoError
from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape
from roto_worker.export.mattes import write_matte_exr
from roto_worker.media.masks import write_mask16
from roto_worker.synthetic.compare import compare

WIDTH, HEIGHT = 40, 30


def block(x0: int, x1: int) -> np.ndarray:
    """Columns x0 to x1 (excluded) over rows 10 to 20 (excluded)."""
    matte = np.zeros((HEIGHT, WIDTH), np.float32)
    matte[10:20, x0:x1] = 1.0
    return matte


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Truth of three frames; mattes of two, one exact and one of half the area."""
    truth, mattes = tmp_path / "truth", tmp_path / "mattes"
    truth.mkdir()
    mattes.mkdir()
    for frame in (1001, 1002, 1003):
        write_mask16(truth / f"matte.{frame}.png", block(10, 30))
    write_matte_exr(mattes / "hero_matte_v001.1001.exr", {"hero": block(10, 30)})
    write_matte_exr(mattes / "hero_matte_v001.1002.exr", {"hero": block(20, 30)})
    return truth, mattes


def shapes_file(path: Path) -> Path:
    corners = [(20.0, 10.0), (30.0, 10.0), (30.0, 20.0), (20.0, 20.0)]
    points = tuple(ControlPoint(x, y, 0, 0, 0, 0, True) for x, y in corners)
    layer = Layer("l", "hero", shapes=[Shape(id="s", name="s", keys=[Key(1001, points)])])
    save(Document(WIDTH, HEIGHT, frame_range=(1001, 1002), layers=[layer]), path)
    return path


def test_figures(folders: tuple[Path, Path], tmp_path: Path) -> None:
    found = compare(*folders, shapes_file(tmp_path / "shapes.json"))
    assert (found.frames, found.mattes, found.worst) == (2, 0.75, 0.5)
    assert (found.worst_frame, found.shapes) == (1002, 0.75)
    pattern = folders[1] / "hero_matte_v001.%04d.exr"
    assert compare(folders[0] / "matte.1001.png", pattern).shapes is None


def test_command(folders: tuple[Path, Path], tmp_path: Path) -> None:
    shapes = shapes_file(tmp_path / "shapes.json")
    arguments = ["clip", "compare", *map(str, folders), "--shapes", str(shapes)]
    told = CliRunner().invoke(build_app(), arguments)
    assert told.exit_code == 0, told.output
    assert "mean IoU 0.7500 over 2 frames, worst 0.5000 on frame 1002" in told.stdout
    as_json = CliRunner().invoke(build_app(), [*arguments, "--json"])
    assert json.loads(as_json.stdout)["shapes"] == 0.75


def test_what_cannot_be_compared(folders: tuple[Path, Path], tmp_path: Path) -> None:
    truth, mattes = folders
    (tmp_path / "none").mkdir()
    with pytest.raises(RotoError, match="no mattes"):
        compare(truth, tmp_path / "none")
    with pytest.raises(RotoError, match="no mattes"):
        compare(truth, tmp_path / "none" / "m.%04d.exr")
    write_matte_exr(mattes / "hero_matte_v001.1003.exr", {"hero": block(0, 4)[:, :20]})
    with pytest.raises(RotoError, match="40 x 30 pixels, the matte 20 x 30"):
        compare(truth, mattes)
    write_matte_exr(mattes / "hero_matte_v001.1003.exr", {"hero": block(0, 4)})
    (truth / "matte.1003.png").unlink()
    with pytest.raises(RotoError, match=r"no .*matte\.1003\.png"):
        compare(truth, mattes)
    (mattes / "hero_matte_v001.1001.exr").write_bytes(b"no exr")
    with pytest.raises(RotoError) as caught:
        compare(truth, mattes)
    assert caught.value.code == "bad_plate"
