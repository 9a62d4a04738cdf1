"""The walk-throughs of CONTRIBUTING.md work as they stand, on a copy of the source."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


def blocks(heading: str) -> list[str]:
    """Return the Python blocks under a heading of CONTRIBUTING.md."""
    section = (ROOT / "CONTRIBUTING.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package's source."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(ROOT / "src" / "fourierfield", tmp_path / "fourierfield", ignore=ignored))


def run(folder: Path, *words: str) -> str:
    """Run the command line of the copy in its folder."""
    code = "from fourierfield.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_format_is_one_file_and_one_line(copy: Path) -> None:
    reader, line = blocks("Add a format")
    (copy / "kinds" / "tables" / "_json_lines.py").write_text(reader)
    declared = copy / "kinds" / "tables" / "_kind.py"
    declared.write_text(declared.read_text().replace("    formats = (\n", f"    formats = (\n{line.strip()},\n", 1))
    rows = [{"x": i % 7, "y": i // 7, "height": (i % 7) * 0.5 + i // 7} for i in range(49)]
    (copy.parent / "hills.jsonl").write_text("\n".join(map(json.dumps, rows)))
    result = json.loads(run(copy.parent, "fit", "hills.jsonl", "--json"))
    assert (result["signal"]["kind"], result["signal"]["outputs"]) == ("table", ["height"])
    assert "JSON lines" in " ".join(run(copy.parent, "fit", "--help").replace("│", " ").split())


def test_a_kind_is_one_folder_and_one_line(copy: Path) -> None:
    kind, line = blocks("Add a kind")
    wing = copy / "kinds" / "tides"
    wing.mkdir()
    (wing / "__init__.py").write_text('"""Tide gauges."""\n')
    (wing / "_kind.py").write_text(kind)
    registry = copy / "kinds" / "_registry.py"
    registry.write_text(re.sub(r"WINGS = \(.*?\)\n", lambda found: line, registry.read_text(), count=1))
    heights = 2 + np.sin(np.arange(200) / 6)
    (copy.parent / "harbour.tide").write_text("\n".join(["TIDE", "0.5", *(f"{h:.4f}" for h in heights)]))
    words = ("harbour.tide", "--method", "kernel", "--hold-out", "random:0.1", "--json")
    result = json.loads(run(copy.parent, "fit", *words))
    assert result["signal"]["kind"] == "tide"
    assert result["metrics"]["held_out_psnr_db"] > 40
    run(copy.parent, "render", "harbour.safetensors", "fine.npy", "--scale", "2")
    assert np.load(copy.parent / "fine.npy").shape == (400, 1)
    assert "tide gauges" in " ".join(run(copy.parent, "fit", "--help").replace("│", " ").split())


def test_an_encoding_family_is_one_law_and_one_entry(copy: Path) -> None:
    law, entry = blocks("Add an encoding family")
    laws, registry = copy / "encodings" / "_laws.py", copy / "encodings" / "_registry.py"
    laws.write_text(f"{laws.read_text()}\n\n{law}")
    before = '    Family(\n        "laplace",'
    registry.write_text(registry.read_text().replace(before, f"{entry.strip()},\n{before}", 1))
    np.save(copy.parent / "wave.npy", np.sin(np.arange(400) / 9))
    words = ("wave.npy", "--method", "kernel", "--hold-out", "grid", "--encoding", "student", "--json")
    result = json.loads(run(copy.parent, "fit", *words))
    assert result["encoding"]["family"] == "student"
    assert result["metrics"]["held_out_psnr_db"] > 40
    assert "student" in run(copy.parent, "tune", "wave.npy", "--steps", "20", "--width", "16")


def test_an_activation_gain_is_printed() -> None:
    (block,) = blocks("Add an activation")
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=True)
    assert done.stdout.strip()[:6] == "2.2107"
