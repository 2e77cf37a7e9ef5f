"""A checker of Lottie files, written from the format and not from our writer.

It holds a file against the published schema and against what players demand besides, and evaluates
it: the groups drawn, what cuts them, their outlines on a frame in composition pixels, opacities.
"""

from __future__ import annotations

import functools
import math
from itertools import pairwise

import jsonschema
from lottie_specs.resources import load_specs

SHAPES, COMPOSITION = 4, 0
INVERTED_ALPHA = 2


class CheckError(Exception):
    pass


def need(condition, what):
    if not condition:
        raise CheckError(what)


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@functools.cache
def schema():
    return jsonschema.Draft202012Validator(load_specs())


def check(animation):
    for error in schema().iter_errors(animation):
        raise CheckError(f"schema: {error.json_path}: {error.message}")
    need({"v", "fr", "ip", "op", "w", "h", "layers"} <= set(animation), "a field is missing")
    need(animation["fr"] > 0 and animation["op"] > animation["ip"], "no duration")
    names = [asset["id"] for asset in animation["assets"]]
    need(len(names) == len(set(names)), "two assets of one name")
    known = set()
    for asset in animation["assets"]:
        check_layers(asset["layers"], known)
        known.add(asset["id"])
    check_layers(animation["layers"], known)


def check_layers(layers, known):
    """``known``: the compositions a layer may show, none of which shows this one."""
    indices = [layer["ind"] for layer in layers]
    need(len(indices) == len(set(indices)), "layer indices repeat")
    for above, layer in pairwise([{}, *layers]):
        need(layer["op"] > layer["ip"], "a layer without duration")
        need(bool(above.get("td")) == ("tt" in layer), "a matte belongs right above its layer")
        for name in ("o", "r", "p", "a", "s"):
            check_property(layer["ks"][name])
        if layer["ty"] == COMPOSITION:
            need(layer["refId"] in known, "a composition that is not there yet")
            need(layer["w"] > 0 and layer["h"] > 0, "a composition without a size")
        else:
            need(layer["ty"] == SHAPES, "neither shapes nor a composition")
            check_groups(layer["shapes"])
    need(not layers or "td" not in layers[-1], "a matte without a layer")


def check_groups(groups):
    need(groups, "a layer without groups")
    for group in groups:
        need(group["ty"] == "gr" and group["it"][-1]["ty"] == "tr", "a group without transform")
        for item in group["it"]:
            if item["ty"] == "sh":
                check_property(item["ks"], path=True)
            elif item["ty"] == "fl":
                need(item["c"] == {"a": 0, "k": [1, 1, 1, 1]}, "not white")
                check_property(item["o"])
                need(item["r"] in (1, 2), "fill rule")


def check_property(prop, path=False):
    need(prop["a"] in (0, 1), "a is 0 or 1")
    if prop["a"] == 0:
        if path:
            check_path(prop["k"])
        return
    keys = prop["k"]
    need(len(keys) >= 2, "an animated property needs two keys")
    times = [key["t"] for key in keys]
    need(times == sorted(set(times)), "key times do not ascend")
    need(not {"i", "o", "h"} & set(keys[-1]), "the last key has an ease")
    for key in keys[:-1]:
        need(key.get("h") == 1 or {"i", "o"} <= set(key), "a key without an ease")
    if path:
        for key in keys:
            need(len(key["s"]) == 1, "a path key holds one path")
            check_path(key["s"][0])
        need(len({len(key["s"][0]["v"]) for key in keys}) == 1, "vertex count changes")
    else:
        need(all(isinstance(key["s"], list) for key in keys), "s is a list")


def check_path(path):
    need(isinstance(path["c"], bool), "c is a boolean")
    need(len(path["v"]) == len(path["i"]) == len(path["o"]) >= 2, "v, i, o differ in length")
    for pair in (*path["v"], *path["i"], *path["o"]):
        need(len(pair) == 2 and all(map(is_number, pair)), f"point {pair}")


def value_at(prop, frame, mix):
    if prop["a"] == 0:
        return prop["k"]
    keys = prop["k"]
    if frame <= keys[0]["t"]:
        return keys[0]["s"]
    for a, b in pairwise(keys):
        if a["t"] <= frame < b["t"]:
            if a.get("h"):
                return a["s"]
            return mix(a["s"], b["s"], (frame - a["t"]) / (b["t"] - a["t"]))
    return keys[-1]["s"]


def mix_numbers(a, b, u):
    return [p + u * (q - p) for p, q in zip(a, b, strict=True)]


def mix_paths(a, b, u):
    return [
        {
            "c": a[0]["c"],
            **{
                n: [mix_numbers(p, q, u) for p, q in zip(a[0][n], b[0][n], strict=True)]
                for n in "vio"
            },
        }
    ]


def number(prop, frame):
    value = value_at(prop, frame, mix_numbers)
    return value[0] if isinstance(value, list) else value


def rows(prop, layer, frame):
    """x, y, in dx, in dy, out dx, out dy of each vertex in composition pixels."""
    path = value_at(prop, frame, mix_paths)
    path = path[0] if isinstance(path, list) else path
    ks = layer["ks"]
    ax, ay = value_at(ks["a"], frame, mix_numbers)[:2]
    px, py = value_at(ks["p"], frame, mix_numbers)[:2]
    sx, sy = (v / 100 for v in value_at(ks["s"], frame, mix_numbers)[:2])
    angle = math.radians(number(ks["r"], frame))
    c, s = math.cos(angle), math.sin(angle)

    def turn(x, y):
        x, y = x * sx, y * sy
        return c * x - s * y, s * x + c * y

    found = []
    for (x, y), (ix, iy), (ox, oy) in zip(path["v"], path["i"], path["o"], strict=True):
        tx, ty = turn(x - ax, y - ay)
        found.append((tx + px, ty + py, *turn(ix, iy), *turn(ox, oy)))
    return found


def parts(group):
    """The path, and the fill."""
    return group["it"][0]["ks"], next(item for item in group["it"] if item["ty"] == "fl")


def drawn(animation):
    """(layer, group, the (layer, group) that cut it) of each group drawn, topmost first."""
    assets = {asset["id"]: asset["layers"] for asset in animation["assets"]}

    def groups(layer):
        return [(layer, group) for group in layer["shapes"]]

    def walk(layers, cuts):
        matte = []
        for layer in layers:
            if layer.get("td"):
                matte = groups(layer)
                continue
            need("tt" not in layer or layer["tt"] == INVERTED_ALPHA, "kind of matte")
            cut = [*cuts, *matte] if "tt" in layer else cuts
            matte = []
            if layer["ty"] == COMPOSITION:
                yield from walk(assets[layer["refId"]], cut)
            else:
                yield from ((*pair, cut) for pair in groups(layer))

    return list(walk(animation["layers"], []))
