"""``roto vectorize`` on real files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from helpers_vectorize import HEIGHT, WIDTH, circle, draw, iou
from typer.testing import CliRunner

from roto_client.cli import build_app
from roto_shapes.document import Document, load
from roto_shapes.errors import RotoError
from roto_worker.vectorize.command import parse_rate, settings_of, vectorize_command
from roto_worker.vectorize.files import image_reader, mask_files
from roto_worker.vectorize.outline.outlines import rasterize_layer
from roto_worker.vectorize.outline.raster import fill
from roto_worker.vectorize.settings import NAMES, PRESETS

app = typer.Typer()
app.command()(vectorize_command)
roto = build_app()


def scene(frame: int) -> list[np.ndarray]:
    return [circle(60 + 2 * (frame - 1001), 80, 30)]


def write_masks(folder: Path, names: dict[int, str], scale: int = 65535) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    dtype = np.uint16 if scale > 255 else np.uint8
    for frame, name in names.items():
        cv2.imwrite(str(folder / name), (draw(scene(frame)) * scale).round().astype(dtype))


@pytest.mark.parametrize("scale", [255, 65535])
def test_masks_become_a_document_that_covers_them(tmp_path, scale):
    frames = range(1001, 1009)
    write_masks(tmp_path / "masks", {f: f"hero.{f}.png" for f in frames}, scale)
    out = tmp_path / "shapes.json"
    arguments = [str(tmp_path / "masks"), "--out", str(out), "--object", "hero", "--fps", "23.976"]
    done = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "hero 1" in done.output
    document = load(out)
    assert (document.width, document.height) == (WIDTH, HEIGHT)
    assert document.fps == (24000, 1001)
    assert document.frame_range == (1001, 1008)
    (layer,) = document.layers
    assert layer.name == "hero"
    for frame in frames:
        truth = fill(scene(frame), WIDTH, HEIGHT)
        assert iou(rasterize_layer(document, layer, frame), truth) > 0.99


@pytest.mark.parametrize(
    ("names", "frames"),
    [
        (["00000.png", "00001.png"], [0, 1]),
        (["mask.1001.png", "mask.1002.png"], [1001, 1002]),
        (["shot010_v2-0007.png", "shot010_v2-0008.png"], [7, 8]),
        (["a.-001.png", "a.0000.png", "a.0001.png"], [-1, 0, 1]),
        (["m.0004.png", "m.0008.png", "m.0012.png"], [4, 8, 12]),
        (["only.12.png", "readme.png"], [12]),
    ],
)
def test_the_last_digits_of_a_name_are_its_frame(tmp_path, names, frames):
    for name in names:
        (tmp_path / name).touch()
    assert list(mask_files(tmp_path)) == frames


@pytest.mark.parametrize(
    ("within", "frames"),
    [(range(4, 13), [4, 8, 12]), (range(5, 12), [8]), (range(9, 12), "none"), (range(2, 9), "2")],
)
def test_a_range_takes_what_the_sequence_has_there(tmp_path, within, frames):
    for frame in (4, 8, 12):
        (tmp_path / f"{frame}.png").touch()
    if isinstance(frames, list):
        assert list(mask_files(tmp_path, within)) == frames
        return
    with pytest.raises(RotoError) as caught:
        mask_files(tmp_path, within)
    assert caught.value.code == {"none": "empty_result", "2": "missing_frame"}[frames]


@pytest.mark.parametrize(
    ("names", "code", "says"),
    [
        ([], "empty_result", "no mattes"),
        (["a.1.png", "b.1.png"], "bad_range", "both frame 1"),
        (["a.1.png", "a.2.png", "a.4.png"], "missing_frame", "frame 3"),
    ],
)
def test_folders_that_are_no_sequence(tmp_path, names, code, says):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(RotoError, match=says) as caught:
        mask_files(tmp_path)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("24", (24, 1)),
        ("25.0", (25, 1)),
        ("24000/1001", (24000, 1001)),
        ("23.976", (24000, 1001)),
        ("29.97", (30000, 1001)),
        ("59.94", (60000, 1001)),
        ("12.5", (25, 2)),
    ],
)
def test_frame_rates_are_exact(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "0", "-24", "1/0", "5000"])
def test_what_is_no_frame_rate(text):
    with pytest.raises(RotoError) as caught:
        parse_rate(text)
    assert caught.value.code == "bad_request"


def run(folder: Path, *options: str) -> RotoError:
    with pytest.raises(RotoError) as caught:
        CliRunner().invoke(
            app, [str(folder), "--out", str(folder / "s.json"), *options], catch_exceptions=False
        )
    assert not (folder / "s.json").exists()
    return caught.value


def test_bad_mattes_leave_no_document(tmp_path):
    write_masks(tmp_path, {f: f"{f}.png" for f in (1001, 1002)})
    (tmp_path / "1003.png").write_bytes(b"not a picture")
    assert run(tmp_path).code == "bad_plate"
    cv2.imwrite(str(tmp_path / "1003.png"), np.zeros((8, 8), np.uint8))
    assert run(tmp_path).code == "bad_matte"
    (tmp_path / "1003.png").unlink()
    assert run(tmp_path, "--object", "../up").code == "bad_request"
    for frame in (1001, 1002):
        cv2.imwrite(str(tmp_path / f"{frame}.png"), np.zeros((8, 8), np.uint8))
    assert run(tmp_path).code == "empty_result"


def call(*arguments: object):
    """The real ``roto``, which turns errors into messages and exit codes."""
    return CliRunner().invoke(roto, ["vectorize", *map(str, arguments)])


def refused(done, says: str, *absent: Path) -> None:
    assert done.exit_code == 2, done.output
    assert says in done.output
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert not any(path.exists() for path in absent)
    assert not any(path.name.endswith(".tmp") for one in absent for path in one.parent.iterdir())


def write_pictures(folder: Path, mattes: dict[int, np.ndarray]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for frame, matte in mattes.items():
        cv2.imwrite(str(folder / f"m.{frame}.png"), (matte * 65535).round().astype(np.uint16))
    return folder


def covered(document: Document, frame: int) -> np.ndarray:
    return rasterize_layer(document, document.layers[0], frame)


def test_an_empty_folder_and_empty_mattes_are_told(tmp_path):
    out = tmp_path / "s.json"
    (tmp_path / "none").mkdir()
    refused(call(tmp_path / "none", "--out", out), "no mattes in", out)
    empty = np.zeros((40, 60), np.float32)
    masks = write_pictures(tmp_path / "empty", dict.fromkeys(range(3), empty))
    refused(call(masks, "--out", out), "are empty on all 3 frames", out)
    refused(call(tmp_path / "nowhere", "--out", out), "nowhere", out)


def test_mattes_of_different_sizes_are_told(tmp_path):
    out = tmp_path / "s.json"
    one = draw(scene(1001)).astype(np.float32)
    masks = write_pictures(tmp_path / "m", {1: one, 2: one, 3: one[:-8]})
    refused(call(masks, "--out", out), "frame 3 is 240 x 152, not 240 x 160", out)


def test_mattes_that_are_no_numbers_are_told(tmp_path):
    """A PNG cannot hold NaN; a float picture that only is called PNG is refused."""
    out, masks = tmp_path / "s.json", tmp_path / "m"
    masks.mkdir()
    spoiled = draw(scene(1001)).astype(np.float32)
    spoiled[70:90] = np.nan
    assert cv2.imwrite(str(masks / "m.1.tiff"), spoiled)
    (masks / "m.1.tiff").rename(masks / "m.1.png")
    refused(call(masks, "--out", out), "m.1.png is not a grey PNG matte", out)


def test_an_existing_document_survives_a_failed_run(tmp_path):
    out = tmp_path / "s.json"
    out.write_text("what was here")
    masks = write_pictures(tmp_path / "m", {1: np.zeros((40, 60), np.float32)})
    done = call(masks, "--out", out)
    assert done.exit_code == 2
    assert out.read_text() == "what was here"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "s.json"]


def test_an_object_on_one_frame_is_seen_there_alone(tmp_path):
    out = tmp_path / "s.json"
    mattes = {frame: np.zeros((HEIGHT, WIDTH)) for frame in range(1001, 1006)}
    mattes[1003] = draw(scene(1003))
    done = call(write_pictures(tmp_path / "m", mattes), "--out", out)
    assert done.exit_code == 0, done.output
    document = load(out)
    for frame, matte in mattes.items():
        assert iou(covered(document, frame), matte > 0.5) > 0.98


@pytest.mark.parametrize(
    ("name", "matte", "least"),
    [
        ("one pixel", (50, 51, 70, 71), 0.99),
        ("the whole frame", (0, HEIGHT, 0, WIDTH), 1.0),
        ("two borders", (0, 60, 0, 100), 0.995),
        ("right and bottom", (100, HEIGHT, 120, WIDTH), 0.995),
        ("a full row", (70, 90, 0, WIDTH), 0.995),
    ],
)
def test_objects_at_the_limits_get_a_true_shape(tmp_path, name, matte, least):
    top, bottom, left, right = matte
    solid = np.zeros((HEIGHT, WIDTH), np.float32)
    solid[top:bottom, left:right] = 1
    out = tmp_path / "s.json"
    masks = write_pictures(tmp_path / "m", dict.fromkeys(range(1, 4), solid))
    done = call(masks, "--out", out)
    assert done.exit_code == 0, done.output
    document = load(out)
    for frame in (1, 2, 3):
        assert iou(covered(document, frame), solid > 0.5) >= least, name


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--preset", "cloth"], "there is no preset 'cloth'"),
        (["--tolerance", "0"], "tolerance is 0.0"),
        (["--tolerance", "nan"], "tolerance is nan"),
        (["--parts", "maybe"], "parts is 'maybe'"),
        (["--key-only-at", "1001,x"], "'x' is not a frame range"),
        (["--range", "1004-1001"], "runs backwards"),
        (["--range", "1003-1009"], "frame 1005 has no matte (5 in all)"),
        (["--fps", "fast"], "'fast' is not a frame rate"),
        (["--object", "../up"], "../up"),
        (["--max-points", "2"], "most_points is 2"),
    ],
)
def test_options_that_make_no_sense(tmp_path, options, says):
    out = tmp_path / "s.json"
    write_masks(tmp_path / "m", {f: f"{f}.png" for f in range(1001, 1005)})
    refused(call(tmp_path / "m", "--out", out, *options), says, out)


def test_a_missing_folder_for_the_document_is_told_at_once(tmp_path):
    write_masks(tmp_path / "m", {1001: "1001.png"})
    out = tmp_path / "nowhere" / "s.json"
    done = call(tmp_path / "m", "--out", out)
    assert done.exit_code == 2
    assert "there is no folder" in done.output


def test_every_control_reaches_the_settings():
    asked = {
        "tolerance": 0.5,
        "looseness": 3.0,
        "detail": 2.0,
        "most_points": 12,
        "most_keys": 5,
        "key_spacing": 4,
        "smooth": 1.5,
        "corner_angle": 30.0,
        "offset": -2.0,
        "parts": "off",
        "ignored_area": 7.0,
        "ignored_life": 3,
        "hard_surface": False,
        "layer_transform": "off",
    }
    assert set(asked) == set(NAMES)
    made = settings_of("hard-surface", asked)
    assert {name: getattr(made, name) for name in asked} == asked
    plain = settings_of("fine", dict.fromkeys(asked))
    assert plain == PRESETS["fine"]


def test_controls_change_what_comes_out(tmp_path):
    write_masks(tmp_path / "m", {f: f"{f}.png" for f in range(1001, 1013)})

    def solved(*options: str) -> Document:
        done = call(tmp_path / "m", "--out", tmp_path / "s.json", *options)
        assert done.exit_code == 0, done.output
        return load(tmp_path / "s.json")

    plain, grown = solved(), solved("--offset", "4")
    ring = np.count_nonzero(covered(grown, 1006)) - np.count_nonzero(covered(plain, 1006))
    assert ring == pytest.approx(np.pi * (34**2 - 30**2), rel=0.05)
    rare = solved("--key-only-at", "1002,1009-1010")
    keyed = {key.frame for shape in rare.layers[0].shapes for key in shape.keys}
    assert keyed <= {1002, 1009, 1010}
    assert rare.layers[0].key_only_at == [1002, 1009, 1010]
    assert solved("--range", "1003-1005").frame_range == (1003, 1005)
    assert solved("--tolerance", "0.2").layers[0].transform is not None
    assert solved("--tolerance", "0.2", "--no-transform").layers[0].transform is None


def test_pictures_are_read_by_number_in_plate_colours(tmp_path):
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[..., 2] = 200  # red, as OpenCV orders it
    for frame in (7, 8):
        cv2.imwrite(str(tmp_path / f"plate.{frame:04d}.png"), picture)
    read = image_reader(tmp_path, [8, 7])
    assert read(7).tolist() == picture[..., ::-1].tolist()
    with pytest.raises(RotoError, match="frame 9 has no picture"):
        image_reader(tmp_path, [7, 8, 9])


def test_a_stretch_of_a_document_is_updated(tmp_path):
    out, masks = tmp_path / "s.json", tmp_path / "m"
    write_masks(masks, {f: f"{f}.png" for f in range(1001, 1031)})
    assert call(masks, "--out", out, "--object", "hero").exit_code == 0
    before = load(out)

    def moved(frame: int) -> list[np.ndarray]:
        off = 14 * np.sin(np.pi * (frame - 1010) / 10)
        return [path + np.array([0, off]) for path in scene(frame)]

    new = write_pictures(tmp_path / "new", {f: draw(moved(f)) for f in range(1010, 1021)})
    newer = tmp_path / "t.json"
    done = call(new, "--update", out, "--range", "1010-1020", "--object", "hero", "--out", newer)
    assert done.exit_code == 0, done.output
    assert "solved" in done.output
    after = load(newer)
    for frame in range(1001, 1031):
        truth = moved(frame) if 1010 <= frame <= 1020 else scene(frame)
        assert iou(covered(after, frame), fill(truth, WIDTH, HEIGHT)) > 0.97
    assert iou(covered(before, 1015), fill(moved(1015), WIDTH, HEIGHT)) < 0.7
    assert load(out) == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--object", "villain"], "no layer 'villain'"),
        (["--range", "990-1002"], "frame 990 has no matte"),
        (["--range", "1005-1009"], "frame 1007 has no matte (3 in all)"),
        (["--fps", "24"], "--fps cannot be changed"),
    ],
)
def test_updates_that_cannot_be(tmp_path, options, says):
    out, newer = tmp_path / "s.json", tmp_path / "t.json"
    write_masks(tmp_path / "m", {f: f"{f}.png" for f in range(1001, 1007)})
    assert call(tmp_path / "m", "--out", out).exit_code == 0
    refused(call(tmp_path / "m", "--update", out, "--out", newer, *options), says, newer)


def test_an_update_needs_mattes_of_the_documents_frames_and_size(tmp_path):
    out, newer = tmp_path / "s.json", tmp_path / "t.json"
    write_masks(tmp_path / "m", {f: f"{f}.png" for f in range(1001, 1007)})
    assert call(tmp_path / "m", "--out", out).exit_code == 0
    one = draw(scene(1001))
    later = write_pictures(tmp_path / "later", dict.fromkeys(range(1005, 1010), one))
    done = call(later, "--update", out, "--out", newer)
    refused(done, "1005-1009 is outside the document's frames 1001-1006", newer)
    small = write_pictures(tmp_path / "small", dict.fromkeys(range(1002, 1004), one[:-1]))
    refused(call(small, "--update", out, "--out", newer), "240 x 159, not 240 x 160", newer)
    holed = write_pictures(tmp_path / "holed", dict.fromkeys((1001, 1003, 1005), one))
    refused(call(holed, "--update", out, "--out", newer), "frame 1002 has no matte", newer)
    done = call(holed, "--update", out, "--range", "1002-1004", "--out", newer)
    refused(done, "frame 1002 has no matte (2 in all)", newer)
    (tmp_path / "bad.json").write_text("{}")
    done = call(tmp_path / "m", "--update", tmp_path / "bad.json", "--out", newer)
    refused(done, "bad.json", newer)


def test_pictures_guide_the_points_and_have_to_fit_the_mattes(tmp_path):
    masks, pictures = tmp_path / "m", tmp_path / "p"
    frames = range(1001, 1009)
    write_masks(masks, {f: f"{f}.png" for f in frames})
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH * 2, 3), np.uint8)
    skin = cv2.GaussianBlur(noise, (0, 0), 2)
    pictures.mkdir()
    for frame in frames:
        seen = np.roll(skin, 2 * (frame - 1001), axis=1)[:, :WIDTH]
        cv2.imwrite(str(pictures / f"{frame}.png"), seen)
    out, newer = tmp_path / "s.json", tmp_path / "t.json"
    done = call(masks, "--frames", pictures, "--out", out)
    assert done.exit_code == 0, done.output
    again = ("--update", out, "--range", "1002-1007", "--frames", pictures, "--out", newer)
    assert call(masks, *again).exit_code == 0
    assert load(newer) == load(out)
    (pictures / "1005.png").unlink()
    gone = tmp_path / "u.json"
    refused(call(masks, "--frames", pictures, "--out", gone), "frame 1005 has no picture", gone)
    cv2.imwrite(str(pictures / "1005.png"), noise[:-4])
    refused(call(masks, "--frames", pictures, "--out", gone), "frame 1005", gone)
