"""Plugins as zips: complete, the same bytes every time, and installed in one piece."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from roto_client.contract import PRODUCT_VERSION
from roto_client.plugins import (
    HOSTS,
    build,
    extension,
    files,
    install,
    layouts,
    libraries,
    own_wheel,
)
from roto_shapes.errors import RotoError

ROOT = Path(__file__).resolve().parents[3]
VENDORED = sorted(host for host, layout in HOSTS.items() if layout.kind == "vendored")
BUILT = sorted(host for host, layout in HOSTS.items() if layout.kind != "panel")
"""Without the panel of After Effects: Node builds it (tests/hosts/aftereffects)."""


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("dist")
    return {host: build(host, folder) for host in BUILT}


@pytest.mark.parametrize("host", BUILT)
def test_the_same_sources_give_the_same_bytes(
    host: str, zips: dict[str, Path], tmp_path: Path
) -> None:
    again = build(host, tmp_path)
    assert again.name == f"megaton-roto-{host}-{PRODUCT_VERSION}.zip"
    assert again.read_bytes() == zips[host].read_bytes()


@pytest.mark.parametrize("host", VENDORED)
def test_nothing_else_is_needed(host: str, zips: dict[str, Path], tmp_path: Path) -> None:
    """With the zip alone on the path, everything the plugin shares with us is importable, and a
    request gets as far as the network; no compiled file is in it, and no terminal."""
    with zipfile.ZipFile(zips[host]) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc"))]
    assert not [name for name in names if "roto_client/cli" in name or "/tests/" in name]
    vendor = tmp_path / HOSTS[host].top / "vendor"
    code = (
        f"import sys; sys.path.insert(0, {str(vendor)!r})\n"
        "from roto_client.hosts import Desk\n"
        "import roto_client.api.config as config; config.config_dir()\n"
        "import requests, websocket, roto_client\n"
        f"assert roto_client.__file__.startswith({str(vendor)!r})\n"
        "from roto_client.api import RotoClient, Retry\n"
        "from roto_client.api.errors import ServerUnavailableError\n"
        "client = RotoClient('http://127.0.0.1:9', 'key', retry=Retry(tries=1))\n"
        "try:\n    list(client.projects())\n"
        "except ServerUnavailableError as error:\n    print('hint:', error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "hint:" in done.stdout


@pytest.mark.parametrize("host", VENDORED)
def test_every_bundled_package_comes_with_its_licence(host: str, zips: dict[str, Path]) -> None:
    top = HOSTS[host].top
    with zipfile.ZipFile(zips[host]) as archive:
        names = archive.namelist()
        notes = archive.read(f"{top}/LICENSES/README.txt").decode()
    vendored = {name.split("/")[2] for name in names if name.startswith(f"{top}/vendor/")}
    licensed = {name.split("/")[2] for name in names if name.startswith(f"{top}/LICENSES/")}
    called = {"websocket": "websocket-client", "charset_normalizer": "charset-normalizer"}
    own = {"roto_shapes", "roto_client"}
    assert {called.get(name, name) for name in vendored - own} <= licensed
    assert "megaton-roto" in licensed
    assert all(name in notes for name in licensed - {"README.txt"})


def _wheelhouse(folder: Path) -> Path:
    folder.mkdir()
    for library, data in libraries.wheels().items():
        (folder / library.wheel).write_bytes(data)
    return folder


def test_a_folder_of_wheels_is_all_it_takes(
    zips: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without network, pip or cache; and the bytes are those of any other build."""
    folder = _wheelhouse(tmp_path / "wheels")
    monkeypatch.setattr(libraries, "_fetch", None)
    monkeypatch.setattr(libraries, "_cache", None)
    made = build("nuke", tmp_path / "out", folder)
    assert made.read_bytes() == zips["nuke"].read_bytes()


def test_a_wheel_of_other_bytes_is_refused(tmp_path: Path) -> None:
    folder = _wheelhouse(tmp_path / "wheels")
    wheel = next(folder.glob("requests-*"))
    wheel.write_bytes(wheel.read_bytes() + b" ")
    with pytest.raises(RotoError, match="not the requests") as caught:
        build("nuke", tmp_path / "out", folder)
    assert caught.value.code == "checksum_mismatch"
    wheel.unlink()
    with pytest.raises(RotoError, match="is missing") as caught:
        build("nuke", tmp_path / "out", folder)
    assert wheel.name in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_no_network_is_said_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "_cache", lambda: tmp_path / "cache")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RotoError, match="pip could not fetch") as caught:
        build("nuke", tmp_path / "out")
    assert "--wheelhouse" in caught.value.hint
    assert not list((tmp_path / "cache").iterdir()), "nothing half fetched is left"


def _old_pythons() -> list[str]:
    """Interpreters as old as the oldest host's, where there are any."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(map(str, pyenv.glob(f"{libraries.PYTHON}.*/bin/python")))
    return found or [path for path in [shutil.which(f"python{libraries.PYTHON}")] if path]


@pytest.mark.parametrize("host", VENDORED)
def test_everything_imports_in_the_oldest_python(
    host: str, zips: dict[str, Path], tmp_path: Path
) -> None:
    pythons = _old_pythons()
    if not pythons:
        pytest.skip(f"no Python {libraries.PYTHON} on this machine")
    with zipfile.ZipFile(zips[host]) as archive:
        archive.extractall(tmp_path)
    vendor = tmp_path / HOSTS[host].top / "vendor"
    modules = [
        ".".join(path.relative_to(vendor).with_suffix("").parts).removesuffix(".__init__")
        for package in ("roto_shapes", "roto_client")
        for path in sorted((vendor / package).rglob("*.py"))
        if "qt" not in path.relative_to(vendor).parts and path.stem != "validation"
    ]
    code = (
        f"import importlib, sys; sys.path.insert(0, {str(vendor)!r})\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "import requests, urllib3, idna, certifi, charset_normalizer, platformdirs, websocket\n"
    )
    command = [pythons[0], "-I", "-S", "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_unknown_host_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RotoError, match="no plugin for 'maya'") as caught:
        build("maya", tmp_path)
    assert "nuke" in caught.value.hint


def test_a_new_version_replaces_the_old_one_whole(tmp_path: Path) -> None:
    first = install("silhouette", tmp_path)
    (first.folder / "left_over.py").write_text("old")
    second = install("silhouette", tmp_path)
    assert second.folder == first.folder
    assert not (second.folder / "left_over.py").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["megaton_roto_silhouette"]
    assert "SFX_SCRIPT_IMPORTS" in second.notes[0]


def test_what_is_there_stays_when_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install("silhouette", tmp_path).folder
    before = sorted(path.name for path in folder.iterdir())

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        install("silhouette", tmp_path)
    monkeypatch.undo()
    assert sorted(path.name for path in folder.iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["megaton_roto_silhouette"]


def test_nuke_loads_it_from_the_users_folder_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The wheels that are there already: another home has none, and would go to the network.
    cache = libraries._cache()
    monkeypatch.setattr(libraries, "_cache", lambda: cache)
    monkeypatch.setenv("HOME", str(tmp_path))
    init = tmp_path / ".nuke" / "init.py"
    init.parent.mkdir()
    init.write_text("print('mine')")
    for _ in range(2):
        installed = install("nuke")
    assert init.read_text().splitlines() == [
        "print('mine')",
        "import nuke",
        'nuke.pluginAddPath("./megaton_roto")',
    ]
    assert (installed.folder / "menu.py").is_file()


def test_a_studios_folder_goes_on_nuke_path(tmp_path: Path) -> None:
    installed = install("nuke", tmp_path)
    assert f"Add {installed.folder} to NUKE_PATH." in installed.notes
    assert not (tmp_path / "init.py").exists()


@pytest.fixture
def blenders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings' folder of a user on Linux."""
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("BLENDER_USER_RESOURCES", "BLENDER_USER_EXTENSIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "blender"


def test_every_blender_that_takes_extensions_gets_it(blenders: Path) -> None:
    for name in ("3.6", "4.1", "4.2", "5.0", "4.10", "backup"):
        (blenders / name).mkdir(parents=True)
    installed = install("blender")
    versions = [folder.relative_to(blenders).parts for folder in installed.folders]
    rest = ("extensions", "user_default", "megaton_roto")
    assert versions == [("4.2", *rest), ("4.10", *rest), ("5.0", *rest)]
    assert installed.folder == installed.folders[-1]
    assert (installed.folder / "blender_manifest.toml").is_file()
    assert not (blenders / "4.1" / "extensions").exists()
    assert "switch it on" in installed.notes[0]


def test_without_a_blender_the_other_ways_are_told(blenders: Path) -> None:
    with pytest.raises(RotoError, match="started by this user") as caught:
        install("blender")
    assert caught.value.code == "not_found"
    assert "--path" in caught.value.hint
    assert not blenders.exists()


def test_blenders_own_variables_are_followed(
    blenders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLENDER_USER_RESOURCES", str(tmp_path / "resources"))
    (folder,) = install("blender").folders
    assert folder == tmp_path / "resources" / "extensions" / "user_default" / "megaton_roto"
    monkeypatch.setenv("BLENDER_USER_EXTENSIONS", str(tmp_path / "extensions"))
    (folder,) = install("blender").folders
    assert folder == tmp_path / "extensions" / "user_default" / "megaton_roto"


def test_a_studios_repository_of_blender(tmp_path: Path) -> None:
    installed = install("blender", tmp_path / "repository")
    assert installed.folders == (tmp_path / "repository" / "megaton_roto",)
    assert f"Add {tmp_path / 'repository'} in Blender" in installed.notes[0]


def test_the_manifest_says_what_is_in_the_zip(zips: dict[str, Path]) -> None:
    with zipfile.ZipFile(zips["blender"]) as archive:
        names = archive.namelist()
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
        notes = archive.read("LICENSES/README.txt").decode()
        licence = archive.read("LICENSE").decode()
    assert manifest["version"] == PRODUCT_VERSION
    wheels = sorted(f"./{name}" for name in names if name.startswith("wheels/"))
    assert manifest["wheels"] == wheels
    assert len(wheels) == 1 + len(libraries.LIBRARIES)
    assert "GNU GENERAL PUBLIC LICENSE" in licence
    assert {name.split("/")[1] for name in names if name.startswith("LICENSES/")} == {
        "README.txt", "megaton-roto", *(one.name for one in libraries.LIBRARIES)
    }  # fmt: skip
    assert all(f"{one.name} {one.version}" in notes for one in libraries.LIBRARIES)
    assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc"))]


def test_other_files_of_ours_make_a_wheel_of_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or Blender would go on with the wheel that it unpacked before."""
    before, _ = own_wheel.own_wheel()
    assert before == own_wheel.own_wheel()[0]
    changed = {**files.own_packages(), "roto_client/new.py": b""}
    monkeypatch.setattr(own_wheel, "own_packages", lambda: changed)
    after, _ = own_wheel.own_wheel()
    assert before.partition("+")[0] == after.partition("+")[0]
    assert before != after


def test_a_manifest_the_build_cannot_fill_in_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "blender"
    shutil.copytree(ROOT / "plugins" / "blender", source)
    manifest = source / "blender_manifest.toml"
    manifest.write_text(manifest.read_text().replace("wheels = []", ""))
    with pytest.raises(RotoError, match="exactly one line"):
        extension.extension_content(source)


def test_the_plugin_stays_when_the_new_folder_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install("silhouette", tmp_path).folder
    rename = Path.rename

    def held(self: Path, target: Path) -> Path:
        if target == folder and not self.name.endswith(".old"):
            raise PermissionError(13, "in use", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(PermissionError):
        install("silhouette", tmp_path)
    assert (folder / "VERSION").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["megaton_roto_silhouette"]


def test_the_command(tmp_path: Path) -> None:
    roto = Path(sys.executable).with_name("roto")
    done = subprocess.run(
        [roto, "plugins", "build", "blender", "--out", tmp_path],
        capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [Path(line).name for line in done.stdout.split()] == [
        path.name for path in tmp_path.iterdir()
    ]


def test_an_installed_package_has_the_sources_too() -> None:
    """What the wheel is told to take along is where `roto plugins` looks without a checkout."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    taken = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for layout in HOSTS.values():
        source = ROOT / "plugins" / layout.source
        parts = [source]
        if layout.kind == "panel":
            made = {"node_modules", "build"}
            parts = [path for path in source.iterdir() if path.name not in made]
        for part in parts:
            path = part.relative_to(ROOT).as_posix()
            (origin,) = (one for one in taken if f"{path}/".startswith(f"{one}/"))
            packaged = taken[origin] + path.removeprefix(origin)
            assert packaged == path.replace("plugins", "roto_client/plugin_sources", 1)
    assert not [path for path in taken if not (ROOT / path).exists()]


def test_without_a_checkout_the_packaged_sources_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "roto_client"
    monkeypatch.setattr("roto_client.__file__", str(package / "__init__.py"))
    with pytest.raises(RotoError, match="not installed"):
        layouts.source_of(HOSTS["nuke"])
    (package / "plugin_sources" / "nuke").mkdir(parents=True)
    assert layouts.source_of(HOSTS["nuke"]) == package / "plugin_sources" / "nuke"
