"""Every list is read by keys, and asks the database as much for 30 rows as for 3."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from helpers_api import migrated_settings
from helpers_counting import API, Counted, counting
from sqlalchemy.orm import Session

from roto_server.access.accounts import create_person
from roto_server.access.roles import Role
from roto_server.access.sessions import Sender, open_session
from roto_server.access.tokens import create_key, create_token
from roto_server.audit import COMMAND, record
from roto_server.db.farm import Node
from roto_server.db.media import Conform, Note, Plate, Publication, Review
from roto_server.db.models import (
    Attempt,
    Export,
    Job,
    Mask,
    Project,
    RotoObject,
    Shapes,
    Shot,
    Task,
    Upload,
    Worker,
    new_id,
)
from roto_server.db.people import Assignment, ConfigChange, Membership, User
from roto_server.db.types import utc_now
from roto_server.openapi import document

PROJECT, SHOT, JOB = "1" * 32, "2" * 32, "3" * 32
FEW, MANY = 3, 30
LISTS = {
    "list_projects": "/projects",
    "list_shots": f"/projects/{PROJECT}/shots",
    "list_all_shots": "/shots",
    "list_my_shots": "/users/me/shots",
    "list_objects": f"/shots/{SHOT}/objects",
    "list_reviews": f"/shots/{SHOT}/reviews",
    "list_notes": f"/shots/{SHOT}/notes",
    "list_versions": f"/shots/{SHOT}/versions",
    "list_storage": "/admin/storage",
    "list_jobs": "/jobs",
    "list_job_rows": "/jobs/rows",
    "list_nodes": "/farm/nodes",
    "list_trash": "/trash",
    "list_outputs": f"/jobs/{JOB}/outputs",
    "list_publications": f"/shots/{SHOT}/publications",
    "list_masks": f"/shots/{SHOT}/masks",
    "list_plates": f"/shots/{SHOT}/plates",
    "list_conforms": f"/projects/{PROJECT}/conforms",
    "list_members": f"/projects/{PROJECT}/members",
    "list_assignees": f"/shots/{SHOT}/assignees",
    "list_uploads": "/uploads",
    "list_users": "/admin/users",
    "config_history": "/admin/config/history",
    "list_audit": "/audit",
    "list_sessions": "/auth/sessions",
    "list_keys": "/api-keys",
    "list_user_sessions": "/admin/users/{admin}/sessions",
    "list_user_keys": "/admin/users/{admin}/keys",
    "list_farm_tokens": "/admin/farm-tokens",
}


class House:
    """A server with ``n`` of everything that can be listed, and who may list all of it."""

    def __init__(self, counted: Counted) -> None:
        self.counted = counted
        self._numbers = itertools.count()
        with counted.database.session() as session:
            self.admin = _person(session, "ada", Role.ADMIN).id
            session.add(Project(id=PROJECT, name="heist", created_by=self.admin))
            session.flush()
            session.add(_shot(SHOT, PROJECT, self.admin))
            session.add(
                Worker(id="node:0", node="node", slot=0, boot_id=new_id(), version="0",
                       queues=[], kinds=[], engines=[], device="cpu")
            )  # fmt: skip
            session.flush()
            session.add(Job(id=JOB, shot_id=SHOT, kind="roto", params={}, created_by=self.admin))
            session.flush()
            _tasks(session, JOB)
            user = session.get_one(User, self.admin)
            self.token = _sign_in(session, counted, user)

    def grow(self, number: int) -> None:
        """``number`` more of everything."""
        for _ in range(number):
            with self.counted.database.session() as session:
                self._add_one(session, next(self._numbers))

    def _add_one(self, session: Session, number: int) -> None:
        person = _person(session, f"p{number}", Role.ARTIST)
        project = Project(name=f"show {number}", created_by=person.id)
        shot = _shot(new_id(), PROJECT, self.admin)
        item = RotoObject(shot_id=SHOT, name=f"object {number}", created_by=person.id)
        session.add(
            RotoObject(shot_id=SHOT, name="deleted", created_by=person.id, trash_id=new_id(),
                       trashed_at=utc_now(), trashed_by=person.id)
        )  # fmt: skip
        plate = Plate(id=new_id(), shot_id=SHOT, version=number + 1,
                      plate={"kind": "movie", "path": "/x.mov"}, created_by=person.id)  # fmt: skip
        session.add_all([project, shot, item, plate])
        session.flush()
        job = Job(id=new_id(), shot_id=shot.id, kind="roto", params={}, created_by=person.id,
                  plate_id=plate.id)  # fmt: skip
        session.add(job)
        session.flush()
        attempt = _tasks(session, job.id)
        session.add_all(
            [
                Membership(project_id=PROJECT, user_id=person.id, role=Role.ARTIST),
                Assignment(shot_id=SHOT, user_id=person.id, assigned_by=self.admin),
                Export(shot_id=SHOT, job_id=JOB, role="matte", name=f"m.{number:04d}.exr",
                       path="x", size=1, object_id=item.id),
                Mask(shot_id=SHOT, object_id=item.id, job_id=JOB, attempt_id=attempt, frame=number,
                     path="x"),
                Shapes(shot_id=SHOT, job_id=JOB, version=number, path="x", size=1,
                       created_by=person.id),
                Publication(shot_id=SHOT, job_id=JOB, path=f"/show/m.{number:04d}.exr", size=1,
                            created_by=person.id),
                Node(name=f"node {number:03d}"),
                Worker(id=f"node {number:03d}:0", node=f"node {number:03d}", slot=0,
                       boot_id=new_id(), version="0", queues=[], kinds=[], engines=[],
                       device="cpu"),
                Conform(project_id=PROJECT, name="reel", kind="edl", fps_num=24, fps_den=1,
                        events=[], report={"counts": {"states": {}, "changes": {}, "made": 0}},
                        created_by=person.id),
                Note(shot_id=SHOT, text="look", object_id=item.id, created_by=person.id),
                Review(shot_id=SHOT, job_id=JOB, before="waiting", after="in_progress",
                       created_by=person.id),
                Job(shot_id=SHOT, kind="roto", version=number, params={}, created_by=person.id),
                Upload(project_id=PROJECT, files=[{"name": f"{number}.exr", "size": 0}],
                       created_by=self.admin),
                ConfigChange(name="artists_see_all", value=True, changed_by=person.id),
            ]
        )  # fmt: skip
        admin = session.get_one(User, self.admin)
        create_key(session, admin, f"key {number}", ["read"],
                   expires_at=utc_now() + timedelta(days=1))  # fmt: skip
        create_token(session, f"rack {number}", "farm")
        _sign_in(session, self.counted, admin)
        record(session, COMMAND, "user.changed", "user", person.id, project_id=PROJECT)

    def path(self, operation: str) -> str:
        """Where the list is."""
        return LISTS[operation].format(admin=self.admin)

    def statements(self, operation: str) -> tuple[int, int]:
        """How many rows the list has now, and how many statements it took."""
        answer = self.counted.send("GET", API + self.path(operation), self.token)
        assert answer.status_code == 200, answer.text
        return len(answer.json()["items"]), len(self.counted.counts.statements)

    def walk(self, path: str, limit: int) -> list[dict[str, Any]]:
        """All rows, ``limit`` at a time."""
        rows, cursor = [], None
        while True:
            params = {"limit": limit, **({"cursor": cursor} if cursor else {})}
            answer = self.counted.send("GET", API + path, self.token, params=params)
            assert answer.status_code == 200, answer.text
            part = answer.json()
            assert len(part["items"]) <= limit
            rows += part["items"]
            cursor = part["next"]
            if cursor is None:
                return rows


@pytest.fixture(scope="module")
def house(
    either_database: str, redis_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    settings = migrated_settings(tmp_path_factory.mktemp("lists"), either_database, redis_server)
    with counting(settings) as counted:
        house = House(counted)
        house.grow(FEW)
        yield house


def test_every_list_is_known_here() -> None:
    """Whoever adds a list adds its address to `LISTS`."""
    lists = {
        operation["operationId"]
        for methods in document()["paths"].values()
        for operation in methods.values()
        if "Page_" in str(operation["responses"].get("200", {}).get("content", ""))
    }
    assert lists == set(LISTS)


def test_thirty_rows_take_no_more_statements_than_three(house: House) -> None:
    few = {operation: house.statements(operation) for operation in LISTS}
    house.grow(MANY - FEW)
    many = {operation: house.statements(operation) for operation in LISTS}
    for operation in LISTS:
        assert few[operation][0] >= FEW, operation
        assert many[operation][0] >= MANY, operation
        assert many[operation][1] == few[operation][1], operation


@pytest.mark.parametrize("operation", LISTS)
def test_parts_put_together_are_the_whole(house: House, operation: str) -> None:
    whole = house.walk(house.path(operation), 100)
    parts = house.walk(house.path(operation), 2)
    assert parts == whole
    assert len(whole) >= FEW


@pytest.mark.parametrize("operation", LISTS)
@pytest.mark.parametrize(
    "cursor", ["x", "bnVsbA", "WzFd", "WyJ4IiwgInkiXQ", "WyIyMDI2LTAxLTAxIiwgIngiXQ", "Wy01XQ",
               "WyJcdWQ4MDAiLCAiXHVkODAwIl0"]
)  # fmt: skip
def test_a_forged_cursor_is_refused(house: House, operation: str, cursor: str) -> None:
    path = API + house.path(operation)
    answer = house.counted.send("GET", path, house.token, params={"cursor": cursor})
    # Of some list it may be a cursor, if not one that was ever given; it is never a mistake.
    assert answer.status_code in (200, 422), answer.text


def _person(session: Session, name: str, role: Role) -> User:
    return create_person(session, email=f"{name}@studio.example", name=name, role=role)


def _sign_in(session: Session, counted: Counted, user: User) -> str:
    sender = Sender("tests", "127.0.0.1", "")
    return open_session(session, counted.app.state.settings, user, "password", sender).access


def _shot(ident: str, project_id: str, maker: str) -> Shot:
    return Shot(id=ident, project_id=project_id, name=f"shot {ident}", created_by=maker,
                plate={"kind": "movie", "path": "/x.mov", "first_frame": None})  # fmt: skip


def _tasks(session: Session, job_id: str) -> str:
    """Three tasks with two attempts each; the id of one of those."""
    attempt = Attempt()
    for position, kind in enumerate(("track", "vectorize", "export")):
        task = Task(id=new_id(), job_id=job_id, kind=kind, position=position, queue="cpu",
                    params={})  # fmt: skip
        session.add(task)
        session.flush()
        for number in (1, 2):
            now = utc_now()
            attempt = Attempt(id=new_id(), task_id=task.id, worker_id="node:0", boot_id=new_id(),
                              number=number, output_dir="x", heartbeat_at=now,
                              progress_at=now)  # fmt: skip
            session.add(attempt)
    session.flush()
    return attempt.id
