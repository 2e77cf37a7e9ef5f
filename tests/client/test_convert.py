"""`roto import` and `roto export` on files, without a server."""

from __future__ import annotations

import subprocess
import sys
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


@pytest.mark.parametrize("name", ["cryptomatte", "exr"])
@pytest.mark.parametrize(
    ("out", "span", "files"),
    [
        ("mattes", "1001-1002", ["shapes.1001.exr", "shapes.1002.exr"]),
        ("m/hero.%05d.exr", None, [f"hero.0{frame}.exr" for frame in range(1001, 1006)]),
        ("m/hero.####.exr", "-1-0", ["hero.-001.exr", "hero.0000.exr"]),
        ("m/hero.*.exr", "7-8", ["hero.0007.exr", "hero.0008.exr"]),
        ("m/hero.exr", "1003", ["hero.exr"]),
    ],
)
def test_mattes_are_one_file_a_frame(
    shapes: Path, name: str, out: str, span: str | None, files: list[str]
) -> None:
    words = ("--range", span) if span else ()
    done = run("export", shapes, "--format", name, "--out", shapes.parent / out, *words)
    assert done.exit_code == 0, done.output
    folder = shapes.parent / out.partition("/")[0]
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    assert all(path.read_bytes()[:4] == b"\x76\x2f\x31\x01" for path in folder.iterdir())


def test_mattes_asked_for_in_a_wrong_way(shapes: Path) -> None:
    for words, code in [
        (("--format", "exr", "--out", shapes.parent / "m.exr"), "bad_range"),
        (("--format", "exr", "--out", shapes.parent / "m", "--range", "9-1"), "bad_range"),
        (("--format", "exr", "--out", shapes.parent / "m.%04d"), "bad_range"),
        (("--format", "exr", "--out", shapes.parent / "m.%04d.##.exr"), "bad_range"),
        (("--format", "nuke", "--out", shapes.parent / "m.nk", "--range", "1-2"), "bad_request"),
        (("--out", shapes.parent / "m.%04d.exr"), "unknown_format"),
    ]:
        error = run("export", shapes, *words).exception
        assert isinstance(error, RotoError)
        assert error.code == code
    assert "cryptomatte" in error.hint
    assert [path.name for path in shapes.parent.glob("m*")] == []


def test_mattes_without_the_workers_libraries(shapes: Path) -> None:
    """A client's install has no numpy: the command says what to install, and text still works."""
    code = "import sys; sys.modules['numpy'] = None; from roto_client.cli import main; main()"

    def without_numpy(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, "export", str(shapes), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    out = shapes.parent / "m"
    done = without_numpy("--format", "cryptomatte", "--out", out)
    assert done.returncode == 2
    assert "needs the worker install" in done.stderr
    assert "megaton-roto[worker]" in done.stderr
    assert not out.exists()
    assert without_numpy("--out", shapes.parent / "a.nk").returncode == 0
