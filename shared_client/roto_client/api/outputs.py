"""What is made of results: movies, exports of a version, copies in the studio's own folders."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Mapping, Sequence

from .answers import given, items, read
from .errors import InputError
from .models import Job
from .request import MAIN_VIEW, view_given
from .transport import Transport

KINDS = ("greenscreen", "cutout", "overlay")
CODECS = ("h264", "prores4444")


@dataclass(frozen=True)
class Publication:
    """A result in a folder of the studio, of the version that the job has made."""

    path: str
    job_id: str
    size: int
    sha256: str | None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Publication:
        """The model of an answer."""
        return cls(body["path"], body["job_id"], body["size"], body["sha256"])


def video(told: str) -> dict[str, Any]:
    """A movie as people write it: ``KIND``, then by colons a codec and any of ``color=R,G,B``,
    ``objects=NAME,NAME`` and ``side=PIXELS``. A cut-out over no colour is ProRes 4444 by default.

    Raises InputError.
    """
    kind, *parts = told.split(":")
    wish: dict[str, Any] = {"kind": kind}
    try:
        for part in parts:
            name, equals, value = part.partition("=")
            wish.update(_WISHES[name](value) if equals else {"codec": part})
    except (KeyError, ValueError) as error:
        raise _no_video(told) from error
    plain = "prores4444" if kind == "cutout" and "color" not in wish else "h264"
    wish.setdefault("codec", plain)
    if kind not in KINDS or wish["codec"] not in CODECS:
        raise _no_video(told)
    return wish


_WISHES: dict[str, Callable[[str], dict[str, Any]]] = {
    "color": lambda value: {"color": [float(part) for part in value.split(",")]},
    "objects": lambda value: {"objects": value.split(",")},
    "side": lambda value: {"longest_side": int(value)},
}


def _no_video(told: str) -> InputError:
    return InputError(
        f"There is no video {told!r}.",
        hint=f"KIND[:CODEC][:color=R,G,B][:objects=NAME,NAME][:side=PIXELS]; kinds: "
        f"{', '.join(KINDS)}; codecs: {', '.join(CODECS)}.",
    )


def export_shot(
    transport: Transport,
    shot_id: str,
    *,
    formats: Sequence[str] = (),
    outputs: Sequence[str] = (),
    videos: Sequence[Mapping[str, Any]] = (),
    mattes: str | None = None,
    version: int | None = None,
    view: str = MAIN_VIEW,
    quality: str | None = None,
    publish: bool = False,
) -> Job:
    """A job that writes a version of the shot's results (None: the view's latest) once more."""
    body = given(
        {
            "formats": list(formats),
            "outputs": list(outputs),
            "videos": [dict(one) for one in videos],
            "mattes": mattes,
            "version": version,
            "view": view_given(view),
            "quality": quality,
            "publish": publish or None,
        }
    )
    return _job(transport, f"/shots/{shot_id}/export", body)


def publish_job(transport: Transport, job_id: str) -> Job:
    """A job that publishes what a finished one has exported, as the project says."""
    return _job(transport, f"/jobs/{job_id}/publish", {})


def publications(transport: Transport, shot_id: str) -> Iterator[Publication]:
    """The shot's files in the studio's folders, newest first."""
    return items(Publication, transport, f"/shots/{shot_id}/publications", {})


def _job(transport: Transport, path: str, body: Mapping[str, Any]) -> Job:
    """However often it has to be sent, it makes one job."""
    key = uuid.uuid4().hex
    return read(Job, transport.json("POST", path, body=body, idempotency_key=key))
