"""The panel's own tests, in Node, and its types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ROOT / "plugins" / "aftereffects"
NODE = Path(sys.executable).with_name("node.exe" if os.name == "nt" else "node")


def node(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [NODE, *command], cwd=SOURCES, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_panels_own_tests(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    how = ["run", "panel", "--reporter=json", f"--outputFile={report}"]
    run = node("node_modules/vitest/vitest.mjs", *how)
    assert report.exists(), run.stdout + run.stderr
    told = json.loads(report.read_text())
    tests = [test for file in told["testResults"] for test in file["assertionResults"]]
    failed = ["\n".join(test["failureMessages"]) for test in tests if test["status"] == "failed"]
    assert failed == []
    assert run.returncode == 0, run.stdout + run.stderr
    assert len(tests) >= 67


def test_types_of_panel_client_and_contract_agree() -> None:
    run = node("node_modules/typescript/bin/tsc", "-p", "tsconfig.json", "--pretty", "false")
    assert run.returncode == 0, run.stdout
