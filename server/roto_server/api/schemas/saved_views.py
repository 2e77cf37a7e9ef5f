"""Bodies of saved views."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from .common import Answer, Request

MOST_VIEWS = 50
"""Of one page."""
ViewPage = Literal[
    "jobs", "shots", "projects", "review", "farm", "statistics", "people", "audit"
]  # fmt: skip
ViewName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
ViewQuery = Annotated[
    str,
    StringConstraints(max_length=4000, pattern=r'^[!-"$->@-~]*$'),
    Field(description="As in the page's address, after the question mark."),
]
Views = Annotated[dict[ViewName, ViewQuery], Field(max_length=MOST_VIEWS)]
"""A page's views by name, in the order in which they are shown."""


class SavedViewsIn(Request):
    """The views of each page that is named; those of other pages stay as they are."""

    views: dict[ViewPage, Views]

    model_config = ConfigDict(
        json_schema_extra={"example": {"views": {"jobs": {"My failures": "owner=me&state=failed"}}}}
    )


class SavedViewsOut(Answer):
    """One's views by page and name; a page without any is not told."""

    views: dict[ViewPage, Views]
