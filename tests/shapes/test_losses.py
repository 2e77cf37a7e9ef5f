"""Nothing silently dropped: what a document says is in the file, or the report says it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roto_shapes.document import Document, Layer, Shape, Transform, TransformKey, ValueKey
from roto_shapes.formats import FORMATS
from shapes.helpers_shapes import SLIDING, STILL, TURNING, document, layer, moving_blob

FADE = [ValueKey(1001, 0.2), ValueKey(1010, 1.0)]
UNKNOWN = {"later": 1}


def plain() -> Document:
    return document(
        layer(moving_blob("a"), moving_blob("b")),
        layer(moving_blob("c"), layer_id="l2", name="second"),
    )


def with_layer(one: Document, **fields: object) -> Document:
    first: Layer = replace(one.layers[0], **fields)  # type: ignore[arg-type]
    return replace(one, layers=[first, *one.layers[1:]])


def with_shape(**fields: object) -> Document:
    one = plain()
    first: Shape = replace(one.layers[0].shapes[0], **fields)  # type: ignore[arg-type]
    return with_layer(one, shapes=[first, *one.layers[0].shapes[1:]])


def with_key(**fields: object) -> Document:
    first, *others = plain().layers[0].shapes[0].keys
    return with_shape(keys=[replace(first, **fields), *others])  # type: ignore[arg-type]


SLID = with_layer(plain(), transform=SLIDING)
FADED = with_shape(opacity=FADE)

# What is said, in a document that differs in it alone from another.
SAID = {
    "width": (replace(plain(), width=1000), plain()),
    "height": (replace(plain(), height=1000), plain()),
    "prompts": (replace(plain(), prompts=[{"frame": 1}]), plain()),
    "confidence": (replace(plain(), confidence={"l1": {1001: 0.5}}), plain()),
    "provenance": (replace(plain(), provenance={"model": "x"}), plain()),
    "unknown fields": (replace(plain(), extra=UNKNOWN), plain()),
    "layer name": (with_layer(plain(), name="other"), plain()),
    "layer group": (with_layer(plain(), group=["outer"]), plain()),
    "layer colour": (with_layer(plain(), color=(0.2, 0.4, 0.6)), plain()),
    "layer without shapes": (with_layer(plain(), shapes=[]), plain()),
    "frames that may be keyed": (with_layer(plain(), key_only_at=[1001]), plain()),
    "unknown fields of a layer": (with_layer(plain(), extra=UNKNOWN), plain()),
    "still transform": (with_layer(plain(), transform=STILL), plain()),
    "sliding transform": (SLID, plain()),
    "turning transform": (with_layer(plain(), transform=TURNING), plain()),
    "unknown fields of a transform": (
        with_layer(plain(), transform=replace(SLIDING, extra=UNKNOWN)),
        SLID,
    ),
    "unknown fields of a transform's key": (
        with_layer(
            plain(),
            transform=Transform(
                SLIDING.pivot, [replace(SLIDING.keys[0], extra=UNKNOWN), *SLIDING.keys[1:]]
            ),
        ),
        SLID,
    ),
    "shape name": (with_shape(name="other"), plain()),
    "shape kind": (with_shape(kind="bspline"), plain()),
    "open": (with_shape(closed=False), plain()),
    "mode": (with_shape(mode="subtract"), plain()),
    "inverted": (with_shape(inverted=True), plain()),
    "visible": (with_shape(visible=[(1005, 1010)]), plain()),
    "visible twice": (with_shape(visible=[(1005, 1010), (1020, 1022)]), plain()),
    "opacity": (with_shape(opacity=0.5), plain()),
    "keyed opacity": (FADED, plain()),
    "held opacity": (
        with_shape(opacity=[replace(FADE[0], interpolation="hold"), FADE[1]]),
        FADED,
    ),
    "unknown fields of an opacity key": (
        with_shape(opacity=[replace(FADE[0], extra=UNKNOWN), FADE[1]]),
        FADED,
    ),
    "feather": (with_shape(feather=5.0), plain()),
    "inward feather": (with_shape(feather=-5.0), plain()),
    "feather of points": (with_shape(feather=[float(i) for i in range(8)]), plain()),
    "motion blur": (with_shape(motion_blur=True), plain()),
    "shape colour": (with_shape(color=(0.1, 0.2, 0.3)), plain()),
    "host data of a shape": (with_shape(host={"app": "nuke"}), plain()),
    "unknown fields of a shape": (with_shape(extra=UNKNOWN), plain()),
    "artist's key": (with_key(origin="artist"), plain()),
    "locked key": (with_key(locked=True), plain()),
    "held key": (with_key(interpolation="hold"), plain()),
    "host data of a key": (with_key(host={"app": "nuke"}), plain()),
    "unknown fields of a key": (with_key(extra=UNKNOWN), plain()),
}
# Not losses: ids (a reader numbers what it reads), `corner` (the handles are the curve; a reader
# finds corners by them), a last key's interpolation (nothing follows it), and the plate's frame
# rate, range and pixel aspect, which a host's project says and a shape file need not.


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("name", FORMATS)
def test_what_a_document_says_is_in_the_file_or_in_the_report(name: str, said: str) -> None:
    entry = FORMATS[name]
    saying, silent = SAID[said]
    written, other = entry.write(saying), entry.write(silent)
    if written.report.as_list() != other.report.as_list():
        return
    assert written.text != other.text, "neither the file nor the report knows of it"
    if entry.project is not None:
        assert entry.project(saying) != entry.project(silent), "the file has it, the reader not"


def test_a_transform_that_rests_for_all_its_keys_is_still() -> None:
    """Two equal keys are one pose, on the first frame; two of the identity are none."""
    rests = Transform((900.0, 500.0), [TransformKey(f, 3.0, 4.0) for f in (1005, 1030)])
    nothing = Transform((900.0, 500.0), [TransformKey(1005), TransformKey(1030)])
    for name in ("nuke", "silhouette", "fusion"):
        entry = FORMATS[name]
        assert entry.read is not None
        assert entry.project is not None
        for given, left in ((rests, 1), (nothing, 0)):
            for one in (with_layer(plain(), transform=given), document(layer(transform=given))):
                got = entry.read(entry.write(one).text).document
                assert got == entry.project(one)
                for held in got.layers[:1]:
                    assert len(held.transform.keys if held.transform else ()) == left


@pytest.mark.parametrize("name", FORMATS)
def test_half_a_surrogate_pair_anywhere_leaves_a_file_of_utf8(name: str) -> None:
    half = "\ud800"
    one = with_layer(plain(), id=half, name=half, group=[half, "inner"])
    one.layers[0].shapes[0] = replace(one.layers[0].shapes[0], id=f"s{half}", name=half)
    FORMATS[name].write(one).text.encode("utf-8")
