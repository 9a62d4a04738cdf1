"""Stopped by Ctrl-C or SIGTERM, killed outright, resumed: always the bytes of a run left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# Checkpoints after every step, so that a kill at any moment finds one.
PROGRAM = """
import sys, fourierfield.training._checkpoint as checkpoint
checkpoint.SECONDS_BETWEEN = 0.0
from fourierfield.cli import main
main()
"""
STEPS = 60


def start(photo: Path, folder: Path, *words: str) -> subprocess.Popen:
    options = (
        "--steps",
        str(STEPS),
        "--width",
        "16",
        "--features",
        "8",
        "--bandwidth",
        "2",
        "--out",
        str(folder / "f.safetensors"),
    )
    command = [sys.executable, "-c", PROGRAM, "fit", str(photo), *options, *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A photo, and the field of a run that nobody disturbed."""
    import numpy as np
    from PIL import Image

    folder = tmp_path_factory.mktemp("undisturbed")
    photo = folder / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 24, 3), dtype=np.uint8)).save(photo)
    process = start(photo, folder)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return photo, (folder / "f.safetensors").read_bytes()


def wait_for_checkpoint(process: subprocess.Popen, folder: Path, changes: int) -> None:
    """Wait until the checkpoint has been rewritten so many times."""
    path, seen = folder / "f.safetensors.checkpoint", set()
    deadline = time.monotonic() + 120
    while len(seen) < changes:
        assert process.poll() is None, process.stderr.read()  # type: ignore[union-attr]
        assert time.monotonic() < deadline
        if path.exists():
            seen.add(path.stat().st_mtime_ns)
        time.sleep(0.001)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_resumed_runs_end_with_the_same_bytes(
    tmp_path: Path, expected: tuple[Path, bytes], number: int, status: int
) -> None:
    photo, content = expected
    process = start(photo, tmp_path)
    wait_for_checkpoint(process, tmp_path, 5)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == status
    assert out == ""
    assert not (tmp_path / "f.safetensors").exists()
    if status > 0:
        assert "--resume" in err.splitlines()[-1]
        assert "Traceback" not in err
    resumed = start(photo, tmp_path, "--resume")
    _, err = resumed.communicate(timeout=120)
    assert resumed.returncode == 0, err
    assert "resuming from step" in err
    assert (tmp_path / "f.safetensors").read_bytes() == content
    assert not (tmp_path / "f.safetensors.checkpoint").exists()


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path, expected: tuple[Path, bytes]) -> None:
    photo, _ = expected
    process = start(photo, tmp_path)
    wait_for_checkpoint(process, tmp_path, 2)
    process.kill()
    process.communicate()
    other = start(photo, tmp_path, "--resume", "--seed", "5")
    _, err = other.communicate(timeout=120)
    assert other.returncode == 2
    assert "seed 0 there, 5 here" in err
    assert (tmp_path / "f.safetensors.checkpoint").exists()


def test_ctrl_c_while_the_program_is_loaded_leaves_no_traceback() -> None:
    program = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, path, target=None):
        if name == "fourierfield.cli._words":
            os.kill(os.getpid(), signal.SIGINT)

from fourierfield.cli import main
sys.meta_path.insert(0, Interrupting())
main()
"""
    ended = subprocess.run([sys.executable, "-c", program, "--version"], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")  # a shell shows 130


def test_ctrl_c_that_a_callback_loses_is_repeated(expected: tuple[Path, bytes], tmp_path: Path) -> None:
    """What a handler raises while a weak reference dies is lost: it happens while modules are imported."""
    program = """
import os, signal, sys, weakref

class Losing:
    def find_spec(self, name, path, target=None):
        if name == "fourierfield.report._fitted":
            held = Losing()
            self.reference = weakref.ref(held, lambda _: (os.kill(os.getpid(), signal.SIGINT), sum(range(1000))))

sys.meta_path.insert(0, Losing())
from fourierfield.cli import main
main()
"""
    words = [
        "fit",
        str(expected[0]),
        "--steps",
        "2000000",
        "--bandwidth",
        "2",
        "--out",
        str(tmp_path / "f.safetensors"),
    ]
    ended = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 130
    assert "interrupted" in ended.stderr
    assert "Traceback" not in ended.stderr
