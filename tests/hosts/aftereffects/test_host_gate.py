"""What may become host.jsx: types of the oldest and newest After Effects, ES3, one adapter."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from helpers_host import NODE, SOURCES, Session

TSC = SOURCES / "node_modules/typescript/bin/tsc"


def tsc(project):
    command = [NODE, TSC, "-p", project, "--pretty", "false"]
    return subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "project", ["host/tsconfig.oldest.json", "host/tsconfig.json", "tsconfig.json"]
)
def test_types(project) -> None:
    done = tsc(project)
    assert done.returncode == 0, done.stdout


def test_the_panels_own_tests() -> None:
    """Those in TypeScript; the client's run in test_client."""
    command = [NODE, "node_modules/vitest/vitest.mjs", "run", "panel/tests"]
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("import * as ae from './ae'; ae.newShape().closd = true;", "TS2551"),
        ("[1].map(String);", "TS2339"),
        ("JSON.stringify(1);", "TS2304"),
    ],
)
def test_the_types_find_what_after_effects_lacks(tmp_path, code, fault) -> None:
    """The same settings, on code that is wrong."""
    (tmp_path / "host").symlink_to(SOURCES / "host")
    (tmp_path / "wrong.ts").write_text(code.replace("./ae", "./host/ae") + "\nexport {};\n")
    settings = {"extends": str(SOURCES / "host/tsconfig.oldest.json"), "include": ["wrong.ts"]}
    settings["compilerOptions"] = {"typeRoots": [str(SOURCES / "node_modules")]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    done = tsc(tmp_path / "tsconfig.json")
    assert done.returncode != 0
    assert fault in done.stdout


GATE = """import { es3Faults } from "./gate.mjs";
const faults = es3Faults(process.argv[1]);
console.log(JSON.stringify(faults));
"""


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("var a = 1 ? 2 : 3 ? 4 : 5;", "parentheses"),
        ("var a = 1 ? 2 ? 3 : 4 : 5;", "parentheses"),
        ("var a = 1 || 2 && 3;", "parentheses"),
        ("var a = 1 || (2 && 3);", None),
        ("var a = {b: 1,};", "Unexpected token"),
        ("var a = {default: 1};", "Unexpected keyword"),
        ("a.delete();", "Unexpected keyword"),
        ("var a = () => 1;", "Unexpected token"),
        ("let a = 1;", "Unexpected token"),
        ("var a = {get b() { return 1; }};", "Unexpected token"),
        ("var a = 'é';", "not ASCII"),
        ("var a = 1 ? 2 : (3 ? 4 : 5); var b = {'default': [1, 2]};", None),
    ],
)
def test_the_gate(code, word) -> None:
    command = [NODE, "--input-type=module", "-e", GATE, code]
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=True)
    faults = json.loads(done.stdout)
    assert (faults == []) == (word is None)
    assert word is None or any(word in fault for fault in faults)


_GLOBALS = re.compile(
    r"\bapp\b|\$\.|\bnew (?:File|Folder|Shape|ImportOptions)\b|\binstanceof (?!Array)|"
    r"\b(?:MaskMode|MaskMotionBlur|KeyframeInterpolationType|TrackMatteType|FieldSeparationType|"
    r"PulldownPhase|FrameBlendingType|AlphaMode)\."
)


def test_only_the_adapter_names_after_effects() -> None:
    """So that another way into After Effects is another ae.ts."""
    for source in (SOURCES / "host").glob("*.ts"):
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", source.read_text(), flags=re.S)
        if source.name == "ae.ts":
            assert _GLOBALS.search(code)
        else:
            assert not _GLOBALS.search(code), source.name


# --- the stand-in is as strict as After Effects

_OWN = """
app.beginUndoGroup("x");
var layer = app.project.activeItem.layer(1);
var masks = layer.property("ADBE Mask Parade");
var mask = masks.addProperty("ADBE Mask Atom");
"""
REFUSED = {
    "stale after a mask goes": (
        _OWN + "var second = masks.addProperty('ADBE Mask Atom'); masks.property(1).remove();"
        "second.name;",
        "invalid",
    ),
    "stale after a move": (
        _OWN + "var second = masks.addProperty('ADBE Mask Atom'); second.moveTo(1); second.name;",
        "invalid",
    ),
    "a layer that is gone": (_OWN + "layer.remove(); layer.name;", "invalid"),
    "a project that is gone": (_OWN + "app.newProject(); layer.name;", "invalid"),
    "English names": (_OWN + "layer.property('Masks').numProperties;", "null"),
    "a locked layer": (_OWN + "layer.locked = true; mask.name = 'a';", "locked"),
    "a locked mask": (_OWN + "mask.locked = true; mask.inverted = true;", "locked"),
    "an enumeration's misspelt name": (_OWN + "mask.maskMode = MaskMode.SUBSTRACT;", "no SUBSTR"),
    "a matte before 23": (_OWN + "layer.setTrackMatte(layer, TrackMatteType.LUMA);", "no setTrack"),
    "the luma of alpha alone": (
        "app.beginUndoGroup('x'); var comp = app.project.activeItem;"
        "var options = new ImportOptions(new File('/m/a.1.exr'));"
        "var matte = comp.layers.add(app.project.importFile(options));"
        "comp.layer(2).trackMatteType = TrackMatteType.LUMA;",
        "nothing would show",
    ),
    "key 0": (_OWN + "mask.property('ADBE Mask Opacity').keyTime(0);", "no key 0"),
    "methods of newer arrays": (_OWN + "mask.color.map(String);", "not a function"),
    "a value's copy": (
        _OWN + "mask.color[0] = 0.5; if (mask.color[0] !== 0.5) { throw new Error('a copy'); }",
        "a copy",
    ),
    "no undo group": ("app.project.activeItem.layer(1).name = 'a';", "outside the undo"),
}


@pytest.mark.parametrize(("script", "words"), REFUSED.values(), ids=REFUSED)
def test_what_the_stand_in_refuses(tmp_path, script, words) -> None:
    nothing = tmp_path / "nothing.jsx"
    nothing.write_text("")
    alpha = {"/m/a.1.exr": {"width": 9, "height": 9, "alpha": True, "dark": True}}
    session = Session(nothing, version="22.6x64", footage=alpha)
    session.open()
    answer = session.order(eval=script)
    assert answer["result"] == "EvalScript error."
    assert words in answer["error"]
    session.close()


def test_a_group_left_open_is_closed_and_told(tmp_path) -> None:
    nothing = tmp_path / "nothing.jsx"
    nothing.write_text("")
    session = Session(nothing)
    session.open()
    session.script('app.beginUndoGroup("left"); app.project.activeItem.layer(1).name = "a";')
    assert session.state()["undo"][-1] == {"name": "left", "changes": 1, "leftOpen": True}
    assert "outside" in session.order(eval='app.project.activeItem.layer(1).name = "b";')["error"]
    assert session.order(undo=True)["result"] == "left"
    assert session.layer()["name"] == "a.1001.exr"
    session.close()
