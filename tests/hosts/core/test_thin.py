"""What a host pays: at its start for the import, on its main thread for each action."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import pytest
from helpers_desk import Answer
from helpers_studio_server import FRAMES, Studio, silent

from roto_client.hosts import ObjectPrompts
from roto_shapes.prompts import Click, FramePrompt

_IMPORT = """
import sys, time
import json, logging, typing, dataclasses, pathlib, urllib.parse, uuid, queue, hashlib
began = time.process_time()
import roto_client.hosts
print(time.process_time() - began, *sorted(name.split(".")[0] for name in sys.modules))
"""


def test_the_import_is_quick_and_brings_nothing_heavy() -> None:
    seconds = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True
        )
        took, *modules = done.stdout.split()
        seconds.append(float(took))
    heavy = {"requests", "urllib3", "numpy", "torch", "websocket", "keyring", "platformdirs"}
    windows = {"PySide6", "PySide2", "tkinter"}
    assert not (heavy | windows) & set(modules)
    # 100 ms are promised, which bench-hosts measures; a slower CPU is no mistake of ours.
    assert min(seconds) < 0.5, seconds


def test_sixty_objects_hold_nobody_up(studio: Studio) -> None:
    """A press returns at once and its answers are small, whatever the request weighs."""
    objects = tuple(
        ObjectPrompts(
            f"object {number}",
            tuple(
                FramePrompt(frame, tuple(Click(float(x), float(y), True) for x in range(40)))
                for frame in FRAMES[:1]
            ),
        )
        for number, y in enumerate(range(60))
    )
    request = replace(studio.request(), objects=objects)
    answer = Answer(studio.main)
    began = time.thread_time()
    studio.desk.submit(request, answer.done, answer.failed)
    pressed = time.thread_time() - began
    studio.until(lambda: answer.results or answer.errors, "the job")
    assert not answer.errors, answer.errors[0].message
    assert len(studio.server.jobs[answer.results[0].id]["params"]["objects"]) == 60
    assert max(pressed, studio.main.longest) < 0.3, "a collection of Python's own included"


@pytest.mark.parametrize("action", ["connect", "sign_out", "close"])
def test_no_action_waits_for_the_server(studio: Studio, action: str) -> None:
    with silent(studio.server):
        getattr(studio.desk, action)()
