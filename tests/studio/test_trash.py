"""The trash: what is deleted is gone for everybody and comes back whole; what is purged is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from helpers_lifecycle import Studio, done, hanging_on, is_gone, refused, rows, soon
from helpers_people import House, running_house
from sqlalchemy import select, update

from roto_server.db.media import Blob, Conform, Publication
from roto_server.db.models import (
    Base,
    Job,
    Project,
    Shot,
    Task,
    Upload,
)
from roto_server.db.people import Membership
from roto_server.db.types import utc_now
from roto_server.storage import DirectoryStorage
from roto_server.trash.purging import purge, purge_old
from roto_server.trash.removing import Remover, StillInUseError


@pytest.fixture
def studio(house: House) -> Iterator[Studio]:
    studio = Studio.open(house)
    yield studio
    studio.close()


OF_PROJECTS = frozenset(
    {"blobs", "conforms", "memberships", "shots", "upload_pieces", "uploads"}
)  # fmt: skip
OF_SHOTS = frozenset(
    {
        "assignments", "attempts", "exports", "jobs", "masks", "notes", "objects", "plates",
        "previews", "prompts", "publications", "reviews", "shapes", "tasks",
    }
)  # fmt: skip


@pytest.mark.one_database
def test_every_table_that_hangs_on_a_project_is_known_to_who_purges() -> None:
    """Whoever adds one adds it to `trash.removing`, then here."""
    found = {"projects"}
    while True:
        more = {
            name
            for name, table in Base.metadata.tables.items()
            if any(key.column.table.name in found for key in table.foreign_keys)
        }
        if more <= found:
            break
        found |= more
    assert found == {"projects"} | OF_PROJECTS | OF_SHOTS


def test_no_job_is_made_in_a_shot_that_goes_into_the_trash_meanwhile(studio: Studio) -> None:
    """Of those made at the same moment each is refused, or cancelled with the others."""
    for number in range(4):
        shot = studio.shot()
        studio.version(shot)
        statuses: list[int] = []

        def submit(shot: str = shot, statuses: list[int] = statuses) -> None:
            with studio.house.client(studio.lead.key) as client:
                answer = client.post(f"/shots/{shot}/export", json={"formats": ["json"]})
                statuses.append(answer.status_code)

        threads = [threading.Thread(target=submit) for _ in range(6)]
        for thread in threads[: 2 + number]:
            thread.start()
        told = done(studio.client.delete(f"/shots/{shot}"))
        for thread in threads[2 + number :]:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(statuses) <= {202, 404}
        with studio.house.database.reading() as session:
            states = dict(
                session.execute(select(Job.id, Job.state).where(Job.shot_id == shot)).all()
            )  # fmt: skip
        assert {state for ident, state in states.items() if ident in told["cancelled_jobs"]} <= {
            "cancelled"
        }
        assert statuses.count(202) == len(told["cancelled_jobs"])
        assert sorted(states.values()) == ["cancelled"] * statuses.count(202) + ["succeeded"]


@pytest.mark.postgresql
def test_restoring_and_purging_at_once_is_one_of_them(studio: Studio) -> None:
    for _ in range(5):
        shot = studio.shot()
        done(studio.client.delete(f"/shots/{shot}"))
        statuses: dict[str, int] = {}

        def send(method: str, path: str, statuses: dict[str, int] = statuses) -> None:
            with studio.house.client(studio.lead.key) as client:
                statuses[method] = client.request(method, path).status_code

        pair = [("POST", f"/trash/shot/{shot}/restore"), ("DELETE", f"/trash/shot/{shot}")]
        threads = [threading.Thread(target=send, args=one) for one in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Purged at once, it may be gone before it is asked for.
        restored = statuses == {"POST": 204, "DELETE": 409}
        assert restored or statuses["DELETE"] == 202, statuses
        if not restored:
            assert statuses["POST"] in (404, 409)
            soon(lambda shot=shot: is_gone(studio, Shot, shot))


class TestShot:
    def test_it_is_nowhere_and_comes_back_whole(self, studio: Studio) -> None:
        shot = studio.shot(studio.artist)
        job = studio.version(shot)
        studio.furnish(shot, job)
        url = f"/shots/{shot}"
        before = done(studio.client.get(url))
        counts = hanging_on(studio, shot)
        told = done(studio.client.delete(url))
        assert (told["kind"], told["name"], told["cancelled_jobs"]) == ("shot", before["name"], [])
        for client in (studio.client, studio.theirs):
            for path in (url, f"{url}/objects", f"{url}/shapes", f"/jobs/{job}",
                         f"/jobs/{job}/outputs"):  # fmt: skip
                assert refused(client.get(path)) == (404, "not_found"), path
            for path in ("/shots", f"/projects/{studio.project}/shots", "/users/me/shots"):
                assert shot not in {one["id"] for one in done(client.get(path))["items"]}
        assert job not in {one["id"] for one in done(studio.client.get("/jobs"))["items"]}
        # Its name is free; what has taken it stands in the way.
        other = studio.shot()
        done(studio.client.patch(f"/shots/{other}", json={"name": before["name"]}))
        restore = f"/trash/shot/{shot}/restore"
        assert refused(studio.client.post(restore)) == (409, "conflict")
        done(studio.client.delete(f"/shots/{other}"))
        done(studio.client.post(restore), 204)
        after = done(studio.client.get(url))
        assert {**after, "updated_at": ""} == {**before, "updated_at": ""}
        assert hanging_on(studio, shot) == counts
        assert [one["id"] for one in studio.trash()] == [other]
        assert refused(studio.client.post(restore)) == (409, "conflict")
        kinds = [studio.audited(f"shot.{what}", shot)[0] for what in ("trashed", "restored")]
        assert {one.actor_id for one in kinds} == {studio.lead.id}
        assert studio.events("shot.trashed")[0] == {"shot_id": shot}

    def test_its_running_jobs_are_cancelled(self, studio: Studio) -> None:
        shot = studio.shot()
        running = studio.version(shot, state="queued")
        finished = studio.version(shot, number=2)
        told = done(studio.client.delete(f"/shots/{shot}"))
        assert told["cancelled_jobs"] == [running]
        with studio.house.database.reading() as session:
            assert session.get_one(Job, running).state == "cancelled"
            assert session.get_one(Job, finished).state == "succeeded"
            states = set(session.scalars(select(Task.state).where(Task.job_id == running)))
        assert states == {"cancelled"}

    def test_purged_it_leaves_no_row_and_no_file_but_what_is_the_studios(
        self, studio: Studio
    ) -> None:
        shot, kept = studio.shot(studio.artist), studio.shot()
        job = studio.version(shot)
        studio.furnish(shot, job)
        studio.version(kept)
        with studio.house.database.reading() as session:
            plate = Path(session.get_one(Shot, shot).plate["path"])
            published = session.scalars(
                select(Publication.path).where(Publication.shot_id == shot)
            ).one()
        assert min(hanging_on(studio, shot).values()) > 0
        kept_counts = hanging_on(studio, kept)
        done(studio.client.delete(f"/shots/{shot}"))
        files = [path for path in studio.folder(shot).rglob("*") if path.is_file()]
        told = done(studio.client.delete(f"/trash/shot/{shot}"), 202)
        assert told["purging"] is True
        soon(lambda: is_gone(studio, Shot, shot))
        assert set(hanging_on(studio, shot).values()) == {0}
        assert not studio.folder(shot).exists()
        assert len(list(plate.parent.iterdir())) == 10
        assert Path(published).read_bytes() == b"published"
        assert hanging_on(studio, kept) == kept_counts
        assert len(list(studio.folder(kept).rglob("*.png"))) == 1
        (decided,) = studio.audited("shot.purged", shot)
        (removed,) = studio.audited("shot.removed", shot)
        assert (decided.actor_id, removed.actor_kind) == (studio.lead.id, "server")
        size = sum(len(str(path.relative_to(studio.folder(shot)))) for path in files)
        assert removed.after == {"files": len(files), "bytes": size}

    def test_purging_waits_until_the_jobs_have_let_go(self, studio: Studio) -> None:
        """A worker that is still writing is never written under."""
        shot = studio.shot()
        job = studio.version(shot, state="running")
        with studio.house.database.session() as session:
            task = session.scalars(select(Task).where(Task.job_id == job, Task.position == 0)).one()
            task.state = "running"
        done(studio.client.delete(f"/shots/{shot}"))
        marker = studio.folder(shot) / "attempts" / "a"
        marker.mkdir(parents=True)
        done(studio.client.delete(f"/trash/shot/{shot}"), 202)
        assert refused(studio.client.post(f"/trash/shot/{shot}/restore")) == (409, "conflict")
        assert studio.trash() == []
        remover = Remover(studio.house.database, DirectoryStorage(studio.storage))
        with pytest.raises(StillInUseError):
            remover.remove("shot", shot)
        assert marker.is_dir()
        with studio.house.database.session() as session:
            assert session.get_one(Job, job).state == "cancelling"
            session.execute(update(Task).where(Task.job_id == job).values(state="cancelled"))
            session.get_one(Job, job).state = "cancelled"
        remover.remove("shot", shot)
        assert is_gone(studio, Shot, shot)
        assert not marker.exists()
        # Done twice, it is nothing to do.
        remover.remove("shot", shot)


class TestProject:
    def test_all_that_is_in_it_goes_and_comes_back_with_it(self, studio: Studio) -> None:
        shot, deleted = studio.shot(studio.artist), studio.shot()
        running = studio.version(shot, state="queued")
        done(studio.client.delete(f"/shots/{deleted}"))
        url = f"/projects/{studio.project}"
        told = done(studio.client.delete(url))
        assert told["cancelled_jobs"] == [running]
        for path in (url, f"{url}/shots", f"{url}/members", f"/shots/{shot}", f"/jobs/{running}"):
            assert refused(studio.client.get(path)) == (404, "not_found"), path
        # What is in it is told of with it.
        assert [one["kind"] for one in studio.trash()] == ["project"]
        inside = studio.client.post(f"/trash/shot/{deleted}/restore")
        assert refused(inside) == (409, "conflict")
        upload = studio.theirs.post("/uploads", json={"project_id": studio.project, "files": []})
        assert upload.status_code in (404, 422)
        done(studio.client.post(f"/trash/project/{studio.project}/restore"), 204)
        assert done(studio.client.get(f"/shots/{shot}"))["id"] == shot
        assert [one["id"] for one in studio.trash()] == [deleted]

    def test_purged_it_is_gone_with_its_shots_uploads_and_lists(self, studio: Studio) -> None:
        house, database = studio.house, studio.house.database
        shot = studio.shot(studio.artist)
        studio.furnish(shot, studio.version(shot))
        other = Studio.open(house)
        kept = other.shot()
        other.version(kept)
        upload = studio.storage / "projects" / studio.project / "uploads" / "u"
        upload.mkdir(parents=True)
        (upload / "a.exr").write_bytes(b"12345")
        with database.session() as session:
            session.add_all(
                [
                    Upload(project_id=studio.project, files=[], created_by=studio.lead.id),
                    Blob(project_id=studio.project, sha256="0" * 64, size=5, key="k"),
                    Conform(project_id=studio.project, name="cut", kind="edl", fps_num=24,
                            fps_den=1, events=[], created_by=studio.lead.id),
                ]
            )  # fmt: skip
        done(studio.client.delete(f"/projects/{studio.project}"))
        done(studio.client.delete(f"/trash/project/{studio.project}"), 202)
        soon(lambda: is_gone(studio, Project, studio.project))
        for table in (Shot, Upload, Blob, Conform, Membership):
            assert rows(studio, table, table.project_id == studio.project) == 0, table
        assert set(hanging_on(studio, shot).values()) == {0}
        assert not upload.parent.parent.exists()
        assert len(list(other.folder(kept).rglob("*.png"))) == 1
        assert rows(studio, Shot, Shot.id == kept) == 1
        (removed,) = studio.audited("project.removed", studio.project)
        assert removed.after["files"] == 5
        other.close()

    @pytest.mark.one_database
    def test_a_name_that_is_taken_again_stands_in_the_way(self, studio: Studio) -> None:
        made = done(studio.client.post("/projects", json={"name": f"p {studio.project}"}), 201)
        done(studio.client.delete(f"/projects/{made['id']}"))
        body = {"name": made["name"]}
        again = done(studio.client.post("/projects", json=body), 201)
        restore = f"/trash/project/{made['id']}/restore"
        assert refused(studio.client.post(restore)) == (409, "conflict")
        done(studio.client.patch(f"/projects/{again['id']}", json={"name": f"{made['name']} 2"}))
        done(studio.client.post(restore), 204)


@pytest.mark.one_database
class TestTrash:
    def test_it_tells_each_what_they_may_restore(self, studio: Studio) -> None:
        mine, others = studio.shot(studio.artist), studio.shot()
        names = {"mine": studio.object(mine, "a"), "others": studio.object(others, "b")}
        for ident in names.values():
            done(studio.client.delete(f"/objects/{ident}"))
        job = studio.version(mine)
        done(studio.client.delete(f"/jobs/{job}"))
        done(studio.client.delete(f"/shots/{studio.shot()}"))
        told = studio.trash()
        assert [one["kind"] for one in told] == ["shot", "version", "object", "object"]
        assert told[1]["name"] == "v001"
        assert {one["trashed_by"] for one in told} == {studio.lead.name}
        assert {one["project_id"] for one in told} == {studio.project}
        assert told[3]["shot_id"] == mine
        theirs = done(studio.theirs.get("/trash"))["items"]
        assert [one["id"] for one in theirs] == [job, names["mine"]]
        assert [one["id"] for one in studio.trash(kind="object")] == [one["id"] for one in told[2:]]
        first = studio.trash(limit=3)
        assert [one["id"] for one in first] == [one["id"] for one in told[:3]]
        with studio.house.client(studio.house.person("supervisor").key) as stranger:
            assert done(stranger.get("/trash"))["items"] == []

    def test_after_its_days_it_purges_itself(self, studio: Studio) -> None:
        old, young = studio.shot(), studio.shot()
        for shot in (old, young):
            done(studio.client.delete(f"/shots/{shot}"))
        database, now = studio.house.database, utc_now()
        (told,) = [one for one in studio.trash() if one["id"] == old]
        trashed_at, purge_at = (
            datetime.fromisoformat(told[name]) for name in ("trashed_at", "purge_at")
        )
        assert purge_at - trashed_at == timedelta(days=30)
        # Too young for the house's own server, which would be first otherwise.
        with database.session() as session:
            session.get_one(Shot, old).trashed_at = now - timedelta(days=21)
        assert purge_old(database, 20, now) == 1
        assert purge_old(database, 20, now) == 0
        (entry,) = studio.audited("shot.purged", old)
        assert entry.actor_kind == "server"
        assert [one["id"] for one in studio.trash()] == [young]
        # The house's server removes what is to go, at once or later.
        restored = refused(studio.client.post(f"/trash/shot/{old}/restore"))
        assert restored in {(409, "conflict"), (404, "not_found")}

    def test_a_crash_between_files_and_rows_is_finished_by_who_comes_next(
        self, studio: Studio
    ) -> None:
        """The row stays until the files are gone: then it can be seen what is still to be done."""
        shot = studio.shot()
        studio.version(shot)
        database = studio.house.database
        storage = _Breaking(studio.storage)
        done(studio.client.delete(f"/shots/{shot}"))
        with pytest.raises(ConnectionError):
            Remover(database, storage).remove("shot", shot)
        assert rows(studio, Shot, Shot.id == shot) == 1
        assert not studio.folder(shot).exists()
        with database.session() as session:
            from roto_server.audit import SERVER

            purge(session, SERVER, session.get_one(Shot, shot))
        Remover(database, DirectoryStorage(studio.storage)).remove("shot", shot)
        assert is_gone(studio, Shot, shot)


@pytest.mark.one_database
def test_a_server_finishes_what_another_began(tmp_path: Path) -> None:
    """The days are a setting; what a stopped server left to do, the next one does."""
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    with running_house(tmp_path, url, ROTO_TRASH_DAYS="0") as house:
        studio = Studio.open(house)
        shot = studio.shot()
        studio.version(shot)
        with house.database.session() as session:
            row = session.get_one(Shot, shot)
            row.trashed_at, row.trashed_by, row.trash_id = utc_now(), studio.lead.id, shot
        house.processes[0].stop()
        house.processes.clear()
        house.start()
        soon(lambda: is_gone(studio, Shot, shot))
        assert not studio.folder(shot).exists()
        (entry,) = studio.audited("shot.removed", shot)
        assert entry.after["files"] == 4


class _Breaking(DirectoryStorage):
    """Breaks off right after a folder is gone."""

    def remove_folder(self, key: str) -> None:
        super().remove_folder(key)
        raise ConnectionError("the machine went down")
