"""What a correction tracks again, and what stays: by table, and for any prompts at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engines.helpers_engines import absent, box, click, frames_out
from roto_shapes.errors import PromptError
from roto_shapes.prompts import FramePrompt
from roto_worker.engines.plan import Kept, Kind, Plan, plan_sweeps
from roto_worker.engines.restrict import restrict

RANGE = (1, 20)
Prompts = list[FramePrompt]


def corrected(before: Prompts, now: Prompts, direction: str = "both") -> tuple[Kept, Plan]:
    kinds = plan_sweeps({"a": before}, RANGE, direction).kinds["a"]  # type: ignore[arg-type]
    kept = restrict(before, now, kinds, RANGE)
    plan = plan_sweeps({"a": now}, RANGE, direction, kept={"a": kept})  # type: ignore[arg-type]
    return kept, plan


def routes(kept: Kept, plan: Plan) -> list[tuple[int, int, str]]:
    """``silent``: from a frame that stays."""
    for sweep in plan.sweeps:
        assert not (sweep.writes_start and sweep.start in kept.kinds)
    return [
        (sweep.start, sweep.stop, sweep.role.value + " silent" * (sweep.start in kept.kinds))
        for sweep in plan.sweeps
    ]


def moved(frame: int) -> FramePrompt:
    return replace(box(frame), box=(2, 2, 9, 9))


@pytest.mark.parametrize(
    ("before", "now", "stretches", "expected"),
    [
        ([box(5)], [box(5)], (), []),
        # a first correction, to the end of the shot
        (
            [box(5)],
            [box(5), click(9)],
            ((6, 20),),
            [(5, 9, "hold silent"), (9, 6, "merge"), (9, 20, "final")],
        ),
        # between two prompts
        (
            [box(5), box(15)],
            [box(5), click(9), box(15)],
            ((6, 14),),
            [
                (5, 9, "hold silent"),
                (9, 6, "merge"),
                (9, 14, "hold"),
                (15, 10, "merge silent"),
            ],
        ),
        # a correction that stays begins from its seed, and no sweep brings it another
        (
            [box(5), click(9)],
            [box(5), click(9), click(14)],
            ((10, 20),),
            [(9, 14, "hold silent"), (14, 10, "merge"), (14, 20, "final")],
        ),
        (
            [box(3), click(9), click(16)],
            [box(3), replace(click(9), box=(1, 1, 9, 9)), click(16)],
            ((4, 15),),
            [
                (3, 8, "hold silent"),
                (9, 4, "merge"),
                (9, 15, "hold"),
                (16, 10, "merge silent"),
            ],
        ),
        # the same frame corrected once more
        (
            [box(5), click(9), box(12)],
            [box(5), click(9, positive=False), box(12)],
            ((6, 11),),
            [
                (12, 9, "hold silent"),
                (9, 11, "merge"),
                (5, 8, "hold silent"),
                (9, 6, "merge"),
            ],
        ),
        # a prompt taken away: its neighbours track over its frame
        (
            [box(5), box(9), box(12)],
            [box(5), box(12)],
            ((6, 11),),
            [(5, 11, "hold silent"), (12, 6, "merge silent")],
        ),
        # ... the only one that shows the object: a correction stands on its seed
        ([box(5), click(9)], [click(9)], ((1, 8),), [(9, 1, "final silent")]),
        (
            [box(5), click(9)],
            [click(9), click(14)],
            ((1, 8), (10, 20)),
            [
                (9, 14, "hold silent"),
                (14, 10, "merge"),
                (9, 1, "final silent"),
                (14, 20, "final"),
            ],
        ),
        # absent from here to the next prompt
        ([box(5), box(15)], [box(5), absent(9), box(15)], ((6, 14),), None),
        # clicks that showed the object go on doing so when a box is added somewhere else
        (
            [click(5)],
            [click(5), box(15)],
            ((6, 20),),
            [(5, 14, "hold silent"), (15, 6, "merge"), (15, 20, "final")],
        ),
        # two corrections side by side, and two apart
        ([box(5)], [box(5), click(9), click(10)], ((6, 20),), None),
        ([box(5), box(12)], [box(5), click(9), box(12), click(15)], ((6, 11), (13, 20)), None),
        # neighbours on the very next frames: only the frame itself
        (
            [box(5), box(6), box(7)],
            [box(5), moved(6), box(7)],
            ((6, 6),),
            [(6, 6, "merge")],
        ),
    ],
)
def test_stretches_and_routes(
    before: Prompts,
    now: Prompts,
    stretches: tuple[tuple[int, int], ...],
    expected: list[tuple[int, int, str]] | None,
) -> None:
    kept, plan = corrected(before, now)
    assert kept.stretches == stretches
    if expected is not None:
        assert sorted(routes(kept, plan)) == sorted(expected)


def test_kinds_stay_and_are_told() -> None:
    kept, plan = corrected([click(5), click(9)], [click(5), click(9), box(15)])
    assert kept.kinds == {5: Kind.SHOWN, 9: Kind.CORRECTION}
    assert plan.kinds["a"] == {5: Kind.SHOWN, 9: Kind.CORRECTION, 15: Kind.SHOWN}
    # From scratch the clicks are corrections of what the box shows.
    assert plan_sweeps({"a": [click(5), click(9), box(15)]}, RANGE).kinds["a"][5] is Kind.CORRECTION


def test_a_frame_of_no_use_is_still_refused() -> None:
    with pytest.raises(PromptError):
        corrected([box(5)], [click(5, positive=False)])


PROMPT = st.sampled_from([box, click, absent, moved])
GIVEN = st.dictionaries(st.integers(1, 20), PROMPT, min_size=1, max_size=6)
DIRECTIONS = st.sampled_from(["both", "forward", "backward"])


def prompts_of(made: dict[int, object]) -> Prompts:
    return [make(frame) for frame, make in sorted(made.items())]  # type: ignore[operator]


@given(GIVEN, st.lists(GIVEN, min_size=1, max_size=3), DIRECTIONS)
def test_chained_corrections_write_their_stretches_and_nothing_else(
    first: dict[int, object], more: list[dict[int, object]], direction: str
) -> None:
    """Each correction adds and replaces prompts, on the kinds and seeds the one before left."""
    made = dict(first)
    assume(not all(prompt.absent for prompt in prompts_of(made)))
    kinds = plan_sweeps({"a": prompts_of(made)}, RANGE, direction).kinds["a"]  # type: ignore[arg-type]
    for added in more:
        before, made = prompts_of(made), made | added
        now = prompts_of(made)
        assume(not all(prompt.absent for prompt in now))
        kept = restrict(before, now, kinds, RANGE)
        plan = plan_sweeps({"a": now}, RANGE, direction, kept={"a": kept})  # type: ignore[arg-type]
        seeds = {("a", frame) for frame, kind in kept.kinds.items() if kind is Kind.CORRECTION}
        again = [f for a, b in kept.stretches for f in range(a, b + 1)]
        assert sorted(frames_out(plan, seeds)) == [("a", frame) for frame in again]
        assert not set(again) & set(kept.kinds)
        touched = {one.frame for one in now if one not in before}
        assert touched <= set(again)
        for sweep in plan.sweeps:
            inner = set(range(sweep.start, sweep.stop + sweep.direction, sweep.direction))
            assert inner - {sweep.start} <= set(again), "a sweep over frames that stay"
        kinds = plan.kinds["a"]


@given(GIVEN, st.integers(1, 20), DIRECTIONS)
def test_one_further_correction_runs_the_sweeps_of_a_job_from_scratch(
    first: dict[int, object], frame: int, direction: str
) -> None:
    """Wherever the clicks are a correction there as well, and what is beside them was before."""
    before = prompts_of(first)
    assume(frame not in first and not all(prompt.absent for prompt in before))
    now = sorted([*before, click(frame)], key=lambda one: one.frame)
    _, plan = corrected(before, now, direction)
    whole = plan_sweeps({"a": now}, RANGE, direction)  # type: ignore[arg-type]
    assume(plan.kinds == whole.kinds)

    def runs(one: Plan) -> set[tuple[object, ...]]:
        return {
            (s.start, s.direction, s.role, s.other, s.other_corrects, s.corrects)
            for s in one.sweeps
            if len(s) > 1
        }

    # A sweep that only brings a kept correction its seed is not run again.
    assert runs(plan) <= runs(whole)
