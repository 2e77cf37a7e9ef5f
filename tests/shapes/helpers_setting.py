"""A reader of Fusion settings, written from the format and not from our reader or writer.

It parses the Lua table, and evaluates polygon masks on a frame: outline, level, paint mode, chain.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise

TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:\\.|[^"\\])*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[A-Za-z_]\w*)|(?P<mark>[{}()\[\]=,]))',
    re.DOTALL,
)


class CheckError(Exception):
    pass


def need(condition, what):
    if not condition:
        raise CheckError(what)


class Table:
    """``kind { key = value, value, ... }``."""

    def __init__(self, kind):
        self.kind, self.named, self.items = kind, {}, []

    def get(self, name, default=None):
        return self.named.get(name, default)


def parse(text):
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = TOKEN.match(text, at)
        need(match, f"cannot read {text[at : at + 20]!r}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    value, end = _value(tokens, 0)
    need(end == len(tokens), "text after the table")
    return value


def _value(tokens, i):
    kind, word = tokens[i]
    if kind == "number":
        return float(word), i + 1
    if kind == "text":
        return re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), word[1:-1]), i + 1
    if kind == "word" and word in ("true", "false"):
        return word == "true", i + 1
    name = ""
    if kind == "word":
        name, i = word, i + 1
        if tokens[i][1] == "(":
            need(tokens[i + 1][1] == ")", "a call with arguments")
            i += 2
    need(tokens[i][1] == "{", f"a table after {name!r}")
    return _table(tokens, i + 1, Table(name))


def _table(tokens, i, table):
    while tokens[i][1] != "}":
        key = None
        if tokens[i][1] == "[":
            key, i = float(tokens[i + 1][1]), i + 4
            need(tokens[i - 2][1] == "]" and tokens[i - 1][1] == "=", "a bracketed key")
        elif tokens[i + 1][1] == "=":
            key, i = tokens[i][1], i + 2
        value, i = _value(tokens, i)
        if key is None:
            table.items.append(value)
        else:
            need(key not in table.named, f"{key} twice")
            table.named[key] = value
        need(tokens[i][1] in ",}", "a comma")
        i += tokens[i][1] == ","
    return table, i + 1


class Mask:
    """A PolylineMask tool."""

    def __init__(self, name, tools):
        self.name, self.tools = name, tools
        self.inputs = tools[name].get("Inputs")

    def constant(self, name, default):
        given = self.inputs.get(name)
        return default if given is None else given.get("Value", default)

    def number(self, name, frame, default):
        given = self.inputs.get(name)
        if given is None or given.get("SourceOp") is None:
            return self.constant(name, default)
        return spline_at(self.tools[given.get("SourceOp")], frame)[0]

    def centre(self, frame):
        given = self.inputs.get("Center")
        if given is None:
            return 0.5, 0.5
        if given.get("SourceOp") is None:
            return tuple(given.get("Value").items)
        path = self.tools[given.get("SourceOp")].get("Inputs")
        axes = (path.get(axis).get("SourceOp") for axis in "XY")
        return tuple(spline_at(self.tools[axis], frame)[0] for axis in axes)

    @property
    def mode(self):
        mode = self.constant("PaintMode", None)
        return "Merge" if mode is None else mode.items[0]

    @property
    def below(self):
        given = self.inputs.get("EffectMask")
        return None if given is None else given.get("SourceOp")

    def outline(self, frame):
        """Per point (in, centre, out), absolute, in plate pixels with y down."""
        width, height = self.constant("MaskWidth", None), self.constant("MaskHeight", None)
        aspect = self.constant("PixelAspect", None).items[0]
        given = self.inputs.get("Polyline")
        points = polygon_at(self.tools[given.get("SourceOp")], frame)
        cx, cy = self.centre(frame)
        angle, size = self.number("ZRotation", frame, 0.0), self.number("Size", frame, 1.0)
        c, s = math.cos(math.radians(angle)) * size, math.sin(math.radians(angle)) * size

        def placed(x, y):
            """Turned counter-clockwise in square pixels, y up, then moved."""
            x, y = x * width * aspect, y * height
            return cx * width + (c * x - s * y) / aspect, height - (cy * height + s * x + c * y)

        return [
            [placed(x + lx, y + ly), placed(x, y), placed(x + rx, y + ry)]
            for x, y, lx, ly, rx, ry in points
        ]


def masks(text):
    """The masks of a setting in the order of the file."""
    tools = parse(text).get("Tools").named
    return [Mask(name, tools) for name, tool in tools.items() if tool.kind == "PolylineMask"]


def spline_at(spline, frame):
    """The value on a frame, the keys around it, and how far between them its value is."""
    keys = sorted(spline.get("KeyFrames").named.items())
    if frame <= keys[0][0]:
        return keys[0][1].items[0], keys[0][1], keys[0][1], 0.0
    for (f0, a), (f1, b) in pairwise(keys):
        if f0 <= frame < f1:
            v0, v1 = a.items[0], b.items[0]
            (h0, w0), (h1, w1) = a.get("RH").items, b.get("LH").items
            low, high = 0.0, 1.0
            for _ in range(50):
                t = (low + high) / 2
                low, high = (t, high) if _cubic(f0, h0, h1, f1, t) < frame else (low, t)
            value = _cubic(v0, w0, w1, v1, low)
            return value, a, b, (value - v0) / (v1 - v0) if v1 != v0 else 0.0
    return keys[-1][1].items[0], keys[-1][1], keys[-1][1], 0.0


def _cubic(a, b, c, d, t):
    return (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t * t * (1 - t) * c + t**3 * d


def polygon_at(spline, frame):
    """Rows X, Y, LX, LY, RX, RY between the polygons of two keys."""
    _, a, b, share = spline_at(spline, frame)
    pairs = zip(_rows(a), _rows(b), strict=True)
    return [[p + share * (q - p) for p, q in zip(m, n, strict=True)] for m, n in pairs]


def _rows(key):
    points = key.get("Value").get("Points").items
    return [
        [point.get(name, 0.0) for name in ("X", "Y", "LX", "LY", "RX", "RY")] for point in points
    ]
