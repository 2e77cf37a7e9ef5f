"""Which frames are tracked from where, by table and for any prompts at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.helpers_engines import absent, box, click, frames_out
from roto_shapes.errors import PromptError
from roto_shapes.prompts import FramePrompt
from roto_worker.engines.plan import Plan, Role, plan_sweeps

RANGE = (1, 20)


def routes(plan: Plan) -> list[tuple[int, int, str]]:
    return [(sweep.start, sweep.stop, sweep.role.value) for sweep in plan.sweeps]


@pytest.mark.parametrize(
    ("prompts", "direction", "expected"),
    [
        ([box(1)], "both", [(1, 20, "final")]),
        ([box(20)], "both", [(20, 1, "final")]),
        ([box(8)], "both", [(8, 1, "final"), (8, 20, "final")]),
        ([box(8)], "forward", [(8, 20, "final")]),
        ([box(8)], "backward", [(8, 1, "final")]),
        (
            [box(5), box(9)],
            "both",
            [(5, 8, "hold"), (9, 6, "merge"), (5, 1, "final"), (9, 20, "final")],
        ),
        ([box(5), box(9)], "forward", [(5, 8, "final"), (9, 20, "final")]),
        ([box(5), box(9)], "backward", [(9, 6, "final"), (5, 1, "final")]),
        ([box(5), absent(9)], "both", [(5, 8, "final"), (5, 1, "final")]),
        ([absent(5), box(9)], "both", [(9, 6, "final"), (9, 20, "final")]),
        # a correction: tracking arrives on the frame first, then starts anew from it
        (
            [box(5), click(9)],
            "both",
            [(5, 9, "hold"), (9, 6, "merge"), (5, 1, "final"), (9, 20, "final")],
        ),
        (
            [click(5), box(9)],
            "both",
            [(9, 5, "hold"), (5, 8, "merge"), (5, 1, "final"), (9, 20, "final")],
        ),
        # nothing but clicks: the first positive ones show the object
        (
            [click(3), click(6, positive=False)],
            "both",
            [(3, 6, "hold"), (6, 4, "merge"), (3, 1, "final"), (6, 20, "final")],
        ),
        # behind an absence no tracking arrives, so these clicks stand alone
        ([box(3), absent(6), click(9)], "forward", [(3, 5, "final"), (9, 20, "final")]),
        # a chain of corrections, tracked in the order they are reached
        (
            [click(2), click(6), box(12)],
            "both",
            [
                (12, 6, "hold"),
                (6, 11, "merge"),
                (6, 2, "hold"),
                (2, 5, "merge"),
                (2, 1, "final"),
                (12, 20, "final"),
            ],
        ),
    ],
)
def test_routes(
    prompts: list[FramePrompt], direction: str, expected: list[tuple[int, int, str]]
) -> None:
    plan = plan_sweeps({"a": prompts}, RANGE, direction)  # type: ignore[arg-type]
    assert routes(plan) == expected


@pytest.mark.parametrize(
    ("prompts", "more"),
    [
        ([box(3), click(10), box(19)], click(14)),
        ([box(3), click(12), box(19)], click(8)),
        ([box(3), click(10)], click(14)),
        ([box(3), click(7), click(10), click(15), box(19)], click(12)),
        ([box(3), click(6), absent(9), box(14)], click(17)),
    ],
)
def test_a_further_correction_changes_no_sweep_beyond_its_neighbours(
    prompts: list[FramePrompt], more: FramePrompt
) -> None:
    left = max(prompt.frame for prompt in prompts if prompt.frame < more.frame)
    right = min([prompt.frame for prompt in prompts if prompt.frame > more.frame], default=21)

    def beyond(given: list[FramePrompt]) -> set[tuple[object, ...]]:
        return {
            (sweep.start, sweep.stop, sweep.role, sweep.corrects, sweep.other, sweep.seeds)
            for sweep in plan_sweeps({"a": given}, RANGE).sweeps
            if not (left <= sweep.start <= right and left <= sweep.stop <= right)
        }

    assert beyond(prompts) <= beyond([*prompts, more])


def test_blanks_say_who_decided() -> None:
    plan = plan_sweeps({"a": [box(3), absent(6), absent(9), box(15)]}, RANGE)
    spans = [(blank.first, blank.last, blank.known) for blank in plan.blanks]
    assert spans == [(6, 6, True), (7, 8, True), (9, 9, True)]
    left_out = plan_sweeps({"a": [box(3)]}, RANGE, "forward").blanks
    assert [(b.first, b.last, b.known) for b in left_out] == [(1, 2, False)]


def test_weights_meet_without_a_step() -> None:
    forward, backward = plan_sweeps({"a": [box(5), box(9)]}, (5, 9)).sweeps[:2]
    assert forward.role is Role.HOLD
    assert backward.role is Role.MERGE
    assert [backward.weight_at(frame) for frame in (8, 7, 6)] == [0.75, 0.5, 0.25]
    for frame in (6, 7, 8):
        assert forward.weight_at(frame) + backward.weight_at(frame) == 1


def test_a_correction_has_less_say_than_what_shows_the_object() -> None:
    forward, backward = plan_sweeps({"a": [box(5), click(9)]}, (5, 9)).sweeps[:2]
    assert [backward.weight_at(frame) for frame in (9, 7, 6)] == [1, 0.25, 0.0625]
    for frame in (6, 7, 8):
        assert forward.weight_at(frame) + backward.weight_at(frame) == 1


@pytest.mark.parametrize(
    "prompts",
    [[absent(4)], [], [click(4, positive=False)], [box(3), absent(6), click(9, positive=False)]],
)
def test_nothing_to_track_from(prompts: list[FramePrompt]) -> None:
    with pytest.raises(PromptError):
        plan_sweeps({"a": prompts}, RANGE, "forward")


PROMPT = st.sampled_from([box, click, absent])


@given(
    st.dictionaries(st.integers(1, 20), PROMPT, min_size=1),
    st.sampled_from(["both", "forward", "backward"]),
)
def test_every_frame_comes_out_exactly_once(kinds: dict[int, object], direction: str) -> None:
    prompts = [make(frame) for frame, make in sorted(kinds.items())]  # type: ignore[operator]
    if all(prompt.absent for prompt in prompts):
        return
    plan = plan_sweeps({"a": prompts}, RANGE, direction)  # type: ignore[arg-type]
    out = frames_out(plan)
    assert sorted(out) == [("a", frame) for frame in range(1, 21)]


@given(
    st.dictionaries(
        st.sampled_from("abc"),
        st.dictionaries(st.integers(1, 20), PROMPT, min_size=1, max_size=5),
        min_size=1,
    ),
    st.sampled_from(["both", "forward", "backward"]),
)
def test_passes_of_several_objects_do_all_and_no_more_walks_than_one_by_one(
    kinds: dict[str, dict[int, object]], direction: str
) -> None:
    prompts = {
        name: [make(frame) for frame, make in sorted(one.items())]  # type: ignore[operator]
        for name, one in kinds.items()
    }
    if any(all(prompt.absent for prompt in given) for given in prompts.values()):
        return
    plan = plan_sweeps(prompts, RANGE, direction)  # type: ignore[arg-type]
    assert sorted(frames_out(plan)) == [
        (name, frame) for name in sorted(prompts) for frame in range(1, 21)
    ]
    alone = [plan_sweeps({name: given}, RANGE, direction) for name, given in prompts.items()]  # type: ignore[arg-type]
    assert plan.steps <= sum(one.steps for one in alone) <= sum(map(len, plan.sweeps))
