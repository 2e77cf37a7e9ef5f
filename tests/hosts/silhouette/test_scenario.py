"""An artist in Silhouette, the plugin, and a real server, Redis and worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
from fake_fx import install
from helpers_farm import Farm, working_farm
from helpers_silhouette import drag, named
from helpers_studio import Studio

from megaton_roto_silhouette import marks
from shapes.helpers_draw import overlap

pytestmark = [pytest.mark.farm, pytest.mark.seat]


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with working_farm(tmp_path_factory.mktemp("farm")) as farm:
        yield farm


@pytest.fixture
def opaque() -> bool:
    """Whether points of paths cannot be had one by one in this Silhouette."""
    return False


@pytest.fixture
def studio(
    farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opaque: bool
) -> Iterator[Studio]:
    monkeypatch.setenv("ROTO_SERVER", farm.url)
    monkeypatch.setenv("ROTO_API_KEY", farm.api_key)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    made = Studio(install(opaque_paths=opaque), farm, farm.clip())
    yield made
    made.plugin.close()


def box_of(clip, frame: int) -> list[tuple[float, float]]:
    ys, xs = np.nonzero(clip.truth(frame) >= 0.5)
    x0, x1, y0, y1 = xs.min(), xs.max() + 1, ys.min(), ys.max() + 1
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def mattes(farm: Farm, job_id: str, folder: Path) -> dict[int, np.ndarray]:
    farm.client.download_all(job_id, folder)
    found = {}
    for path in sorted((folder / "mattes").glob("hero_*.exr")):
        with OpenEXR.File(str(path)) as file:
            found[int(path.stem.split(".")[-1])] = np.array(file.channels()["A"].pixels) >= 0.5
    return found


def check_shows(studio: Studio, job_id: str, tmp_path: Path) -> None:
    """What stands in the node is what the job's mattes show."""
    wanted = mattes(studio.farm, job_id, tmp_path / job_id)
    assert sorted(wanted) == list(studio.clip.frames)
    got = [overlap(studio.bench.matte(tmp_path, frame), matte) for frame, matte in wanted.items()]
    assert np.mean(got) >= 0.95, got


def test_from_a_drawn_box_to_shapes_and_back(studio: Studio, tmp_path: Path) -> None:
    first = studio.clip.frame_range[0]
    studio.draw("hero box", box_of(studio.clip, first), first)
    job = studio.submit()
    studio.ended(job)
    studio.fetch()
    check_shows(studio, job, tmp_path)
    assert [each.label for each in studio.node.children] == ["hero box", "hero"]
    assert studio.application.undo == ["Megaton Roto: submit", "Megaton Roto: shapes"]
    assert studio.application.errors == []
    assert {shape.shapeType for shape in named(studio.bench, "hero").children} == {
        studio.fx.Shape.Bspline
    }


def test_from_an_outline_and_a_tracker(studio: Studio, tmp_path: Path) -> None:
    """What is drawn by hand on one frame is where the object is; a tracker clicks on another."""
    first, last = studio.clip.frame_range
    hero = studio.fx.Layer("hero")
    with studio.application.person():
        studio.node.property("objects").addObjects([hero])
    outline = (
        cv2.findContours(
            (studio.clip.truth(first) >= 0.5).astype(np.uint8),
            cv2.RETR_EXTERNAL,
            cv2.CHAIN_APPROX_NONE,
        )[0][0][::3, 0]
        + 0.5
    )
    studio.draw("body", outline.tolist(), first, hero)
    ys, xs = np.nonzero(studio.clip.truth(last) >= 0.5)
    tracker = studio.fx.Tracker("+")
    place = studio.footage.space.x(float(xs.mean())), studio.footage.space.y(float(ys.mean()))
    position = tracker.property("position")
    position.constant = False
    position.setValue(studio.fx.Point3D(*place), last - first)
    position._delete(0)
    with studio.application.person():
        hero.property("objects").addObjects([tracker])
    job = studio.submit()
    (sent,) = studio.farm.client.job(job).params["objects"]
    told = [sorted(set(prompt) - {"frame"}) for prompt in sent["prompts"]]
    assert (sent["name"], told) == ("hero", [["outline"], ["points"]])
    studio.ended(job)
    with studio.application.person():
        studio.node.property("objects").removeObjects([hero])
    studio.fetch()
    check_shows(studio, job, tmp_path)
    seen = studio.bench.matte(tmp_path, first)
    assert overlap(seen, studio.clip.truth(first) >= 0.5) > 0.9


@pytest.mark.parametrize("opaque", [True])
def test_correction_through_shape_files(studio: Studio, tmp_path: Path, opaque: bool) -> None:
    """A Silhouette that gives no points: everything goes by its own import and export."""
    first, _ = studio.clip.frame_range
    studio.draw("hero box", box_of(studio.clip, first), first)
    job = studio.submit()
    studio.ended(job)
    studio.fetch()
    check_shows(studio, job, tmp_path)
    (layer,) = [each for each in studio.node.children if each.label == "hero"]
    shape = layer.children[0]
    frame = shape.property("path").keys[-1]
    with studio.application.person():
        path = shape.evalPath(frame)
        moved = [studio.fx.Point3D(p.x + 0.03, p.y) for p in path._points]
        path._points = moved
        shape.setPath(path, frame)
    correction = studio.correct()
    studio.ended(correction)
    studio.fetch()
    assert [each.label for each in studio.node.children] == ["hero box", "hero"]
    assert studio.touched(studio.document(correction)) == ()
    (hero,) = studio.document(correction).layers
    locked = [key.frame for each in hero.shapes for key in each.keys if key.locked]
    assert frame + studio.footage.first in locked
    check_shows(studio, correction, tmp_path)


def test_correction_loop(studio: Studio, tmp_path: Path) -> None:
    """Points moved on one frame: only the stretch around it is done again, in place."""
    first, last = studio.clip.frame_range
    studio.draw("hero box", box_of(studio.clip, first), first)
    job = studio.submit()
    studio.ended(job)
    studio.fetch()
    base = studio.document(job)
    (layer,) = [each for each in studio.node.children if each.label == "hero"]
    ids = [each.id for each in layer.children]
    shape = max(layer.children, key=lambda each: len(each.evalPath(0)))
    frame = shape.property("path").keys[-1] + studio.footage.first
    for index in range(4):
        drag(studio.bench, shape.label, frame, index, 5.0, -4.0)
    before = studio.keys(layer)

    correction = studio.correct()
    studio.ended(correction)
    row = studio.row(correction)
    assert (row.version, row.base_version) == (2, 1)
    studio.fetch()
    assert studio.application.undo[-2:] == ["Megaton Roto: correction", "Megaton Roto: shapes"]
    assert [each.label for each in studio.node.children] == ["hero box", "hero"]
    assert layer.children[ids.index(shape.id)].id == shape.id, "changed in place"

    newer = studio.document(correction)
    (changed,) = [studio.desk_changed(correction)["hero"]]
    now = studio.keys(layer)
    mine = (shape.id, frame - studio.footage.first)
    assert now[mine] == before[mine], "the artist's own key is as he made it"
    outside = [
        key for key in before
        if not any(a <= key[1] + studio.footage.first <= b for a, b in changed)
    ]  # fmt: skip
    assert [now[key] for key in outside] == [before[key] for key in outside]
    for own, new in zip(base.layers[0].shapes, newer.layers[0].shapes, strict=False):
        spared = {
            key.frame: key for key in own.keys if not any(a <= key.frame <= b for a, b in changed)
        }
        assert spared == {key.frame: key for key in new.keys if key.frame in spared}
    assert studio.touched(newer) == (), "nobody's edit any more"
    assert (first, last) == tuple(newer.frame_range)
    check_shows(studio, correction, tmp_path)

    # A second round, by moving a point elsewhere: what was made by hand before stays again.
    keys = shape.property("path").keys
    other = keys[0] + studio.footage.first
    drag(studio.bench, shape.label, other, 0, -3.0, 3.0)
    before = studio.keys(layer)
    third = studio.correct()
    studio.ended(third)
    assert studio.row(third).version == 3
    studio.fetch()
    now = studio.keys(layer)
    for key in (mine, (shape.id, other - studio.footage.first)):
        assert now[key] == before[key]
    assert studio.touched(studio.document(third)) == ()


def test_renamed_deleted_and_added_go_round(studio: Studio, tmp_path: Path) -> None:
    first, _ = studio.clip.frame_range
    studio.draw("hero box", box_of(studio.clip, first), first)
    studio.ended(studio.submit())
    studio.fetch()
    (layer,) = [each for each in studio.node.children if each.label == "hero"]
    shape = layer.children[0]
    extra = studio.draw("patch", box_of(studio.clip, first + 4), first + 4, layer)
    with studio.application.person():
        layer.label, shape.label = "the hero", "outline"
    # A Bezier in the layer cannot be read point by point: it goes by a shape file.
    correction = studio.correct()
    studio.ended(correction)
    newer = studio.document(correction)
    names = {each.name: each.id for each in newer.layers[0].shapes}
    assert set(names) >= {"outline", "patch"}
    assert marks.read(extra)["shape"] == names["patch"]
    assert names["patch"].startswith("host-")
    studio.fetch()
    assert [each.label for each in studio.node.children] == ["hero box", "the hero"]
    labels = [each.label for each in layer.children]
    assert labels.count("patch") == 1
    assert labels.count("outline") == 1

    with studio.application.person():
        layer.property("objects").removeObjects([named(studio.bench, "patch")])
    again = studio.correct()
    studio.ended(again)
    assert "patch" not in {each.name for each in studio.document(again).layers[0].shapes}
    studio.fetch()
    assert "patch" not in [each.label for each in layer.children]


def test_correcting_an_old_version_is_refused(studio: Studio) -> None:
    first, _ = studio.clip.frame_range
    studio.draw("hero box", box_of(studio.clip, first), first)
    studio.ended(studio.submit())
    studio.fetch()
    studio.ended(studio.submit())
    (layer,) = [each for each in studio.node.children if each.label == "hero"]
    drag(studio.bench, layer.children[0].label, first, 0, 9.0, 0.0)
    studio.action("MegatonRotoCorrect")
    studio.until(lambda: studio.plugin.flows.troubles, "told", may_fail=True)
    assert "not the latest" in studio.plugin.flows.troubles[-1]
    assert len(studio.jobs()) == 2


def test_nothing_to_correct(studio: Studio) -> None:
    first, _ = studio.clip.frame_range
    studio.draw("hero box", box_of(studio.clip, first), first)
    studio.ended(studio.submit())
    studio.fetch()
    studio.action("MegatonRotoCorrect")
    studio.until(lambda: studio.plugin.flows.troubles, "told", may_fail=True)
    assert "Nothing was changed" in studio.plugin.flows.troubles[-1]


def test_cancelled(studio: Studio) -> None:
    first = studio.clip.frame_range[0]
    studio.draw("hero box", box_of(studio.clip, first), first)
    job = studio.submit()
    cancelled: list[object] = []
    studio.desk.cancel(job, cancelled.append, cancelled.append)
    studio.until(lambda: cancelled, "cancelled")
    studio.ended(job, "cancelled")
    studio.action("MegatonRotoFetch")
    studio.until(lambda: studio.plugin.flows.troubles, "told", may_fail=True)
    assert "cancelled" in studio.plugin.flows.troubles[-1]
    assert studio.application.undo == ["Megaton Roto: submit"]


def test_server_restarted_in_flight(studio: Studio, tmp_path: Path) -> None:
    first = studio.clip.frame_range[0]
    studio.draw("hero box", box_of(studio.clip, first), first)
    job = studio.submit()
    studio.farm.kill_server()
    studio.until(lambda: studio.desk.state.server.status == "offline", "it is noticed", 60)
    studio.farm.start_server()
    studio.ended(job)
    studio.fetch()
    check_shows(studio, job, tmp_path)


def test_silhouette_closed_in_flight(studio: Studio, tmp_path: Path) -> None:
    """The job goes on; the project that is opened again knows it."""
    first = studio.clip.frame_range[0]
    studio.draw("hero box", box_of(studio.clip, first), first)
    job = studio.submit()
    saved = dict(studio.node.getState("megatonRoto"))
    studio.plugin.close()
    assert studio.plugin.pump.idle

    again = Studio(install(), studio.farm, studio.clip)
    with again.application.person():
        again.node.setState("megatonRoto", saved)
    for opened in again.application.hooks["post_load"]:
        opened("project")
    again.ended(job)
    again.fetch()
    check_shows(again, job, tmp_path)
    again.plugin.close()


def test_project_closed_while_shapes_come(studio: Studio) -> None:
    first = studio.clip.frame_range[0]
    studio.draw("hero box", box_of(studio.clip, first), first)
    job = studio.submit()
    studio.ended(job)
    studio.action("MegatonRotoFetch")
    studio.application._session._nodes.clear()
    studio.until(lambda: studio.said("is gone"), "told")
    assert studio.application.undo == ["Megaton Roto: submit"]


def test_plate_moved_before_it_is_read(studio: Studio) -> None:
    """The farm has seen the plate; then it is moved, and tracked again."""
    first = studio.clip.frame_range[0]
    studio.draw("hero box", box_of(studio.clip, first), first)
    studio.ended(studio.submit())
    folder = Path(studio.clip.pattern).parent
    folder.rename(folder.with_name(folder.name + "_moved"))
    job = studio.submit()
    studio.ended(job, "failed")
    row = studio.row(job)
    assert "plate" in row.error.lower()
    assert row.hint
    studio.action("MegatonRotoFetch")
    studio.until(lambda: studio.said("The shapes are here."), "the last good version comes")


def test_a_plate_that_is_not_there(studio: Studio) -> None:
    first = studio.clip.frame_range[0]
    studio.draw("hero box", box_of(studio.clip, first), first)
    source = studio.node.inputs[0].source.node.property("stream.primary").getValue()
    source.property("path")._value = "/nowhere/plate.[1001-1008].exr"
    studio.action("MegatonRotoSubmit")
    studio.until(lambda: studio.plugin.flows.troubles, "told", may_fail=True)
    assert studio.jobs() == []
    assert studio.application.undo == []


def test_a_wrong_key(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_API_KEY", "wrong")
    first = studio.clip.frame_range[0]
    studio.draw("hero box", box_of(studio.clip, first), first)
    studio.action("MegatonRotoSubmit")
    studio.until(lambda: studio.plugin.flows.troubles, "told", may_fail=True)
    assert studio.desk.state.server.status == "refused"
    assert "sign in again" in studio.plugin.flows.troubles[-1].lower()
