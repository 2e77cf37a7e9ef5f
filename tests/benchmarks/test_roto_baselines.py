"""The bench's baselines, and its cases' bounds."""

from __future__ import annotations

import pytest

from roto.baselines import keyed_everywhere, traced
from roto.cases import CASES, EVERY_GATE, EVERY_GOAL, Bound
from roto.drawing import lobed, placed
from roto.drawing import shape as drawn
from roto.measure import figures
from roto.shots import FIRST_FRAME, Shot
from roto_shapes.document import Layer

FRAMES = range(FIRST_FRAME, FIRST_FRAME + 6)
BLOB = lobed(8, 30.0, ((2, 0.2, 0.3), (3, 0.1, 0.0)))


def moving(off: float = 0.0) -> Layer:
    """A blob that goes right by 4 pixels a frame; ``off`` pixels below where it should be."""
    poses = {f: placed(50 + 4 * (f - FIRST_FRAME), 60 + off) for f in (FRAMES[0], FRAMES[-1])}
    return Layer("blob", "blob", shapes=[drawn("blob", BLOB, poses)])


@pytest.fixture(scope="module")
def shot() -> Shot:
    return Shot("blob", 140, 120, FRAMES, moving())


def test_tracing_pays_for_every_frames_points(shot: Shot) -> None:
    fine, coarse = traced(shot, 0.5), traced(shot, 2.0)
    assert fine["BF1"] > 0.99
    assert 6 * 2 <= coarse["edit"] < fine["edit"] <= 6 * 10


def test_tracing_cuts_holes_and_keeps_the_islands_in_them() -> None:
    pose = {FRAMES[0]: placed(60, 60)}
    rings = [drawn(f"ring {r}", lobed(8, r, ()), pose, mode=m) for r, m in _TARGET]
    target = Shot("target", 120, 120, FRAMES, Layer("l", "l", shapes=rings))
    assert traced(target, 0.25)["IoU"] > 0.98


_TARGET = ((50.0, "add"), (35.0, "subtract"), (18.0, "add"))


def test_every_frame_refitted_finds_the_outline_from_beside_it(shot: Shot) -> None:
    beside = moving(off=2.0)
    assert figures(shot, beside)["BF1"] < 0.9
    keyed = keyed_everywhere(shot, beside)
    assert keyed["BF1"] > 0.99
    assert (keyed["points"], keyed["keys"]) == (8, 6)
    assert keyed["edit"] == 8 * 6


def test_figures_of_the_truth_itself_are_perfect(shot: Shot) -> None:
    row = figures(shot, shot.layer)
    assert (row["IoU"], row["min IoU"], row["BF1"], row["HD95"], row["lost"]) == (1, 1, 1, 0, 0)
    assert row["slip"] == pytest.approx(0, abs=0.3)  # Spots are a third of a pixel apart.
    assert row["jitter"] == pytest.approx(row["true motion"], abs=1e-6)
    assert (row["lives"], row["at once"], row["self-crossing"]) == (1, 1, 0)


def test_a_bound_may_be_another_figure_and_missing_figures_do_not_hold() -> None:
    bound = Bound("keys", "<=", "own keys", 1.5)
    assert bound.holds({"keys": 6, "own keys": 4})
    assert not bound.holds({"keys": 7, "own keys": 4})
    assert not bound.holds({"keys": 1, "own keys": None})
    assert not Bound("slip", "<=", 5).holds({"slip": None})
    assert str(bound) == "keys <= 1.5 x own keys"
    assert str(Bound("jitter", "<=", "true motion", plus=0.3)) == "jitter <= true motion + 0.3"


def test_every_bound_is_about_a_figure_that_is_measured(shot: Shot) -> None:
    measured = {*figures(shot, shot.layer), "s/frame", "s/frame again"}
    for case in CASES:
        for bound in (*case.gates, *case.goals, *EVERY_GATE, *EVERY_GOAL):
            assert bound.figure in measured
            assert not isinstance(bound.limit, str) or bound.limit in measured
