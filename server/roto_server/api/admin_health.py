"""What /readyz tells, for administrators: that one is for load balancers, not for the public."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ..access.caller import Caller
from ..access.roles import Permission
from .deps import transact
from .health import readyz
from .schemas.health import Readiness

router = APIRouter(prefix="/admin/health", tags=["admin"])


@router.get("")
async def get_health(request: Request) -> Readiness:
    """Whatever is configured, asked by the server process that answers whether it works.

    Unlike /readyz it answers 200 then too, with ``ready`` false; and a database that is away cannot
    tell who may ask.
    """
    await transact(request, _demand, writing=False)
    return await readyz(request, Response())


def _demand(caller: Caller) -> None:
    caller.demand(Permission.CONFIGURE)
