"""Runs inside Blender: splines of its masks as prompts, against the shapes they were made of."""

from __future__ import annotations

import json
from dataclasses import replace

from helpers_editor import main
from try_capture import ROTO, at, opened
from try_plate import override, refused

from megaton_roto import masks, overlay, prompts
from megaton_roto.outlines import outlines_of
from megaton_roto.view import View
from roto_shapes.document import Key
from roto_shapes.formats import write
from roto_shapes.outlines import outline_of
from shapes.helpers_shapes import blob, document, l_points, layer, moving_blob, one_shape


def built(doc):
    data = json.loads(write(doc, "blender").text)
    return masks.build(data)[0]


def same(found, wanted, off=2e-3):
    """The same points as sets of plate pixels: a writer may turn a spline round."""
    assert [one.mode for one in found] == [one.mode for one in wanted]
    for mine, theirs in zip(found, wanted, strict=True):
        ours = sorted(tuple(point[:2]) + tuple(sorted_handles(point)) for point in mine.points)
        told = sorted(tuple(point[:2]) + tuple(sorted_handles(point)) for point in theirs.points)
        pairs = [pair for p, q in zip(ours, told, strict=True) for pair in zip(p, q, strict=True)]
        worst = max(abs(a - b) for a, b in pairs)
        assert worst < off, worst


def sorted_handles(point):
    return [n for pair in sorted((point[2:4], point[4:6])) for n in pair]


def on_keys_and_between(folder):
    """Animated splines, with a hole, in any format: where Blender draws them, to a thousandth."""
    cut = [Key(1001, blob(9, 900, 500, 60)), Key(1040, blob(9, 1000, 500, 40))]
    hole = replace(one_shape(*cut).layers[0].shapes[0], id="b", name="hole", mode="subtract")
    for width, height, aspect in ((1920, 1080, 1.0), (1080, 1920, 1.0), (1000, 700, 2.0)):
        doc = document(layer(moving_blob("a"), hole), width=width, height=height)
        doc.pixel_aspect = aspect
        mask = built(doc)
        for frame in (1001, 1006, 1011, 1029, 1040):
            at(frame)
            found = outlines_of(mask, width, height, aspect)
            same(found, outline_of(doc.layers[0], frame))


def only_selected(folder):
    """The selected splines count, else all that are seen; what cannot be said is refused."""
    doc = document(layer(moving_blob("a"), replace(moving_blob("b"), name="other")))
    mask = built(doc)
    at(1001)
    assert len(outlines_of(mask, 1920, 1080, 1.0)) == 2
    mask.layers[1].splines[0].points[2].select = True
    (one,) = outlines_of(mask, 1920, 1080, 1.0)
    same([one], outline_of(layer(doc.layers[0].shapes[1]), 1001))
    mask.layers[1].hide = True
    assert len(outlines_of(mask, 1920, 1080, 1.0)) == 1
    mask.layers[0].blend = "DIFFERENCE"
    refused(lambda: outlines_of(mask, 1920, 1080, 1.0), "DIFFERENCE", "Hide that layer")
    mask.layers[0].blend = "MERGE_ADD"
    mask.layers[0].invert = True
    refused(lambda: outlines_of(mask, 1920, 1080, 1.0), "inverted")
    mask.layers[0].invert = False
    mask.layers[0].splines[0].use_cyclic = False
    refused(lambda: outlines_of(mask, 1920, 1080, 1.0), "no closed spline")
    mask.layers[0].splines[0].use_cyclic = True
    clip, _, _ = opened(folder)
    point = mask.layers[0].splines[0].points[0]
    point.parent.id = clip
    point.parent.parent = "Track"
    refused(lambda: outlines_of(mask, 1920, 1080, 1.0), "follows a track", "Clear Parent")


def as_prompt(folder):
    """The operator in an editor: an outline in plate pixels on the plate's frame."""
    clip, area, space = opened(folder, width=640, height=480)
    doc = one_shape(Key(1, l_points()))
    doc.width, doc.height = 640, 480
    mask = built(doc)
    space.mode = "MASK"
    space.mask = mask
    at(3)
    with override(area, space):
        assert ROTO.outlines() == {"FINISHED"}
    (said,) = prompts.object_prompts(clip)
    assert said.prompts[0].frame == 1005
    same(said.prompts[0].outline, outline_of(doc.layers[0], 1))
    (line,) = overlay.marks(clip, 1005, View((0, 480), (1.0, -1.0), 640, 480)).lines
    xs, ys = zip(*line.points, strict=True)
    assert (round(min(xs)), round(max(xs))) == (100, 220)
    assert (round(480 - max(ys)), round(480 - min(ys))) == (50, 230)


CASES = {case.__name__: case for case in (on_keys_and_between, only_selected, as_prompt)}

if __name__ == "__main__":
    main(CASES)
