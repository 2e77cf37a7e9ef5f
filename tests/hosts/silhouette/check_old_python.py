"""Run by an older Python, alone with an unpacked plugin: ``python -I check_old_python.py FOLDER``.

Silhouette loads it as it would, everything imports, and shapes become rows and come back.
Silhouette and Qt are mocks here: this is about Python only.
"""

import importlib
import os
import sys
from types import ModuleType
from unittest.mock import MagicMock

FOLDER = sys.argv[1]
NO_MODULES = ("__init__",)


class Action:
    ShapeImporter = 1

    def __init__(self, label, menu=None, type=0, extension=None):
        self.label = label


class Prefs(dict):
    def add(self, name, default):
        self.setdefault(name, default)


def main():
    added = []
    fx = ModuleType("fx")
    fx.Action, fx.prefs, fx.addAction = Action, Prefs(), added.append
    sys.modules["fx"] = fx
    sys.modules["hook"] = MagicMock(name="hook")
    for name in ("PySide6", "PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets"):
        sys.modules[name] = MagicMock(name=name)
    sys.modules["PySide6.QtWidgets"].QWidget = type("QWidget", (), {})
    sys.modules["PySide6.QtWidgets"].QDialog = type("QDialog", (), {})
    sys.modules["PySide6"].QtWidgets = sys.modules["PySide6.QtWidgets"]

    sys.path.insert(0, os.path.dirname(FOLDER))
    package = importlib.import_module(os.path.basename(FOLDER))
    assert len(added) == 6, added
    names = sorted(name[:-3] for name in os.listdir(FOLDER) if name.endswith(".py"))
    qt = {"panel", "capture_panel", "capture_view"}
    for name in names:
        if name not in NO_MODULES and name not in qt:
            importlib.import_module(f"{package.__name__}.{name}")
    there_and_back()
    # What the first request to a server brings in.
    import requests

    import roto_client

    assert requests.Session
    assert roto_client.__file__.startswith(FOLDER), roto_client.__file__


def there_and_back():
    from megaton_roto_silhouette.edits import edited_layer
    from megaton_roto_silhouette.host_shapes import HostLayer, HostShape
    from megaton_roto_silhouette.plan import build_plan
    from roto_shapes.formats.silhouette_lower import Space
    from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape

    keys = [
        Key(
            frame,
            tuple(ControlPoint(10.1 * i + frame, 3.3 * i * i, 1, 2, -1, -2) for i in range(5)),
        )
        for frame in (1, 7, 20)
    ]
    layer = Layer("l", "hero", shapes=[Shape("s", "a", keys=keys)])
    document = Document(100, 100, frame_range=(1, 20), layers=[layer])
    (plan,) = build_plan(document, 1).layers
    shape = plan.shapes[0]
    space = Space(100, 100, 1.0)
    there = {f: tuple(ControlPoint(*space.pixel(v)) for v in row) for f, row in shape.rows}
    note = dict(shape.note(), layer="l")
    host = HostShape(note, "a", "bspline", True, False, False, there, [(0, 100.0)], [False])
    edited = edited_layer(document, HostLayer(note, "hero", [host]), 1)
    assert not edited.changed
    assert edited.layer == layer


main()
