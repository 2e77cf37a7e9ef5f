"""Shots of one upload share its files in an object store; they go with the last of them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from helpers_conform import HOUR, conformed, cut, edl, tc
from helpers_lifecycle import Studio, done, is_gone, soon
from helpers_people import House, running_house
from helpers_s3 import Store, running_store
from helpers_shared import MOVIE, PREFIX, Bucket
from sqlalchemy import select

from helpers_services import postgres_database
from roto_server import moving
from roto_server.admin import orphans
from roto_server.audit import SERVER
from roto_server.db.media import Plate
from roto_server.db.models import Project, Shot
from roto_server.db.people import Assignment
from roto_server.db.session import database_now
from roto_server.db.types import utc_now
from roto_server.errors import ConflictError
from roto_server.jobs import sources
from roto_server.moving import Move
from roto_server.settings import load_settings
from roto_server.storage import Storage, open_storage
from roto_server.trash.removing import Remover

FRAMES = {f"p.{frame}.exr": f"frame {frame}".encode() for frame in range(1001, 1013)}


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as store:
        yield store


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def cloud(
    request: pytest.FixtureRequest, store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A server that keeps its files in the store, on each of the databases."""
    folder = tmp_path_factory.mktemp("cloud")
    if request.param == "sqlite":
        with running_house(folder, f"sqlite:///{folder / 'roto.db'}", **store.environment) as house:
            yield house
        return
    with (
        postgres_database(request.getfixturevalue("postgres")) as url,
        running_house(folder, url, **store.environment) as house,
    ):
        yield house


@pytest.fixture
def bucket(cloud: House, store: Store) -> Iterator[Bucket]:
    studio = Studio.open(cloud, artists_see_all=False)
    yield Bucket(studio, store)
    studio.close()


@pytest.fixture
def storage(cloud: House, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The server's storage, to do half of what it does."""
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    return open_storage(load_settings())


@pytest.fixture
def target(bucket: Bucket) -> str:
    """Another project of the supervisor's."""
    return bucket.studio.house.project((bucket.studio.lead, "supervisor"))


def prepared(bucket: Bucket, storage: Storage, shot: str, target: str) -> Move:
    with bucket.studio.house.database.reading() as session:
        project, row = session.get_one(Project, target), session.get_one(Shot, shot)
        return moving.prepare(session, row, project, load_settings(), storage)


def orphaned(bucket: Bucket, storage: Storage, project: str = "") -> list[tuple[str, str]]:
    found = orphans.find(
        bucket.studio.house.database, storage, utc_now() + timedelta(minutes=1),
        project or bucket.studio.project,
    )  # fmt: skip
    return [(one.key, one.what) for one in found]


def test_shots_of_one_upload_made_at_once_share_one_copy(bucket: Bucket) -> None:
    upload = {"upload_id": bucket.upload(MOVIE)}
    made = bucket.bulk(*({"name": f"sh{n}", "plate": upload} for n in range(5)))
    shots = [item["shot"]["id"] for item in made["items"]]
    (folder,) = bucket.sources()
    assert {bucket.source(shot) for shot in shots} == {folder}
    house = bucket.studio.house
    with house.client(house.admin.key) as admin:
        amounts = done(admin.get("/admin/storage", params={"limit": 200}))
    (told,) = [one for one in amounts["items"] if one["project_id"] == bucket.studio.project]
    assert told["parts"]["sources"] == {"files": 1, "bytes": len(MOVIE["whole.mov"])}


def test_what_is_refused_takes_no_files_from_what_is_made(bucket: Bucket) -> None:
    upload = {"upload_id": bucket.upload(MOVIE)}
    bad = {"name": "bad", "plate": upload, "views": {"right": {"upload_id": "0" * 32}}}
    good = {"name": "good", "plate": upload}
    for shots in ((good, bad), (bad, good)):
        made = bucket.bulk(*shots, all_or_none=False)
        assert made["made"] == 1
        (ident,) = [item["shot"]["id"] for item in made["items"] if item["shot"]]
        assert list(bucket.sources()) == [bucket.source(ident)]
        bucket.purge(ident)
        soon(lambda: not bucket.sources())
    bucket.bulk(good, bad, status=404)
    bucket.bulk(bad, bad | {"name": "worse"}, all_or_none=False, status=200)
    assert bucket.sources() == {}


def test_cuts_share_and_the_last_one_takes_the_files_along(bucket: Bucket) -> None:
    whole = bucket.shot(FRAMES, (1001, 1012))
    before = set(bucket.store.names())
    first, second = bucket.cut(whole, sh010=(1001, 1006), sh020=(1007, 1012))
    folder = bucket.source(whole)
    assert {bucket.source(first), bucket.source(second)} == {folder}
    assert set(bucket.store.names()) == before
    for shot in (whole, first):
        bucket.purge(shot)
        soon(lambda shot=shot: is_gone(bucket.studio, Shot, shot))
        assert bucket.sources() == {folder: set(FRAMES)}
    # What was cut out is cut again, of files whose first shot is gone.
    (third,) = bucket.cut(second, sh030=(1008, 1009))
    assert bucket.source(third) == folder
    done(bucket.studio.client.delete(f"/shots/{second}"))
    bucket.purge(third)
    soon(lambda: is_gone(bucket.studio, Shot, third))
    assert bucket.sources() == {folder: set(FRAMES)}  # it may come out of the trash
    done(bucket.studio.client.delete(f"/trash/shot/{second}"), 202)
    (removed,) = soon(lambda: bucket.studio.audited("shot.removed", second))
    assert bucket.sources() == {}
    assert removed.after == {"files": 12, "bytes": sum(map(len, FRAMES.values()))}


def test_of_two_purges_at_once_one_takes_the_files(bucket: Bucket, storage: Storage) -> None:
    whole = bucket.shot(MOVIE, (1, 40))
    shots = [whole, *bucket.cut(whole, sh010=(1, 20))]
    database = bucket.studio.house.database
    with database.session() as session:
        for row in session.scalars(select(Shot).where(Shot.id.in_(shots))):
            row.trashed_at = row.purging_at = database_now(session)
            row.trash_id = row.id
    together = threading.Barrier(2)

    def remove(shot: str) -> None:
        together.wait()
        Remover(database, storage).remove("shot", shot)

    threads = [threading.Thread(target=remove, args=(shot,)) for shot in shots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(is_gone(bucket.studio, Shot, shot) for shot in shots)
    assert bucket.sources() == {}


def test_a_purge_that_broke_off_goes_on(bucket: Bucket, storage: Storage) -> None:
    """As a server leaves it that was killed between the files and the rows."""
    whole = bucket.shot(MOVIE, (1, 40))
    (kept,) = bucket.cut(whole, sh010=(1, 20))
    folder = bucket.source(whole)
    storage.remove_folder(f"projects/{bucket.studio.project}/{whole}")
    bucket.purge(whole)
    soon(lambda: is_gone(bucket.studio, Shot, whole))
    assert list(bucket.sources()) == [folder]
    storage.remove_folder(folder)
    bucket.purge(kept)
    soon(lambda: is_gone(bucket.studio, Shot, kept))


def test_a_shot_that_moves_gets_the_files_it_needs(bucket: Bucket, target: str) -> None:
    whole = bucket.shot(FRAMES, (1001, 1012))
    (part,) = bucket.cut(whole, sh010=(1003, 1005))
    folder = bucket.source(whole)
    move = {"project_id": target}
    done(bucket.studio.client.post(f"/shots/{part}/move", json=move))
    own = bucket.source(part)
    assert bucket.sources(target) == {own: {f"p.{frame}.exr" for frame in (1003, 1004, 1005)}}
    assert bucket.sources() == {folder: set(FRAMES)}
    # The last one of its project leaves nothing behind, and takes all along.
    done(bucket.studio.client.post(f"/shots/{whole}/move", json=move))
    assert bucket.sources() == {}
    assert bucket.sources(target)[bucket.source(whole)] == set(FRAMES)


def test_a_move_that_breaks_off_leaves_an_orphan_at_most(
    bucket: Bucket, storage: Storage, target: str
) -> None:
    whole = bucket.shot(MOVIE, (1, 40))
    folder = bucket.source(whole)
    database = bucket.studio.house.database
    given_up = prepared(bucket, storage, whole, target)
    moving.copy(storage, given_up)
    moving.give_up(database, storage, given_up)
    assert (list(bucket.sources()), bucket.sources(target)) == ([folder], {})
    broken = prepared(bucket, storage, whole, target)
    moving.copy(storage, broken)
    (part,) = broken.shared
    assert (part.new, "source") in orphaned(bucket, storage, target)
    assert (folder, "source") not in orphaned(bucket, storage)
    # Made again, and killed before the old names went.
    again = prepared(bucket, storage, whole, target)
    moving.copy(storage, again)
    with database.session() as session:
        row, project = session.get_one(Shot, whole), session.get_one(Project, target)
        moving.carry_out(session, SERVER, row, project, again, storage)
    assert (folder, "source") in orphaned(bucket, storage)
    moving.give_up(database, storage, again)  # who does not know of the commit
    assert bucket.source(whole) in bucket.sources(target)
    moving.finish(database, storage, again)
    assert bucket.sources() == {}


def test_a_move_is_not_made_without_its_files(
    bucket: Bucket, storage: Storage, target: str
) -> None:
    whole = bucket.shot(MOVIE, (1, 40))
    move = prepared(bucket, storage, whole, target)
    moving.copy(storage, move)
    (part,) = move.shared
    storage.remove_folder(part.new)
    with bucket.studio.house.database.session() as session:
        row, project = session.get_one(Shot, whole), session.get_one(Project, target)
        with pytest.raises(ConflictError, match="meanwhile"):
            moving.carry_out(session, SERVER, row, project, move, storage)


def test_files_of_no_shot_are_an_orphan(bucket: Bucket, storage: Storage) -> None:
    whole = bucket.shot(MOVIE, (1, 40))
    lost = sources.new_shared_key(bucket.studio.project)
    bucket.store.client.put_object(Bucket="plates", Key=f"{PREFIX}{lost}/a.mov", Body=b"lost")
    assert orphaned(bucket, storage) == [(lost, "source")]
    database = bucket.studio.house.database
    for one in orphans.find(database, storage, utc_now() + timedelta(minutes=1)):
        if one.key == lost:
            assert orphans.remove(database, storage, one, SERVER)
    assert list(bucket.sources()) == [bucket.source(whole)]


def test_files_in_a_shots_own_folder_are_copied_out_of_it(bucket: Bucket, storage: Storage) -> None:
    """As they lie in a bucket that was filled from a directory."""
    whole = bucket.shot(MOVIE, (1, 40))
    folder, own = bucket.source(whole), f"projects/{bucket.studio.project}/{whole}/source/v001"
    storage.move_folder(folder, own)
    with bucket.studio.house.database.session() as session:
        shot = session.get_one(Shot, whole)
        plate = session.get_one(Plate, shot.plate_id)
        plate.source, address = own, storage.address(f"{own}/whole.mov")
        plate.plate = shot.plate = {**plate.plate, "path": address}
    (part,) = bucket.cut(whole, sh010=(1, 20))
    assert bucket.sources() == {bucket.source(part): set(MOVIE)}
    bucket.purge(whole)
    soon(lambda: is_gone(bucket.studio, Shot, whole))
    assert bucket.sources() == {bucket.source(part): set(MOVIE)}


def test_events_of_a_list_share_the_movie(bucket: Bucket) -> None:
    whole = bucket.shot({"A001C001.mov": b"reel"}, (1, 48))
    bucket.read(whole, (1, 48), frames="48", timecode=tc(10 * HOUR))
    lines = (
        cut(1, "A001C001", (10 * HOUR + 2, 10 * HOUR + 12), (0, 10)),
        cut(2, "A001C001", (10 * HOUR + 20, 10 * HOUR + 30), (10, 20)),
    )
    client = bucket.studio.client
    listed = conformed(client, bucket.studio.project, text=edl(*lines), handles=2)
    before = set(bucket.store.names())
    applied = done(client.post(f"/conforms/{listed['id']}/apply", json={}))
    made = [entry["shot_id"] for entry in applied["entries"]]
    assert [entry["error"] for entry in applied["entries"]] == [None, None]
    assert {bucket.source(shot) for shot in made} == {bucket.source(whole)}
    assert set(bucket.store.names()) == before
    # A newer list finds the movie whole, and once, though cuts of it were read since.
    for shot, frames in zip(made, ((1, 14), (19, 32)), strict=True):
        bucket.read(shot, frames, frames="48", timecode=tc(10 * HOUR + frames[0] - 1))
    later = cut(1, "A001C001", (10 * HOUR + 30, 10 * HOUR + 40), (0, 10))
    (entry,) = conformed(client, bucket.studio.project, text=edl(later), name="b")["entries"]
    assert (entry["state"], entry["frames"]) == ("matched", [31, 40])


def test_bytes_of_a_shared_folder_are_known_to_who_sees_a_shot_of_it(bucket: Bucket) -> None:
    whole = bucket.shot(MOVIE, (1, 40))
    (part,) = bucket.cut(whole, sh010=(1, 20))
    studio, (data,) = bucket.studio, MOVIE.values()
    digest = hashlib.sha256(data).hexdigest()
    file = {"name": "mine.mov", "size": len(data), "sha256": digest}

    def offered() -> int:
        body = {"project_id": studio.project, "files": [file]}
        return int(done(studio.theirs.post("/uploads", json=body), 201)["files"][0]["offset"])

    assert offered() == 0
    with studio.house.database.session() as session:
        session.add(
            Assignment(shot_id=part, user_id=studio.artist.id, assigned_by=studio.lead.id)
        )  # fmt: skip
    assert offered() == len(data)
