"""An artist in Silhouette, the plugin, and a real server, Redis and worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from fake_fx import install
from helpers_farm import Farm
from helpers_silhouette import named
from helpers_studio import Studio

from shapes.helpers_draw import overlap

pytestmark = pytest.mark.farm


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    made = Farm(tmp_path_factory.mktemp("farm"))
    try:
        made.open().start_worker()
        yield made
    finally:
        made.close()


@pytest.fixture
def studio(farm: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.setenv("ROTO_SERVER", farm.url)
    monkeypatch.setenv("ROTO_API_KEY", farm.api_key)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    made = Studio(install(), farm, farm.clip())
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


def test_plate_moved_after_submit(studio: Studio) -> None:
    first = studio.clip.frame_range[0]
    studio.draw("hero box", box_of(studio.clip, first), first)
    folder = Path(studio.clip.pattern).parent
    job = studio.submit()
    folder.rename(folder.with_name(folder.name + "_moved"))
    studio.until(lambda: (row := studio.row(job)) and row.ended, "it ends", 150)
    row = studio.row(job)
    if row.state == "failed":
        assert row.error
        assert row.hint
    studio.forget_said()


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
    assert "key" in studio.plugin.flows.troubles[-1].lower()
