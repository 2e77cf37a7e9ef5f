"""Roto jobs of the fake server that end, and what they leave."""

from __future__ import annotations

from typing import Any

from helpers_client import FakeServer

CLICK = ("--object", "hero", "--point", "1001:320,180")


def finish_jobs(server: FakeServer, state: str = "succeeded", **facts: Any) -> None:
    """From now on every roto job ends as soon as somebody looks at it."""

    def end(handler: Any) -> bool:
        for job in server.jobs.values():
            if job["kind"] == "roto":
                job |= {"state": state, "engine": "flow", "model": "dis", **facts}
                job["tasks"] = [
                    {"id": "t", "kind": "track", "state": state,
                     "progress": {"done": 10, "total": 10, "frames_per_second": 4.5,
                                  "message": "flow on cpu"}}
                ]  # fmt: skip
                if not server.outputs.get(job["id"]):
                    add_results(server, job["id"])
        return False

    server.faults.append(end)


def add_results(server: FakeServer, job_id: str) -> None:
    for frame in range(1001, 1008):
        server.add_output(job_id, f"mattes/hero_matte_v001.{frame}.exr", b"m%d" % frame)
    lost = {"lost": [{"where": "document", "what": "prompts: kept in the JSON document only"}]}
    server.add_output(job_id, "shapes/heist_010_v001.nk", b"Roto {}", role="shapes", report=lost)
