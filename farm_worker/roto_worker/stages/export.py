"""The export stage: results as hosts and people want them."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from roto_shapes import formats
from roto_shapes.model import Document

from ..export.contact_sheet import ContactSheet, SheetFrame, choose_frames
from ..export.plates import SharedPlate
from ..media.files import write_bytes
from .context import StageResult, TaskContext
from .export_mattes import write_id_mattes, write_mattes
from .export_videos import write_overlay, write_videos
from .export_work import ExportWork, not_made


def run(ctx: TaskContext) -> StageResult:
    """Write what ``params`` ask for: mattes, ID mattes, shape formats, movies, contact sheet.

    Raises:
        RotoError: ``bad_request`` (mattes or shapes wanted that the job did not make),
            ``bad_template``, ``unknown_format``, ``disk_full``, or what the plate's reader raises.
    """
    params = ctx.spec["params"]
    outputs, videos = set(params["outputs"]), params.get("videos") or []
    first, last = params["frame_range"]
    passes = len(outputs & {"mattes", "cryptomatte", "overlay"}) + len(videos)
    work = ExportWork(ctx, passes * (last - first + 1) + len(params["formats"]) + 1)
    if "mattes" in outputs:
        write_mattes(work)
    if "cryptomatte" in outputs:
        write_id_mattes(work)
    document = work.document()
    report = _write_shapes(work, document) if params["formats"] else {}
    if videos or outputs & {"overlay", "contact_sheet"}:
        drawn = work.coloured(document)
        with closing(work.plate()) as plate:
            if "overlay" in outputs:
                write_overlay(work, plate, drawn)
            if videos:
                write_videos(work, plate, drawn)
            if "contact_sheet" in outputs:
                _write_sheet(work, plate, drawn)
    ctx.progress(work.total, work.total)
    return {"files": work.files, "provenance": ctx.spec["provenance"], "report": report}


def _write_shapes(work: ExportWork, document: Document | None) -> dict[str, Any]:
    """The lossy reports by format."""
    if document is None:
        raise not_made("shapes")
    folder = work.folder("shapes")
    report: dict[str, Any] = {}
    for name in work.params["formats"]:
        entry = formats.format_named(name)
        written = formats.write(document, name)
        path = folder / f"{work.shot['name']}_v{work.params['version']:03d}.{entry.extension}"
        write_bytes(path, written.text.encode("utf-8"))
        report[name] = {"lost": written.report.as_list()}
        work.files.append(work.listed(path, "shape_export", name))
        work.step(f"writing {entry.label}")
    return report


def _write_sheet(work: ExportWork, plate: SharedPlate, document: Document | None) -> None:
    sheet = ContactSheet(
        plate.info.width,
        plate.info.height,
        pixel_aspect=plate.info.pixel_aspect,
        document=document,
        title=_title(work),
    )
    for frame in choose_frames(work.first, work.last):
        sheet.add(SheetFrame(frame, plate.read8(frame), work.coloured_mattes(frame)))
    path = work.ctx.output_dir / "contact_sheet.png"
    sheet.write(path)
    work.files.append(work.listed(path, "contact_sheet", "png"))


def _title(work: ExportWork) -> str:
    known = work.made_by()
    engine = f"   {known['engine']} ({known.get('model')})" if known.get("engine") else ""
    return f"{work.shot['name']}   {work.first}-{work.last}{engine}"
