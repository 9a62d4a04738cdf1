"""Run the command line inside this process, as a user would in a shell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SMALL = ("--steps", 60, "--width", 24, "--features", 16)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Ended]:
    """``run("fit", path, …)`` in an otherwise empty folder, without a heartbeat, however slow the machine is."""
    from fourierfield.cli._app import main
    from fourierfield.cli._progress import Heartbeat

    monkeypatch.setattr(Heartbeat, "FIRST", 1e9)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def call(*words: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["fourierfield", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def field_file(run: Callable, photo_file: Path) -> Path:
    """The field of a small fit in that folder."""
    assert run("fit", photo_file, "--hold-out", "grid", "--out", "f.safetensors", *SMALL).status == 0
    return Path("f.safetensors").resolve()
