"""Draws docs/images/silhouette-*.png: the window over a generated plate, offscreen.

QT_QPA_PLATFORM=offscreen python tests/hosts/silhouette/picture.py docs/images (needs PySide6).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).parent
ROOT = HERE.parents[2]
for folder in (HERE, HERE.parent / "qt", ROOT / "plugins/silhouette"):
    sys.path.insert(0, str(folder))

from fake_fx import install  # noqa: E402
from helpers_qt import STATE, StillDesk, darken  # noqa: E402

from megaton_roto_silhouette import start  # noqa: E402
from roto_client.hosts import HostMemory  # noqa: E402
from roto_client.hosts.qt.shim import QtGui, QtWidgets  # noqa: E402
from roto_worker.synthetic.clip import generate_clip  # noqa: E402


class AtOnce:
    """A runner that does everything at once."""

    def run(self, work: Any, done: Any, failed: Any) -> None:
        done(work(None))


class StillFarm:
    def __init__(self, folder: Path) -> None:
        self.desk = StillDesk(STATE)
        self.desk.memory = HostMemory("silhouette", folder)
        self.runner = AtOnce()

    def close(self) -> None:
        """Nothing runs."""


def main(target: Path) -> None:
    """Write the pictures into ``target``."""
    folder = Path(tempfile.mkdtemp())
    clip = generate_clip(folder / "plate", 640, 360, 8)
    application = QtWidgets.QApplication([])
    darken(application)
    silhouette = install()
    silhouette.open_session(640, 360, 1001, 8)
    pattern = str(clip.pattern).replace("%04d", "[1001-1008]")
    silhouette.add_plate(pattern)
    plugin = start.start(ticking=lambda pump: pump)
    plugin._farm = StillFarm(folder)
    plugin.show_panel()
    window = plugin.panel
    window.resize(720, 560)
    window.jobs.jobs.selectRow(2)
    application.processEvents()
    save(window, target / "silhouette-jobs.png")

    window.tabs.setCurrentWidget(window.clicks)
    application.processEvents()
    tab = window.clicks
    tab.object.setEditText("hero")
    truth = clip.truth(1001)
    ys, xs = (truth >= 0.5).nonzero()
    view = tab.view.view
    middle = (float(xs.mean()), float(ys.mean()))
    tab.capture.click(view, view.to_view(middle), True)
    tab.capture.click(view, view.to_view((middle[0] + 180, middle[1] + 60)), False)
    corners = [(xs.min() - 8, ys.min() - 8), (xs.max() + 8, ys.max() + 8)]
    tab.capture.box(view, *(view.to_view((float(x), float(y))) for x, y in corners))
    tab._changed()
    mask = QtGui.QImage(
        (truth * 255).astype("uint8").tobytes(), 640, 360, 640, QtGui.QImage.Format_Grayscale8
    )
    png = folder / "mask.png"
    mask.save(str(png))
    tab.view.show_masks({"hero": png.read_bytes()})
    application.processEvents()
    save(window, target / "silhouette-clicks.png")


def save(window: object, path: Path) -> None:
    if not window.grab().save(str(path)):
        raise SystemExit(f"{path} cannot be written")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
