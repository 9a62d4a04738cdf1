"""Stated memory beside the measured peak, for every kind and method at three sizes.

    python -m benchmarks.memory [KIND]

Each fit runs in a process of its own. The peak is the largest resident size less that of a fit of some ten samples by
the same method (of a tiny picture for meshes and posed pictures, whose fits take as many points whatever their size);
what is stated is the number that the fit prints before it begins. Goes on where it stopped.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .table import Table

RESULTS = Path(__file__).parent / "results"
NETWORK = ("--steps", "20", "--bandwidth", "4")  # the peak does not grow with the steps
Make = Callable[[int, Path], tuple[Path, tuple[str, ...]]]


def smooth(shape: tuple[int, ...]) -> np.ndarray:
    """Noise whose spectrum falls like that of a photograph, from 0 to 1."""
    waves = np.fft.rfftn(np.random.default_rng(0).standard_normal(shape))
    steps = [np.fft.fftfreq(n) * max(shape) for n in shape[:-1]] + [np.fft.rfftfreq(shape[-1]) * max(shape)]
    radius = np.sqrt(sum(axis**2 for axis in np.meshgrid(*steps, indexing="ij")))
    values = np.fft.irfftn(waves / (3 + radius) ** 1.8, s=shape, axes=range(len(shape)))
    return ((values - values.min()) / np.ptp(values)).astype(np.float32)


def grey(side: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
    np.save(folder / "a.npy", smooth((side, side)))
    return folder / "a.npy", ()


def colour(side: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
    np.save(folder / "a.npy", np.stack([smooth((side, side))] * 3, axis=-1))
    return folder / "a.npy", ()


def volume(side: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
    np.save(folder / "a.npy", smooth((side,) * 3))
    return folder / "a.npy", ("--as", "volume")


def series(count: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
    np.save(folder / "a.npy", smooth((count,)))
    return folder / "a.npy", ()


def table(count: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
    places = np.random.default_rng(0).random((count, 2))
    rows = np.column_stack([places, np.sin(9 * places[:, 0]) * np.cos(7 * places[:, 1])])
    np.savetxt(folder / "a.csv", rows, delimiter=",", header="x,y,z", comments="")
    return folder / "a.csv", ()


def table_in_space(count: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
    places = np.random.default_rng(0).random((count, 3))
    rows = np.column_stack([places, np.sin(9 * places[:, 0]) * np.cos(7 * places[:, 1]) + places[:, 2]])
    np.savetxt(folder / "a.csv", rows, delimiter=",", header="x,y,z,v", comments="")
    return folder / "a.csv", ("--inputs", "x,y,z", "--outputs", "v")


def with_gaps(make: Make) -> Make:
    """Return the same with a tenth of its samples missing."""

    def holed(size: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
        path, words = make(size, folder)
        values = np.load(path)
        values[np.random.default_rng(1).random(values.shape) < 0.1] = np.nan
        np.save(path, values)
        return path, words

    return holed


def mesh(subdivisions: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
    import trimesh

    ball = trimesh.creation.icosphere(subdivisions=subdivisions)
    ball.vertices *= 1 + 0.1 * np.sin(9 * ball.vertices[:, :1])
    ball.export(folder / "a.ply")
    return folder / "a.ply", ()


def views(side: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
    """A ball from forty places around it."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    poses = np.zeros((40, 4, 4), np.float32)
    for pose, angle in zip(poses, angles, strict=True):
        back = np.array([np.cos(angle), np.sin(angle), 0.5]) / np.sqrt(1.25)
        right = np.array([-np.sin(angle), np.cos(angle), 0.0])
        pose[:3] = np.column_stack([right, np.cross(back, right), back, 4 * back])
        pose[3, 3] = 1
    across = (np.arange(side) + 0.5) / side - 0.5
    inside = np.hypot(across[:, None], across) < 0.25
    images = np.zeros((40, side, side, 4), np.float32)
    images[:, inside] = (0.8, 0.4, 0.2, 1.0)
    np.savez(folder / "a.npz", images=images, poses=poses, focal=np.float32(side))
    return folder / "a.npz", ()


def scan(simulated: str) -> Make:
    def make(side: int, folder: Path) -> tuple[Path, tuple[str, ...]]:
        path, _ = grey(side, folder)
        return path, ("--simulate", simulated)

    return make


CASES: dict[str, tuple[Make, int | None, tuple[int, ...]]] = {
    "series": (series, 16, (100_000, 300_000, 1_000_000)),
    "grey image": (grey, 4, (300, 700, 1500)),
    "colour image": (colour, 4, (300, 700, 1300)),
    "volume": (volume, 3, (64, 110, 160)),
    "table": (table, 16, (5_000, 20_000, 60_000)),
    "table in space": (table_in_space, 16, (5_000, 20_000, 60_000)),
    "series with gaps": (with_gaps(series), 16, (100_000, 300_000, 1_000_000)),
    "grey image with gaps": (with_gaps(grey), 4, (300, 700, 1000)),
    "volume with gaps": (with_gaps(volume), 3, (32, 64, 90)),
    "mesh": (mesh, None, (3, 5, 7)),
    "posed pictures": (views, None, (32, 64, 128)),
    "ct": (scan("ct:90"), 8, (128, 256, 400)),
    "mri": (scan("mri:0.25"), 8, (128, 256, 400)),
}


def peak_of(make: Make, size: int, method: str) -> tuple[float, float | None]:
    """Return the largest resident size of a fit in bytes, and the memory that it stated."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, words = make(size, folder)
        options = NETWORK if method == "network" else ()
        command = ["fit", str(path), "--method", method, *words, *options, "--out", str(folder / "f.safetensors")]
        program = "from fourierfield.cli import main; main()"
        words = [sys.executable, "-c", program, *command]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        if status != 0:
            raise SystemExit(said)
    stated = re.search(r"([\d.e+-]+) GB of memory", said)
    return used.ru_maxrss * 1024, float(stated[1]) * 1e9 if stated else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="*", choices=[*CASES, []])
    wanted = parser.parse_args().kind or list(CASES)
    found = Table(RESULTS / "memory.csv", ("kind", "method", "size"))
    for kind in wanted:
        make, tiny, sizes = CASES[kind]
        for method in ("network",) if kind == "posed pictures" else ("kernel", "network"):
            missing = [size for size in sizes if not found.has({"kind": kind, "method": method, "size": str(size)})]
            base = peak_of(*((grey, 4) if tiny is None else (make, tiny)), method)[0] if missing else 0.0
            for size in missing:
                peak, stated = peak_of(make, size, method)
                row = {"kind": kind, "method": method, "size": str(size)}
                stated_mb = "none" if stated is None else f"{stated / 1e6:.0f}"
                found.add({**row, "stated_mb": stated_mb, "peak_mb": f"{(peak - base) / 1e6:.0f}"})


if __name__ == "__main__":
    main()
