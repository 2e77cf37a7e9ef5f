"""What the last stages of a job are told: what to write, and what to publish into the studio."""

from __future__ import annotations

from roto_shapes.naming import DEFAULT_TEMPLATE

from ..db.models import Job, JsonObject

DEFAULT_OUTPUTS = ("mattes", "shapes", "overlay", "contact_sheet")


def export_params(job: Job, request: JsonObject) -> JsonObject:
    """Of an export task; what an older worker does not know is told only where it is wanted."""
    outputs = request.get("outputs")
    params: JsonObject = {
        "version": job.version,
        "outputs": list(DEFAULT_OUTPUTS if outputs is None else outputs),
        "formats": list(request.get("exports") or []),
        "mattes": request.get("mattes") or "exr",
        "template": request.get("template") or DEFAULT_TEMPLATE,
    }
    if request.get("videos"):
        params["videos"] = request["videos"]
    return params


def publish_stages(job: Job, version: int, request: JsonObject) -> list[tuple[str, JsonObject]]:
    """The stage that publishes what the one before has written; none unless it was asked for.

    ``request["publish"]`` is the project's rule as it was when the job was made; so are the names.
    """
    rule = request.get("publish")
    if not rule:
        return []
    names = {"project": job.shot.project.name, "shot": job.shot.name, "version": version}
    return [("publish", {"folder": rule["folder"], "template": rule["template"], **names})]
