"""A server of a few addresses, in Blender's own process: what was asked of it, and how often."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "roto_test-key"


class SmallServer(ThreadingHTTPServer):
    """One shot and its jobs. Another address, or another key, is an error in ``complaints``."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.complaints = []
        self.jobs = {}
        self.masks = []
        self.newest = b""
        self.approved = False
        self.refused = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add_job(self, job_id, state, **facts):
        self.jobs[job_id] = {
            "id": job_id, "shot_id": "shot1", "project_id": "p", "kind": "roto", "state": state,
            "version": 1, "params": {"objects": [{"id": "o1", "name": "hero"}]},
            "progress": {"stage": "track", "done": 3, "total": 12, "fraction": 0.25,
                         "eta_seconds": 40, "message": ""},
            "tasks": [], "error": None, "created_by": "an artist",
            "created_at": "2026-01-02T03:04:05Z", **facts,
        }  # fmt: skip
        return job_id


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, format, *args):
        """The test says enough."""

    def handle_any(self):
        server, path = self.server, self.path.partition("?")[0].removeprefix("/api/v1")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server.asked.append((self.command, path))
        if path.startswith("/auth/device"):
            self.sign_in(json.loads(body))
            return
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self.reply({"code": "unauthorized", "message": "wrong key", "hint": "h"}, 401)
            return
        if path.endswith("/newest-mask") and server.newest:
            self.reply(server.newest, headers={"X-Roto-Frame": "1004"})
            return
        answer = self.answer_to(path.strip("/").split("/"))
        if answer is None:
            server.complaints.append(f"{self.command} {path}")
            self.reply({"code": "not_found", "message": "no such thing", "hint": ""}, 404)
        else:
            self.reply(answer)

    do_GET = do_POST = handle_any  # noqa: N815

    def sign_in(self, body):
        """Codes, for whom no key is asked."""
        server = self.server
        page = f"{server.url}/device"
        if "Authorization" in self.headers or not set(body) <= {"client", "device_code"}:
            server.complaints.append(f"sign-in {dict(self.headers)} {body}")
        if "client" in body:
            self.reply({"device_code": "device-secret", "user_code": "BCDF-GHJK", "interval": 0,
                        "expires_in": 600, "verification_url": page,
                        "verification_url_complete": f"{page}?code=BCDF-GHJK"})  # fmt: skip
        elif server.refused:
            self.reply({"code": "access_denied", "message": "It was refused.", "hint": ""}, 403)
        elif server.approved:
            self.reply({"api_key": KEY, "user": {"id": "u", "name": "Ada"}, "expires_at": None,
                        "scopes": ["read", "write"]})  # fmt: skip
        else:
            self.reply({"code": "authorization_pending", "message": "", "hint": ""}, 400)

    def answer_to(self, parts):  # noqa: PLR0911 (a table)
        jobs = self.server.jobs
        match (self.command, parts):
            case ("GET", ["projects"]):
                return {"items": [], "next": None}
            case ("GET", ["shots", "shot1"]):
                return {"id": "shot1", "project_id": "p", "name": "heist_010", "state": "ready"}
            case ("GET", ["shots", "shot1", "masks"]):
                return {"items": self.server.masks, "next": None}
            case ("GET", ["jobs"]):
                return {"items": list(jobs.values()), "next": None}
            case ("GET", ["jobs", job_id]):
                return jobs.get(job_id)
            case ("GET", ["jobs", job_id, "log"]):
                return f"a line about {job_id}"
            case ("POST", ["jobs", job_id, "cancel"]):
                jobs[job_id] = {**jobs[job_id], "state": "cancelled"}
                return jobs[job_id]
            case ("POST", ["jobs", job_id, "retry"]):
                jobs[job_id] = {**jobs[job_id], "state": "queued", "error": None}
                return jobs[job_id]
        return None

    def reply(self, value, status=200, headers=None):
        from roto_client.contract import PRODUCT_VERSION

        body = value if isinstance(value, bytes | str) else json.dumps(value)
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Roto-Version", PRODUCT_VERSION)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)
