"""The addresses of the fake server, each as strict as the contract."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import uuid
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jsonschema

from roto_client.contract import PRODUCT_VERSION, status_of
from roto_client.contract import validation as contract_validation

if TYPE_CHECKING:
    from helpers_client import FakeServer

NOW = "2026-01-02T03:04:05Z"


class RefusalError(Exception):
    """An error answer of the fake."""

    def __init__(self, code: str, message: str = "", **detail: Any) -> None:
        super().__init__(message or code)
        self.code, self.detail = code, detail


def new_id() -> str:
    return uuid.uuid4().hex


class Handler(BaseHTTPRequestHandler):
    server: FakeServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet: two of them wait for each other

    def log_message(self, format: str, *args: Any) -> None:
        """Tests say enough."""

    def handle_any(self) -> None:
        server = self.server
        server.requests.append((self.command, self.path))
        server.request_ids.append(self._id())
        for fault in list(server.faults):
            if fault(self):
                server.faults.remove(fault)
                return
        try:
            self._check_headers()
            self._dispatch()
        except RefusalError as refusal:
            self.rfile.read(self._unread())
            code = refusal.code
            body = {"code": code, "message": str(refusal), "hint": "h", "detail": refusal.detail,
                    "request_id": self._id()}  # fmt: skip
            self.answer(status_of(code), json.dumps(body).encode())

    do_GET = do_POST = do_PATCH = handle_any  # noqa: N815

    def _unread(self) -> int:
        return 0 if getattr(self, "_body_read", False) else int(self.headers["Content-Length"] or 0)

    def answer(
        self,
        status: int,
        body: bytes,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        given = {"Content-Type": kind, "Content-Length": str(len(body)),
                 "X-Roto-Version": self.server.version, "X-Request-Id": self._id(),
                 **(headers or {})}  # fmt: skip
        for name, value in given.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def reply(self, value: Any, status: int = 200) -> None:
        self.answer(status, json.dumps(value).encode())

    def _id(self) -> str:
        return self.headers.get("X-Request-Id") or ""

    def _complain(self, what: str) -> RefusalError:
        self.server.complaints.append(f"{self.command} {self.path}: {what}")
        return RefusalError("bad_request", what)

    def _check_headers(self) -> None:
        self._body_read = False
        if self.headers.get("X-Roto-Version") != PRODUCT_VERSION:
            raise self._complain("no X-Roto-Version")
        if not re.fullmatch("[0-9a-f]{32}", self._id()):
            raise self._complain("no X-Request-Id")
        if self.path.startswith(f"{_API}/auth/"):
            if "Authorization" in self.headers:
                raise self._complain("a key where none is wanted")
            return
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            raise RefusalError("unauthorized", "wrong key")

    def _json(self, allowed: set[str], required: set[str]) -> dict[str, Any]:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        self._body_read = True
        if set(body) - allowed or required - set(body) or None in body.values():
            raise self._complain(f"body {sorted(body)}")
        return body

    def _dispatch(self) -> None:
        url = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(url.query).items()}
        for method, pattern, name in ROUTES:
            match = re.fullmatch(pattern, url.path)
            if match and method == self.command:
                getattr(self, name)(*match.groups())
                return
        raise self._complain("no such address")

    def _known(self, table: dict[str, Any], ident: str) -> Any:
        if ident not in table:
            raise RefusalError("not_found", f"no {ident}")
        return table[ident]

    def _page(self, items: list[Any]) -> None:
        """Pages of two, so that cursors are used."""
        start = int(self.query.get("cursor", 0))
        more = str(start + 2) if len(items) > start + 2 else None
        self.reply({"items": items[start : start + 2], "next": more})

    # -- signing in with a code

    def device(self) -> None:
        body = self._json({"client"}, {"client"})
        if not 0 < len(body["client"]) <= 100:
            raise self._complain(f"client {body['client']!r}")
        self.reply(self.server.device.started(self.server.url, body["client"]))

    def device_token(self) -> None:
        body = self._json({"device_code"}, {"device_code"})
        answer = self.server.device.asked(body["device_code"])
        if isinstance(answer, str):
            raise RefusalError(answer)
        self.reply(answer)

    # -- projects and shots

    def list_projects(self) -> None:
        name = self.query.get("name")
        self._page([p for p in self.server.projects.values() if name in (None, p["name"])])

    def make_project(self) -> None:
        body = self._json({"name", "allowed_roots"}, {"name"})
        if self.server.refuse_projects:
            raise RefusalError("forbidden", "not a supervisor")
        if any(p["name"] == body["name"] for p in self.server.projects.values()):
            raise RefusalError("conflict", "name is taken")
        project = {"id": new_id(), "allowed_roots": [], "created_at": NOW, "updated_at": NOW}
        project |= body
        self.server.projects[project["id"]] = project
        self.reply(project, 201)

    def get_project(self, ident: str) -> None:
        self.reply(self._known(self.server.projects, ident))

    def list_shots(self, ident: str) -> None:
        name = self.query.get("name")
        shots = [s for s in self.server.shots.values() if s["project_id"] == ident]
        self._page([s for s in shots if name in (None, s["name"])])

    def make_shot(self, ident: str) -> None:
        allowed = {"name", "plate", "frame_range", "colorspace", "fps"}
        body = self._json(allowed, {"name", "plate"})
        plate = body["plate"]
        if ("path" in plate) == ("upload_id" in plate) or None in plate.values():
            raise self._complain(f"plate {plate}")
        if "path" in plate and not plate["path"].startswith("/"):
            raise self._complain("relative path")
        if "path" in plate and self.server.refuse_paths:
            raise RefusalError("path_refused", "not below an allowed root")
        if "upload_id" in plate:
            upload = self._known(self.server.uploads, plate["upload_id"])
            if upload["state"] != "complete":
                raise RefusalError("conflict", "upload is open")
        if any(s["name"] == body["name"] and s["project_id"] == ident
               for s in self.server.shots.values()):  # fmt: skip
            raise RefusalError("conflict", "name is taken")
        shot = {
            "id": new_id(), "project_id": ident, "state": "probing", "colorspace": None,
            "width": None, "height": None, "pixel_aspect": None, "fps": None,
            "frame_range": None, "metadata": {}, "error": None, "created_at": NOW,
            "updated_at": NOW, **body,
        }  # fmt: skip
        shot["plate"] = {"kind": "sequence", "path": plate.get("path", "/storage/up.%04d.png"),
                         "first_frame": plate.get("first_frame")}  # fmt: skip
        self.server.shots[shot["id"]] = shot
        self.server.add_job(shot["id"], kind="ingest", state="running")
        self.reply(shot, 201)

    def get_shot(self, ident: str) -> None:
        shot = self._known(self.server.shots, ident)
        if shot["state"] == "probing":
            self.server.probes_left -= 1
            if self.server.probes_left < 0:
                given = {k: v for k, v in shot.items() if v is not None}
                shot.update(
                    {
                        **self.server.on_probe,
                        "frame_range": given.get(
                            "frame_range", self.server.on_probe.get("frame_range")
                        ),
                    }
                )
        self.reply(shot)

    # -- jobs

    def segment(self, ident: str) -> None:
        shot = self._known(self.server.shots, ident)
        allowed = {"objects", "view", "frame_range", "outputs", "exports", "mattes", "engine",
                   "model", "image_size", "direction", "edges", "tolerance", "layer_transform",
                   "template", "priority"}  # fmt: skip
        body = self._json(allowed, {"objects"})
        key = self.headers.get("Idempotency-Key")
        if not key:
            raise self._complain("no Idempotency-Key")
        for thing in body["objects"]:
            if set(thing) - {"name", "label", "color", "prompts", "frame_range"}:
                raise self._complain(f"object {thing}")
            for prompt in thing["prompts"]:
                jsonschema.validate(prompt, PROMPT_SCHEMA)
        if shot["state"] != "ready":
            raise RefusalError("plate_not_ready")
        if key not in self.server.keys:
            job = self.server.add_job(ident, params=body)
            self.server.keys[key] = job["id"]
        self.reply(self.server.jobs[self.server.keys[key]], 202)

    def corrections(self, ident: str) -> None:
        self._known(self.server.shots, ident)
        allowed = {"base_version", "edits", "outputs", "exports", "mattes", "tolerance",
                   "template", "priority"}  # fmt: skip
        body = self._json(allowed, {"base_version", "edits"})
        if not self.headers.get("Idempotency-Key"):
            raise self._complain("no Idempotency-Key")
        for edit in body["edits"]:
            if set(edit) - {"object", "frames", "layer", "prompts"}:
                raise self._complain(f"edit {edit}")
            if "layer" in edit and not edit["frames"]:
                raise self._complain("a layer without frames")
            for prompt in edit.get("prompts", ()):
                jsonschema.validate(prompt, PROMPT_SCHEMA)
        version = body["base_version"] + 1
        facts = {"version": version, "base_version": body["base_version"], "changed": None}
        self.reply(self.server.add_job(ident, params=body, **facts), 202)

    def preview(self, ident: str) -> None:
        self._known(self.server.shots, ident)
        allowed = {"view", "frame", "objects", "engine", "model", "image_size", "client_key"}
        body = self._json(allowed, {"frame", "objects"})
        for thing in body["objects"]:
            if set(thing) - {"name", "points", "box", "mask"}:
                raise self._complain(f"object {thing}")
        self.server.previews.append(body)
        self._answer_preview(ident, new_id())

    def get_preview(self, shot_id: str, ident: str) -> None:
        self._answer_preview(shot_id, ident)

    def _answer_preview(self, shot_id: str, ident: str) -> None:
        """202 as often as ``previews_pending`` says, then masks or ``preview_refusal``."""
        body = {
            "id": ident, "shot_id": shot_id, "frame": self.server.previews[-1]["frame"],
            "url": f"{_API}/shots/{shot_id}/previews/{ident}", "created_at": NOW,
            "expires_at": NOW, "message": "", "state": "done", "from_the_future": 1,
            "engine": {"engine": "flow", "model": "dis"}, "width": 640, "height": 360,
            "objects": [
                {"name": thing["name"], "candidates": self.server.preview_candidates}
                for thing in self.server.previews[-1]["objects"]
            ],
        }  # fmt: skip
        if self.server.previews_pending:
            self.server.previews_pending -= 1
            self.reply({**body, "state": "waiting", "message": "No worker.", "engine": None,
                        "width": None, "height": None, "objects": []}, 202)  # fmt: skip
        elif self.server.preview_refusal:
            raise RefusalError(self.server.preview_refusal)
        else:
            self.reply(body)

    def export(self, ident: str) -> None:
        body = self._json({"formats", "version"}, {"formats"})
        self.reply(self.server.add_job(ident, kind="export", params=body), 202)

    def list_jobs(self) -> None:
        known = ("state", "shot_id", "priority")
        wanted = {name: self.query[name] for name in known if name in self.query}
        jobs = reversed(self.server.jobs.values())
        self._page([j for j in jobs if all(j[n] == v for n, v in wanted.items())])

    def get_job(self, ident: str) -> None:
        self.reply(self._known(self.server.jobs, ident))

    def get_status(self, ident: str) -> None:
        job = self._known(self.server.jobs, ident)
        self.reply({name: job[name] for name in ("id", "state", "progress", "error")})

    def cancel(self, ident: str) -> None:
        job = self._known(self.server.jobs, ident)
        if job["state"] in ("succeeded", "failed"):
            raise RefusalError("conflict", "it has ended")
        job["state"] = "cancelled"
        self.reply(job)

    def prioritize(self, ident: str) -> None:
        job = self._known(self.server.jobs, ident)
        job.update(self._json({"priority"}, {"priority"}))
        self.reply(job)

    def retry(self, ident: str) -> None:
        job = self._known(self.server.jobs, ident)
        job["state"] = "queued"
        self.reply(job)

    def log(self, ident: str) -> None:
        self._known(self.server.jobs, ident)
        self.answer(200, f"log of {self.query.get('attempt', 'all')}".encode(), "text/plain")

    # -- results

    def list_outputs(self, ident: str) -> None:
        self._known(self.server.jobs, ident)
        self._page([output for output, _ in self.server.outputs.get(ident, [])])

    def get_output(self, job_id: str, ident: str) -> None:
        content = next(c for o, c in self.server.outputs[job_id] if o["id"] == ident)
        asked = self.headers.get("Range")
        if not asked:
            self.answer(200, content, "application/octet-stream")
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        span = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.answer(206, content[start:], "image/x-exr", {"Content-Range": span})

    def get_masks(self, ident: str) -> None:
        wanted = self.query.get("job_id")
        self._page([one for one in self.server.masks if wanted in (None, one["job_id"])])

    def get_shapes(self, ident: str) -> None:
        version = self.query.get("version")
        self.reply(self.server.documents.get(version) or {"schema": "roto/1", "version": version})

    # -- uploads

    def make_upload(self) -> None:
        body = self._json({"project_id", "files"}, {"project_id", "files"})
        for file in body["files"]:
            plain = set(file) == {"name", "size", "sha256"} and "/" not in file["name"]
            if not plain or not re.fullmatch("[0-9a-f]{64}", file["sha256"]):
                raise self._complain(f"file {file}")
        upload = {"id": new_id(), "state": "open", **body}
        for index, file in enumerate(upload["files"]):
            self.server.received[upload["id"], index] = bytearray()
            file["offset"] = 0
        self.server.uploads[upload["id"]] = upload
        self.reply(upload, 201)

    def get_upload(self, ident: str) -> None:
        self.reply(self._known(self.server.uploads, ident))

    def patch_file(self, ident: str, index: str) -> None:
        upload = self._known(self.server.uploads, ident)
        have = self.server.received[ident, int(index)]
        file = upload["files"][int(index)]
        offset = self.headers.get("Upload-Offset")
        if offset is None:
            raise self._complain("no Upload-Offset")
        if int(offset) != len(have):
            raise RefusalError("conflict", "wrong offset", offset=len(have))
        # Byte by byte as they come: what arrived before a cut is kept.
        self._body_read = True
        left = int(self.headers["Content-Length"])
        while left:
            piece = self.rfile.read1(min(left, 1 << 16))
            if not piece:
                break
            have += piece
            left -= len(piece)
            file["offset"] = len(have)
        self.reply({"offset": len(have)})

    def complete(self, ident: str) -> None:
        upload = self._known(self.server.uploads, ident)
        for index, file in enumerate(upload["files"]):
            have = self.server.received[ident, index]
            if len(have) != file["size"]:
                raise RefusalError("conflict", "bytes are missing")
            if hashlib.sha256(have).hexdigest() != file["sha256"]:
                have.clear()
                file["offset"] = 0
                raise RefusalError("checksum_mismatch", file["name"], name=file["name"])
        upload["state"] = "complete"
        self.reply(upload)

    # -- events

    def events(self) -> None:
        if not self.server.serves_sockets or self.headers.get("Upgrade", "").lower() != "websocket":
            raise RefusalError("not_found", "no sockets here")
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"),
                            ("Sec-WebSocket-Accept", accept)):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()
        self.send_text(json.dumps({"kind": "hello", "seq": 0}))
        self.server.sockets.append(self)
        for message in self.server.socket_messages:
            self.send_text(json.dumps(message))
        while self.connection.recv(4096):
            pass
        if self in self.server.sockets:
            self.server.sockets.remove(self)
        self.close_connection = True

    def send_text(self, text: str) -> None:
        data = text.encode()
        size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack(">H", len(data))
        self.connection.sendall(b"\x81" + size + data)


PROMPT_SCHEMA = {
    "$ref": "#/$defs/prompt",
    "$defs": contract_validation._schema("task.schema.json")["$defs"],
}

_ID = "([0-9a-f]{32})"
_API = "/api/v1"
ROUTES = [
    ("POST", f"{_API}/auth/device", "device"),
    ("POST", f"{_API}/auth/device/token", "device_token"),
    ("GET", f"{_API}/projects", "list_projects"),
    ("POST", f"{_API}/projects", "make_project"),
    ("GET", f"{_API}/projects/{_ID}", "get_project"),
    ("GET", f"{_API}/projects/{_ID}/shots", "list_shots"),
    ("POST", f"{_API}/projects/{_ID}/shots", "make_shot"),
    ("GET", f"{_API}/shots/{_ID}", "get_shot"),
    ("POST", f"{_API}/shots/{_ID}/segment", "segment"),
    ("POST", f"{_API}/shots/{_ID}/corrections", "corrections"),
    ("POST", f"{_API}/shots/{_ID}/export", "export"),
    ("POST", f"{_API}/shots/{_ID}/preview", "preview"),
    ("GET", f"{_API}/shots/{_ID}/previews/{_ID}", "get_preview"),
    ("GET", f"{_API}/shots/{_ID}/masks", "get_masks"),
    ("GET", f"{_API}/shots/{_ID}/shapes", "get_shapes"),
    ("GET", f"{_API}/jobs", "list_jobs"),
    ("GET", f"{_API}/jobs/{_ID}", "get_job"),
    ("GET", f"{_API}/jobs/{_ID}/status", "get_status"),
    ("PATCH", f"{_API}/jobs/{_ID}", "prioritize"),
    ("POST", f"{_API}/jobs/{_ID}/cancel", "cancel"),
    ("POST", f"{_API}/jobs/{_ID}/retry", "retry"),
    ("GET", f"{_API}/jobs/{_ID}/log", "log"),
    ("GET", f"{_API}/jobs/{_ID}/outputs", "list_outputs"),
    ("GET", f"{_API}/jobs/{_ID}/outputs/{_ID}", "get_output"),
    ("POST", f"{_API}/uploads", "make_upload"),
    ("GET", f"{_API}/uploads/{_ID}", "get_upload"),
    ("PATCH", f"{_API}/uploads/{_ID}/files/(\\d+)", "patch_file"),
    ("POST", f"{_API}/uploads/{_ID}/complete", "complete"),
    ("GET", f"{_API}/events", "events"),
]
