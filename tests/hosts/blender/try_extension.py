"""Runs in Blender's Python: what happens to the extension's zip there. Prints one JSON line.

``python -I try_extension.py ZIP``, with BLENDER_USER_RESOURCES a folder of its own: nothing but
Blender and the zip is on the path. Without ZIP: what `roto plugins install` left in that folder.
"""

from __future__ import annotations

import json
import sys
import time

import bpy

MODULE = "bl_ext.user_default.megaton_roto"


def main() -> None:
    preferences = bpy.context.preferences
    before = set(dir(bpy.types))
    if len(sys.argv) > 1:
        installed = bpy.ops.extensions.package_install_files(
            filepath=sys.argv[1], repo="user_default", enable_on_install=True
        )
    else:
        bpy.ops.extensions.repo_refresh_all()
        installed = bpy.ops.preferences.addon_enable(module=MODULE)
    told = {"installed": sorted(installed), "enabled": MODULE in preferences.addons}
    import certifi
    import requests
    import websocket

    import roto_client.hosts
    import roto_shapes

    told["files"] = [one.__file__ for one in (roto_client, roto_shapes, websocket)]
    told["requests"] = [requests.__version__, certifi.where()]
    told["strangers"] = sorted(name for name in ("roto_client.cli", "torch") if name in sys.modules)
    package = sys.modules[MODULE]
    package.unregister()
    # Of this thread's own time: other tests may keep the machine busy.
    began = time.thread_time()
    package.register()
    told["register_seconds"] = time.thread_time() - began
    bpy.ops.preferences.addon_disable(module=MODULE)
    told["left"] = sorted(set(dir(bpy.types)) - before)
    told["disabled"] = MODULE not in preferences.addons
    bpy.ops.preferences.addon_enable(module=MODULE)
    told["again"] = MODULE in preferences.addons
    bpy.ops.preferences.addon_disable(module=MODULE)
    sys.stdout.write(f"told {json.dumps(told)}\n")
    sys.stdout.flush()


main()
