"""THE TABLE: who may do what, for every operation of the API. Read by test_who_may.py.

Outcomes: ``yes`` (the request is carried out, or fails for a reason that has nothing to do with
rights: ``then`` says which), ``401`` no or no good token, ``403`` seen but not allowed, ``404`` not
theirs to see, told in the words of an id that never was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

COLUMNS = {
    "anon": "nobody",
    "farm": "a farm node, by the farm token",
    "task": "an attempt at a task of the project, by its task token",
    "othr": "a supervisor of the server, who is in another project only",
    "view": "a viewer of the project",
    "art-": "an artist of the project, who neither made the shot nor is assigned to it",
    "art+": "",
    "asg-": "an artist the shot is assigned to",
    "asg+": "",
    "own-": "an artist who made the shot",
    "own+": "",
    "supr": "a supervisor of the server and of the project",
    "lead": "an artist on the server, who is a supervisor of the project",
    "adm": "an administrator of the server, in no project",
    "sess": "the assigned artist, signed in (those before come by API keys)",
    "read": "the supervisor, by a key with the scope read",
    "writ": "the supervisor, by a key with the scopes read and write",
}
"""Who asks. Artists with a ``+`` do so in a project where artists see all, everybody else in one
where they do not."""

_RULES = """
rule           anon farm task othr view art- art+ asg- asg+ own- own+ supr lead adm  sess read writ
public         yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes
signed in      401  403  403  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes
see project    401  403  403  404  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes
add shot       401  403  403  404  403  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  403  yes
manage project 401  403  403  404  403  403  403  403  403  403  403  yes  yes  yes  403  403  403
see shot       401  403  403  404  yes  404  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes  yes
manage shot    401  403  403  404  403  404  403  403  403  403  403  yes  yes  yes  403  403  403
edit shot      401  403  403  404  403  404  403  yes  yes  yes  yes  yes  yes  yes  yes  403  yes
see conform    401  403  403  404  yes  404  yes  404  yes  yes  yes  yes  yes  yes  404  yes  yes
change conform 401  403  403  404  403  404  yes  404  yes  yes  yes  yes  yes  yes  404  403  yes
add note       401  403  403  404  403  404  yes  yes  yes  yes  yes  yes  yes  yes  yes  403  yes
own note       401  403  403  404  403  404  403  403  403  yes  yes  yes  yes  yes  403  403  yes
review         401  403  403  404  403  404  403  403  403  403  403  yes  yes  yes  403  403  yes
own upload     401  403  403  404  404  404  404  404  404  yes  yes  404  404  yes  404  404  404
create project 401  403  403  yes  403  403  403  403  403  403  403  yes  403  yes  403  403  yes
own account    401  403  403  403  403  403  403  403  403  403  403  403  403  403  yes  403  403
view farm      401  403  403  yes  403  403  403  403  403  403  403  yes  403  yes  403  yes  yes
administer     401  403  403  403  403  403  403  403  403  403  403  403  403  yes  403  403  403
farm node      401  yes  403  403  403  403  403  403  403  403  403  403  403  403  403  403  403
own attempt    401  403  yes  403  403  403  403  403  403  403  403  403  403  403  403  403  403
"""


@dataclass(frozen=True)
class Row:
    """An operation and the rule it follows.

    In ``body``, ``query``, ``raw`` and ``path`` a ``{name}`` is filled in by the test. ``then``:
    the error code an allowed request ends with, "" when it succeeds. ``path`` takes the place of
    the operation's own parameters. ``spends``: what it is asked of is gone, so everybody has their
    own.
    """

    operation: str
    rule: str
    body: Any = None
    then: str = ""
    query: str = ""
    raw: str | None = None
    path: str = ""
    spends: bool = False


_PROMPTED = [{"name": "hero", "points": [{"x": 5, "y": 5, "positive": True}]}]
_SUBMITTED = [
    {"name": "hero", "prompts": [{"frame": 1001, "points": [{"x": 5, "y": 5, "positive": True}]}]}
]
_SHA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_ME = {"worker_id": "{worker}", "boot_id": "{boot}"}
_PLATE = {"path": "{plates}/nowhere.####.exr"}

ROWS = (
    # projects
    Row("POST /projects", "create project", {"name": "{new_name}"}),
    Row("GET /projects", "signed in"),
    Row("GET /projects/{project_id}", "see project"),
    Row("PATCH /projects/{project_id}", "manage project", {"name": "{project_name}"}),
    Row("DELETE /projects/{project_id}", "manage project", spends=True),
    Row("GET /projects/{project_id}/members", "see project"),
    Row("POST /projects/{project_id}/members", "manage project",
        {"email": "{viewer_email}", "role": "artist"}, then="conflict"),
    Row("PUT /projects/{project_id}/members/{user_id}", "manage project", {"role": "artist"}),
    Row("DELETE /projects/{project_id}/members/{user_id}", "manage project"),
    Row("POST /projects/{project_id}/assignments", "manage project",
        {"shot_ids": ["{shot_id}"], "user_ids": ["{assigned}"], "mode": "add"}),
    Row("GET /projects/{project_id}/shots", "see project"),
    Row("POST /projects/{project_id}/shots", "add shot",
        {"name": "sh_new", "plate": _PLATE}, then="missing_frame"),
    Row("POST /projects/{project_id}/shots/bulk", "add shot",
        {"shots": [{"name": "sh_bulk", "plate": _PLATE}]}, then="missing_frame"),
    Row("POST /projects/{project_id}/scan", "add shot", {"path": "{plates}", "depth": 0}),
    # shots
    Row("GET /shots", "signed in"),
    Row("GET /users/me/shots", "signed in"),
    Row("GET /shots/{shot_id}", "see shot"),
    Row("PATCH /shots/{shot_id}", "edit shot", {"handles": [0, 0]}),
    Row("PATCH /shots/{shot_id}", "manage shot", {"archived": False}),
    Row("DELETE /shots/{shot_id}", "manage shot", spends=True),
    Row("POST /shots/{shot_id}/move", "manage shot", {"project_id": "{project_id}"},
        then="conflict"),
    Row("GET /shots/{shot_id}/assignees", "see shot"),
    Row("GET /shots/{shot_id}/objects", "see shot"),
    Row("GET /shots/{shot_id}/frames/{frame}", "see shot"),
    Row("GET /shots/{shot_id}/thumbnail", "see shot"),
    Row("GET /shots/{shot_id}/plates", "see shot"),
    Row("POST /shots/{shot_id}/plates", "edit shot", {"plate": _PLATE}, then="missing_frame"),
    Row("POST /shots/{shot_id}/rerun", "edit shot", {"view": "nowhere"}, then="not_found"),
    Row("GET /shots/{shot_id}/masks", "see shot"),
    Row("GET /shots/{shot_id}/shapes", "see shot"),
    Row("GET /shots/{shot_id}/previews/{preview_id}", "see shot"),
    Row("POST /shots/{shot_id}/objects", "edit shot", {"name": "{new_name}"}),
    Row("PUT /shots/{shot_id}/objects/order", "edit shot", {"object_ids": []}, then="bad_request"),
    Row("PATCH /objects/{object_id}", "edit shot", {"label": "the lead"}),
    Row("DELETE /objects/{object_id}", "edit shot", spends=True),
    Row("POST /shots/{shot_id}/segment", "edit shot",
        {"objects": _SUBMITTED, "engine": "nobody-has-it"}, then="unknown_model"),
    Row("POST /shots/{shot_id}/export", "edit shot",
        {"formats": ["json"], "version": 99}, then="not_found"),
    Row("POST /shots/{shot_id}/corrections", "edit shot",
        {"base_version": 99, "edits": [{"object": "hero", "prompts": _SUBMITTED[0]["prompts"]}]},
        then="not_found"),
    Row("POST /shots/{shot_id}/preview", "edit shot",
        {"frame": 1001, "objects": _PROMPTED, "engine": "nobody-has-it"}, then="unknown_model"),
    # review
    Row("GET /shots/{shot_id}/reviews", "see shot"),
    Row("POST /shots/{shot_id}/reviews", "edit shot",
        {"before": "retake", "after": "in_progress"}, then="conflict"),
    Row("POST /shots/{shot_id}/reviews", "review",
        {"before": "pending_review", "after": "approved"}, then="conflict"),
    Row("GET /shots/{shot_id}/versions", "see shot"),
    Row("GET /shots/{shot_id}/notes", "see shot"),
    Row("POST /shots/{shot_id}/notes", "add note", {"text": "look here"}),
    Row("GET /notes/{note_id}", "see shot"),
    Row("PATCH /notes/{note_id}", "add note", {"resolved": True}),
    Row("DELETE /notes/{note_id}", "own note", then="conflict"),
    # jobs and what they made
    Row("GET /jobs", "signed in"),
    Row("GET /engines", "signed in"),
    Row("GET /jobs/rows", "signed in"),
    Row("GET /jobs/counts", "signed in"),
    Row("POST /jobs/bulk", "signed in", {"action": "cancel", "job_ids": ["0" * 32]}),
    Row("GET /jobs/{job_id}", "see shot"),
    Row("PATCH /jobs/{job_id}", "edit shot", {"priority": "high"}, then="conflict"),
    Row("GET /jobs/{job_id}/status", "see shot"),
    Row("GET /jobs/{job_id}/log", "see shot"),
    Row("GET /jobs/{job_id}/frames", "see shot"),
    Row("GET /jobs/{job_id}/mattes/{frame}", "see shot", query="?object=hero", then="not_found"),
    Row("GET /jobs/{job_id}/newest-mask", "see shot", query="?object=hero", then="not_found"),
    Row("GET /jobs/{job_id}/outputs", "see shot"),
    Row("GET /jobs/{job_id}/outputs/counts", "see shot"),
    Row("GET /jobs/{job_id}/outputs/{output_id}", "see shot"),
    Row("POST /jobs/{job_id}/publish", "edit shot", {}, then="conflict"),
    Row("GET /shots/{shot_id}/publications", "see shot"),
    Row("DELETE /jobs/{job_id}", "edit shot", spends=True),
    Row("POST /jobs/{job_id}/cancel", "edit shot", then="conflict"),
    Row("POST /jobs/{job_id}/retry", "edit shot", then="conflict"),
    # the trash, in which none of these is
    Row("GET /trash", "signed in"),
    Row("POST /trash/{kind}/{thing_id}/restore", "manage project", then="conflict",
        path="project/{project_id}/restore"),
    Row("POST /trash/{kind}/{thing_id}/restore", "manage shot", then="conflict",
        path="shot/{shot_id}/restore"),
    Row("POST /trash/{kind}/{thing_id}/restore", "edit shot", then="conflict",
        path="object/{object_id}/restore"),
    Row("POST /trash/{kind}/{thing_id}/restore", "edit shot", then="conflict",
        path="version/{job_id}/restore"),
    Row("DELETE /trash/{kind}/{thing_id}", "manage project", then="conflict",
        path="project/{project_id}"),
    Row("DELETE /trash/{kind}/{thing_id}", "manage shot", then="conflict", path="shot/{shot_id}"),
    Row("DELETE /trash/{kind}/{thing_id}", "edit shot", then="conflict",
        path="object/{object_id}"),
    Row("DELETE /trash/{kind}/{thing_id}", "edit shot", then="conflict", path="version/{job_id}"),
    # uploads
    Row("POST /uploads", "add shot",
        {"project_id": "{project_id}", "files": [{"name": "a.exr", "size": 0, "sha256": _SHA}]}),
    Row("GET /uploads", "signed in"),
    Row("GET /uploads/{upload_id}", "own upload"),
    Row("DELETE /uploads/{upload_id}", "own upload", spends=True),
    Row("PATCH /uploads/{upload_id}/files/{index}", "own upload", raw=""),
    Row("PUT /uploads/{upload_id}/files/{index}/pieces/{number}", "own upload", raw="",
        then="bad_request"),
    Row("POST /uploads/{upload_id}/urls", "own upload", {"pieces": [{"file": 0, "number": 0}]},
        then="conflict"),
    Row("POST /uploads/{upload_id}/complete", "own upload"),
    # oneself
    Row("GET /users/me", "signed in"),
    Row("PATCH /users/me", "own account", {"name": "{session_name}"}),
    Row("GET /users/me/views", "own account"),
    Row("PUT /users/me/views", "own account", {"views": {"jobs": {"Mine": "owner=me"}}}),
    Row("GET /users/me/export", "own account"),
    Row("GET /notices", "signed in"),
    Row("GET /roles", "signed in"),
    Row("GET /api-keys", "own account"),
    Row("POST /api-keys", "own account", {"name": "a key", "scopes": ["read"]}),
    Row("GET /api-keys/scopes", "own account"),
    Row("DELETE /api-keys/{key_id}", "own account", then="not_found"),
    Row("GET /auth/sessions", "own account"),
    Row("DELETE /auth/sessions/{session_id}", "own account", then="not_found"),
    Row("POST /auth/logout", "own account"),
    Row("POST /auth/logout-everywhere", "own account"),
    Row("POST /auth/password/change", "own account",
        {"old": "not the one", "new": "quite another passphrase"}, then="bad_credentials"),
    Row("POST /auth/tickets", "signed in"),
    Row("GET /auth/device/{user_code}", "own account", then="not_found"),
    Row("POST /auth/device/{user_code}/decision", "own account", {"approve": False},
        then="not_found"),
    # who is not signed in yet
    Row("POST /auth/register", "public", {"email": "{new_email}", "name": "Ann", "password": "x"},
        then="weak_password"),
    Row("POST /auth/confirm", "public", {"token": "none"}, then="link_expired"),
    Row("POST /auth/resend", "public", {"email": "{new_email}"}),
    Row("POST /auth/login", "public", {"email": "{new_email}", "password": "wrong"},
        then="bad_credentials"),
    Row("POST /auth/refresh", "public", {"refresh_token": "none"}, then="unauthorized"),
    Row("POST /auth/password/forgot", "public", {"email": "{new_email}"}),
    Row("POST /auth/password/reset", "public",
        {"token": "none", "password": "quite another passphrase"}, then="link_expired"),
    Row("GET /auth/providers", "public"),
    Row("GET /auth/oidc/{provider}/start", "public", then="not_found"),
    Row("GET /auth/oidc/{provider}/callback", "public", then="not_found"),
    Row("POST /auth/device", "public", {"client": "Nuke on ws042"}),
    Row("POST /auth/device/token", "public", {"device_code": "none"}, then="link_expired"),
    Row("GET /healthz", "public"),
    Row("GET /readyz", "public"),
    Row("GET /metrics", "public"),
    # edit lists
    Row("POST /projects/{project_id}/conforms", "add shot", {"name": "reel", "base64": "?"},
        then="bad_request"),
    Row("GET /projects/{project_id}/conforms", "see project"),
    Row("GET /conforms/{conform_id}", "see conform"),
    Row("POST /conforms/{conform_id}/match", "change conform", {}),
    Row("PATCH /conforms/{conform_id}/events/{index}", "change conform", {"skip": True}),
    Row("POST /conforms/{conform_id}/apply", "change conform", {}),
    Row("DELETE /conforms/{conform_id}", "change conform", spends=True),
    Row("POST /shots/{shot_id}/scenes", "edit shot"),
    Row("GET /shots/{shot_id}/scenes", "see shot", then="conflict"),
    Row("POST /shots/{shot_id}/cut", "edit shot",
        {"ranges": [{"name": "{new_name}", "first": 1001, "last": 1002}]}),
    # administration
    Row("GET /admin/users", "administer"),
    Row("POST /admin/users", "administer",
        {"email": "{viewer_email}", "name": "Ann"}, then="conflict"),
    Row("GET /admin/users/{user_id}", "administer"),
    Row("PATCH /admin/users/{user_id}", "administer", {"role": "artist"}),
    Row("POST /admin/users/{user_id}/delete", "administer"),
    Row("GET /admin/users/{user_id}/export", "administer"),
    Row("GET /admin/users/{user_id}/sessions", "administer"),
    Row("DELETE /admin/users/{user_id}/sessions/{session_id}", "administer", then="not_found"),
    Row("POST /admin/users/{user_id}/logout", "administer"),
    Row("GET /admin/users/{user_id}/keys", "administer"),
    Row("DELETE /admin/users/{user_id}/keys/{key_id}", "administer", then="not_found"),
    Row("POST /admin/users/{user_id}/password-mail", "administer"),
    Row("GET /admin/farm-tokens", "administer"),
    Row("POST /admin/farm-tokens", "administer", {"name": "{new_name}"}),
    Row("DELETE /admin/farm-tokens/{token_id}", "administer", then="not_found"),
    Row("GET /admin/config", "administer"),
    Row("PUT /admin/config/{name}", "administer", {"value": 1}, then="not_found"),
    Row("GET /admin/config/history", "administer"),
    Row("POST /admin/config/history/{seq}/rollback", "administer", then="not_found"),
    Row("GET /admin/storage", "administer"),
    Row("GET /admin/health", "administer"),
    Row("GET /admin/maintenance", "administer"),
    Row("PUT /admin/maintenance", "administer", {"on": False}),
    Row("GET /audit", "administer"),
    Row("GET /audit", "manage project", query="?project_id={project_id}"),
    Row("GET /audit/export", "administer"),
    Row("GET /audit/export", "manage project", query="?project_id={project_id}"),
    Row("GET /audit/verify", "administer"),
    # statistics
    Row("GET /statistics", "signed in"),
    Row("GET /statistics", "see project", query="?project_id={project_id}"),
    # the farm
    Row("GET /farm/nodes", "view farm"),
    Row("GET /farm/queues", "view farm"),
    Row("GET /farm/history", "view farm"),
    Row("POST /farm/nodes/{node_id}/state", "administer",
        {"state": "draining", "reason": "a new driver"}),
    Row("POST /farm/workers", "farm node",
        {"node": "{worker_node}", "slot": 0, "boot_id": "{boot}", "version": "{version}",
         "queues": [], "kinds": [], "engines": [], "device": "cpu"}),
    Row("POST /farm/workers/{worker_id}/heartbeat", "farm node", {"boot_id": "{boot}"}),
    Row("POST /farm/tasks/{task_id}/claim", "farm node", _ME, then="not_claimable"),
    Row("POST /farm/previews/{preview_id}/claim", "farm node", _ME, then="not_claimable"),
    Row("POST /farm/previews/{preview_id}/complete", "farm node",
        {"result": {"engine": {"engine": "flow", "model": "flow", "checkpoint_sha256": None,
                               "device": "cpu"}, "width": 1, "height": 1,
                    "objects": [{"name": "hero", "candidates": [
                        {"png": "", "score": 1, "box": None}]}]}}, then="stale_attempt"),
    Row("POST /farm/previews/{preview_id}/fail", "farm node",
        {"error": {"code": "internal", "message": "x"}}, then="stale_attempt"),
    Row("POST /farm/previews/{preview_id}/locations", "farm node", _ME, then="stale_attempt"),
    Row("GET /farm/previews/{preview_id}/storage/{key}", "farm node", then="stale_attempt"),
    Row("POST /farm/attempts/{attempt_id}/locations", "own attempt", {"read": []}),
    Row("POST /farm/attempts/{attempt_id}/heartbeat", "own attempt",
        {"progress": {"done": 1, "total": 3}}),
    Row("POST /farm/attempts/{attempt_id}/complete", "own attempt",
        {"result": {"files": [], "provenance": {}}}),
    Row("POST /farm/attempts/{attempt_id}/fail", "own attempt",
        {"error": {"code": "bad_plate", "message": "cut short"}}),
    Row("POST /farm/attempts/{attempt_id}/release", "own attempt", {"reason": "drain"}),
    Row("GET /farm/storage/{key}", "own attempt"),
    Row("HEAD /farm/storage/{key}", "own attempt"),
    Row("PUT /farm/storage/{key}", "own attempt", raw="bytes", path="{attempt_key}/a.bin"),
)  # fmt: skip


def _read_rules() -> dict[str, dict[str, str]]:
    header, *lines = [line for line in _RULES.splitlines() if line]
    names = header[15:].split()
    assert names == list(COLUMNS)
    return {line[:15].strip(): dict(zip(names, line[15:].split(), strict=True)) for line in lines}


RULES = _read_rules()
"""Rule -> column -> outcome."""
