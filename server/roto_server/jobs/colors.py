"""The colours objects are told apart by, in overlays and in hosts, while nobody has chosen any."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db.models import JsonObject, RotoObject

PALETTE: tuple[tuple[float, float, float], ...] = (
    (1.00, 0.35, 0.10),
    (0.15, 0.80, 1.00),
    (0.55, 1.00, 0.25),
    (1.00, 0.30, 0.75),
    (1.00, 0.95, 0.25),
    (0.60, 0.45, 1.00),
    (0.10, 0.85, 0.60),
    (1.00, 0.65, 0.60),
)
"""Display colours, no two alike."""


def next_color(objects: Iterable[RotoObject]) -> list[float]:
    """The colour of the palette that the fewest of a shot's ``objects`` have."""
    taken = [list(item.color) for item in objects]
    return min(map(list, PALETTE), key=taken.count)


def coloured_as_today(session: Session, objects: list[JsonObject]) -> list[JsonObject]:
    """A job's ``objects`` with the colours they have been given since; what is gone keeps its."""
    ids = [item["id"] for item in objects]
    rows = session.execute(select(RotoObject.id, RotoObject.color).where(RotoObject.id.in_(ids)))
    today = {ident: {"color": list(color)} for ident, color in rows}
    return [{**item, **today.get(item["id"], {})} for item in objects]
