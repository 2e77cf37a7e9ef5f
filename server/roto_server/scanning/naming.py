"""What to call shots made of found plates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain, count
from pathlib import PurePosixPath

from roto_shapes.naming import MAX_NAME, name_from

from .grouping import FoundMedia

_NUMBER_ROOM = 6
_COLUMNS = 3


def suggest_names(media: Sequence[FoundMedia], taken: Collection[str] = ()) -> list[str]:
    """A name for each plate, all different and none of ``taken``, whatever their case.

    The file's name where no other plate has it; else the folder's (``heist_010/plate.%04d.exr``),
    else both; a number where all that is taken.
    """
    used = {name.casefold() for name in taken}
    names = [""] * len(media)
    left = list(range(len(media)))
    choices = [_choices(one) for one in media]
    for column in range(_COLUMNS):
        often = Counter(choices[index][column].casefold() for index in left)
        for index in left:
            name = choices[index][column]
            if name and often[name.casefold()] == 1:
                names[index] = _free(name, used)
        left = [index for index in left if not names[index]]
    for index in left:
        names[index] = _free(choices[index][-1] or "plate", used)
    return names


def _choices(media: FoundMedia) -> tuple[str, str, str]:
    """The file's name, the folder's, both: "" where nothing of it can be in a name."""
    title = name_from(media.title)
    folder = name_from(PurePosixPath(media.path).parent.name)
    return title, folder, name_from(f"{folder}_{title}")


def _free(name: str, used: set[str]) -> str:
    """``name``, or it with the first number that is not ``used``; used from now on."""
    short = name[: MAX_NAME - _NUMBER_ROOM].rstrip(" .")
    possible = chain([name], (f"{short}-{number}" for number in count(2)))
    free = next(each for each in possible if each.casefold() not in used)
    used.add(free.casefold())
    return free
