"""Where a node without the storage may read and write: asked of a real server, by every token."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_claims import PROMPT, Nodes, claiming_node
from helpers_people import House

from roto_client.contract import PRODUCT_VERSION, check_farm_body
from roto_client.contract.stored import stored_key

pytestmark = pytest.mark.one_database

BEAT = {"progress": {"done": 1, "total": 10}}


@pytest.fixture
def nodes(house: House) -> Iterator[Nodes]:
    with claiming_node(house) as node:
        yield node


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_task_names_the_storage_by_keys(nodes: Nodes) -> None:
    spec = nodes.claim().spec
    assert stored_key(spec["output_dir"]).endswith(f"/attempts/{spec['attempt_id']}")  # type: ignore[union-attr]
    assert stored_key(spec["log_path"]).endswith(f"/logs/{spec['attempt_id']}.log")  # type: ignore[union-attr]
    assert stored_key(spec["shot"]["plate"]["path"]).endswith("/source/v001/plate.%04d.png")  # type: ignore[union-attr]
    assert spec["shot"]["plate"]["known_as"].startswith("/")


def test_folders_are_told_file_by_file_and_page_by_page(nodes: Nodes) -> None:
    one = nodes.claim()
    names = [f"hero/{number:04d}.png" for number in range(1005)]
    key = one.published(*names, ".seeds/a/1.png", f"hero/.{'0' * 32}.part")
    found: list[dict[str, Any]] = []
    body: dict[str, Any] = {"read": [f"{key}/"]}
    while True:
        answer = one.locate(**body).json()
        check_farm_body("located", answer)
        found += answer["read"]
        if answer["next"] is None:
            break
        body["after"] = answer["next"]
    assert [file["key"] for file in found] == [
        f"{key}/{name}" for name in sorted([".seeds/a/1.png", *names])
    ]
    first = found[1]
    assert (first["size"], first["headers"]) == (len("hero/0000.png"), {})
    url = first["url"].removeprefix("/api/v1")
    assert one.api.get(url).content == b"hero/0000.png"


def test_nothing_of_another_project_is_told(nodes: Nodes, tmp_path: Path) -> None:
    mine, theirs = nodes.claim(), nodes.claim()
    there = theirs.published("hero/1.png")
    asked = [
        f"{there}/", f"{there}/hero/1.png", f"{theirs.output}/", "projects/",
        f"{theirs.project_key}/",
        f"{mine.project_key}/../{there.split('/', 1)[1]}/", "/etc/passwd", "..", "projects//x/",
        f"{mine.project_key}/uploads/x/", f"{mine.project_key}/{uuid.uuid4().hex}/attempts/x/",
    ]  # fmt: skip
    for key in asked:
        assert refused(mine.locate(read=[key])) == (404, "not_found"), key
    key = mine.published("hero/1.png")
    link = mine.house.folder / "storage" / key / "link.png"
    link.symlink_to(mine.house.folder / "storage" / there / "hero/1.png")
    folder = mine.house.folder / "storage" / key / "folder"
    folder.symlink_to(mine.house.folder / "storage" / there)
    told = mine.locate(read=[f"{key}/"]).json()["read"]
    assert [file["key"] for file in told] == [f"{key}/hero/1.png"], "links are not followed"


def test_an_attempt_writes_its_own_folder_and_log(nodes: Nodes) -> None:
    mine, theirs = nodes.claim(), nodes.claim()
    log = stored_key(mine.spec["log_path"])
    wanted = [{"key": f"{mine.output}/hero/1.png", "size": 3}, {"key": log, "size": 2}]
    told = mine.locate(write=wanted).json()["write"]
    for file, data in zip(told, (b"png", b"{}"), strict=True):
        put = mine.api.put(file["url"].removeprefix("/api/v1"), content=data)
        assert put.status_code == 204, put.text
    storage = mine.house.folder / "storage"
    assert (storage / mine.output / "hero/1.png").read_bytes() == b"png"
    assert (storage / str(log)).read_bytes() == b"{}"
    not_mine = [
        f"{theirs.output}/x", f"{mine.output}/../x", f"{mine.output}x", mine.output,
        str(stored_key(theirs.spec["log_path"])), f"{log}.1", mine.published("a") + "/a",
    ]  # fmt: skip
    for key in not_mine:
        assert refused(mine.locate(write=[{"key": key, "size": 1}])) == (404, "not_found"), key
        assert refused(mine.locate(remove=[key])) == (404, "not_found"), key
        if "/../" not in key:
            assert mine.api.put(f"/farm/storage/{key}", content=b"x").status_code == 404, key
    too_large = mine.locate(write=[{"key": f"{mine.output}/x", "size": 10**18}])
    assert refused(too_large) == (507, "disk_full")
    assert mine.locate(remove=[f"{mine.output}/hero/1.png"]).status_code == 200
    assert not (storage / mine.output / "hero/1.png").exists()


def test_it_opens_for_that_attempt_while_it_is_at_work(nodes: Nodes) -> None:
    mine, other = nodes.claim(), nodes.claim()
    for stranger in (other.api, nodes.farm):
        assert refused(mine.locate(stranger)) == (403, "forbidden")
    with nodes.house.client(nodes.house.admin.key) as admin, nodes.house.client() as nobody:
        assert refused(mine.locate(admin)) == (403, "forbidden")
        assert refused(mine.locate(nobody)) == (401, "unauthorized")
    attempt = f"/farm/attempts/{mine.spec['attempt_id']}"
    assert mine.api.post(f"{attempt}/heartbeat", json=BEAT).status_code == 200
    assert mine.locate().status_code == 200
    assert mine.api.post(f"{attempt}/release", json={"reason": "drain"}).status_code == 200
    assert refused(mine.locate()) == (409, "stale_attempt")


@pytest.mark.parametrize(
    "body",
    [{"read": "x"}, {"read": [""]}, {"write": [{"key": "a"}]}, {"more": 1},
     {"write": [{"key": "a", "size": -1}]}, {"read": ["x"] * 1001}, {"read": ["x" * 1001]}],
)  # fmt: skip
def test_a_body_out_of_contract_is_refused(nodes: Nodes, body: dict[str, Any]) -> None:
    one = nodes.claim()
    assert refused(one.locate(**body)) == (422, "bad_request")


def test_places_are_told_while_servers_run(house: House) -> None:
    """A node that mounts the studio's folders elsewhere gets its own names for them, whatever
    places a supervisor gives the project: they could lead it where the server allows nobody."""
    place = {
        "name": "shows", "linux": str(house.plates),
        "windows": ["Z:\\shows"], "macos": ["/Volumes/shows"],
    }  # fmt: skip
    with house.client(house.admin.key) as admin, house.client(house.farm_token) as farm:
        for wrong in ([{"name": "a"}], [{**place, "linux": "here"}], "Z:", [{**place, "os2": "x"}]):
            answer = admin.put("/admin/config/places", json={"value": wrong})
            assert refused(answer) == (422, "bad_request"), answer.text
        assert admin.put("/admin/config/places", json={"value": [place]}).status_code == 200
        try:
            project = house.project()
            shot = house.shot(project, house.admin)
            told = admin.get(f"/shots/{shot}", headers={"X-Roto-Platform": "windows"}).json()
            assert told["plate"]["path"].startswith("Z:\\shows\\")
            folder = Path(told["plate"]["path"].replace("\\", "/")).parent.name
            for own in (None, "shows", "mine"):
                if own is not None:
                    inner = {
                        "name": own, "linux": str(house.plates / folder),
                        "macos": ["/Volumes/shows/other"], "windows": ["M:"],
                    }  # fmt: skip
                    changed = admin.patch(
                        f"/projects/{project}", json={"settings": {"places": [inner]}}
                    )
                    assert changed.status_code == 200, changed.text
                paths = [
                    _plate_told(admin, farm, shot, mounts) for mounts in ({}, {"shows": "/data"})
                ]
                assert [Path(path).parent for path in paths] == [
                    Path("/Volumes/shows", folder), Path("/data", folder),
                ], own  # fmt: skip
        finally:
            assert admin.put("/admin/config/places", json={"value": None}).status_code == 200


def _plate_told(admin: httpx.Client, farm: httpx.Client, shot: str, mounts: dict[str, str]) -> str:
    """The plate's path in the spec of a new job, for a node with these mounts."""
    name, boot = f"mac-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    card = {
        "node": name, "slot": 0, "boot_id": boot, "version": PRODUCT_VERSION, "queues": ["gpu"],
        "kinds": ["track"], "engines": [{"engine": "flow", "model": "flow"}], "device": "cpu",
        "reach": {"platform": "macos", "storage": "remote", "mounts": mounts},
    }  # fmt: skip
    assert farm.post("/farm/workers", json=card).status_code == 200
    body = {"objects": [{"name": f"a{boot[:4]}", "prompts": [PROMPT]}]}
    job = admin.post(f"/shots/{shot}/segment", json=body).json()
    me = {"worker_id": f"{name}:0", "boot_id": boot}
    answer = farm.post(f"/farm/tasks/{job['tasks'][0]['id']}/claim", json=me)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["shot"]["plate"]["path"])
