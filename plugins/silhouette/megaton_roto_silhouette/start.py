"""What happens when Silhouette starts: preferences, actions, importer, hooks; nothing that waits.

The desk, the network and Qt's widgets come in when they are first needed.
"""

from __future__ import annotations

import atexit
import importlib
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional

from . import actions, marks
from .choices import BESIDE, BEZIER, BSPLINE, UPDATE, Choices
from .pump import TICK_SECONDS, Pump

if TYPE_CHECKING:
    from .farm import Farm
    from .flows import Flows

PREFERENCES: Dict[str, Any] = {
    "Megaton.Bezier shapes": False,
    "Megaton.New versions beside the old": False,
    "Megaton.Key offset of shape files": 0,
    "Megaton.Key bindings": False,
}


class Plugin:
    """The one instance of this plugin in this Silhouette."""

    def __init__(self, fx: Any, pump: Pump, ticking: Callable[[Pump], Any]) -> None:
        self.fx, self.pump = fx, pump
        self._ticking: Optional[Any] = None
        self._start_ticking = ticking
        self._farm: Optional[Farm] = None
        self.panel: Any = None
        self.listeners: List[Callable[[str], None]] = []
        self.job_settings: Dict[str, Any] = {}
        self._flows: Optional[Flows] = None

    @property
    def flows(self) -> Flows:
        """Made when first asked for: a start that loads nothing is a quick one."""
        if self._flows is None:
            from .flows import Flows

            self._flows = Flows(
                self.fx,
                self.pump,
                _Lazy(lambda: self.farm.desk),
                _Lazy(lambda: self.farm.runner),
                self.say,
                self.choices,
                self.settings,
            )
            self.tick()
        return self._flows

    @property
    def farm(self) -> Farm:
        """Made when first asked for: then the network's modules are imported, and a timer runs."""
        if self._farm is None:
            from .farm import Farm

            self.tick()
            self._farm = Farm(self.pump.post)
        return self._farm

    def tick(self) -> None:
        """Have the pump ticked from now on."""
        if self._ticking is None:
            self._ticking = self._start_ticking(self.pump)

    def say(self, text: str) -> None:
        self.fx.status(text)
        for listener in list(self.listeners):
            listener(text)

    def choices(self) -> Choices:
        prefs = self.fx.prefs
        return Choices(
            BESIDE if prefs["Megaton.New versions beside the old"] else UPDATE,
            BEZIER if prefs["Megaton.Bezier shapes"] else BSPLINE,
            int(prefs["Megaton.Key offset of shape files"]),
        )

    def settings(self) -> Mapping[str, Any]:
        """What was chosen for jobs in the panel: fields of the request."""
        return dict(self.job_settings)

    def submit(self) -> None:
        self.flows.submit()

    def fetch(self) -> None:
        self.flows.fetch()

    def correct(self) -> None:
        self.flows.correct()

    def show_panel(self) -> None:
        from . import panel

        self.panel = panel.show(self)

    def self_test(self) -> None:
        from . import selftest

        self.say(selftest.run(self.fx, self.flows))

    def project_opened(self) -> None:
        """Follow the jobs that were sent from the project's nodes, if any were."""
        session = self.fx.activeSession()
        nodes = list(session.nodes) if session is not None else []
        jobs = [str(job["id"]) for node in nodes for job in marks.jobs(marks.node_note(node))]
        if jobs:
            self.farm.desk.follow(jobs)

    def close(self) -> None:
        """Silhouette ends: give up politely, jobs go on at the farm."""
        if self._farm is not None:
            self._farm.close()
            self._farm = None


class _Lazy:
    """Something that is made when its first attribute is asked for."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)


_plugin: Optional[Plugin] = None


def plugin() -> Plugin:
    if _plugin is None:
        raise RuntimeError("Megaton Roto was not started")
    return _plugin


def start(ticking: Optional[Callable[[Pump], Any]] = None) -> Plugin:
    """Register everything. ``ticking`` starts a timer that calls the pump's `tick`."""
    global _plugin  # noqa: PLW0603 (a host has one of it)
    fx = importlib.import_module("fx")
    for name, default in PREFERENCES.items():
        fx.prefs.add(name, default)
    _plugin = Plugin(fx, Pump(), ticking or qt_timer)
    for action in actions.make(fx, _plugin):
        fx.addAction(action)
    if fx.prefs["Megaton.Key bindings"]:
        actions.bind(fx)
    _hook(_plugin)
    # There is no hook for Silhouette's end; closing only lets go, it waits for nothing.
    atexit.register(_plugin.close)
    return _plugin


def _hook(made: Plugin) -> None:
    """Follow a project's jobs when it is opened; the event comes before the project is whole."""
    hook = importlib.import_module("hook")

    def opened(*_: Any, **__: Any) -> None:
        made.pump.post(made.project_opened)
        made.tick()

    hook.add("post_load", opened)


def qt_timer(pump: Pump) -> Any:
    """A Qt timer on the main thread that ticks the pump."""
    try:
        core = importlib.import_module("PySide6.QtCore")
    except ImportError:
        core = importlib.import_module("PySide2.QtCore")
    timer = core.QTimer()
    timer.setInterval(int(TICK_SECONDS * 1000))
    timer.timeout.connect(pump.tick)
    timer.start()
    return timer
