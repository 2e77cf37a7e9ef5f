"""The trash: versions of results, and objects, which go after the last version that shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from helpers_lifecycle import DRAWN, Studio, done, hanging_on, is_gone, refused, soon
from helpers_people import House

from roto_server.db.models import RotoObject
from roto_server.db.types import utc_now
from roto_server.storage import DirectoryStorage
from roto_server.trash.purging import purge_old
from roto_server.trash.removing import Remover, StillInUseError

HEADER = "X-Roto-Shapes-Version"


@pytest.fixture
def studio(house: House) -> Iterator[Studio]:
    studio = Studio.open(house)
    yield studio
    studio.close()


@pytest.mark.one_database
class TestVersion:
    def test_the_version_before_is_the_latest_again(self, studio: Studio) -> None:
        shot = studio.shot(studio.artist)
        item = studio.object(shot, "hero")
        studio.version(shot, number=1, item=item)
        second = studio.version(shot, number=2, item=item)
        url = f"/shots/{shot}"

        def latest() -> str:
            answer = studio.theirs.get(f"{url}/shapes")
            assert answer.content == f"shapes/v00{answer.headers[HEADER]}/shapes.json".encode()
            return answer.headers[HEADER]

        assert latest() == "2"
        told = done(studio.theirs.delete(f"/jobs/{second}"))
        assert (told["kind"], told["name"]) == ("version", "v002")
        assert latest() == "1"
        assert refused(studio.theirs.get(f"{url}/shapes", params={"version": 2}))[0] == 404
        masks = done(studio.theirs.get(f"{url}/masks"))["items"]
        assert second not in {one["job_id"] for one in masks}
        body = {"formats": ["json"], "version": 2}
        assert refused(studio.theirs.post(f"{url}/export", json=body)) == (404, "not_found")
        export = done(studio.theirs.post(f"{url}/export", json={"formats": ["json"]}), 202)
        assert (export["version"], export["params"]["shapes_version"]) == (3, 1)
        done(studio.theirs.post(f"/trash/version/{second}/restore"), 204)
        assert latest() == "2"

    def test_its_number_is_never_given_again(self, studio: Studio) -> None:
        shot = studio.shot()
        first = studio.version(shot, number=1)
        second = studio.version(shot, number=2)
        studio.furnish(shot, second)
        done(studio.client.delete(f"/jobs/{second}"))
        done(studio.client.delete(f"/trash/version/{second}"), 202)
        soon(lambda: studio.audited("version.removed", second))
        folder = studio.folder(shot)
        assert [path.name for path in sorted(folder.glob("*/v*"))] == ["v001"] * 3
        assert len(list((folder / "logs").iterdir())) == 1
        counts = hanging_on(studio, shot)
        assert (counts["masks"], counts["shapes"], counts["exports"]) == (1, 1, 1)
        assert (counts["prompts"], counts["tasks"], counts["attempts"]) == (1, 3, 1)
        # What was said of it, and where it was published, is still known.
        assert (counts["notes"], counts["reviews"], counts["publications"]) == (2, 1, 1)
        assert refused(studio.client.get(f"/jobs/{second}")) == (404, "not_found")
        assert refused(studio.client.post(f"/trash/version/{second}/restore"))[0] == 409
        export = studio.client.post(f"/shots/{shot}/export", json={"formats": ["json"]})
        made = done(export, 202)
        assert (made["version"], made["params"]["source_job_id"]) == (3, first)

    def test_what_a_job_stands_on_goes_after_that_job(self, studio: Studio) -> None:
        shot = studio.shot()
        item = studio.object(shot, "hero")
        base = studio.version(shot, number=1, item=item)
        objects = [{"id": item, "name": "hero", "prompts": [DRAWN]}]
        params = {"objects": objects, "base": {"version": 1, "job_id": base}}
        correction = studio.version(
            shot, number=2, item=item, state="queued", params=params
        )  # fmt: skip
        done(studio.client.delete(f"/jobs/{base}"))
        remover = Remover(studio.house.database, DirectoryStorage(studio.storage))
        with pytest.raises(StillInUseError):
            remover.remove("version", base)
        assert (studio.folder(shot) / "masks/v001/hero/1001.png").is_file()
        done(studio.client.post(f"/jobs/{correction}/cancel"))
        # While the base is in the trash, the correction can be run again; not when it is purged.
        done(studio.client.post(f"/jobs/{correction}/retry"))
        done(studio.client.post(f"/jobs/{correction}/cancel"))
        done(studio.client.delete(f"/trash/version/{base}"), 202)
        soon(lambda: studio.audited("version.removed", base))
        assert refused(studio.client.post(f"/jobs/{correction}/retry")) == (409, "conflict")

    def test_a_request_that_comes_again_does_not_bring_it_back(self, studio: Studio) -> None:
        shot = studio.shot()
        studio.version(shot)
        ask: dict[str, Any] = {"json": {"formats": ["json"]}, "headers": {"Idempotency-Key": shot}}
        made = done(studio.client.post(f"/shots/{shot}/export", **ask), 202)
        done(studio.client.delete(f"/jobs/{made['id']}"))
        assert refused(studio.client.post(f"/shots/{shot}/export", **ask)) == (409, "conflict")

    def test_a_running_one_is_cancelled_and_others_are_no_versions(self, studio: Studio) -> None:
        shot = studio.shot()
        running = studio.version(shot, state="queued")
        assert done(studio.client.delete(f"/jobs/{running}"))["cancelled_jobs"] == [running]
        ingest = studio.version(shot, kind="ingest")
        assert refused(studio.client.delete(f"/jobs/{ingest}")) == (409, "conflict")


@pytest.mark.one_database
class TestObject:
    def test_its_name_is_free_and_submitting_makes_another(self, studio: Studio) -> None:
        shot = studio.shot(studio.artist)
        url = f"/shots/{shot}/objects"
        hero = done(studio.theirs.post(url, json={"name": "hero"}), 201)["id"]
        done(studio.theirs.delete(f"/objects/{hero}"))
        assert done(studio.theirs.get(url))["items"] == []
        assert refused(studio.theirs.patch(f"/objects/{hero}", json={"name": "x"}))[0] == 404
        again = done(studio.theirs.post(url, json={"name": "hero"}), 201)["id"]
        assert again != hero
        restore = f"/trash/object/{hero}/restore"
        assert refused(studio.theirs.post(restore)) == (409, "conflict")
        done(studio.theirs.patch(f"/objects/{again}", json={"name": "other"}))
        done(studio.theirs.post(restore), 204)
        names = [one["name"] for one in done(studio.theirs.get(url))["items"]]
        assert names == ["hero", "other"]

    def test_jobs_on_it_are_cancelled_and_it_goes_after_the_versions_that_show_it(
        self, studio: Studio
    ) -> None:
        shot = studio.shot()
        hero = studio.object(shot, "hero")
        made = studio.version(shot, number=1, item=hero)
        running = studio.version(shot, number=2, item=hero, state="queued")
        told = done(studio.client.delete(f"/objects/{hero}"))
        assert told["cancelled_jobs"] == [running]
        assert told["purge_at"] is None
        refusal = studio.client.delete(f"/trash/object/{hero}")
        assert refused(refusal) == (409, "conflict")
        assert refusal.json()["detail"]["versions"] == [1, 2]
        database = studio.house.database
        assert purge_old(database, 0, utc_now() - timedelta(days=1)) == 0
        for job in (made, running):
            done(studio.client.delete(f"/jobs/{job}"))
            done(studio.client.delete(f"/trash/version/{job}"), 202)
            soon(lambda job=job: studio.audited("version.removed", job))
        done(studio.client.delete(f"/trash/object/{hero}"), 202)
        soon(lambda: is_gone(studio, RotoObject, hero))
