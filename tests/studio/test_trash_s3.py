"""Moving and purging where files are in an object store: no folders, no renames, no hard links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from helpers_lifecycle import Studio, done, soon
from helpers_people import House, running_house
from helpers_s3 import BUCKET, Store, running_store

from roto_server import moving
from roto_server.admin.orphans import find
from roto_server.audit import SERVER
from roto_server.db.models import Job, Project, Shot
from roto_server.db.types import utc_now
from roto_server.errors import ConflictError
from roto_server.moving import Move
from roto_server.settings import load_settings
from roto_server.storage import Storage, open_storage

PREFIX = "studio/roto/"
NAMES = ("masks/v001/hero/1001.png", "shapes/v001/shapes.json", "exports/v001/a.exr")


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as store:
        yield store


@pytest.fixture(scope="module")
def cloud(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that keeps its files in the store."""
    folder: Path = tmp_path_factory.mktemp("cloud")
    url = f"sqlite:///{folder / 'roto.db'}"
    with running_house(folder, url, **store.environment) as house:
        yield house


@pytest.fixture
def studio(cloud: House) -> Iterator[Studio]:
    studio = Studio.open(cloud)
    yield studio
    studio.close()


@pytest.fixture
def storage(cloud: House, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The server's storage, to do half of what it does."""
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    return open_storage(load_settings())


@pytest.fixture
def target(studio: Studio) -> str:
    """Another project of the supervisor's."""
    return studio.house.project((studio.lead, "supervisor"))


@pytest.fixture
def filled(store: Store, studio: Studio) -> str:
    """A shot with a version, and its objects."""
    shot = studio.shot()
    studio.version(shot)
    fill(store, studio, shot)
    return shot


def prepared(studio: Studio, storage: Storage, shot: str, target: str) -> Move:
    with studio.house.database.reading() as session:
        project = session.get_one(Project, target)
        return moving.prepare(
            session, session.get_one(Shot, shot), project, load_settings(), storage
        )


def carry_out(studio: Studio, storage: Storage, move: Move, target: str) -> None:
    with studio.house.database.session() as session:
        shot, project = session.get_one(Shot, move.shot_id), session.get_one(Project, target)
        moving.carry_out(session, SERVER, shot, project, move, storage)


def fill(store: Store, studio: Studio, shot: str) -> None:
    """Objects for what `Studio.version` says of version 1."""
    for name in NAMES:
        key = f"{PREFIX}projects/{studio.project}/{shot}/{name}"
        store.client.put_object(Bucket=BUCKET, Key=key, Body=name.encode())


def below(store: Store, project: str, shot: str = "") -> list[str]:
    start = f"{PREFIX}projects/{project}/{shot}"
    return sorted(name.removeprefix(f"{start}/") for name in store.names() if start in name)


def test_a_shot_moves_with_its_objects(store: Store, studio: Studio) -> None:
    target = studio.house.project((studio.lead, "supervisor"))
    shot, kept = studio.shot(), studio.shot()
    for one in (shot, kept):
        studio.version(one)
        fill(store, studio, one)
    done(studio.client.post(f"/shots/{shot}/move", json={"project_id": target}))
    assert below(store, target, shot) == sorted(NAMES)
    assert below(store, studio.project, shot) == []
    assert below(store, studio.project, kept) == sorted(NAMES)
    answer = studio.client.get(f"/shots/{shot}/shapes")
    assert (answer.status_code, answer.content) == (200, NAMES[1].encode())


def test_a_move_that_broke_off_can_be_made_again(
    store: Store, studio: Studio, filled: str, target: str
) -> None:
    """As a server leaves it that was killed: whole objects, one of them older than ours."""
    place = f"{PREFIX}projects/{target}/{filled}"
    store.client.put_object(Bucket=BUCKET, Key=f"{place}/{NAMES[0]}", Body=NAMES[0].encode())
    store.client.put_object(Bucket=BUCKET, Key=f"{place}/{NAMES[1]}", Body=b"half")
    done(studio.client.post(f"/shots/{filled}/move", json={"project_id": target}))
    assert below(store, target, filled) == sorted(NAMES)
    assert below(store, studio.project, filled) == []
    assert studio.client.get(f"/shots/{filled}/shapes").content == NAMES[1].encode()


def test_a_move_that_is_given_up_leaves_nothing(
    store: Store, studio: Studio, storage: Storage, filled: str, target: str
) -> None:
    move = prepared(studio, storage, filled, target)
    moving.copy(storage, move)
    assert below(store, target, filled) == sorted(NAMES)
    moving.give_up(studio.house.database, storage, move)
    assert below(store, target, filled) == []
    assert below(store, studio.project, filled) == sorted(NAMES)
    done(studio.client.post(f"/shots/{filled}/move", json={"project_id": target}))
    assert below(store, target, filled) == sorted(NAMES)


def test_of_two_moves_to_one_place_the_second_takes_nothing_away(
    store: Store, studio: Studio, storage: Storage, filled: str, target: str
) -> None:
    first, second = (prepared(studio, storage, filled, target) for _ in range(2))
    moving.copy(storage, first)
    moving.copy(storage, second)
    carry_out(studio, storage, first, target)
    with pytest.raises(ConflictError):
        carry_out(studio, storage, second, target)
    moving.give_up(studio.house.database, storage, second)
    moving.finish(studio.house.database, storage, first)
    assert below(store, target, filled) == sorted(NAMES)
    assert below(store, studio.project, filled) == []


def test_a_move_is_not_made_when_another_took_its_objects_away(
    store: Store, studio: Studio, storage: Storage, filled: str, target: str
) -> None:
    first, second = (prepared(studio, storage, filled, target) for _ in range(2))
    moving.copy(storage, first)
    moving.give_up(studio.house.database, storage, second)
    with pytest.raises(ConflictError, match="meanwhile"):
        carry_out(studio, storage, first, target)
    assert done(studio.client.get(f"/shots/{filled}"))["project_id"] == studio.project
    assert below(store, studio.project, filled) == sorted(NAMES)


def test_what_a_killed_move_left_in_a_bucket_is_an_orphan(
    studio: Studio, storage: Storage, filled: str, target: str
) -> None:
    move = prepared(studio, storage, filled, target)
    moving.copy(storage, move)
    found = list(find(studio.house.database, storage, utc_now() + timedelta(minutes=1), target))
    assert [(one.key, one.what, one.files) for one in found] == [(move.new, "shot", len(NAMES))]


def test_a_purged_version_leaves_the_others_objects(store: Store, studio: Studio) -> None:
    shot = studio.shot()
    job = studio.version(shot)
    fill(store, studio, shot)
    other = f"{PREFIX}projects/{studio.project}/{shot}/masks/v0010/hero/1001.png"
    store.client.put_object(Bucket=BUCKET, Key=other, Body=b"a name that begins alike")
    done(studio.client.delete(f"/jobs/{job}"))
    done(studio.client.delete(f"/trash/version/{job}"), 202)
    soon(lambda: studio.audited("version.removed", job))
    assert below(store, studio.project, shot) == ["masks/v0010/hero/1001.png"]
    with studio.house.database.reading() as session:
        assert session.get_one(Job, job).params == {}


def test_a_purged_project_leaves_no_object_and_no_upload_under_way(
    store: Store, studio: Studio
) -> None:
    shot = studio.shot()
    studio.version(shot)
    fill(store, studio, shot)
    data = b"x" * 100
    file = {"name": "a.mov", "size": 100, "sha256": hashlib.sha256(data).hexdigest()}
    body = {"project_id": studio.project, "files": [file]}
    upload = done(studio.theirs.post("/uploads", json=body), 201)["id"]
    asked = {"pieces": [{"file": 0, "number": 0}]}
    done(studio.theirs.post(f"/uploads/{upload}/urls", json=asked))

    def under_way() -> list[str]:
        found = store.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ())
        return [one["Key"] for one in found if studio.project in one["Key"]]

    assert len(under_way()) == 1
    done(studio.client.delete(f"/projects/{studio.project}"))
    done(studio.client.delete(f"/trash/project/{studio.project}"), 202)

    def gone() -> bool:
        with studio.house.database.reading() as session:
            return session.get(Project, studio.project) is None

    soon(gone)
    assert below(store, studio.project) == []
    assert under_way() == []
    with studio.house.database.reading() as session:
        assert session.get(Shot, shot) is None
    (removed,) = studio.audited("project.removed", studio.project)
    assert removed.after == {"files": 3, "bytes": sum(map(len, NAMES))}
