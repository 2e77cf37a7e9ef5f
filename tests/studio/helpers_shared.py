"""Shots of uploads in an object store, which share their files there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers_lifecycle import Studio, done
from helpers_s3 import Store
from sqlalchemy import select

from roto_server.db.media import Plate
from roto_server.db.models import Job, Shot

PREFIX = "studio/roto/"
MOVIE = {"whole.mov": b"a movie that the server does not look at"}


@dataclass(frozen=True)
class Bucket:
    """A studio whose files are in the store."""

    studio: Studio
    store: Store

    def upload(self, files: Mapping[str, bytes]) -> str:
        """The id of a complete upload."""
        told = [
            {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        ]
        body = {"project_id": self.studio.project, "files": told}
        upload = done(self.studio.client.post("/uploads", json=body), 201)
        for index, data in enumerate(files.values()):
            if upload["files"][index]["offset"] < len(data):
                put = f"/uploads/{upload['id']}/files/{index}/pieces/0"
                done(self.studio.client.put(put, content=data), 204)
        done(self.studio.client.post(f"/uploads/{upload['id']}/complete"))
        return str(upload["id"])

    def bulk(self, *shots: Mapping[str, Any], status: int = 201, **more: Any) -> dict[str, Any]:
        """The answer to a request for shots."""
        path = f"/projects/{self.studio.project}/shots/bulk"
        answer = self.studio.client.post(path, json={"shots": shots, **more})
        told: dict[str, Any] = done(answer, status)
        return told

    def shot(self, files: Mapping[str, bytes], frames: tuple[int, int]) -> str:
        """The id of a shot of an upload, read."""
        path = f"/projects/{self.studio.project}/shots"
        body = {"name": "whole", "plate": {"upload_id": self.upload(files)}}
        ident: str = done(self.studio.client.post(path, json=body), 201)["id"]
        self.read(ident, frames)
        return ident

    def read(self, shot: str, span: tuple[int, int], **metadata: str) -> None:
        """As if a worker had read its plate, of the frames ``span``."""
        with self.studio.house.database.reading() as session:
            jobs = session.scalars(select(Job.id).where(Job.shot_id == shot)).all()
        for job in jobs:
            done(self.studio.client.post(f"/jobs/{job}/cancel"))
        facts = {"state": "ready", "error": None, "first_frame": span[0], "last_frame": span[1],
                 "width": 64, "height": 36, "fps_num": 24, "fps_den": 1,
                 "plate_metadata": metadata}  # fmt: skip
        with self.studio.house.database.session() as session:
            for row in (session.get_one(Shot, shot), self._plate(session, shot)):
                for name, value in facts.items():
                    setattr(row, name, value)

    def cut(self, shot: str, **ranges: tuple[int, int]) -> list[str]:
        """The ids of shots of ranges of it, read."""
        told = [{"name": name, "first": a, "last": b} for name, (a, b) in ranges.items()]
        made = done(self.studio.client.post(f"/shots/{shot}/cut", json={"ranges": told}), 201)
        for one, frames in zip(made, ranges.values(), strict=True):
            self.read(one["id"], frames)
        return [one["id"] for one in made]

    def source(self, shot: str) -> str:
        """The folder its plate names."""
        with self.studio.house.database.reading() as session:
            plate = self._plate(session, shot)
            path = f"s3://{self.store_name}{plate.source}/"
            assert str(plate.plate["path"]).startswith(path)
            assert session.get_one(Shot, shot).plate == plate.plate
            return str(plate.source)

    @property
    def store_name(self) -> str:
        """What addresses begin with, behind the protocol."""
        return f"plates/{PREFIX}"

    def sources(self, project: str = "") -> dict[str, set[str]]:
        """Names of files by the keys of a project's shared folders."""
        home = f"{PREFIX}projects/{project or self.studio.project}/sources/"
        found: dict[str, set[str]] = {}
        for name in self.store.names():
            if name.startswith(home):
                folder, _, file = name.removeprefix(PREFIX).rpartition("/")
                found.setdefault(folder, set()).add(file)
        return found

    def purge(self, shot: str) -> None:
        """Decide it."""
        done(self.studio.client.delete(f"/shots/{shot}"))
        done(self.studio.client.delete(f"/trash/shot/{shot}"), 202)

    @staticmethod
    def _plate(session: Any, shot: str) -> Plate:
        found: Plate = session.scalars(select(Plate).where(Plate.shot_id == shot)).one()
        return found
