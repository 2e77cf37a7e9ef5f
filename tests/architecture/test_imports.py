"""The arrows of the architecture, enforced in every test run."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = run(str(linter), "--no-cache")
    assert result.returncode == 0, result.stdout + result.stderr


HOST_SIDE = (
    "shared_client/roto_shapes",
    "shared_client/roto_client/api",
    "shared_client/roto_client/contract",
    "shared_client/roto_client/hosts",
    "plugins/nuke",
    "plugins/silhouette",
)


@pytest.mark.parametrize("folder", HOST_SIDE)
def test_host_side_packages_are_python_39(folder: str) -> None:
    vermin = Path(sys.executable).with_name("vermin")
    result = run(str(vermin), "--quiet", "--no-tips", "--violations", "--target=3.9-", folder)
    assert result.returncode == 0, result.stdout


OF_HOSTS = {
    "nuke": {"nuke", "nukescripts"},
    "silhouette": {"fx", "hook", "tools"},
    "blender": {"bpy", "bpy_extras", "blf", "gpu", "gpu_extras", "imbuf", "mathutils", "numpy"},
}


@pytest.mark.parametrize("host", sorted(OF_HOSTS))
def test_plugins_import_the_client_and_their_host_only(host: str) -> None:
    folder = ROOT / "plugins" / host
    own = {path.name.partition(".")[0] for path in folder.rglob("*") if path.suffix in {"", ".py"}}
    allowed = {"roto_shapes", "roto_client", *OF_HOSTS[host], *own, *sys.stdlib_module_names}
    strays = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
        if name.partition(".")[0] not in allowed or name.startswith("roto_client.cli")
    }
    assert strays == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    return []


PANEL = ROOT / "plugins" / "aftereffects"
OF_PANEL_PARTS = {
    "contract": {"contract"},
    "host": {"host", "contract"},
    "client/src": {"client/src"},
    "panel/src": {"panel/src", "client/src", "contract"},
}
OF_ANOTHER = re.compile(
    r"""^\s*(?:import|export)\s+(?P<type>type\b)?(?:[\w*{}\s,$]*?\bfrom\s+)?["'](?P<from>[^"']+)["']""",
    re.MULTILINE,
)


def _typescript(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.ts*") if "node_modules" not in path.parts)


@pytest.mark.parametrize("part", sorted(OF_PANEL_PARTS))
def test_the_parts_of_the_panel_know_what_they_may(part: str) -> None:
    """The client could serve any page; only the host code knows After Effects; types of what
    panel and host say to each other may be anyone's."""
    modules = _typescript(PANEL / part)
    assert modules
    strays = set()
    for path in modules:
        for match in OF_ANOTHER.finditer(path.read_text(encoding="utf-8")):
            there = match["from"]
            if not there.startswith("."):
                package = there.partition("/")[0]
                if part != "panel/src" or package not in {"react", "react-dom"}:
                    strays.add(f"{path.relative_to(PANEL)}: {there}")
                continue
            target = (path.parent / there).resolve().relative_to(PANEL).as_posix()
            allowed = OF_PANEL_PARTS[part] | ({"contract"} if match["type"] else set())
            if not any(f"{target}/".startswith(f"{one}/") for one in allowed):
                strays.add(f"{path.relative_to(PANEL)}: {there}")
    assert strays == set()


def test_plugin_side_import_is_light() -> None:
    """A host imports roto_shapes and roto_client: nothing outside the standard library comes in."""
    code = (
        "import sys; before = set(sys.modules);"
        "import roto_shapes.document, roto_shapes.prompts, roto_client.hosts;"
        "new = {m.partition('.')[0] for m in set(sys.modules) - before};"
        "extra = new - set(sys.stdlib_module_names) - {'roto_shapes', 'roto_client'};"
        "assert not extra, extra"
    )
    result = run(sys.executable, "-I", "-c", code)
    assert result.returncode == 0, result.stderr


def test_torch_is_imported_in_its_rooms_only() -> None:
    rooms = ROOT / "farm_worker" / "roto_worker"
    strays = [
        str(path.relative_to(ROOT))
        for path in rooms.rglob("*.py")
        if not path.relative_to(rooms).as_posix().startswith(("engines/sam2/", "training/"))
        and any(
            line.split()[:2] in (["import", "torch"], ["from", "torch"], ["import", "sam2"])
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.split()
        )
    ]
    assert strays == []


def _written(folder: Path) -> list[Path]:
    """Modules in TypeScript; what is generated from the server's document and tests are none."""
    return [
        path
        for path in _typescript(folder)
        if path.name != "schema.ts" and ".test." not in path.name
    ]


def test_modules_stay_rooms_not_halls() -> None:
    """No module over 450 lines: two rooms are easier to know than one hall."""
    long = {
        str(path.relative_to(ROOT)): count
        for folder in ("shared_client", "server", "farm_worker", "plugins", "benchmarks")
        for path in (*(ROOT / folder).rglob("*.py"), *_written(ROOT / folder))
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert long == {}


def test_helpers_of_tests_have_names_of_their_own() -> None:
    """They are found by name on one path: of two, every suite would get the first."""
    found = sorted(path.name for path in (ROOT / "tests").rglob("helpers_*.py"))
    assert len(found) > 50
    assert found == sorted(set(found))
