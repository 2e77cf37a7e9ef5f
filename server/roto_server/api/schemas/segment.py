"""What an artist submits: objects with prompts, and what is wanted of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, FiniteFloat, StringConstraints

from .common import Color, FrameNumber, FrameRange, Line, Once, Request, Version

Output = Literal["mattes", "cryptomatte", "shapes", "overlay", "contact_sheet"]
MatteFormat = Literal["exr", "png8", "png16"]
Direction = Literal["both", "forward", "backward"]
Priority = Literal["high", "normal", "low"]
Quality = Literal["draft", "standard", "final"]
QUALITY = (
    "How much work goes in: draft, standard or final; null = the project's. A preset of what is "
    "not given: draft takes image_size 512, no edge refinement, tolerance 2; final edges.detail "
    "and tolerance 0.5."
)
PUBLISH = "Publish the files into the studio's folder by the project's publish settings."
LayerTransform = Literal["auto", "off"]
MOST_H264 = 16384
"""Pixels on a side of an H.264 movie."""
Template = Annotated[str, StringConstraints(max_length=500)]
View = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$"),
    Field(description="Which picture of the shot: main, or another view it has (left, right)."),
]
TEMPLATE = "Names of the mattes: fields project, shot, object, version, frame, ext."


class ClickIn(Request):
    """A click, in pixels of the full-size plate, origin top-left, y down."""

    x: FiniteFloat
    y: FiniteFloat
    positive: bool


class MaskIn(Request):
    """A mask an artist drew: base64 of an 8-bit grey PNG of the plate's size; >= 128 is inside."""

    png: str


Number = bool | FiniteFloat


class OutlineIn(Request):
    """A closed curve that shows where the object is (``add``), or takes away from those before it.

    Plate pixels, a layer's transform applied; it may leave the frame.
    """

    kind: Literal["bezier", "bspline"] = "bezier"
    mode: Literal["add", "subtract"] = "add"
    closed: Literal[True] = True
    points: list[Annotated[list[Number], Field(min_length=2, max_length=7)]] = Field(
        min_length=3,
        max_length=10_000,
        description="As in a roto/1 key: x, y, in_dx, in_dy, out_dx, out_dy, corner.",
    )


Outlines = Annotated[
    list[OutlineIn],
    Field(
        min_length=1,
        max_length=1000,
        description="A roto shape as a prompt: closed curves, bottom first. Excludes `mask`.",
    ),
]


class PromptIn(Request):
    """What the artist says about one object on one frame. ``absent`` excludes the rest."""

    frame: FrameNumber
    points: list[ClickIn] = Field(default_factory=list, max_length=1000)
    box: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat] | None = Field(
        default=None, description="x0, y0, x1, y1 in plate pixels."
    )
    mask: MaskIn | None = None
    outline: Outlines | None = None
    absent: bool = False


class PromptedObject(Request):
    """An object (found by name in the shot, or added to it) and its prompts."""

    name: str
    label: Line = ""
    color: Color | None = None
    frame_range: FrameRange | None = Field(
        default=None,
        description="Outside it the object's matte is empty; null = all frames of the job.",
    )
    prompts: list[PromptIn] = Field(default_factory=list, max_length=10_000)


class EdgesIn(Request):
    """What is done for the mattes' edges."""

    detail: bool = Field(
        default=False, description="A second look at every object at full plate resolution."
    )
    refine: bool = Field(default=True, description="The edge is laid by the picture.")


class VideoIn(Request):
    """A movie of the result, frame by frame as the plate, with its timecode where it is known.

    ``greenscreen``: the objects over a colour. ``cutout``: the objects alone, in ProRes 4444 with a
    straight (unassociated) alpha unless a colour is given, in H.264 over a colour. ``overlay``: the
    plate with the roto drawn on it. Colours are Rec.709, pixel aspect is told and never baked in;
    there is no sound.
    """

    kind: Literal["greenscreen", "cutout", "overlay"]
    codec: Literal["h264", "prores4444"] | None = Field(
        default=None,
        description="h264: MP4, 4:2:0, at most 16384 pixels on a side. prores4444: MOV, 4:4:4, 10 "
        "bits and more. null: prores4444 for a cutout without a colour, else h264.",
    )
    color: Color | None = Field(
        default=None, description="sRGB behind the objects; green or, for a cutout, black."
    )
    longest_side: int | None = Field(
        default=None,
        ge=64,
        le=MOST_H264,
        description="Shrunk to it; null: the plate's, 960 in drafts.",
    )
    objects: Annotated[list[str], Once] | None = Field(
        default=None, min_length=1, max_length=100, description="Names; null = all of the job."
    )
    quality: Quality | None = Field(default=None, description="null = the job's.")


Videos = Annotated[list[VideoIn], Field(max_length=10)]


class SegmentIn(Request):
    """A roto job: track the objects, turn their mattes into shapes, export."""

    objects: list[PromptedObject] = Field(max_length=100)
    view: View = "main"
    frame_range: FrameRange | None = Field(
        default=None, description="The frames to work on; null = all of the plate."
    )
    outputs: Annotated[list[Output], Once] = Field(
        default=["mattes", "shapes", "overlay", "contact_sheet"]
    )
    exports: Annotated[list[Line], Once] = Field(
        default=["json"],
        description="Shape formats: nuke, silhouette, fusion, aftereffects, aftereffects-data, "
        "blender, lottie, svg, json.",
        max_length=20,
    )
    mattes: MatteFormat = "exr"
    engine: Line = Field(default="auto", description="auto, flow or sam2.")
    model: Line = Field(default="auto", description="auto, or a model's name.")
    image_size: int | None = Field(
        default=None,
        ge=64,
        le=4096,
        multiple_of=32,
        description="Side of the engine's input; null = the model's.",
    )
    direction: Direction = "both"
    edges: EdgesIn | None = None
    tolerance: float = Field(
        default=1.0, gt=0, le=100, description="Allowed outline error in plate pixels."
    )
    layer_transform: LayerTransform = Field(
        default="auto",
        description="off: shapes carry all motion, for hosts without a layer transform.",
    )
    template: Template | None = Field(default=None, description=TEMPLATE)
    priority: Priority = "normal"
    quality: Quality | None = Field(default=None, description=QUALITY)
    videos: Videos = Field(default_factory=list)
    publish: bool = Field(default=False, description=PUBLISH)

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "objects": [
                    {
                        "name": "hero",
                        "label": "lead actor",
                        "prompts": [
                            {
                                "frame": 1001,
                                "points": [
                                    {"x": 640.5, "y": 360.5, "positive": True},
                                    {"x": 100, "y": 80, "positive": False},
                                ],
                                "box": [500, 200, 800, 600],
                            }
                        ],
                    }
                ],
                "frame_range": [1001, 1060],
                "outputs": ["mattes", "shapes"],
                "exports": ["nuke", "silhouette", "json"],
            }
        }
    )


class ExportIn(Request):
    """Write what a version of the shot's results is made into: shapes, mattes, movies, pictures."""

    formats: Annotated[list[Line], Once] = Field(
        default_factory=list, max_length=20, description="Shape formats, as in `segment.exports`."
    )
    version: Version | None = Field(default=None, description="null = the latest of the view.")
    view: View = "main"
    outputs: Annotated[list[Literal["mattes", "cryptomatte", "overlay", "contact_sheet"]], Once] = (
        Field(default_factory=list)
    )
    mattes: MatteFormat = "exr"
    template: Template | None = Field(default=None, description=TEMPLATE)
    videos: Videos = Field(default_factory=list)
    quality: Quality | None = Field(default=None, description="Of the videos; null = project's.")
    publish: bool = Field(default=False, description=PUBLISH)

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "formats": ["nuke"],
                "videos": [{"kind": "cutout", "codec": "prores4444"}],
            }
        }
    )


class PublishIn(Request):
    """Publish what a finished job has exported. Where to and by which names, the project says."""
