"""Views of lists that somebody has saved for themselves: filters and order, by name."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import select

from ..access.caller import Caller
from ..db.people import SavedViews, User
from .deps import refusals
from .own import OwnReader, OwnWriter
from .schemas.saved_views import SavedViewsIn, SavedViewsOut

router = APIRouter(
    prefix="/users/me/views",
    tags=["me"],
    responses=refusals(401, 403, 413, 422, 426, 429, 500, 503),
)


@router.get("")
def get_views(caller: OwnReader) -> SavedViewsOut:
    """One's saved views, of every page."""
    return _told(caller)


@router.put("")
def put_views(body: SavedViewsIn, caller: OwnWriter) -> SavedViewsOut:
    """Put these views in the place of those the named pages have; ``{}`` removes a page's."""
    session = caller.session
    # Two windows that save a page's first view take turns.
    user = session.get_one(User, caller.who.user_id, with_for_update=True)
    for page, views in body.views.items():
        row = session.get(SavedViews, (user.id, page))
        if row is None:
            session.add(SavedViews(user_id=user.id, page=page, views=views))
        else:
            row.views = views
    session.flush()
    return _told(caller)


def _told(caller: Caller) -> SavedViewsOut:
    query = select(SavedViews.page, SavedViews.views).where(
        SavedViews.user_id == caller.who.user_id
    )
    rows = caller.session.execute(query.order_by(SavedViews.page))
    return SavedViewsOut.model_validate({"views": {page: views for page, views in rows if views}})
