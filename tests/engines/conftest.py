"""One small generated clip for the whole suite, and a track task on it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from engines.helpers_engines import HERO, OTHER, EchoEngine
from roto_client.contract.validation import check_task_spec
from roto_worker.engines import registry
from roto_worker.synthetic.clip import Clip, generate_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    return generate_clip(tmp_path_factory.mktemp("clip"), 320, 180, 14)


@pytest.fixture
def spec(clip: Clip) -> dict[str, Any]:
    prompt = copy.deepcopy(clip.prompt)
    correction = {"frame": clip.frame_range[0] + 9, "points": [dict(prompt["points"][0])]}
    spec = {
        "schema": "task/1",
        "task_id": "1" * 32,
        "attempt_id": "2" * 32,
        "attempt_number": 1,
        "job_id": "3" * 32,
        "kind": "track",
        "shot": {"id": "4" * 32, "name": "shot", "project": "p", "plate": clip.plate},
        "output_dir": "out",
        "log_path": "log",
        "resume_dirs": [],
        "inputs": {},
        "params": {
            "objects": [
                {"id": HERO, "name": "hero", "prompts": [prompt, correction]},
                {"id": OTHER, "name": "other one", "prompts": [copy.deepcopy(prompt)]},
            ],
            "frame_range": list(clip.frame_range),
            "engine": "flow",
            "model": "auto",
            "checkpoint_every": 4,
        },
        "provenance": {"job": "3" * 32},
    }
    check_task_spec(spec)
    return spec


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> list[EchoEngine]:
    """The stage gets a fresh echo engine each time; those it got."""
    made: list[EchoEngine] = []

    def acquire(*_: object) -> EchoEngine:
        made.append(EchoEngine())
        return made[-1]

    monkeypatch.setattr(registry, "acquire", acquire)
    return made
