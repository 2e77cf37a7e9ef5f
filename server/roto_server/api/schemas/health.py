"""Health answers."""

from __future__ import annotations

from pydantic import ConfigDict

from .common import Answer


class Healthy(Answer):
    """The process answers. ``public_url`` is the address it gives others."""

    status: str = "ok"
    version: str
    public_url: str


class Check(Answer):
    """One thing the server needs. ``setting`` is the environment variable that configures it,
    ``about`` what it is for, ``remedy`` what to do while it does not work."""

    ok: bool
    message: str = ""
    setting: str = ""
    about: str = ""
    remedy: str = ""


class Readiness(Answer):
    """Whether the server can do its work now, and what is missing."""

    ready: bool
    checks: dict[str, Check]

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "ready": False,
                "checks": {
                    "database": {"ok": True, "message": "", "setting": "ROTO_DATABASE_URL"},
                    "redis": {
                        "ok": False,
                        "message": "ROTO_REDIS_URL: Connection refused",
                        "setting": "ROTO_REDIS_URL",
                    },
                    "disk": {
                        "ok": True,
                        "message": "812.4 GB free",
                        "setting": "ROTO_STORAGE_ROOT",
                    },
                },
            }
        }
    )
