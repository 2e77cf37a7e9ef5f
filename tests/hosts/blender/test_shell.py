"""Real Blender: the extension switched on and off, its panels, its jobs, and online access."""

from __future__ import annotations

import pytest

from hosts.blender.helpers_editor import run_case

CASES = (
    "comes_and_goes",
    "broken",
    "offline",
    "wrong_key",
    "signs_in",
    "panels_draw",
    "jobs_of_the_file",
    "jobs_are_told",
    "newest_mask",
    "calls_come_in_order",
    "asks_what_is_chosen",
    "what_was_chosen_last",
)


@pytest.mark.parametrize("case", CASES)
def test_shell(case, tmp_path) -> None:
    run_case("try_shell.py", case, tmp_path)
