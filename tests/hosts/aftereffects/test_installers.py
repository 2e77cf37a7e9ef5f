"""The scripts beside the panel in the zip: what they leave on an artist's machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from roto_client.plugins import HOSTS

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ROOT / "plugins" / "aftereffects" / "install"
PANEL = HOSTS["aftereffects"].top


class Mac:
    """A macOS as far as the scripts see it: a home and four commands."""

    def __init__(self, folder: Path) -> None:
        self.zip = folder / "unpacked here"
        self.home = folder / "home"
        self.commands = folder / "bin"
        self.log = folder / "defaults.log"
        self.extensions = self.home / "Library/Application Support/Adobe/CEP/extensions"
        shutil.copytree(SCRIPTS, self.zip)
        self.home.mkdir()
        self.commands.mkdir()
        self.command("uname", "echo Darwin")
        self.command("pgrep", "exit 1")
        self.command("defaults", f'echo "$@" >> "{self.log}"')
        self.unpack("one")

    def command(self, name: str, body: str) -> None:
        path = self.commands / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def unpack(self, text: str) -> None:
        manifest = self.zip / PANEL / "CSXS" / "manifest.xml"
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_text(text)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", self.zip / script, *arguments],
            capture_output=True, text=True, check=False, timeout=30,
            env={"HOME": str(self.home), "PATH": f"{self.commands}{os.pathsep}/usr/bin:/bin"},
        )  # fmt: skip

    def installed(self) -> str | None:
        manifest = self.extensions / PANEL / "CSXS" / "manifest.xml"
        return manifest.read_text() if manifest.exists() else None


@pytest.fixture
def mac(tmp_path: Path) -> Mac:
    return Mac(tmp_path)


def test_the_panel_lies_where_after_effects_looks(mac: Mac) -> None:
    done = mac.run("install.sh")
    assert done.returncode == 0, done.stderr
    assert mac.installed() == "one"
    assert [path.name for path in mac.extensions.parent.iterdir()] == ["extensions"]
    assert mac.log.read_text().splitlines() == [
        f"write com.adobe.CSXS.{version} PlayerDebugMode 1" for version in (11, 12)
    ]


def test_a_newer_panel_replaces_the_older_one_whole(mac: Mac) -> None:
    mac.run("install.sh")
    (mac.extensions / PANEL / "left_over.js").write_text("old")
    mac.unpack("two")
    assert mac.run("install.sh").returncode == 0
    assert mac.installed() == "two"
    assert not (mac.extensions / PANEL / "left_over.js").exists()
    assert [path.name for path in mac.extensions.parent.iterdir()] == ["extensions"]


def test_a_running_after_effects_keeps_its_files(mac: Mac) -> None:
    mac.run("install.sh")
    mac.unpack("two")
    mac.command("pgrep", '[ "$2" = "After Effects" ]')
    for script in ("install.sh", "uninstall.sh"):
        done = mac.run(script)
        assert done.returncode == 1
        assert "Close it" in done.stderr
    assert mac.installed() == "one"


def test_a_half_unpacked_zip_is_told(mac: Mac) -> None:
    shutil.rmtree(mac.zip / PANEL)
    done = mac.run("install.sh")
    assert done.returncode == 1
    assert "Unpack the whole zip" in done.stderr
    assert not mac.extensions.exists()


def test_the_old_panel_comes_back_when_the_new_one_cannot_go_there(mac: Mac) -> None:
    mac.run("install.sh")
    mac.unpack("two")
    mac.command("mv", f'case "$1" in *.new) exit 1;; esac; exec {shutil.which("mv")} "$@"')
    done = mac.run("install.sh")
    assert done.returncode == 1
    assert mac.installed() == "one"


def test_a_folder_for_others_is_filled_on_any_system(mac: Mac, tmp_path: Path) -> None:
    mac.command("uname", "echo Linux")
    done = mac.run("install.sh")
    assert done.returncode == 1
    assert "does not run on Linux" in done.stderr
    shared = tmp_path / "shared" / "extensions"
    assert mac.run("install.sh", str(shared)).returncode == 0
    assert (shared / PANEL / "CSXS" / "manifest.xml").is_file()


def test_it_goes_away_again(mac: Mac) -> None:
    mac.run("install.sh")
    other = mac.extensions / "com.someone.else"
    other.mkdir()
    done = mac.run("uninstall.sh")
    assert done.returncode == 0
    assert "PlayerDebugMode" in done.stdout
    assert list(mac.extensions.iterdir()) == [other]
    assert "There is no Megaton Roto" in mac.run("uninstall.sh").stdout


@pytest.mark.parametrize("name", ["install.bat", "uninstall.bat"])
def test_the_scripts_of_windows_can_be_read_there(name: str) -> None:
    """Carriage returns, plain ASCII, and every label that is jumped to is there once."""
    data = (SCRIPTS / name).read_bytes()
    assert data.isascii()
    lines = data.split(b"\r\n")
    assert not [line for line in lines if b"\n" in line]
    text = [line.decode().strip() for line in lines]
    labels = [line[1:] for line in text if line.startswith(":")]
    jumps = {line.split("goto ")[1].rstrip(")") for line in text if "goto " in line}
    assert jumps <= set(labels)
    assert len(labels) == len(set(labels))


def test_everything_names_the_same_folder() -> None:
    for script in ("install.sh", "uninstall.sh", "install.bat", "uninstall.bat"):
        assert f"={PANEL}" in (SCRIPTS / script).read_text(), script


@pytest.mark.skipif(shutil.which("wine") is None, reason="no Wine to run Windows' scripts in")
def test_the_scripts_of_windows_do_what_they_say(tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked here"
    shutil.copytree(SCRIPTS, unpacked)
    environment = {**os.environ, "WINEPREFIX": str(tmp_path / "wine"), "WINEDEBUG": "-all"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["wine", "cmd", "/c", *command], cwd=unpacked, env=environment,
            input="\n", capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip

    extensions = tmp_path / "wine" / "drive_c" / "CEP folder" / "extensions"
    where = r"C:\CEP folder\extensions"
    done = run("install.bat", where)
    assert done.returncode == 1, done.stdout
    assert "Unpack the whole zip" in done.stdout
    manifest = unpacked / PANEL / "CSXS" / "manifest.xml"
    manifest.parent.mkdir(parents=True)
    for text in ("one", "two"):
        manifest.write_text(text)
        done = run("install.bat", where)
        assert done.returncode == 0, done.stdout
        assert (extensions / PANEL / "CSXS" / "manifest.xml").read_text() == text
        assert [path.name for path in extensions.parent.iterdir()] == ["extensions"]
        assert not (extensions / PANEL / "left_over.js").exists()
        (extensions / PANEL / "left_over.js").write_text("old")
    asked = run("reg", "query", r"HKCU\Software\Adobe\CSXS.12", "/v", "PlayerDebugMode")
    assert "REG_SZ" in asked.stdout
    done = run("uninstall.bat", where)
    assert done.returncode == 0, done.stdout
    assert list(extensions.iterdir()) == []
    assert "There is no Megaton Roto" in run("uninstall.bat", where).stdout
