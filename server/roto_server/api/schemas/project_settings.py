"""What a project says once for all its shots."""

from __future__ import annotations

from pydantic import Field

from .common import Fps, Line, PathText, Request
from .segment import Quality, Template


class Place(Request):
    """One folder of the studio by the names it has on each system; the server's own is ``linux``.

    A Windows machine may know it by several: a drive letter, a UNC path.
    """

    name: Line = Field(min_length=1)
    linux: PathText
    windows: list[PathText] = Field(default_factory=list, max_length=10)
    macos: list[PathText] = Field(default_factory=list, max_length=10)


class PublishRule(Request):
    """Where results are published: ``template`` below ``folder``, which an allowed root holds."""

    folder: PathText
    template: Template


class ProjectSettings(Request):
    """Defaults of the project's shots, its places, and where its results go."""

    quality: Quality = "standard"
    handles: int = Field(
        default=0, ge=0, le=1000, description="Frames kept before and after a cut."
    )
    colorspace: Line | None = Field(default=None, description="Of plates that say none.")
    fps: Fps | None = None
    places: list[Place] = Field(default_factory=list, max_length=50)
    publish: PublishRule | None = None

    def publishing(self, folder: str) -> ProjectSettings:
        """The same, published into ``folder`` if published at all."""
        if self.publish is None:
            return self
        rule = self.publish.model_copy(update={"folder": folder})
        return self.model_copy(update={"publish": rule})
