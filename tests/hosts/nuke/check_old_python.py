"""Run by an older Python, alone with an unpacked plugin: ``python -I check_old_python.py FOLDER``.

Everything imports, and shapes go there and back. Nuke is a mock here: this is about Python only.
"""

import sys
from unittest.mock import MagicMock

FOLDER = sys.argv[1]
MODULES = (
    "actions", "arriving", "correcting", "errors", "flows", "frames", "knobs", "mainthread",
    "making", "menu", "node", "outgoing", "panel", "panel_host", "picking", "plate", "previewing",
    "progress", "prompts", "readback", "render", "results", "selftest", "session", "shape_prompts",
    "state", "telling", "tracing", "viewer", "written",
)  # fmt: skip


def main():
    for name in ("nuke", "nukescripts", "nukescripts.panels"):
        sys.modules[name] = MagicMock(name=name)
    for name in ("init.py", "menu.py"):
        path = f"{FOLDER}/{name}"
        with open(path, encoding="utf-8") as file:
            exec(compile(file.read(), path, "exec"), {"__file__": path})
    for name in MODULES:
        __import__(f"megaton_roto_nuke.{name}")
    there_and_back()
    # What the first request to a server brings in.
    import requests
    import websocket

    import roto_client

    assert requests.Session
    assert websocket.create_connection
    assert roto_client.__file__.startswith(FOLDER), roto_client.__file__


def there_and_back():
    from megaton_roto_nuke.readback import read_back
    from megaton_roto_nuke.written import write_shapes
    from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape

    keys = [
        Key(frame, tuple(ControlPoint(10.1 * i + frame, 3.3 * i * i) for i in range(5)))
        for frame in (1, 7, 20)
    ]
    layer = Layer("l", "hero", shapes=[Shape("s", "a", keys=keys)])
    document = Document(100, 100, frame_range=(1, 20), layers=[layer])
    written = write_shapes(document, 100, "Roto1")
    assert read_back(written.curves, document, written.names, 100).layers == document.layers


main()
