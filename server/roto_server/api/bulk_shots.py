"""Many shots in one request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fastapi import APIRouter, Request, Response

from roto_shapes.errors import RotoError
from roto_shapes.naming import check_name

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.models import new_id
from ..errors import ConflictError
from ..jobs.new_shots import name_taken
from . import present
from .deps import DatabaseDep, Responses, SettingsDep, StorageDep, refusals, transact
from .new_shots import OpenProject, add, give_back, new_shot, take_plates, taken_names
from .plates import PlateTaker, TakenPlate
from .schemas.plates import BulkIn, BulkItem, BulkOut, Refused
from .schemas.projects import ShotIn, ShotOut

router = APIRouter(tags=["shots"])


_NONE: Responses = {200: {"model": BulkOut, "description": "None was made; `items` say why."}}


@router.post(
    "/projects/{project_id}/shots/bulk",
    status_code=201,
    responses={**_NONE, **refusals(404, 409, 413, 507)},
)
async def create_shots(
    *,
    project: OpenProject,
    body: BulkIn,
    request: Request,
    response: Response,
    settings: SettingsDep,
    storage: StorageDep,
    database: DatabaseDep,
) -> BulkOut:
    """New shots, each as by ``POST shots``, with their ingest jobs.

    With ``all_or_none`` (the default) the first refusal is the answer, ``detail.items`` tells all
    of them, and nothing was made. Else every item says what became of it; 200 when none was made.
    Shots of the same upload share its files.
    """
    taker = PlateTaker(request, project, settings, storage, database)
    bulk = _Bulk(body.shots, taker, all_or_none=body.all_or_none)
    try:
        await transact(request, bulk.check_names, writing=False)
        await bulk.take_plates()
        await transact(request, bulk.add, writing=True)
    except RotoError:
        # Refused, so nothing was committed. After anything else the shots may well be there.
        await bulk.give_back(bulk.taken)
        raise
    await bulk.give_back(bulk.refused)
    response.status_code = 201 if bulk.made else 200
    return BulkOut(made=len(bulk.made), items=bulk.items())


class _Bulk:
    """The shots of one request, by their place in it: taken, then made or refused."""

    def __init__(self, shots: Sequence[ShotIn], taker: PlateTaker, *, all_or_none: bool) -> None:
        self.taken: dict[int, dict[str, TakenPlate]] = {}
        self.made: dict[int, ShotOut] = {}
        self.refused: dict[int, RotoError] = {}
        self._shots = shots
        self._taker = taker
        self._all_or_none = all_or_none
        self._idents = [new_id() for _ in shots]

    def check_names(self, caller: Caller) -> None:
        """Refuse names that cannot be or are taken, among themselves too; touches no file."""
        taken = taken_names(caller, self._taker.project, [one.name for one in self._shots])
        for index, one in enumerate(self._shots):
            try:
                check_name(one.name)
                if one.name in taken:
                    raise name_taken(one.name)
            except RotoError as error:
                self.refused[index] = error
            taken.add(one.name)
        self._stop_if_refused()

    async def take_plates(self) -> None:
        """Look at the plates of those that are not refused yet."""
        for index, one in enumerate(self._shots):
            if index in self.refused:
                continue
            try:
                self.taken[index] = await take_plates(self._taker, one, self._idents[index])
            except RotoError as error:
                self.refused[index] = error
        self._stop_if_refused()

    def add(self, caller: Caller) -> None:
        """Write the rows of all whose plates were taken."""
        # What the project says of shots is read where the right to it is asked for.
        project = caller.project(self._taker.project.id, Permission.ADD_SHOT)
        for index, taken in self.taken.items():
            new = new_shot(self._idents[index], self._shots[index], taken, project)
            try:
                shot = add(caller, project, new, self._taker.settings)
                self.made[index] = present.shot(shot)
            except ConflictError as error:
                self.refused[index] = error
        self._stop_if_refused()

    async def give_back(self, places: Iterable[int]) -> None:
        """Let go of the files of those."""
        for index in places:
            if index in self.taken:
                await give_back(self._taker, self.taken[index])

    def items(self) -> list[BulkItem]:
        """What became of each, in order."""
        return [
            BulkItem(
                index=index,
                name=one.name,
                shot=self.made.get(index),
                error=_told(self.refused.get(index)),
            )
            for index, one in enumerate(self._shots)
        ]

    def _stop_if_refused(self) -> None:
        """Raise the first refusal, with all of them in its detail, if one is one too many."""
        if not (self._all_or_none and self.refused):
            return
        index = min(self.refused)
        first = self.refused[index]
        refused = [item for item in self.items() if item.error is not None]
        others = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        raise RotoError(
            f"Nothing was made. {self._shots[index].name!r}{others}: {first.message}",
            code=first.code,
            hint=first.hint,
            detail={"items": [item.model_dump(exclude={"shot"}) for item in refused]},
        )


def _told(error: RotoError | None) -> Refused | None:
    return None if error is None else Refused.model_validate(error.as_dict())
