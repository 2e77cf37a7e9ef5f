"""Mattes for the ID mattes hosts read, written by ``python -m hosts.blender.helpers_id_mattes``.

Hosts' Pythons lack what our writer needs, so the files are made beforehand; a test of the writer
(tests/media/test_cryptomatte.py) holds them against fresh ones.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

WIDTH, HEIGHT = 64, 48
NAMES = [
    "hero",
    'a "quote"',
    "back\\slash",
    "sla/sh",
    "línea",
    "日本語",
    "🦢 swan",
    "{brace}: <tag> & 'tick'",
    "null",
]


FILES = {
    Path(__file__).with_name("id_mattes.exr"): NAMES,
    Path(__file__).with_name("id_mattes_of_two.exr"): NAMES[:2],
}
"""The objects of each: they decide how many layers it has."""


def mattes(names: list[str]) -> dict[str, np.ndarray]:
    """Soft discs in a row, each over the ones before it, every other one see-through."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    found = {}
    for i, name in enumerate(names):
        disc = np.clip(8.5 - np.hypot(x - 8 - 6 * i, y - 24 + 5 * (i % 3)), 0, 1)
        found[name] = (disc * (1 if i % 2 else 0.75)).astype(np.float32)
    return found


def kept(names: list[str]) -> dict[str, np.ndarray]:
    """What each keeps of its matte: the upper one all, the others what is left of the pixel."""
    left = np.ones((HEIGHT, WIDTH), np.float32)
    result = {}
    for name, matte in reversed(mattes(names).items()):
        result[name] = np.minimum(matte, left)
        left = left - result[name]
    return result


def write(path: Path, names: list[str]) -> None:
    from roto_worker.export.cryptomatte import identities, levels_for, write_cryptomatte

    made = mattes(names)
    levels = levels_for(names, [made.__getitem__])
    write_cryptomatte(path, identities(names), made.__getitem__, levels=levels)


if __name__ == "__main__":
    for place, objects in FILES.items():
        write(place, objects)
