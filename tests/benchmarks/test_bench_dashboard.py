"""The dashboard's bench measures something of everything, on little; what is missing is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import bench_dashboard
from bench_dashboard import Size, goals, measure, tell
from browsing.browser import find_chromium
from roto_server.dashboard import built

TINY = Size(120, 100, 1, 2, 1.0, 50, 12, ("hero", "car"))


@pytest.mark.farm
def test_every_figure_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chromium = find_chromium()
    if chromium is None or not built():
        pytest.skip("needs Chromium and the built dashboard: make dashboard")
    found = measure(tmp_path, chromium, TINY)
    load = found["load"]
    assert 50 < load["kB"] < 5000
    assert load["requests"] > 5
    assert 0 < load["kB of answers"] < load["kB"]
    assert load["answers packed"] > 0
    assert load["first row ms"] > 0
    acts = {name: one for name, one in found["interaction"].items() if isinstance(one, dict)}
    assert len(acts) == 10
    for name, one in acts.items():
        assert one["n"] > 0, name
        assert 0 < one["p50"] <= one["p95"] <= one["max"], name
    assert 0 < found["last row ms"] < float("inf")
    assert found["interaction"]["filtered ms"] > 0
    assert found["storm"]["events"] > 0
    played = [(one["objects"], one["pictures"], one["speed"]) for one in found["player"]]
    rounds = [("first", 1), ("kept", 1), ("kept", 4)]
    assert played == [(count, *one) for count in (1, 2) for one in rounds]
    for one in found["player"]:
        assert one["fps"] > 0
        assert one["plain fps"] > 0
    assert len(found["memory"]["heap MiB"]) == len(found["memory"]["renderer MiB"]) == 4
    assert min(found["memory"]["renderer MiB"]) > 0
    tell(found)
    told = capsys.readouterr().out
    assert "goals" in told
    assert "input to frame, p95 ms" in told


def _figures(**changed: Any) -> dict[str, Any]:
    quick = {"p95": 20.0, "max": 30.0}
    return {
        "load": {"kB": 200.0},
        "interaction": {"nothing": {"p95": 500.0, "max": 500.0}, "a key": quick},
        "storm": {"storm": quick},
        "player": [{"speed": 1, "fps": 23.9}, {"speed": 1, "fps": 24.0}, {"speed": 4, "fps": 1.0}],
        "memory": {"heap, third round over first": 1.0},
        **changed,
    }


def test_goals_are_met_or_missed() -> None:
    assert {row[-1] for row in goals(_figures())} == {"met"}
    slow = {"p95": 20.0, "max": 100.0}
    for change in (
        {"load": {"kB": 300.0}},
        {"interaction": {"a key": {"p95": 20.0, "max": 30.0}, "another": slow}},
        {"player": [{"speed": 1, "fps": 23.0}, {"speed": 1, "fps": 24.0}]},
        {"player": [{"speed": 1, "fps": 24.0}, {"speed": 1, "fps": 23.0}]},
        {"memory": {"heap, third round over first": 1.5}},
    ):
        missed = [row for row in goals(_figures(**change)) if row[-1] == "MISSED"]
        assert len(missed) == 1, change


@pytest.mark.parametrize("missing", ["Chromium", "the dashboard"])
def test_what_is_missing_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    path = None if missing == "Chromium" else "/usr/bin/chromium"
    monkeypatch.setattr(bench_dashboard, "find_chromium", lambda: path)
    monkeypatch.setattr(bench_dashboard, "built", dict)
    with pytest.raises(SystemExit) as ended:
        bench_dashboard.main([])
    assert ended.value.code == 3
    assert missing in capsys.readouterr().out
