"""Long movies cut where there is no disk: in an object store, by a node far from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers_conform import movie
from helpers_nodes import remote_node
from helpers_observing import wait_for
from helpers_people import House, running_house
from helpers_s3 import BUCKET, running_store

from roto_client.api import RotoClient, Uploader, conforming
from roto_server.api import shared_plates
from roto_server.api.shared_plates import MOST_FILES, Copies, WholePlate
from roto_server.db.models import Shot
from roto_server.jobs import sources
from roto_server.settings import load_settings
from roto_server.storage import DirectoryStorage, open_storage
from roto_shapes.errors import RotoError


@pytest.mark.one_database
def test_a_movie_in_an_object_store_is_looked_at_and_cut(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    with running_store() as store, running_house(tmp_path / "h", url, **store.environment) as house:
        person = house.person("supervisor")
        project = house.project((person, "supervisor"))
        client = RotoClient(house.url, person.key)
        clip = Path(movie(tmp_path / "whole.mov", 40, "10:00:00:00", (60, 220)))
        sending = Uploader(client.transport)
        upload = sending.send(project, sending.look_at([clip]))
        shot = client.transport.json(
            "POST",
            f"/projects/{project}/shots",
            body={"name": "whole", "plate": {"upload_id": upload.id}},
        )["id"]

        def ready(ident: str) -> bool:
            told = client.transport.json("GET", f"/shots/{ident}")
            assert told["state"] != "invalid", told
            return bool(told["state"] == "ready")

        with remote_node(house, "far") as node:
            wait_for(lambda: ready(shot), node.said)
            job = conforming.find_scenes(client.transport, shot)
            wait_for(lambda: client.job(job.id).state == "succeeded", node.said)
            scenes = conforming.scenes(client.transport, shot)
            assert scenes.ranges == ((1, 20), (21, 40))
            ranges = [(f"sh{n}0", first, last) for n, (first, last) in enumerate(scenes.ranges, 1)]
            before = set(store.names())
            made = conforming.cut(client.transport, shot, ranges, handles=3)
            assert {name for name in store.names() if name.endswith("whole.mov")} <= before
            for one in made:
                wait_for(lambda ident=one.id: ready(ident), node.said)
            # They share its file, which stays for them when it is gone, and can be cut again.
            client.transport.json("DELETE", f"/shots/{shot}")
            client.transport.json("DELETE", f"/trash/shot/{shot}")
            wait_for(lambda: is_gone(house, shot), node.said)
            (again,) = conforming.cut(client.transport, made[0].id, [("sh015", 5, 9)])
            wait_for(lambda: ready(again.id), node.said)
        told = [client.transport.json("GET", f"/shots/{one.id}") for one in made]
        assert [(one["frame_range"], one["handles"]) for one in told] == [
            ([1, 23], [0, 3]), ([18, 40], [3, 0])
        ]  # fmt: skip


def is_gone(house: House, shot: str) -> bool:
    with house.database.reading() as session:
        return session.get(Shot, shot) is None


SOURCE = "projects/p/whole/source/v001"


def test_one_request_shares_files_with_an_end(tmp_path: Path) -> None:
    copies = Copies(DirectoryStorage(tmp_path))
    frames = (1, MOST_FILES - 1)
    plate = WholePlate({"kind": "sequence", "path": "/a.%07d.exr"}, SOURCE, frames, None, None)
    copies.count(plate, None, "a")
    with pytest.raises(RotoError, match="share too much") as refused:
        copies.count(plate, (5, 6), "b")
    assert refused.value.code == "too_large"
    copies.count(plate, (5, 5), "b")  # what was refused counts for nothing
    copies.count(WholePlate(plate.plate, None, frames, None, None), None, "c")  # read where it lies
    shared = sources.new_shared_key("p")
    copies.count(WholePlate(plate.plate, shared, frames, None, None), None, "c")  # stays there
    stereo = Copies(DirectoryStorage(tmp_path))
    for _ in range(2):
        stereo.count(plate, None, "a")  # of one shot nobody can ask for less


def test_a_bucket_copies_so_many_bytes_for_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    plate = WholePlate({"kind": "movie", "path": "s3://a/whole.mov"}, SOURCE, (1, 9), None, None)
    monkeypatch.setattr(shared_plates, "MOST_COPIED", 250)
    with running_store() as store:
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        key = f"studio/roto/{SOURCE}/whole.mov"
        store.client.put_object(Bucket=BUCKET, Key=key, Body=b"x" * 100)
        copies = Copies(open_storage(load_settings()))
        copies.count(plate, (1, 3), "a")
        copies.count(plate, (4, 6), "b")
        with pytest.raises(RotoError, match="in a bucket"):
            copies.count(plate, (7, 9), "c")
