from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from fourierfield.errors import SettingsError
from fourierfield.grids._files import atomic_file, atomic_write, refuse_overwriting


def test_replaces_whole_files_and_leaves_no_others(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic_write(path, b"old")
    atomic_write(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    atomic_write(path, b"old")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(SettingsError, match="No space left"):
        atomic_write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_links_stay_links(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    atomic_write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_devices_are_never_replaced() -> None:
    with pytest.raises(SettingsError, match="device"):
        atomic_write("/dev/null", b"")
    assert not Path("/dev/null").is_file()


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        atomic_write(tmp_path / "absent" / "file", b"")
    with pytest.raises(SettingsError, match="is a folder"):
        atomic_write(tmp_path, b"")


def test_a_file_written_piece_by_piece_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail() -> None:
        with atomic_file(path) as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_bytes() == b"old"
    with atomic_file(path) as file:
        file.write(b"xxx")
        file.seek(0)
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("output", "source", "lost"),
    [
        ("a.png", "a.png", True),
        ("./sub/../a.png", "a.png", True),
        ("link.png", "a.png", True),
        ("hard.png", "a.png", True),
        ("new.png", "a.png", False),
        ("other.png", "a.png", False),
        ("sub/2.dcm", "sub", True),
        ("sub/new.dcm", "sub", False),
        ("sub/field.safetensors", "sub", False),
        ("b.hdr", "b.cfl", True),
        ("b.cfl", "b.hdr", True),
        ("sub/0.png", "sub/transforms.json", True),
        ("b.safetensors", "b.cfl", False),
        ("a.png", "absent.png", False),
        ("a.png", None, False),
    ],
)
def test_what_is_read_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, source: str | None, lost: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    for name in ("a.png", "other.png", "b.cfl", "b.hdr", "b.safetensors"):
        Path(name).write_text(name)
    for name in ("1.dcm", "2.dcm", "0.png", "transforms.json", "field.safetensors"):
        Path("sub", name).write_text(name)
    Path("link.png").symlink_to("a.png")
    Path("hard.png").hardlink_to("a.png")
    if lost:
        with pytest.raises(SettingsError, match=f"^--out {re.escape(output)} would overwrite what is read"):
            refuse_overwriting({"--report": None, "--out": output}, [None, source])
    else:
        refuse_overwriting({"--report": None, "--out": output}, [None, source])
