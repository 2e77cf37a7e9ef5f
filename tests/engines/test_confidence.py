"""Confidence from signals: what must hold whatever the fitted numbers are."""

from __future__ import annotations

import numpy as np
import pytest

from roto_shapes.prompts import Click, FramePrompt
from roto_worker.engines.confidence import MODELS, SURE, judge
from roto_worker.engines.evidence import gather

FRAMES = range(1001, 1041)
GOOD: dict[str, dict[str, float]] = {
    "flow": {"match": 0.95, "contrast": 7.0, "motion": 2.5, "stability": 0.97},
    "sam2": {"present": 0.99, "quality": 0.95, "stability": 0.97},
}
BAD: dict[str, dict[str, float]] = {
    "flow": {"match": 0.5, "contrast": 2.0, "motion": -1.0, "stability": 0.7},
    "sam2": {"present": 0.5, "quality": 0.5, "stability": 0.7},
}
MASK = [FramePrompt(1001, mask_png=b"a mask")]
BOX = [FramePrompt(1001, box=(0, 0, 9, 9))]
CLICK = [FramePrompt(1001, points=(Click(5, 5),))]
ENGINES = pytest.mark.parametrize("engine", ["flow", "sam2"])
Frames = dict[int, dict[str, float]]


def shape(area: float = 10_000, x: float = 500) -> dict[str, float]:
    side = area**0.5
    return {"area": area, "centre_x": x, "centre_y": 300, "width": side, "height": side}


def steady(engine: str) -> Frames:
    """Tracked from 1001 without a hitch."""
    frames = {frame: GOOD[engine] | shape() for frame in FRAMES}
    frames[1001] = shape() | {"prompted": 1.0}
    return frames


def at(frames: Frames, *places: int, **changed: float) -> Frames:
    return {f: one | (changed if f in places else {}) for f, one in frames.items()}


@ENGINES
def test_a_probability_for_every_frame(engine: str) -> None:
    frames = at(steady(engine), *range(1020, 1030), **BAD[engine])
    confidence = judge(engine, frames, BOX)
    assert list(confidence) == list(FRAMES)
    assert all(0 <= value <= 1 for value in confidence.values())


@ENGINES
def test_a_steady_track_is_trusted_and_a_bad_one_is_not(engine: str) -> None:
    assert min(judge(engine, steady(engine), MASK).values()) > 0.8
    bad = at(steady(engine), *range(1002, 1041), **BAD[engine])
    assert max(list(judge(engine, bad, BOX).values())[1:]) < 0.3


@ENGINES
def test_nothing_that_speaks_for_a_frame_lowers_its_confidence(engine: str) -> None:
    assert all(weight >= 0 for weight in MODELS[engine].weights.values())
    for name in GOOD[engine]:
        series = []
        for share in np.linspace(0, 1, 6):
            value = BAD[engine][name] + share * (GOOD[engine][name] - BAD[engine][name])
            series.append(judge(engine, at(steady(engine), *FRAMES, **{name: value}), BOX)[1020])
        assert series == sorted(series), name


@ENGINES
def test_what_the_artist_gave_counts(engine: str) -> None:
    click, box, mask = (judge(engine, steady(engine), p)[1030] for p in (CLICK, BOX, MASK))
    assert click <= box <= mask
    assert judge(engine, steady(engine), MASK)[1001] == SURE
    assert judge(engine, at(steady(engine), *FRAMES, **BAD[engine]), BOX)[1001] < SURE


@ENGINES
def test_frames_that_were_not_tracked(engine: str) -> None:
    frames = steady(engine) | {1041: {"blank": 1.0}, 1042: {"blank": 0.0}}
    confidence = judge(engine, frames, BOX)
    assert (confidence[1041], confidence[1042]) == (SURE, 0.0)
    assert {f: c for f, c in confidence.items() if f <= 1040} == judge(engine, steady(engine), BOX)


def test_an_empty_matte_is_doubted_unless_the_engine_knows_why() -> None:
    empty = {"area": 0.0}
    flow = steady("flow") | dict.fromkeys(range(1030, 1041), {"match": 0.0} | empty)
    assert max(judge("flow", flow, MASK)[frame] for frame in range(1030, 1041)) < 0.5
    for present, low, high in ((0.02, 0.9, 1.0), (0.9, 0.0, 0.2)):
        said = {"present": present, "quality": 0.9, "stability": 1.0} | empty
        frames = steady("sam2") | dict.fromkeys(range(1030, 1041), said)
        assert low <= judge("sam2", frames, MASK)[1035] <= high


def test_an_object_never_found() -> None:
    frames = {frame: {"match": 0.0, "area": 0.0} for frame in FRAMES}
    assert set(judge("flow", frames, CLICK)) == set(FRAMES)
    assert judge("flow", {}) == {}


def test_no_such_engine() -> None:
    with pytest.raises(KeyError):
        judge("auto", steady("flow"))


# -- evidence


def test_what_was_lost_on_the_way_stays_lost() -> None:
    frames = at(steady("flow"), *range(1015, 1025), contrast=3.0)
    lowest = gather(frames).values["lowest_contrast"]
    assert list(lowest[:10]) == [7.0] * 10
    assert list(lowest[20:]) == [3.0] * 20
    assert gather(frames).values["contrast"][-1] == 7.0


def test_a_second_prompt_starts_afresh_on_its_side() -> None:
    frames = at(steady("flow"), *range(1010, 1016), contrast=3.0)
    frames[1040] |= {"prompted": 1.0}
    found = gather(frames).values
    assert found["lowest_contrast"][1038 - 1001] == 7.0
    assert found["lowest_contrast"][1018 - 1001] == 3.0
    assert found["distance"][1038 - 1001] == -np.log1p(2)


def test_one_odd_frame_is_no_verdict_but_its_jump_is_seen() -> None:
    frames = at(steady("flow"), 1020, match=0.1, area=2_500.0, width=50.0, centre_x=700.0)
    found = gather(frames).values
    assert found["match"][19] == 0.95
    assert found["area_jump"][19] == pytest.approx(-np.log(4))
    assert found["box_jump"][19] == pytest.approx(-2 - np.log(2))
    assert max(abs(np.delete(found["area_jump"], 19))) < 1e-9


def test_size_is_measured_by_the_nearest_prompted_frame() -> None:
    frames = at(steady("flow"), *range(1021, 1041), area=20_000.0)
    assert gather(frames).values["size"][-1] == pytest.approx(-np.log(2))
    frames[1040] |= {"prompted": 1.0}
    assert gather(frames).values["size"][-1] == 0


def test_agreement_counts_only_where_two_directions_met() -> None:
    frames = at(steady("flow"), *range(1010, 1020), agreement=0.99)
    frames = at(frames, *range(1020, 1030), agreement=0.3)
    found = gather(frames).values["agreement"]
    assert (found[8], found[10] > 0, found[25] < 0) == (0.0, True, True)


def test_signals_missing_on_prompted_frames_come_from_the_nearest() -> None:
    frames = steady("flow")
    frames[1003] |= {"contrast": 5.0}
    assert "contrast" not in frames[1001]
    assert gather(frames).values["contrast"][0] == 7.0


def test_empty_frames_are_set_apart() -> None:
    frames = steady("flow") | {1020: {"match": 0.0, "area": 0.0}}
    found = gather(frames)
    assert found.empty == [1020]
    assert len(found.frames) == len(FRAMES) - 1
    assert all(len(values) == len(found.frames) for values in found.values.values())
