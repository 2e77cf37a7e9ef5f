"""Corrections from the client's side: the request, and `roto correct`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers_client import FakeServer, Run
from helpers_shapes import FRAMES, HEIGHT, WIDTH, moving_blob

from roto_client.api import CorrectionRequest, Edit, RotoClient
from roto_client.api.corrections import edits_in
from roto_client.api.errors import InputError
from roto_client.api.models import Job
from roto_shapes.document import Document, Layer, dumps
from roto_shapes.errors import RotoError
from roto_shapes.formats import read, write
from roto_shapes.prompts import Click, FramePrompt

HERO, CAR = "a" * 32, "b" * 32
NAMES = {HERO: "hero", CAR: "car"}
SIZE: dict[str, Any] = {"width": WIDTH, "height": HEIGHT, "frame_range": FRAMES}


@pytest.fixture
def document() -> Document:
    hero = Layer(
        HERO, "hero", shapes=[moving_blob("s1", name="arm"), moving_blob("s2", name="leg")]
    )
    car = Layer(CAR, "car", shapes=[moving_blob("s3", name="door")])
    return Document(WIDTH, HEIGHT, frame_range=FRAMES, layers=[hero, car])


@pytest.fixture
def base(server: FakeServer, document: Document) -> dict[str, Any]:
    """A job of a shot, and its shapes of version 3."""
    server.documents["3"] = json.loads(dumps(document))
    shot = "c" * 32
    server.shots[shot] = {"id": shot, "state": "ready"}
    objects = [{"id": key, "name": name, "prompts": []} for key, name in NAMES.items()]
    return server.add_job(shot, version=3, params={"objects": objects}, state="succeeded")


def moved(document: Document, name: str, frame: int, dx: float) -> Document:
    """The document with one point of one shape moved on a key."""
    layers = []
    for layer in document.layers:
        shapes = []
        for shape in layer.shapes:
            keys = list(shape.keys)
            for i, key in enumerate(keys):
                if shape.name == name and key.frame == frame:
                    first = key.points[0]
                    points = (first._replace(x=first.x + dx), *key.points[1:])
                    keys[i] = replace(key, points=points)
            shapes.append(replace(shape, keys=keys))
        layers.append(replace(layer, shapes=shapes))
    return replace(document, layers=layers)


def corrected(document: Document) -> str:
    return write(moved(document, "leg", 1011, 6.0), "nuke").text


def sent(server: FakeServer) -> dict[str, Any]:
    (job,) = [job for job in server.jobs.values() if job.get("base_version")]
    params: dict[str, Any] = job["params"]
    return params


def end_corrections(server: FakeServer, changed: dict[str, Any]) -> None:
    def end(handler: Any) -> bool:
        for job in server.jobs.values():
            if job.get("base_version"):
                job |= {"state": "succeeded", "changed": changed, "engine": "flow"}
                if not server.outputs.get(job["id"]):
                    server.add_output(job["id"], "shapes/hero_v004.nk", b"Roto {}")
        return False

    server.faults.append(end)


def test_a_request_says_only_what_was_asked() -> None:
    prompt = FramePrompt(1040, (Click(1.5, 2.5, False),))
    request = CorrectionRequest(3, (Edit("hero", prompts=(prompt,)),))
    assert request.body() == {
        "base_version": 3,
        "edits": [{"object": "hero", "prompts": [prompt.to_json()]}],
    }
    full = replace(request, outputs=(), exports=("nuke",), mattes="png8", priority="low")
    assert set(full.body()) == {
        "base_version", "edits", "outputs", "exports", "mattes", "priority",
    }  # fmt: skip
    for bad in (
        replace(request, edits=()),
        replace(request, outputs=("film",)),
        replace(request, exports=("word",)),
        replace(request, mattes="tiff"),
    ):
        with pytest.raises(InputError):
            bad.body()


def test_the_client_sends_it_and_reads_what_became_of_it(
    client: RotoClient, server: FakeServer, base: dict[str, Any]
) -> None:
    request = CorrectionRequest(3, (Edit("hero", prompts=(FramePrompt(1040, absent=True),)),))
    job = client.correct(base["shot_id"], request.body(), idempotency_key="one")
    assert (job.version, job.base_version, job.changed) == (4, 3, None)
    told = Job.from_json({**job.raw, "changed": {"hero": [[1020, 1030], [1035, 1035]], "car": []}})
    assert told.changed == {"hero": ((1020, 1030), (1035, 1035)), "car": ()}
    assert Job.from_json(base).base_version is None


@pytest.mark.parametrize("format", ["nuke", "silhouette", "json"])
def test_edits_in_a_hosts_file(document: Document, format: str) -> None:
    size = SIZE if format == "nuke" else {}
    untouched = read(write(document, format).text, format, **size).document
    assert edits_in(document, untouched, format, NAMES) == ()
    (edit,) = edits_in(document, moved(untouched, "leg", 1011, 6.0), format, NAMES)
    assert (edit.object, edit.frames) == ("hero", (1011,))
    assert edit.layer is not None
    hero = document.layers[0]
    by_id = {shape.id: shape for shape in edit.layer.shapes}
    assert by_id["s1"] == hero.shapes[0]
    assert by_id["s2"].keys[0] == hero.shapes[1].keys[0]
    assert by_id["s2"].keys[1].origin == "artist"
    only_car = edits_in(document, moved(untouched, "leg", 1011, 6.0), format, {CAR: "car"})
    assert only_car == ()


def test_a_file_of_something_else(document: Document) -> None:
    other = replace(document, layers=[Layer("x", "sky", shapes=[moving_blob("s9")])])
    with pytest.raises(RotoError) as refused:
        edits_in(document, other, "json", NAMES)
    assert refused.value.code == "bad_document"
    assert "sky" in refused.value.hint


# -- roto correct


def test_correct_by_click(
    run: Run, server: FakeServer, base: dict[str, Any], tmp_path: Path
) -> None:
    end_corrections(server, {"hero": [[1020, 1039]], "car": []})
    done = run("correct", base["id"], "--point", "hero@1040:640,360", "--negative",
               "hero@1040:9,9", "--absent", "car@1001", "--priority", "high", "--export",
               "nuke, json", "--out", tmp_path / "out")  # fmt: skip
    assert done.exit_code == 0, done.output
    body = sent(server)
    assert (body["base_version"], body["priority"]) == (3, "high")
    assert body["exports"] == ["nuke", "json"]
    assert "outputs" not in body
    assert [edit["object"] for edit in body["edits"]] == ["hero", "car"]
    assert len(body["edits"][0]["prompts"][0]["points"]) == 2
    assert body["edits"][1]["prompts"] == [{"frame": 1001, "absent": True}]
    assert "tracked again: hero: 1020-1039" in done.stdout
    assert "tracked again: car" not in done.stdout
    assert (tmp_path / "out/shapes/hero_v004.nk").read_bytes() == b"Roto {}"


def test_correct_by_an_edited_script(
    run: Run, server: FakeServer, base: dict[str, Any], document: Document, tmp_path: Path
) -> None:
    script = tmp_path / "edited.nk"
    script.write_text(corrected(document))
    done = run("correct", base["id"], "--shapes", script, "--no-wait")
    assert done.exit_code == 0, done.output
    (edit,) = sent(server)["edits"]
    assert (edit["object"], edit["frames"]) == ("hero", [1011])
    assert {shape["id"] for shape in edit["layer"]["shapes"]} == {"s1", "s2"}
    assert done.stdout.strip() in server.jobs


def test_a_frame_and_a_click_beside_the_shapes(
    run: Run, server: FakeServer, base: dict[str, Any], document: Document, tmp_path: Path
) -> None:
    script = tmp_path / "edited.nk"
    script.write_text(corrected(document))
    done = run("correct", base["id"], "--shapes", script, "--frame", "1015", "--frame", "1010",
               "--object", "hero", "--point", "1030:5,5", "--no-wait")  # fmt: skip
    assert done.exit_code == 0, done.output
    (edit,) = sent(server)["edits"]
    assert edit["frames"] == [1010, 1015]
    assert [prompt["frame"] for prompt in edit["prompts"]] == [1030]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Nothing is corrected"),
        (("--point", "1040:1,2"), "which object?"),
        (("--point", "dog@1040:1,2"), "there is no --object dog"),
        (("--object", "dog", "--point", "1040:1,2"), "no such object"),
        (("--point", "hero@1040:1,2", "--frame", "1040"), "--frame is for --shapes"),
        (("--point", "hero@1040:1,2", "--outputs", "film"), "'film' is no value for outputs"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    run: Run, server: FakeServer, base: dict[str, Any], arguments: tuple[str, ...], told: str
) -> None:
    done = run("correct", base["id"], *arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert [job["id"] for job in server.jobs.values()] == [base["id"]]


def test_a_file_in_which_nothing_was_changed(
    run: Run, server: FakeServer, base: dict[str, Any], document: Document, tmp_path: Path
) -> None:
    script = tmp_path / "same.nk"
    script.write_text(write(document, "nuke").text)
    done = run("correct", base["id"], "--shapes", script)
    assert done.exit_code == 2
    assert "as version 3 does" in done.stderr
    script.write_text("no script at all {")
    assert run("correct", base["id"], "--shapes", script).exit_code == 2
