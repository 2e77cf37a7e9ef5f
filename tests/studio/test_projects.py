"""Projects, shots and objects: told about, renamed, ordered, archived, moved to another project."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers_lifecycle import Studio, done, refused
from helpers_people import House, running_house
from sqlalchemy import select

from roto_server.db.media import Plate
from roto_server.db.models import Attempt, Export, Job, Mask, Shapes, Shot, Task
from roto_server.db.people import Assignment, Membership


@pytest.fixture
def studio(house: House) -> Iterator[Studio]:
    studio = Studio.open(house)
    yield studio
    studio.close()


@pytest.mark.one_database
class TestProject:
    def test_client_and_settings_are_kept_as_they_are_given(self, studio: Studio) -> None:
        url = f"/projects/{studio.project}"
        assert done(studio.client.get(url))["settings"]["quality"] == "standard"
        settings = {
            "quality": "final", "handles": 8, "colorspace": "ACEScg", "fps": [24000, 1001],
            "places": [{"name": "plates", "linux": str(studio.house.plates),
                        "windows": ["P:\\plates"], "macos": ["/Volumes/plates"]}],
            "publish": {"folder": str(studio.house.plates / "out"),
                        "template": "{shot}/{object}_v{version:03d}.{frame:04d}.{ext}"},
        }  # fmt: skip
        told = done(studio.client.patch(url, json={"client": "Acme", "settings": settings}))
        assert (told["client"], told["settings"]) == ("Acme", settings)
        assert done(studio.client.get(url)) == told
        (entry,) = studio.audited("project.updated", studio.project)
        assert entry.before["client"] == ""
        assert entry.after["settings"]["handles"] == 8
        assert studio.events("project.updated") == [{"changed": ["client", "settings"]}]
        # The same again is no change.
        done(studio.client.patch(url, json={"client": "Acme", "settings": settings}))
        assert len(studio.audited("project.updated", studio.project)) == 1

    def test_a_new_project_has_them_at_once(self, studio: Studio) -> None:
        body = {"name": f"new {studio.project}", "client": "Acme", "settings": {"quality": "draft"}}
        made = done(studio.client.post("/projects", json=body), 201)
        assert (made["client"], made["settings"]["quality"]) == ("Acme", "draft")

    def test_nobody_opens_the_servers_disk_to_themselves(self, studio: Studio) -> None:
        """Neither to be written to nor to be read, by whatever way the folder is written."""
        plates, storage = studio.house.plates, studio.house.folder / "storage"
        template, url = "{object}_v{version}.{frame}.{ext}", f"/projects/{studio.project}"
        for folder in ("/etc", f"{plates}/../x", str(storage), "plates"):
            publish = {"folder": folder, "template": template}
            answer = studio.client.patch(url, json={"settings": {"publish": publish}})
            assert refused(answer) == (403, "path_refused"), folder
        place = {"name": "all", "linux": "/etc", "windows": ["E:\\"]}
        answer = studio.client.patch(url, json={"settings": {"places": [place]}})
        assert refused(answer) == (403, "path_refused")
        nowhere = {"name": "all", "linux": str(plates), "windows": ["etc"]}
        answer = studio.client.patch(url, json={"settings": {"places": [nowhere]}})
        assert refused(answer) == (422, "bad_request")
        told = done(studio.client.get(url))["settings"]
        assert (told["publish"], told["places"]) == (None, [])

    def test_folders_are_given_and_told_as_windows_names_them(self, studio: Studio) -> None:
        """By a place of the same request, too; what is kept are the server's names."""
        plates, url = studio.house.plates, f"/projects/{studio.project}"
        (plates / "Heist").mkdir(exist_ok=True)
        place = {"name": "w", "linux": str(plates), "windows": ["Y:\\shows"], "macos": []}
        template = "{object}_v{version}.{frame}.{ext}"
        body: dict[str, Any] = {
            "allowed_roots": ["y:/Shows/HEIST"],
            "settings": {
                "places": [place],
                "publish": {"folder": "Y:\\shows\\heist", "template": template},
            },
        }
        at_windows = {"X-Roto-Platform": "windows"}
        new = {"name": f"w {studio.project}", **body}
        made = done(studio.client.post("/projects", json=new), 201)
        for told in (made, done(studio.client.patch(url, json=body))):
            assert told["allowed_roots"] == [str(plates / "Heist")]
            assert told["settings"]["publish"]["folder"] == str(plates / "Heist")
        there = done(studio.client.get(url, headers=at_windows))
        assert there["allowed_roots"] == ["Y:\\shows\\Heist"]
        assert there["settings"]["publish"]["folder"] == "Y:\\shows\\Heist"
        assert there["settings"]["places"] == [place], "places are the same for all"
        # What was told may be sent back: it is no change.
        same = {name: there[name] for name in body}
        assert done(studio.client.patch(url, json=same, headers=at_windows)) == there
        assert len(studio.audited("project.updated", studio.project)) == 1
        body["settings"]["publish"]["folder"] = "Y:\\elsewhere"
        assert refused(studio.client.patch(url, json=body)) == (403, "path_refused")

    def test_a_template_without_versions_is_refused(self, studio: Studio) -> None:
        publish = {"folder": str(studio.house.plates), "template": "{object}.{frame:04d}.{ext}"}
        answer = studio.client.patch(
            f"/projects/{studio.project}", json={"settings": {"publish": publish}}
        )
        assert refused(answer) == (422, "bad_template")

    def test_what_was_allowed_once_may_stay(self, studio: Studio) -> None:
        """A folder an administrator let in is no obstacle to a supervisor's other changes."""
        house, folder = studio.house, studio.house.folder / "elsewhere"
        folder.mkdir(exist_ok=True)
        publish = {"folder": str(folder), "template": "{object}_v{version:03d}.{frame:04d}.{ext}"}
        url = f"/projects/{studio.project}"
        with house.client(house.admin.key) as admin:
            done(admin.patch(url, json={"settings": {"publish": publish}}))
        done(studio.client.patch(url, json={"settings": {"publish": publish, "handles": 4}}))
        moved = {"publish": {**publish, "folder": str(folder / "deeper")}}
        answer = studio.client.patch(url, json={"settings": moved})
        assert refused(answer) == (403, "path_refused")

    def test_what_is_archived_is_looked_at_and_not_worked_on(self, studio: Studio) -> None:
        shot = studio.shot(studio.artist)
        job = studio.version(shot, state="running")
        url = f"/projects/{studio.project}"
        archived = done(studio.client.patch(url, json={"archived": True}))
        assert archived["archived_at"] is not None
        assert done(studio.theirs.get(f"/shots/{shot}"))["id"] == shot
        body = {"name": "hero"}
        assert refused(studio.theirs.post(f"/shots/{shot}/objects", json=body)) == (409, "conflict")
        # What runs away is stopped all the same, and not begun again.
        assert done(studio.theirs.post(f"/jobs/{job}/cancel"))["state"] == "cancelled"
        assert refused(studio.theirs.post(f"/jobs/{job}/retry")) == (409, "conflict")

        def shown(path: str, **params: str) -> set[str]:
            page = done(studio.client.get(path, params={"limit": 1000, **params}))
            return {one["id"] for one in page["items"]}

        assert studio.project not in shown("/projects")
        assert shown("/projects", archived="only") == {studio.project}
        assert studio.project in shown("/projects", archived="all")
        assert shot not in shown("/shots")
        mine = done(studio.theirs.get("/users/me/shots"))["items"]
        assert mine == []
        assert shown("/shots", archived="only") == {shot}
        # Asked for by its name it is told, or its name would be taken by nothing.
        assert shown("/projects", name=f"show {studio.project}") == {studio.project}
        # Whoever asks for the project's shots by its id has decided to look at it.
        assert shown(f"{url}/shots") == {shot}
        assert done(studio.client.patch(url, json={"archived": False}))["archived_at"] is None
        done(studio.theirs.post(f"/shots/{shot}/objects", json=body), 201)
        assert shot in shown("/shots")

    def test_what_the_archive_refuses_the_api_document_says(self, studio: Studio) -> None:
        shot = studio.shot()
        note = done(studio.client.post(f"/shots/{shot}/notes", json={"text": "soft"}), 201)["id"]
        project = f"/projects/{studio.project}"
        done(studio.client.patch(project, json={"archived": True}))
        file = {"name": "take.mov", "size": 1, "sha256": "0" * 64}
        document = studio.client.get("/openapi.json").json()["paths"]
        for method, path, where, body in (
            ("PATCH", "/notes/{note_id}", f"/notes/{note}", {"text": "softer"}),
            (
                "PUT",
                "/shots/{shot_id}/objects/order",
                f"/shots/{shot}/objects/order",
                {"object_ids": []},
            ),
            ("POST", "/projects/{project_id}/scan", f"{project}/scan", {"path": "/"}),
            ("POST", "/uploads", "/uploads", {"project_id": studio.project, "files": [file]}),
        ):
            answer = studio.client.request(method, where, json=body)
            assert refused(answer) == (409, "conflict"), path
            assert "409" in document[f"/api/v1{path}"][method.lower()]["responses"], path


@pytest.mark.one_database
class TestShot:
    def test_name_handles_and_frame_rate(self, studio: Studio) -> None:
        shot = studio.shot(studio.artist)
        body = {"name": "heist_020", "handles": [3, 4], "fps": [24000, 1001]}
        told = done(studio.theirs.patch(f"/shots/{shot}", json=body))
        assert (told["name"], told["handles"], told["fps"]) == ("heist_020", [3, 4], [24000, 1001])
        with studio.house.database.reading() as session:
            plate = session.get_one(Plate, shot)
            assert (plate.fps_num, plate.fps_den) == (24000, 1001)
            assert session.scalars(select(Job).where(Job.shot_id == shot)).all() == []
        for told, means in (
            ("30000/1001", [30000, 1001]),
            (25, [25, 1]),
            ("24000/1001", [24000, 1001]),
        ):
            changed = done(studio.theirs.patch(f"/shots/{shot}", json={"fps": told}))
            assert changed["fps"] == means
        for odd in ("24/0", "0", "29.97", "24/1/1", "-24", "\u0662\u0664", "9" * 5000, True, ""):
            answer = studio.theirs.patch(f"/shots/{shot}", json={"fps": odd})
            assert refused(answer) == (422, "bad_request"), odd
        entry = studio.audited("shot.updated", shot)[0]
        assert entry.before["handle_tail"] == 0
        assert entry.after["handle_tail"] == 4
        other = studio.shot()
        taken = studio.client.patch(f"/shots/{other}", json={"name": "heist_020"})
        assert refused(taken) == (409, "conflict")
        assert refused(studio.client.patch(f"/shots/{other}", json={"name": "a/b"}))[0] == 422

    def test_another_colour_space_has_the_plate_read_again(self, studio: Studio) -> None:
        shot = studio.shot()
        done(studio.client.patch(f"/shots/{shot}", json={"colorspace": "ACEScg"}))
        with studio.house.database.reading() as session:
            assert session.get_one(Plate, shot).colorspace == "ACEScg"
            job = session.scalars(select(Job).where(Job.shot_id == shot)).one()
            assert (job.kind, job.plate_id, job.state) == ("ingest", shot, "queued")
            assert session.get_one(Shot, shot).state == "ready"
        done(studio.client.post(f"/jobs/{job.id}/cancel"))
        assert done(studio.client.get(f"/shots/{shot}"))["state"] == "ready"
        [plate] = done(studio.client.get(f"/shots/{shot}/plates"))["items"]
        assert [one["code"] for one in plate["warnings"]] == ["not_read_again"]
        # By file rules again; left out it would have stayed.
        done(studio.client.patch(f"/shots/{shot}", json={"colorspace": None}))
        assert done(studio.client.get(f"/shots/{shot}"))["colorspace"] is None

    def test_what_was_assumed_is_said_and_holds_for_the_next_version(self, studio: Studio) -> None:
        """The report is what a worker makes of ten PNGs nobody said a word of."""
        shot = studio.shot()
        warned = ("no_frame_rate", {"fps": [24, 1]}), ("colorspace_assumed", {}), ("interlaced", {})
        report = [{"code": code, "level": "warning", "message": code, "detail": detail}
                  for code, detail in warned]  # fmt: skip
        read = {"fps_source": "default", "colorspace_source": "rule", "report": report}
        with studio.house.database.session() as session:
            for row in (session.get_one(Shot, shot), session.get_one(Plate, shot)):
                row.plate_metadata, row.colorspace = read, "sRGB"

        def codes(told: dict[str, Any]) -> list[str]:
            return [one["code"] for one in told["metadata"]["report"]]

        told = done(studio.client.patch(f"/shots/{shot}", json={"fps": [24, 1]}))
        assert codes(told) == ["colorspace_assumed", "interlaced"], "24 is right"
        assert codes(done(studio.client.patch(f"/shots/{shot}", json={"name": "heist_030"})))[1:]
        told = done(studio.client.patch(f"/shots/{shot}", json={"colorspace": "sRGB"}))
        assert codes(told) == ["interlaced"]
        [plate] = done(studio.client.get(f"/shots/{shot}/plates"))["items"]
        assert plate["metadata"] == told["metadata"]
        with studio.house.database.reading() as session:
            assert not session.scalars(select(Job).where(Job.shot_id == shot)).all(), "read again"
        entry = studio.audited("shot.updated", shot)[0]
        assert (entry.before["fps_source"], entry.after["fps_source"]) == ("default", "told")
        body = {"plate": {"path": plate["plate"]["path"]}}
        newer = done(studio.client.post(f"/shots/{shot}/plates", json=body), 201)
        assert (newer["fps"], newer["colorspace"]) == ([24, 1], "sRGB")

    def test_only_supervisors_archive(self, studio: Studio) -> None:
        shot = studio.shot(studio.artist)
        body = {"archived": True}
        assert refused(studio.theirs.patch(f"/shots/{shot}", json=body)) == (403, "forbidden")
        assert done(studio.client.patch(f"/shots/{shot}", json=body))["archived_at"] is not None
        renamed = studio.theirs.patch(f"/shots/{shot}", json={"name": "x"})
        assert refused(renamed) == (409, "conflict")
        page = done(studio.client.get(f"/projects/{studio.project}/shots"))
        assert page["items"] == []
        body = {"archived": False}
        assert done(studio.client.patch(f"/shots/{shot}", json=body))["archived_at"] is None


@pytest.mark.one_database
class TestObjects:
    def test_they_are_told_in_the_order_they_are_put_in(self, studio: Studio) -> None:
        shot = studio.shot(studio.artist)
        url = f"/shots/{shot}/objects"
        ids = {
            name: done(studio.theirs.post(url, json={"name": name}), 201)["id"]
            for name in ("hero", "car", "dog")
        }

        def names(**params: int) -> list[str]:
            return [one["name"] for one in done(studio.theirs.get(url, params=params))["items"]]

        assert names() == ["hero", "car", "dog"]
        order = [ids[name] for name in ("dog", "hero", "car")]
        done(studio.theirs.put(f"{url}/order", json={"object_ids": order}), 204)
        assert names() == ["dog", "hero", "car"]
        done(studio.theirs.post(url, json={"name": "cat"}), 201)
        assert names() == ["dog", "hero", "car", "cat"]
        page = done(studio.theirs.get(url, params={"limit": 2}))
        rest = done(studio.theirs.get(url, params={"limit": 2, "cursor": page["next"]}))
        assert [one["name"] for one in rest["items"]] == ["car", "cat"]
        for wrong in (order, [*order, ids["dog"]], []):
            answer = studio.theirs.put(f"{url}/order", json={"object_ids": wrong})
            assert refused(answer) == (422, "bad_request")
        assert studio.events("shot.objects")[-1]["change"] == "ordered"

    def test_name_label_and_colour(self, studio: Studio) -> None:
        shot = studio.shot(studio.artist)
        hero, car = studio.object(shot, "hero"), studio.object(shot, "car")
        body = {"name": "lead", "label": "lead actor", "color": [0.0, 0.5, 1.0]}
        told = done(studio.theirs.patch(f"/objects/{hero}", json=body))
        assert {name: told[name] for name in body} == body
        (entry,) = studio.audited("object.updated", hero)
        assert (entry.before["name"], entry.after["name"]) == ("hero", "lead")
        taken = studio.theirs.patch(f"/objects/{car}", json={"name": "lead"})
        assert refused(taken) == (409, "conflict")
        assert refused(studio.theirs.patch(f"/objects/{'0' * 32}", json={}))[0] == 404


class TestMove:
    def test_a_shot_goes_with_its_files_and_results(self, studio: Studio) -> None:
        house, database = studio.house, studio.house.database
        target = house.project((studio.lead, "supervisor"))
        shot = studio.shot(studio.artist)
        first = studio.upload_plate(shot)
        job = studio.version(shot)
        studio.furnish(shot, job)
        before, after = studio.folder(shot), studio.folder(shot, target)
        files = sorted(
            str(path.relative_to(before)) for path in before.rglob("*") if path.is_file()
        )
        inode = first.stat().st_ino
        told = done(studio.client.post(f"/shots/{shot}/move", json={"project_id": target}))
        assert told["project_id"] == target
        assert not before.exists()
        there = sorted(str(path.relative_to(after)) for path in after.rglob("*") if path.is_file())
        assert there == files
        # Its bytes were not copied.
        assert (after / "source/v001/plate.1001.png").stat().st_ino == inode
        assert [path.name for path in after.parent.iterdir()] == [shot]
        with database.reading() as session:
            keys = [
                *session.scalars(select(Mask.path).where(Mask.shot_id == shot)),
                *session.scalars(select(Shapes.path).where(Shapes.shot_id == shot)),
                *session.scalars(select(Export.path).where(Export.shot_id == shot)),
                *session.scalars(select(Task.published_dir).where(Task.job_id == job)),
                *session.scalars(select(Attempt.output_dir).join(Task).where(Task.job_id == job)),
                session.get_one(Plate, shot).source,
            ]
            for path in (session.get_one(Plate, shot).plate, session.get_one(Shot, shot).plate):
                assert path["path"] == f"{after}/source/v001/plate.%04d.png"
            # Who does not work there is off the shot.
            assert session.scalars(
                select(Assignment.user_id).where(Assignment.shot_id == shot)
            ).all() == []  # fmt: skip
        assert len(keys) == 8
        assert all(key and key.startswith(f"projects/{target}/{shot}/") for key in keys)
        shapes = studio.client.get(f"/shots/{shot}/shapes")
        assert shapes.content == b"shapes/v001/shapes.json"
        entries = studio.audited("shot.moved", shot)
        assert {one.project_id for one in entries} == {studio.project, target}
        assert entries[0].after["dropped"] == [studio.artist.id]
        assert refused(studio.theirs.get(f"/shots/{shot}"))[0] == 404
        assert studio.events("shot.moved") == [{"shot_id": shot}]

    def test_of_two_moves_at_once_one_is_made_whole(self, studio: Studio) -> None:
        house = studio.house
        targets = [house.project((studio.lead, "supervisor")) for _ in range(2)]
        shot = studio.shot()
        studio.upload_plate(shot)
        studio.version(shot)
        count = sum(path.is_file() for path in studio.folder(shot).rglob("*"))
        statuses: dict[str, int] = {}

        def move(target: str) -> None:
            with house.client(studio.lead.key) as client:
                answer = client.post(f"/shots/{shot}/move", json={"project_id": target})
                statuses[target] = answer.status_code

        threads = [threading.Thread(target=move, args=(target,)) for target in targets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        home = done(studio.client.get(f"/shots/{shot}"))["project_id"]
        # They may also have come one after the other.
        assert statuses[home] == 200
        assert set(statuses.values()) <= {200, 409}
        assert sum(path.is_file() for path in studio.folder(shot, home).rglob("*")) == count
        assert studio.client.get(f"/shots/{shot}/shapes").content == b"shapes/v001/shapes.json"
        others = {studio.project, *targets} - {home}
        assert not any(list(studio.folder(shot, one).parent.glob("*")) for one in others)

    @pytest.mark.one_database
    def test_it_is_refused_while_jobs_run_or_the_name_is_taken(self, studio: Studio) -> None:
        house = studio.house
        target = house.project((studio.lead, "supervisor"), (studio.artist, "artist"))
        shot = studio.shot()
        running = studio.version(shot, state="queued")
        url, body = f"/shots/{shot}/move", {"project_id": target}
        answer = studio.client.post(url, json=body)
        assert refused(answer) == (409, "conflict")
        assert answer.json()["detail"]["job_ids"] == [running]
        done(studio.client.post(f"/jobs/{running}/cancel"))
        other = house.shot(target, studio.lead)
        name = done(studio.client.get(f"/shots/{shot}"))["name"]
        done(studio.client.patch(f"/shots/{other}", json={"name": name}))
        assert refused(studio.client.post(url, json=body)) == (409, "conflict")
        done(studio.client.delete(f"/shots/{other}"))
        done(studio.client.post(url, json=body))
        back = {"project_id": studio.project}
        done(studio.client.patch(f"/projects/{studio.project}", json={"archived": True}))
        assert refused(studio.client.post(url, json=back)) == (409, "conflict")
        assert refused(studio.client.post(url, json=body)) == (409, "conflict")

    @pytest.mark.one_database
    def test_one_must_supervise_both(self, studio: Studio) -> None:
        house = studio.house
        shot = studio.shot()
        strange = house.project()
        url = f"/shots/{shot}/move"
        assert refused(studio.client.post(url, json={"project_id": strange}))[0] == 404
        with house.database.session() as session:
            session.add(Membership(project_id=strange, user_id=studio.lead.id, role="artist"))
        answer = studio.client.post(url, json={"project_id": strange})
        assert refused(answer) == (403, "forbidden")
        assert refused(studio.theirs.post(url, json={"project_id": strange}))[0] == 403
        assert studio.folder(shot, strange).parent.exists() is False

    @pytest.mark.one_database
    def test_a_plate_in_a_folder_the_project_may_not_read_stays(self, studio: Studio) -> None:
        house = studio.house
        own = house.folder / "own plates"
        own.mkdir(exist_ok=True)
        target = house.project((studio.lead, "supervisor"))
        shot = studio.shot()
        path = {"kind": "movie", "path": str(own / "a.mov"), "first_frame": None}
        with house.database.session() as session:
            session.get_one(Plate, shot).plate = path
            session.get_one(Shot, shot).plate = path
        url, body = f"/shots/{shot}/move", {"project_id": target}
        assert refused(studio.client.post(url, json=body)) == (409, "conflict")
        with house.client(house.admin.key) as admin:
            roots = {"allowed_roots": [str(own)]}
            done(admin.patch(f"/projects/{target}", json=roots))
        assert done(studio.client.post(url, json=body))["plate"]["path"] == str(own / "a.mov")


def test_the_servers_own_storage_is_never_a_projects_folder(tmp_path: Path) -> None:
    """Other projects' pictures are there, also where a root or an administrator reaches it."""
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    with running_house(tmp_path, url, ROTO_ALLOWED_ROOTS=str(tmp_path)) as house:
        lead = house.person("supervisor")
        path = f"/projects/{house.project((lead, 'supervisor'))}"
        inside = str(tmp_path / "storage" / "projects" / house.project() / "source")
        publish = {"folder": inside, "template": "{object}_v{version}.{frame}.{ext}"}
        place = {"name": "all", "linux": inside, "windows": ["Z:\\"]}
        wanted: list[dict[str, Any]] = [
            {"settings": {"publish": publish}},
            {"settings": {"places": [place]}},
            {"allowed_roots": [inside]},
        ]
        for person in (lead, house.admin):
            with house.client(person.key) as client:
                for body in wanted:
                    assert refused(client.patch(path, json=body)) == (403, "path_refused"), body
                beside = {"publish": {**publish, "folder": str(tmp_path / person.id)}}
                done(client.patch(path, json={"settings": beside}))
