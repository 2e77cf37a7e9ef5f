"""The self-test for a real seat, in the fake: it holds here, leaves nothing, and notices."""

from __future__ import annotations

from typing import Any

import pytest


def test_everything_we_assume_holds_in_the_fake(nuke: Any, host: Any) -> None:
    from megaton_roto_nuke import selftest

    nuke.connectViewer(0, nuke.nodes.Dot())
    nodes, entries = len(nuke.allNodes()), len(host.undo)
    findings = selftest.run()
    assert [str(one) for one in findings if not one.holds] == []
    assert len(findings) == 8
    assert len(nuke.allNodes()) == nodes
    assert len(host.undo) == entries


def test_what_does_not_hold_is_said(nuke: Any, host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Nuke that rounds what it is given, and one whose knobs key the frame of the moment."""
    from fake_nuke import knobs, nodes

    from megaton_roto_nuke import actions

    def rounded(self: Any, quote: bool = False, context: Any = None) -> str:
        return str(self._value).replace("x41199999", "x41190000").replace("x411b3333", "x41180000")

    def animated(self: Any, channel: int = -1) -> bool:
        for i in self._which(channel):
            self._channels[i] = {1.0: 0.0}
        return True

    monkeypatch.setattr(nodes.CurveKnob, "toScript", rounded)
    monkeypatch.setattr(knobs.Array_Knob, "setAnimated", animated)
    monkeypatch.setattr(knobs.Array_Knob, "removeKeyAt", lambda *args: False)
    actions.self_test()
    (text,) = host.messages
    differs = [line for line in text.splitlines() if line.startswith("DIFFERS")]
    assert "self-test in Nuke 15.1v3" in text
    assert any("handle's first key" in line for line in differs)
    assert any("no viewer is open" in line for line in differs)
