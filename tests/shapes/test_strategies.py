"""What the drawn documents must hold for the property tests to mean anything."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from shapes.helpers_shapes import HOSTILE, drawn_documents

WANTED = {
    "keys around the first frames": lambda d, la, sh: (
        any(key.frame <= d.frame_range[0] for key in sh.keys)
        and any(d.frame_range[0] + 3 < key.frame <= d.frame_range[1] for key in sh.keys)
    ),
    "a hostile layer name": lambda d, la, sh: la.name in HOSTILE,
    "a hostile shape name": lambda d, la, sh: sh.name in HOSTILE,
    "a hostile group name": lambda d, la, sh: any(name in HOSTILE for name in la.group),
    "two shapes of one name": lambda d, la, sh: [s.name for s in la.shapes].count(sh.name) > 1,
    "a single key": lambda d, la, sh: len(sh.keys) == 1,
    "seen on a single frame": lambda d, la, sh: any(a == b for a, b in sh.visible),
    "a gap in its life": lambda d, la, sh: len(sh.visible) > 1,
    "negative coordinates": lambda d, la, sh: min(xs(sh)) < 0,
    "overscan": lambda d, la, sh: max(xs(sh)) > d.width,
    "frames below 0": lambda d, la, sh: sh.keys[0].frame < -100_000,
    "frames beyond 100000": lambda d, la, sh: sh.keys[0].frame > 100_000,
    "a frame at 0 or just below": lambda d, la, sh: any(-50 < key.frame <= 0 for key in sh.keys),
    "pixels twice as wide": lambda d, la, sh: d.pixel_aspect == 2,
    "anamorphic pixels": lambda d, la, sh: d.pixel_aspect not in (1, 2),
    "a turning layer of wide pixels": lambda d, la, sh: (
        d.pixel_aspect != 1
        and la.transform is not None
        and len({key.rotate for key in la.transform.keys}) > 1
    ),
    "a still transform": lambda d, la, sh: la.transform is not None and len(la.transform.keys) == 1,
    "holds": lambda d, la, sh: any(key.interpolation == "hold" for key in sh.keys[:-1]),
    "locked keys": lambda d, la, sh: any(key.locked for key in sh.keys),
    "keyed opacity": lambda d, la, sh: isinstance(sh.opacity, list) and len(sh.opacity) > 1,
    "feather per point": lambda d, la, sh: isinstance(sh.feather, list),
    "inward feather": lambda d, la, sh: not isinstance(sh.feather, list) and sh.feather < 0,
    "an open shape": lambda d, la, sh: not sh.closed,
    "a B-spline with corners": lambda d, la, sh: (
        sh.kind == "bspline" and any(point.corner for point in sh.keys[0].points)
    ),
    "a subtract shape": lambda d, la, sh: sh.mode == "subtract",
    "an inverted shape": lambda d, la, sh: sh.inverted,
    "nested layers": lambda d, la, sh: len(la.group) == 2,
    "unknown fields": lambda d, la, sh: bool(sh.extra),
}


def xs(shape):
    return [point.x for key in shape.keys for point in key.points]


def test_the_drawn_documents_hold_what_they_should() -> None:
    seen = set()

    @settings(
        max_examples=600,  # which are drawn depends on what else is imported
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(drawn_documents())
    def look(document) -> None:
        for layer in document.layers:
            for shape in layer.shapes:
                cases = WANTED.items()
                seen.update(name for name, has in cases if has(document, layer, shape))

    look()
    assert set(WANTED) == seen
