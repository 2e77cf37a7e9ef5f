"""Previews as a plugin asks for them, and `roto preview`."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from helpers_client import FakeServer, Run, cut, matching

from roto_client.api import PreviewOptions, RotoClient
from roto_client.api.errors import (
    FarmError,
    NotFoundError,
    ServerError,
    StoppedError,
    SupersededError,
)
from roto_client.api.previews import Candidate
from roto_shapes.errors import PromptError
from roto_shapes.prompts import Click, FramePrompt

PROMPT = FramePrompt(1001, (Click(320.0, 180.0), Click(5.0, 5.0, positive=False)), (1, 2, 300, 200))


@pytest.fixture
def shot(client: RotoClient) -> str:
    project = client.create_project("default")
    return client.create_shot(project.id, "sh010", path="/plates/sh010.%04d.exr").id


def test_a_preview(client: RotoClient, server: FakeServer, shot: str) -> None:
    options = PreviewOptions(engine="sam2", model="nano", image_size=512, client_key="nuke-1")
    found = client.preview(shot, 1001, {"hero": PROMPT}, options)
    assert server.previews == [
        {
            "frame": 1001,
            "objects": [
                {
                    "name": "hero",
                    "points": [
                        {"x": 320.0, "y": 180.0, "positive": True},
                        {"x": 5.0, "y": 5.0, "positive": False},
                    ],
                    "box": [1, 2, 300, 200],
                }
            ],
            "engine": "sam2",
            "model": "nano",
            "image_size": 512,
            "client_key": "nuke-1",
        }
    ]
    assert (found.frame, found.width, found.height) == (1001, 640, 360)
    assert (found.engine, found.model) == ("flow", "dis")
    (hero,) = found.objects
    assert hero.name == "hero"
    assert hero.candidates == (
        Candidate(b"\x89PNG", 0.9, (1, 2, 3.5, 4)),
        Candidate(b"\0\0\0", 0.2, None),
    )


def test_the_client_asks_until_there_is_an_answer(
    client: RotoClient, server: FakeServer, shot: str
) -> None:
    server.previews_pending = 3
    assert client.preview(shot, 1001, {"hero": PROMPT}).objects
    asked = [path for method, path in server.requests if "preview" in path]
    assert len(asked) == 4
    assert re.fullmatch(rf"/api/v1/shots/{shot}/previews/[0-9a-f]{{32}}", asked[-1])


def test_a_lost_answer_is_asked_for_again(
    client: RotoClient, server: FakeServer, shot: str
) -> None:
    server.faults.append(matching("POST", "/preview$", cut))
    assert client.preview(shot, 1001, {"hero": PROMPT}).objects


def test_refusals(client: RotoClient, server: FakeServer, shot: str) -> None:
    for code, error in (
        ("superseded", SupersededError),
        ("preview_expired", FarmError),
        ("not_found", NotFoundError),
    ):
        server.preview_refusal, server.previews_pending = code, 1
        with pytest.raises(error) as caught:
            client.preview(shot, 1001, {"hero": PROMPT})
        assert caught.value.code == code  # type: ignore[attr-defined]


def test_giving_up(client: RotoClient, server: FakeServer, shot: str) -> None:
    server.previews_pending = 100
    stop = Event()
    stop.set()
    with pytest.raises(StoppedError) as caught:
        client.preview(shot, 1001, {"hero": PROMPT}, stop=stop)
    assert caught.value.hint == "No worker."
    with pytest.raises(StoppedError):
        client.preview(shot, 1001, {"hero": PROMPT}, PreviewOptions(patience=0))


def test_an_answer_nobody_can_read(client: RotoClient, server: FakeServer, shot: str) -> None:
    server.preview_candidates = [{"png": "not base64!", "score": 1, "box": None}]
    with pytest.raises(ServerError, match="could not be read"):
        client.preview(shot, 1001, {"hero": PROMPT})


def test_prompts_of_another_frame_or_of_nothing(client: RotoClient, shot: str) -> None:
    with pytest.raises(PromptError, match="frame 1002"):
        client.preview(shot, 1002, {"hero": PROMPT})
    with pytest.raises(PromptError, match="absent"):
        client.preview(shot, 7, {"hero": FramePrompt(7, absent=True)})


# -- roto preview


@pytest.fixture
def preview(run: Run) -> Run:
    return partial(run, "preview")


def test_the_best_mask_is_written(
    preview: Run, server: FakeServer, shot: str, tmp_path: Path
) -> None:
    out = tmp_path / "mask.png"
    drawn = tmp_path / "drawn.png"
    drawn.write_bytes(b"\x89PNG\r\n\x1a\n")
    result = preview("sh010", "--frame", 1001, "--point", "320,180", "--negative", "5,5",
                 "--box", "300,200,1,2", "--mask", drawn, "--out", out)  # fmt: skip
    assert result.exit_code == 0, result.output
    assert out.read_bytes() == b"\x89PNG"
    assert f"{out}  object, score 0.90, box 1,2,3.5,4" in result.output
    assert "1 more: --all writes them" in result.output
    assert "made by flow dis" in result.output
    (asked,) = server.previews
    assert asked["objects"][0]["box"] == [1, 2, 300, 200]
    assert len(asked["objects"][0]["points"]) == 2
    assert asked["objects"][0]["mask"]["png"]


@pytest.mark.parametrize("named", ["id", "default/sh010", "sh010"])
def test_a_shot_is_looked_at_in_the_view_that_is_named(
    preview: Run, server: FakeServer, shot: str, tmp_path: Path, named: str
) -> None:
    words = ("--frame", 1001, "--point", "3,4", "--out", tmp_path / "mask.png")
    result = preview(shot if named == "id" else named, *words, "--view", "right")
    assert result.exit_code == 0, result.output
    assert server.previews[0]["view"] == "right"


def test_several_objects_and_all_candidates(
    preview: Run, server: FakeServer, shot: str, tmp_path: Path
) -> None:
    words = "--frame -3 --object hero --object car --point hero@3,4 --box car@1,2,3,4 --all"
    result = preview(shot, *words.split(), "--out", tmp_path / "mask.png")
    assert result.exit_code == 0, result.output
    written = sorted(path.name for path in tmp_path.glob("mask*"))
    assert written == ["mask.car.2.png", "mask.car.png", "mask.hero.2.png", "mask.hero.png"]
    assert "nothing found" in result.output
    assert [one["name"] for one in server.previews[0]["objects"]] == ["hero", "car"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sh099", "--point", "1,2"), "no shot called 'sh099' in 'default'"),
        (("sh010", "--project", "other", "--point", "1,2"), "no project called 'other'"),
        (("sh010", "--point", "1;2"), "cannot be read"),
        (("sh010", "--object", "a", "--point", "b@1,2"), "no --object b"),
    ],
)
def test_what_cannot_be_asked(
    preview: Run, shot: str, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    result = preview(*arguments, "--frame", 1001, "--out", tmp_path / "mask.png")
    assert result.exit_code == 2
    assert told in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "mask.png").exists()
