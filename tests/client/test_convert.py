"""`roto import` and `roto export` on files, without a server."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from roto_client.cli import convert
from roto_shapes.document import ControlPoint, Document, Key, Layer, Shape, load, save
from roto_shapes.errors import RotoError
from roto_shapes.formats import FORMATS

READABLE = [name for name, entry in FORMATS.items() if entry.read]


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    points = tuple(ControlPoint(x, y) for x, y in ((10, 20), (40, 20), (40, 60)))
    shape = Shape("s", "main", keys=[Key(1001, points), Key(1005, points[::-1])])
    path = tmp_path / "shapes.json"
    save(
        Document(640, 360, frame_range=(1001, 1005), layers=[Layer("l", "hero", shapes=[shape])]),
        path,
    )
    return path


def run(*words: object):
    app = typer.Typer()
    convert.register(app)
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_by_its_extension(shapes: Path, name: str) -> None:
    out = shapes.parent / "sub" / f"out.{FORMATS[name].extension}"
    done = run("export", shapes, "--out", out)
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8") == FORMATS[name].write(load(shapes)).text


@pytest.mark.parametrize("name", READABLE)
def test_there_and_back(shapes: Path, name: str) -> None:
    out, back = shapes.parent / f"out.{FORMATS[name].extension}", shapes.parent / "b" / "back.json"
    run("export", shapes, "--out", out)
    done = run("import", out, "--out", back)
    assert done.exit_code == 0, done.output
    (layer,) = load(back).layers
    assert [p.x for p in layer.shapes[0].keys[0].points] == pytest.approx([10, 40, 40], abs=1e-4)


def test_faults_name_the_file_and_the_way_out(shapes: Path) -> None:
    out = shapes.parent / "x.json"
    for words, code in [
        (("import", shapes.parent / "x.abc", "--out", out), "unknown_format"),
        (("import", shapes, "--format", "svg", "--out", out), "unknown_format"),
        (("import", shapes, "--width", "9", "--out", out), "bad_request"),
        (("import", shapes, "--format", "nuke", "--out", out), "bad_document"),
    ]:
        error = run(*words).exception
        assert isinstance(error, RotoError)
        assert error.code == code
    assert str(shapes) in str(error)
    assert not out.exists()


def test_the_size_of_a_script_that_does_not_say(shapes: Path) -> None:
    script, out = shapes.parent / "a.nk", shapes.parent / "b.json"
    run("export", shapes, "--out", script)
    assert run("import", script, "--height", 720, "--out", out).exit_code == 0
    assert load(out).height == 720
