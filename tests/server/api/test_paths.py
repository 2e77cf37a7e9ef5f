"""Which plates the server reads in place, and which it refuses without a word about why."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest
from helpers_api import Live, add_project, add_shot, assert_refused, make_sequence

from roto_server.paths import AllowedRoots, find_plate
from roto_shapes.errors import RotoError


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that exists and may not be read."""
    folder = tmp_path / "secret"
    make_sequence(folder, [1001, 1002])
    (folder / "movie.mov").write_bytes(b"movie")
    return folder


def ask(api: httpx.Client, project: str, path: object) -> httpx.Response:
    body = {"name": "s", "plate": {"path": str(path)}}
    return api.post(f"/projects/{project}/shots", json=body)


def test_a_sequence_in_an_allowed_folder(api: httpx.Client, project: str, plates: Path) -> None:
    make_sequence(plates, [1001, 1002, 1003])
    shot = add_shot(api, project, plates / "plate.####.png", fps=[24000, 1001])
    assert shot["state"] == "probing"
    assert shot["plate"] == {
        "kind": "sequence", "path": str(plates / "plate.%04d.png"), "first_frame": None,
    }  # fmt: skip
    assert shot["frame_range"] == [1001, 1003]
    assert shot["fps"] == [24000, 1001]
    assert (shot["width"], shot["error"]) == (None, None)


@pytest.mark.parametrize("spelling", ["plate.%04d.png", "plate.*.png", "plate.1002.png"])
def test_spellings_of_one_sequence(
    api: httpx.Client, project: str, plates: Path, spelling: str
) -> None:
    make_sequence(plates, [1001, 1002, 1003])
    shot = add_shot(api, project, plates / spelling)
    assert shot["plate"]["path"] == str(plates / "plate.%04d.png")


def test_a_movie(api: httpx.Client, project: str, plates: Path) -> None:
    (plates / "take.mov").write_bytes(b"movie")
    body = {"name": "s", "plate": {"path": str(plates / "take.mov"), "first_frame": 1001}}
    shot = api.post(f"/projects/{project}/shots", json=body).json()
    assert shot["plate"] == {
        "kind": "movie", "path": str(plates / "take.mov"), "first_frame": 1001,
    }  # fmt: skip
    assert shot["frame_range"] is None


def test_refusals_are_all_alike(
    api: httpx.Client, project: str, plates: Path, outside: Path
) -> None:
    make_sequence(plates, [1001])
    (plates / "escape").symlink_to(outside)
    (plates / "escape.mov").symlink_to(outside / "movie.mov")
    (plates / "pipe.mov").unlink(missing_ok=True)
    os.mkfifo(plates / "pipe.mov")
    (plates / "folder.mov").mkdir()
    (plates / "loop").symlink_to(plates / "loop")
    hostile = [
        outside / "plate.%04d.png",
        outside / "nothing.%04d.png",
        outside / "movie.mov",
        outside / "nothing.mov",
        Path("/no/such/folder/plate.%04d.png"),
        Path("/etc/passwd.0001.png"),
        plates / ".." / plates.name / "plate.%04d.png",
        f"{plates}/../../../../etc/plate.%04d.png",
        plates / "escape" / "plate.%04d.png",
        plates / "escape" / "nothing.%04d.png",
        plates / "escape.mov",
        plates / "nothing.mov",
        plates / "nothing" / "plate.%04d.png",
        plates / "pipe.mov",
        plates / "folder.mov",
        plates / "loop" / "plate.%04d.png",
        "plate.%04d.png",
        "~/plate.%04d.png",
        plates / ("x" * 300) / "plate.%04d.png",
        plates / ("x" * 300 + ".mov"),
    ]
    told = set()
    for path in hostile:
        refusal = assert_refused(ask(api, project, path), 403, "path_refused")
        told.add((refusal["message"].replace(str(path), "PATH"), refusal["hint"]))
        assert refusal["detail"] == {"path": str(path)}
    assert len(told) == 1, told
    assert api.get(f"/projects/{project}/shots").json()["items"] == []


def test_one_frame_that_is_a_link_out_refuses_the_sequence(
    api: httpx.Client, project: str, plates: Path, outside: Path
) -> None:
    make_sequence(plates, [1001, 1003])
    (plates / "plate.1002.png").symlink_to(outside / "plate.1001.png")
    assert_refused(ask(api, project, plates / "plate.%04d.png"), 403, "path_refused")


def test_links_that_stay_inside_are_fine(api: httpx.Client, project: str, plates: Path) -> None:
    make_sequence(plates / "v002", [1001, 1002])
    (plates / "latest").symlink_to(plates / "v002")
    (plates / "v002" / "plate.1003.png").symlink_to(plates / "v002" / "plate.1002.png")
    shot = add_shot(api, project, plates / "latest" / "plate.%04d.png")
    assert shot["frame_range"] == [1001, 1003]
    assert shot["plate"]["path"] == str(plates / "latest" / "plate.%04d.png")


def test_an_allowed_root_may_itself_be_a_link(tmp_path: Path) -> None:
    make_sequence(tmp_path / "real", [1])
    (tmp_path / "mount").symlink_to(tmp_path / "real")
    roots = AllowedRoots([tmp_path / "mount"])
    assert find_plate(str(tmp_path / "mount" / "plate.%04d.png"), roots).frames == (1, 1)
    assert find_plate(str(tmp_path / "real" / "plate.%04d.png"), roots).frames == (1, 1)


def test_a_neighbour_with_the_same_beginning_is_not_inside(tmp_path: Path) -> None:
    make_sequence(tmp_path / "plates-secret", [1])
    (tmp_path / "plates").mkdir()
    roots = AllowedRoots([tmp_path / "plates"])
    with pytest.raises(RotoError) as caught:
        find_plate(str(tmp_path / "plates-secret" / "plate.%04d.png"), roots)
    assert caught.value.code == "path_refused"


def test_no_roots_allow_nothing(tmp_path: Path) -> None:
    make_sequence(tmp_path, [1])
    with pytest.raises(RotoError) as caught:
        find_plate(str(tmp_path / "plate.%04d.png"), AllowedRoots([]))
    assert caught.value.code == "path_refused"


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_an_unreadable_folder_is_refused(api: httpx.Client, project: str, plates: Path) -> None:
    make_sequence(plates / "closed", [1001])
    (plates / "closed").chmod(0)
    try:
        answer = ask(api, project, plates / "closed" / "plate.%04d.png")
    finally:
        (plates / "closed").chmod(0o700)
    assert_refused(answer, 403, "path_refused")


def test_a_project_can_have_roots_of_its_own(api: httpx.Client, outside: Path) -> None:
    project = add_project(api, allowed_roots=[str(outside)])
    assert project["allowed_roots"] == [str(outside)]
    shot = add_shot(api, project["id"], outside / "plate.%04d.png")
    assert shot["frame_range"] == [1001, 1002]


@pytest.mark.parametrize("root", ["relative/folder", "/mnt/../etc"])
def test_project_roots_are_absolute_and_plain(api: httpx.Client, root: str) -> None:
    answer = api.post("/projects", json={"name": "p", "allowed_roots": [root]})
    assert_refused(answer, 403, "path_refused")


def test_in_production_a_key_cannot_open_the_servers_disk(live: Live, own: Live) -> None:
    own.settings.environment = "production"
    inside = own.settings.allowed_roots[0] / "show"
    with own.client() as client:
        for root in ("/", "/etc", str(inside.parent.parent)):
            answer = client.post("/projects", json={"name": "p", "allowed_roots": [root]})
            assert_refused(answer, 403, "path_refused")
        add_project(client, allowed_roots=[str(inside)])


def test_a_root_that_is_led_elsewhere_later_is_none(
    api: httpx.Client, plates: Path, outside: Path
) -> None:
    """Whoever writes to the share can make it a link."""
    link = plates / "link"
    project = add_project(api, allowed_roots=[str(link)])["id"]
    link.symlink_to(outside)
    for folder in (link, outside):
        assert_refused(ask(api, project, folder / "plate.%04d.png"), 403, "path_refused")


def test_the_storage_is_no_place_for_plates(own: Live, tmp_path: Path) -> None:
    """It holds other projects' pictures, and often lies on the share that may be read."""
    own.settings.allowed_roots.append(tmp_path)
    mattes = own.settings.storage_root / "projects" / "another" / "mattes"
    make_sequence(mattes, [1001])
    (tmp_path / "link").symlink_to(mattes)
    with own.client() as client:
        project = add_project(client)["id"]
        for folder in (mattes, tmp_path / "link"):
            answer = ask(client, project, folder / "plate.%04d.png")
            assert_refused(answer, 403, "path_refused")
        make_sequence(tmp_path / "plates", [1001])
        assert ask(client, project, tmp_path / "plates" / "plate.%04d.png").status_code == 201


def test_gaps_are_listed(api: httpx.Client, project: str, plates: Path) -> None:
    make_sequence(plates, [1001, 1002, 1005, 1007])
    refusal = assert_refused(ask(api, project, plates / "plate.%04d.png"), 422, "missing_frame")
    assert refusal["detail"]["missing"] == [1003, 1004, 1006]
    body = {"name": "s", "plate": {"path": str(plates / "plate.%04d.png")}}
    gap = api.post(f"/projects/{project}/shots", json={**body, "frame_range": [1002, 1005]})
    assert assert_refused(gap, 422, "missing_frame")["detail"]["missing"] == [1003, 1004]
    whole = api.post(f"/projects/{project}/shots", json={**body, "frame_range": [1001, 1002]})
    assert whole.json()["frame_range"] == [1001, 1002]


def test_a_gap_of_a_billion_frames_is_quick(api: httpx.Client, project: str, plates: Path) -> None:
    make_sequence(plates, [1, 999999999])
    refusal = assert_refused(ask(api, project, plates / "plate.%04d.png"), 422, "missing_frame")
    assert refusal["detail"]["missing"] == list(range(2, 1002))


def test_an_allowed_folder_without_the_sequence(
    api: httpx.Client, project: str, plates: Path
) -> None:
    assert_refused(ask(api, project, plates / "plate.%04d.png"), 422, "missing_frame")
    assert_refused(ask(api, project, plates / "plate.png"), 422, "bad_range")


def test_a_range_outside_the_plate(api: httpx.Client, project: str, plates: Path) -> None:
    plate = make_sequence(plates, [1001, 1002])
    body = {"name": "s", "plate": {"path": str(plate)}, "frame_range": [1001, 1010]}
    refusal = assert_refused(
        api.post(f"/projects/{project}/shots", json=body), 422, "range_outside_plate"
    )
    assert refusal["detail"] == {"frame_range": [1001, 1010], "plate": [1001, 1002]}


@pytest.mark.parametrize(
    "more",
    [
        {"frame_range": [10, 1]}, {"frame_range": [1]}, {"frame_range": [1.5, 2]},
        {"fps": [24, 0]}, {"fps": [1, 2**31 - 1]}, {"fps": [1001, 1]}, {"plate": {}},
        {"plate": {"path": "/a", "upload_id": "b"}},
        {"name": ""}, {"name": "a/b"}, {"name": "."}, {"colorspace": "a\u0000b"},
        {"frame_range": [-(2**40), 1]},
    ],
)  # fmt: skip
def test_malformed_shots(
    api: httpx.Client, project: str, plates: Path, more: dict[str, object]
) -> None:
    plate = make_sequence(plates, [1001])
    body = {"name": "s", "plate": {"path": str(plate)}, **more}
    assert_refused(api.post(f"/projects/{project}/shots", json=body), 422, "bad_request")


def test_first_frame_is_for_movies(api: httpx.Client, project: str, plates: Path) -> None:
    plate = make_sequence(plates, [1001])
    body = {"name": "s", "plate": {"path": str(plate), "first_frame": 5}}
    assert_refused(api.post(f"/projects/{project}/shots", json=body), 422, "bad_request")
