"""What an artist does to a Roto node by hand: on the text, by a reader and writer of its own."""

from __future__ import annotations

import struct
from typing import Any

from shapes import helpers_nk

Tree = list[Any]


def hexed(value: float) -> str:
    """A number as Nuke writes it: 0, 1, or a 32-bit float in hex."""
    if value in (0, 1):
        return str(int(value))
    return "x" + struct.pack(">f", value).hex()


def plain(token: Any) -> float:
    return float(helpers_nk.scalar(token))


def text(tree: Any) -> str:
    if isinstance(tree, str):
        return f'"{tree}"' if not tree or any(c.isspace() for c in tree) else tree
    return "{" + " ".join(text(item) for item in tree) + "}"


class Curves:
    """A curves knob opened for editing; `done` writes it back."""

    def __init__(self, node: Any) -> None:
        self.node = node
        (self.tree,) = helpers_nk.parse_list(node["curves"].toScript())
        self.root = next(part for part in self.tree if part[0] == "n")[1]

    def done(self) -> None:
        self.node["curves"].fromScript(text(self.tree))

    def items(self, below: Tree | None = None) -> list[tuple[Tree, Tree]]:
        """(parent, item) of every layer and shape."""
        found = []
        parent = self.root if below is None else below
        for item in parent[2:]:
            if item and item[0] in ("layer", "curvegroup"):
                found.append((parent, item))
                if item[0] == "layer":
                    found += self.items(item)
        return found

    def names(self) -> list[str]:
        return [item[1] for _, item in self.items() if item[0] == "curvegroup"]

    def named(self, name: str) -> Tree:
        return next(item for _, item in self.items() if item[1] == name)

    def rename(self, name: str, new: str) -> None:
        self.named(name)[1] = new

    def remove(self, name: str) -> None:
        parent, item = next(both for both in self.items() if both[1][1] == name)
        parent.remove(item)

    def copy(self, name: str, new: str, dx: float) -> None:
        """A second shape of the same form beside the first, in the same layer."""
        parent, item = next(both for both in self.items() if both[1][1] == name)
        (again,) = helpers_nk.parse_list(text(item))
        again[1] = new
        parent.append(again)
        for frame in self.frames(new):
            self.move(new, frame, dx, 0.0)

    def add_root_shape(self, name: str) -> None:
        """A square drawn at the top of the list, in no layer."""
        corners = [(10, 10), (40, 10), (40, 40), (10, 40)]
        points = " ".join(f"{{0 0}} {{{hexed(x)} {hexed(y)}}} {{0 0}}" for x, y in corners)
        shape = (
            f"{{curvegroup {name} 512 bezier {{{{cc {{f 8192}} {{px {hexed(1)} {points}}}}} idem}} "
            f"{{tx {hexed(1)} {hexed(25)} {hexed(25)}}} {{a osw {hexed(10)} osf 0 tt {hexed(4)}}}}}"
        )
        head = next(i for i, item in enumerate(self.root) if i > 1 and item[:1] == ["a"])
        self.root.insert(head + 1, helpers_nk.parse_list(shape)[0])

    # -- keys of a shape in px form

    def frames(self, name: str) -> list[int]:
        times = self._block(name)[1]
        return [round(plain(time)) for time in (times if isinstance(times, list) else [times])]

    def move(self, name: str, frame: int, dx: float, dy: float, only: int | None = None) -> None:
        """Move all points (or one) of a shape on a frame, by pixels, y up; keyed there if it was
        not. The neighbouring keys keep their values, the segments stay straight."""
        block = self._block(name)
        times = [plain(time) for time in (block[1] if isinstance(block[1], list) else [block[1]])]
        curves = [self._expanded(entry, axis, times) for entry in block[2:] for axis in (0, 1)]
        if frame not in times:
            for values in curves:
                values.insert(sum(t < frame for t in times), self._between(times, values, frame))
            times = sorted([*times, float(frame)])
        at = times.index(frame)
        for i in range(len(curves) // 6):
            if only in (None, i):
                curves[6 * i + 2][at] += dx
                curves[6 * i + 3][at] += dy
        block[1] = [hexed(time) for time in times]
        block[2:] = [
            [self._curve(times, curves[2 * i]), self._curve(times, curves[2 * i + 1])]
            for i in range(len(curves) // 2)
        ]

    def _block(self, name: str) -> Tree:
        main = self.named(name)[4][0]
        return next(part for part in main if isinstance(part, list) and part[0] == "px")

    def _expanded(self, entry: Any, axis: int, times: list[float]) -> list[float]:
        value = entry[axis] if len(entry) > axis else "0"
        if isinstance(value, str):
            return [plain(value)] * len(times)
        curve = helpers_nk.shared_curve(value, times)
        return [float(curve.at(time)) for time in times]

    def _between(self, times: list[float], values: list[float], frame: float) -> float:
        after = next((i for i, time in enumerate(times) if time > frame), None)
        if after in (0, None):
            return values[0 if after == 0 else -1]
        share = (frame - times[after - 1]) / (times[after] - times[after - 1])
        return values[after - 1] + share * (values[after] - values[after - 1])

    def _curve(self, times: list[float], values: list[float]) -> Tree:
        stored = [struct.unpack(">f", struct.pack(">f", value))[0] for value in values]
        if len(set(stored)) == 1:
            return [[hexed(stored[0]), "-"]]
        slopes = [
            (b - a) / (u - t)
            for a, b, t, u in zip(stored, stored[1:], times, times[1:], strict=False)
        ]
        return [
            [hexed(value), hexed(left), "1", hexed(right), "1"]
            for value, left, right in zip(stored, [0.0, *slopes], [*slopes, 0.0], strict=True)
        ]
