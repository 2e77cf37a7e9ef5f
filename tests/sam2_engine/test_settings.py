"""What a node may choose, from its environment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from roto_shapes.errors import RotoError
from roto_worker.engines.sam2.settings import Settings


def test_a_node_says_nothing() -> None:
    assert Settings.of_node({"ROTO_NODE": "farm01"}) == Settings()


def test_every_kind_of_value() -> None:
    chosen = Settings.of_node({
        "ROTO_SAM2_MODE": "reference",
        "ROTO_SAM2_PADDING": "0",
        "ROTO_SAM2_ATTENDED_PROMPTS": "4",
        "ROTO_SAM2_THREADS": "6",
        "ROTO_SAM2_COMPILED": "0",
    })  # fmt: skip
    assert chosen == Settings(
        "reference", padding=0.0, attended_prompts=4, threads=6, compiled=False
    )
    assert chosen.exact


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("ROTO_SAM2_PADING", "0", "there is no setting ROTO_SAM2_PADING"),
        ("ROTO_SAM2_PADDING", "none", "must be a number"),
        ("ROTO_SAM2_ATTENDED_PROMPTS", "1.5", "must be a whole number"),
        ("ROTO_SAM2_COMPILED", "yes", "must be 1 or 0"),
        ("ROTO_SAM2_ATTENDED_PROMPTS", "0", "cannot run with"),
        ("ROTO_SAM2_MODE", "fast", "cannot run with"),
    ],
)
def test_a_slip_is_named(variable: str, value: str, message: str) -> None:
    with pytest.raises(RotoError, match=message) as caught:
        Settings.of_node({variable: value})
    assert caught.value.code == "bad_request"


@pytest.mark.parametrize(("told", "policy"), [(None, "passive"), ("active", "active")])
def test_threads_sleep_while_they_wait_unless_told_otherwise(told: str | None, policy: str) -> None:
    """What OpenMP is told counts only before torch is loaded."""
    env = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    env |= {"OMP_WAIT_POLICY": told} if told else {}
    code = (
        "import os, sys, roto_worker; assert 'torch' not in sys.modules;"
        "print(os.environ['OMP_WAIT_POLICY'])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == policy
