"""A checker of Nuke scripts with roto shapes, written from the grammar and not from our writer.

It reads the Tcl of a script, decodes the ``curves`` knobs of Roto and RotoPaint nodes, holds them
against the rules every saved script was seen to keep, and evaluates shapes on a frame the way Nuke
does (cubic Hermite per axis). It imports nothing of the product.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass, field
from itertools import pairwise

KNOWN_FLAGS = (1 << 23) - 1
HEX = re.compile(r"x[0-9a-f]{8}")


class CheckError(Exception):
    pass


def need(condition, what):
    if not condition:
        raise CheckError(what)


# --- Tcl


def _skip_word(text, i):
    """The end of the word that begins at ``i``."""
    need(text[i] != "}", "one brace too many")
    if text[i] == "{":
        end = _skip_braces(text, i)
    elif text[i] == '"':
        end = _skip_quotes(text, i)
    else:
        end = _skip_bare(text, i)
    return end


def _skip_braces(text, i):
    depth = 0
    while i < len(text):
        if text[i] == "\\":
            i += 1
        depth += (text[i : i + 1] == "{") - (text[i : i + 1] == "}")
        i += 1
        if depth == 0:
            return i
    raise CheckError("braces do not balance")


def _skip_quotes(text, i):
    i += 1
    while i < len(text) and text[i] != '"':
        i += 2 if text[i] == "\\" else 1
    need(i < len(text), "a quote does not end")
    return i + 1


def _skip_bare(text, i):
    depth = 0
    while i < len(text) and (depth or text[i] not in " \t\r\n;"):
        if text[i] == "\\":
            i += 1
        depth += (text[i : i + 1] == "[") - (text[i : i + 1] == "]")
        i += 1
    need(depth == 0, "a bracket does not end")
    return i


def commands(text):
    """Commands as lists of (word, offset); braces and quotes around a word are dropped."""
    found, current, i = [], [], 0
    while i < len(text):
        if text[i] in "\n;":
            if current:
                found.append(current)
            current, i = [], i + 1
        elif text[i].isspace():
            i += 1
        elif text[i] == "#" and not current:
            i = (text.find("\n", i) + 1) or len(text)
        else:
            end = _skip_word(text, i)
            need(text[end : end + 1] in ("", " ", "\t", "\r", "\n", ";"), "text after a brace")
            word = text[i:end]
            inner = word[1:-1] if word[0] in '{"' else word
            current.append((inner, i + (word[0] in '{"')))
            i = end
    if current:
        found.append(current)
    return found


def parse_list(text):
    """A brace list as nested Python lists of text."""
    stack = [[]]
    i = 0
    while i < len(text):
        c = text[i]
        if c.isspace():
            i += 1
        elif c == "{":
            stack.append([])
            i += 1
        elif c == "}":
            need(len(stack) > 1, "one brace too many")
            inner = stack.pop()
            stack[-1].append(inner)
            i += 1
        elif c == '"':
            end = _skip_quotes(text, i)
            stack[-1].append(text[i + 1 : end - 1])
            i = end
        else:
            start = i
            while i < len(text) and text[i] not in " \t\r\n{}":
                i += 1
            stack[-1].append(text[start:i])
    need(len(stack) == 1, "braces do not balance")
    return stack[0]


# --- numbers and curves


def scalar(token):
    """A number: 0, 1, a decimal, float32 hex, or an expression's fallback."""
    if isinstance(token, list):
        need(token and isinstance(token[0], str) and token[0].startswith("="), f"number {token}")
        return scalar(token[-1])
    if token.startswith("x"):
        need(HEX.fullmatch(token), f"hex number {token}")
        value = struct.unpack(">f", bytes.fromhex(token[1:]))[0]
    else:
        try:
            value = float(token)
        except ValueError:
            raise CheckError(f"number {token}") from None
    need(math.isfinite(value), f"{token} is not finite")
    return value


def is_expression(token):
    return isinstance(token, list) and bool(token) and str(token[0]).startswith("=")


@dataclass
class Curve:
    """Keys (time, value, left slope, right slope); one key is a constant."""

    keys: list

    def at(self, time):
        keys = self.keys
        if time <= keys[0][0]:
            return keys[0][1]
        for (t0, v0, _, r0), (t1, v1, l1, _) in pairwise(keys):
            if t0 <= time < t1:
                d = t1 - t0
                u = (time - t0) / d
                return (
                    (2 * u**3 - 3 * u**2 + 1) * v0
                    + (u**3 - 2 * u**2 + u) * d * r0
                    + (3 * u**2 - 2 * u**3) * v1
                    + (u**3 - u**2) * d * l1
                )
        return keys[-1][1]

    @property
    def times(self):
        return [key[0] for key in self.keys]


def constant(value):
    return Curve([(0.0, value, 0.0, 0.0)])


def _check_ends(keys):
    need(keys[0][2] == 0, "the first key has a left slope")
    need(keys[-1][3] == 0, "the last key has a right slope")


def _tail(item):
    """Value and slopes of ``v | {v -} | {v l la r ra}``."""
    if not isinstance(item, list) or is_expression(item):
        return scalar(item), 0.0, 0.0
    if len(item) == 1:
        return scalar(item[0]), 0.0, 0.0
    if len(item) == 2:
        need(item[1] == "-", f"key {item}")
        return scalar(item[0]), 0.0, 0.0
    need(len(item) == 5, f"key {item} has {len(item)} tokens")
    value, left, la, right, ra = map(scalar, item)
    need(la == 1 and ra == 1, f"key {item} has la, ra other than 1")
    return value, left, right


def shared_curve(axis, times):
    """An axis of a ``px`` block."""
    if not isinstance(axis, list) or is_expression(axis):
        return constant(scalar(axis))
    items = []
    for item in axis:
        if isinstance(item, list) and len(item) == 3 and item[0] == "x":
            items.extend([_tail(item[2])] * int(item[1]))
        else:
            items.append(_tail(item))
    need(len(items) in (1, len(times)), f"{len(items)} items for {len(times)} keys")
    if len(items) == 1:
        items = items * len(times)
    curve = Curve([(t, *item) for t, item in zip(times, items, strict=True)])
    if len(axis) == len(times) > 1:
        _check_ends(curve.keys)
    return curve


def own_curve(value, sibling=None):
    """A number or a list of keys with times, as in ``p`` blocks, transforms and attributes."""
    if not isinstance(value, list) or is_expression(value):
        return constant(scalar(value))
    if value and value[0] == "r":
        runs = [(item[0], int(item[1])) for item in value[1]]
        items = [_tail(key) for key, count in runs for _ in range(count)]
        need(sibling is not None and len(items) == len(sibling.keys), "run without sibling times")
        return Curve([(t, *item) for t, item in zip(sibling.times, items, strict=True)])
    keys = []
    for item in value:
        need(isinstance(item, list) and item, f"key {item}")
        if len(item) == 1:
            need(keys, "the first key has no value")
            keys.append((scalar(item[0]), keys[-1][1], 0.0, 0.0))
            continue
        need(len(item) in (2, 3, 6), f"key {item} has {len(item)} tokens")
        keys.append((scalar(item[0]), *_tail(item[1:])))
    times = [key[0] for key in keys]
    need(times and times == sorted(set(times)), "key times do not ascend")
    _check_ends(keys)
    return Curve(keys)


# --- the tree


@dataclass
class Cc:
    flags: int
    times: list  # empty for a p block
    entries: list  # (x curve, y curve)

    @property
    def keyed(self):
        return len(self.times) or "static/p"


@dataclass
class Shape:
    name: str
    flags: int
    kind: str
    main: Cc
    feather: Cc | None
    transform: list
    attributes: dict
    layers: list = field(default_factory=list)

    @property
    def point_count(self):
        return len(self.main.entries) // (3 if self.kind == "bezier" else 1)

    @property
    def open(self):
        return bool(self.flags & (1 << 20))

    def attribute(self, name, frame, default):
        curve = self.attributes.get(name)
        return default if curve is None else curve.at(frame)

    def visible(self, frame):
        life = self.attribute("ltt", frame, 0)
        start, end = self.attribute("ltn", frame, 0), self.attribute("ltm", frame, 0)
        need(life in (0, 1, 2, 3, 4), f"lifetime type {life}")
        alive = {
            0: True,
            1: frame <= end,
            2: frame == start,
            3: frame >= start,
            4: start <= frame <= end,
        }[life]
        return alive and self.attribute("vis", frame, 1) != 0

    def outline(self, frame, height):
        """Per point (in, centre, out), absolute, in plate pixels with y down."""
        entries = [(x.at(frame), y.at(frame)) for x, y in self.main.entries]
        points = []
        for left, centre, right in zip(entries[::3], entries[1::3], entries[2::3], strict=True):
            triple = [
                (centre[0] + left[0], centre[1] + left[1]),
                centre,
                (centre[0] + right[0], centre[1] + right[1]),
            ]
            for layer in reversed(self.layers):
                triple = [layer.apply(point, frame) for point in triple]
            points.append([(x, height - y) for x, y in triple])
        return points


@dataclass
class Layer:
    name: str
    flags: int
    transform: list
    items: list = field(default_factory=list)

    def slot(self, index, frame, default=0.0):
        return self.transform[index].at(frame) if index < len(self.transform) else default

    def apply(self, point, frame):
        """Scale, turn (counter-clockwise, y up) about the pivot, then move."""
        pivot = self.slot(0, frame), self.slot(1, frame)
        x = (point[0] - pivot[0]) * self.slot(9, frame, 1.0)
        y = (point[1] - pivot[1]) * self.slot(10, frame, 1.0)
        a = math.radians(self.slot(8, frame))
        x, y = x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a)
        return x + pivot[0] + self.slot(3, frame), y + pivot[1] + self.slot(4, frame)


def _flags(item):
    need(len(item) == 2 and item[0] == "f", f"flags {item}")
    value = int(item[1])
    need(value & ~KNOWN_FLAGS == 0, f"unknown flag bits in {value}")
    return value


def _entry(item):
    need(isinstance(item, list), f"entry {item}")
    if item and isinstance(item[0], list) and item[0] and item[0][0] == "a":
        item = item[1:]
    need(len(item) <= 3, f"entry {item}")
    return item


def _cc(item):
    need(item[0] == "cc" and len(item) == 3, "cc is not {cc {f N} BLOCK}")
    flags, block = _flags(item[1]), item[2]
    if block[0] == "p":
        entries = []
        for entry in map(_entry, block[1:]):
            x = own_curve(entry[0]) if entry else constant(0.0)
            y = own_curve(entry[1], sibling=x) if len(entry) > 1 else constant(0.0)
            entries.append((x, y))
        return Cc(flags, [], entries)
    need(block[0] == "px", f"point block {block[0]}")
    times = [scalar(t) for t in block[1]] if isinstance(block[1], list) else [scalar(block[1])]
    need(times == sorted(set(times)), "key times do not ascend")
    entries = []
    for entry in map(_entry, block[2:]):
        need(len(entry) >= 2, "an entry without x and y")
        entries.append((shared_curve(entry[0], times), shared_curve(entry[1], times)))
    return Cc(flags, times, entries)


def _transform(item):
    need(item[0] in ("t", "tx"), f"transform {item[0]}")
    return [own_curve(value) for value in item[1 if item[0] == "t" else 2 :]]


def _attributes(item):
    need(item[0] == "a", f"attributes {item[0]}")
    need(len(item) % 2 == 1, "attributes are not pairs")
    return {name: own_curve(value) for name, value in zip(item[1::2], item[2::2], strict=True)}


def _shape(item, layers):
    need(len(item) == 7, f"curvegroup of {len(item)} parts")
    _, name, flags, kind, pair, transform, attributes = item
    need(kind in ("bezier", "bspline"), f"type {kind}")
    need(len(pair) == 2, "a curvegroup has not two curves")
    main = _cc(pair[0])
    feather = None if pair[1] == "idem" else _cc(pair[1])
    need(len(main.entries) % 3 == 0, f"{name}: {len(main.entries)} entries")
    need(feather is None or len(feather.entries) == len(main.entries), f"{name}: feather points")
    flags = _flags(["f", flags])
    return Shape(
        name, flags, kind, main, feather, _transform(transform), _attributes(attributes), layers
    )


def _layer(item, parents):
    need(item[0] == "layer", f"{item[0]} where a layer was due")
    need([i[0] for i in item[2:5]] in (["f", "t", "a"], ["f", "tx", "a"]), "layer order f, t, a")
    _attributes(item[4])
    layer = Layer(item[1], _flags(item[2]), _transform(item[3]))
    for child in item[5:]:
        if child[0] == "layer":
            layer.items.append(_layer(child, [*parents, layer]))
        elif child[0] == "curvegroup":
            layer.items.append(_shape(child, [*parents, layer]))
        else:
            need(child[0] == "cubiccurve", f"item {child[0]}")
    return layer


def decode_curves(text):
    """The root layer of a ``curves`` knob's value."""
    tree = parse_list(text)
    need(len(tree) == 1, "curves is not one list")
    if isinstance(tree[0][0], list) and isinstance(tree[0][0][0], list):
        tree = tree[0]
    version, flags, node = tree[0]
    need(version == ["v", "x3f99999a"], f"version {version}")
    need(flags == ["f", "0"], f"outer flags {flags}")
    need(node[0] == "n" and node[1][1] == "Root", "no Root layer")
    return _layer(node[1], [])


@dataclass
class Knob:
    node_class: str
    line: int
    root: Layer
    knobs: dict


def curves_knobs(text):
    """Every ``curves`` knob of the Roto and RotoPaint nodes of a script."""
    found = []
    for words in commands(text):
        node, _ = words[0]
        if node not in ("Roto", "RotoPaint") or len(words) != 2:
            continue
        body, start = words[1]
        knobs = {command[0][0]: command[1:] for command in commands(body)}
        if "curves" not in knobs:
            continue
        value, offset = knobs["curves"][0]
        line = text.count("\n", 0, start + offset) + 1
        plain = {name: " ".join(w for w, _ in v) for name, v in knobs.items() if name != "curves"}
        found.append(Knob(node, line, decode_curves(value), plain))
    return found


def shapes_of(layer):
    """The shapes below a layer, topmost first."""
    shapes = []
    for item in layer.items:
        shapes.extend(shapes_of(item) if isinstance(item, Layer) else [item])
    return shapes


def layers_of(layer):
    found = [layer]
    for item in layer.items:
        if isinstance(item, Layer):
            found.extend(layers_of(item))
    return found


def check_strict(root):
    """Rules for our own files, beyond those of every saved script."""
    names = [s.name for s in shapes_of(root)] + [layer.name for layer in layers_of(root)]
    need(len(names) == len(set(names)), f"names repeat: {names}")
    for layer in layers_of(root):
        need(layer.flags & 512, "a layer is not renderable")
    for shape in shapes_of(root):
        need(shape.flags & 512, f"{shape.name} is not renderable")
        need(shape.main.flags & 8192, f"{shape.name}: tangents are not relative")
        need(shape.open == bool(shape.main.flags & 32), f"{shape.name}: open flags differ")
        need(all(t == int(t) for t in shape.main.times), f"{shape.name}: key between frames")
        need(shape.main.times, f"{shape.name}: not in px form")
