"""Scans simulated from a known truth: the paper's four mappings and its grid, the default network, the kernel, kernels
that are the same everywhere, classical methods.

    python -m benchmarks.scans ct --size 256 --phantoms 2
    python -m benchmarks.scans mri --size 48 --t1 ../shared/data/mri/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz

CT: Shepp–Logan phantoms with the paper's noise of their parameters, 20 angles over half a turn, integrals by finer
steps than the solvers'; ``--image FILE`` takes another truth. MRI: a T1 volume resampled to a cube, the paper's mask.
The mappings are by the paper's preset and 1,000 steps, of CT with batches of 16,384 points along rays; at 512² with
``--whole`` on the whole image, as the paper. ``grid`` is the paper's baseline, samples on the grid learnt one by one.
``network:B`` and ``kernel:B`` take the bandwidth B, ``kernel:auto`` chooses that of a kernel that is the same
everywhere. Rows are added as they come.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fourierfield.grids._arrays import as_signal, as_volume
from fourierfield.grids._signal import GridSignal
from fourierfield.grids._synthetic import shepp_logan
from fourierfield.kinds._fit import run_fit
from fourierfield.kinds._read import read
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._problem import forward_map, measurements, scan_problem
from fourierfield.kinds.scans._record import scan_metrics
from fourierfield.kinds.scans._simulate import simulate as scanned
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.tasks._scan_options import ScanOptions
from fourierfield.tasks._settings import FitSettings
from fourierfield.tasks._task import FitEvents
from fourierfield.training._estimate import keep_freed_memory

from .table import Row, Table

RESULTS = Path(__file__).parent / "results" / "scans.csv"
MAPPINGS = ("kernel", "network", "gaussian", "positional", "basic", "none", "grid")
GRID_STEPS, GRID_RATE = 1000, 1e-2
ANGLES, FRACTION = 20, 0.1256
POINTS = 1 << 14


def phantom(size: int, number: int) -> GridSignal:
    """The standard phantom (number 0), or one with the paper's noise."""
    generator = np.random.default_rng(number) if number else None
    return as_signal(shepp_logan(size, generator).astype(np.float32))


def cube(path: Path, size: int) -> GridSignal:
    """A volume resampled to a cube, its largest value 1."""
    from skimage.transform import resize

    values = read(path).values[..., 0].astype(np.float64)
    small = resize(values, (size,) * 3, anti_aliasing=True)
    return as_volume(np.clip(small / small.max(), 0, 1).astype(np.float32))


def choices(mapping: str, kind: str, *, whole: bool) -> dict[str, Any]:
    """Settings of a row."""
    method, _, bandwidth = mapping.partition(":")
    if method in ("kernel", "network"):
        asked = {"encoding": "gaussian"} if bandwidth else {}
        return {"method": method, **asked, **({"bandwidth": bandwidth} if bandwidth not in ("", "auto") else {})}
    batch = {} if whole or kind == "mri" else {"batch_size": POINTS}
    return {"method": "network", "preset": "paper", "encoding": mapping, **batch}


def grid(row: Row, signal: GridSignal, simulate: str) -> Row:
    """Each sample of the grid learnt by Adam, from nothing, scored against the truth."""
    started = time.perf_counter()
    scan = scanned(signal, ScanOptions(simulate))
    assert isinstance(scan, SinogramSignal | KSpaceSignal)
    problem = scan_problem(scan)
    operator, measured = forward_map(scan), measurements(scan)
    field = torch.zeros(operator.shape[1], dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([field], lr=GRID_RATE)
    for _ in range(GRID_STEPS):
        with torch.no_grad():
            field.grad = operator.H @ (operator @ field - measured) / measured.square().sum()
        adam.step()
    seconds = f"{time.perf_counter() - started:.1f}"
    found = f"{scan_metrics(field.detach(), problem)['truth_psnr_db']:.2f}"
    return {
        **row,
        "truth_psnr_db": found,
        "bandwidth": "nan",
        "seconds_fit": seconds,
        "seconds_all": seconds,
        "rivals": "",
        "threads": str(torch.get_num_threads()),
    }


def run(row: Row, signal: GridSignal, simulate: str, settings: dict[str, Any]) -> Row:
    """One fit, scored against the truth."""
    started = time.perf_counter()
    asked = FitSettings(simulate=simulate, seed=0, **settings)
    outcome = run_fit(signal, asked, FitEvents(say=lambda line: print(line, flush=True)))
    record, seconds = outcome.field.record, time.perf_counter() - started
    rivals = {name: f"{value:.2f}" for name, value in record["baselines"].items() if name.endswith("_psnr_db")}
    return {
        **row,
        "truth_psnr_db": f"{record['metrics']['truth_psnr_db']:.2f}",
        "bandwidth": in_words(record["encoding"]["bandwidth"]),
        "seconds_fit": f"{outcome.seconds['tune'] + outcome.seconds['fit']:.1f}",
        "seconds_all": f"{seconds:.1f}",
        "rivals": " ".join(f"{name.removesuffix('_psnr_db')} {value}" for name, value in rivals.items()),
        "threads": str(torch.get_num_threads()),
    }


def in_words(bandwidth: float | list[float] | None) -> str:
    """Along all axes, or along each."""
    along = bandwidth if isinstance(bandwidth, list) else [bandwidth or float("nan")]
    return "×".join(f"{one:.4g}" for one in along)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("kind", choices=("ct", "mri"))
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--phantoms", type=int, default=2)
    parser.add_argument("--image", type=Path)
    parser.add_argument("--t1", type=Path)
    parser.add_argument("--mappings", nargs="+", default=MAPPINGS)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--whole", action="store_true")
    arguments = parser.parse_args()
    keep_freed_memory()
    table = Table(RESULTS, ("kind", "truth", "size", "mapping", "steps"))
    for name, signal in truths(arguments):
        simulate = f"ct:{ANGLES}" if arguments.kind == "ct" else f"mri:{FRACTION}"
        for mapping in arguments.mappings:
            row = {
                "kind": arguments.kind,
                "truth": name,
                "size": str(arguments.size),
                "mapping": mapping,
                "steps": str(arguments.steps or "default"),
            }
            if not table.has(row) and mapping == "grid":
                table.add(grid(row, signal, simulate))
            elif not table.has(row):
                settings = choices(mapping, arguments.kind, whole=arguments.whole)
                steps = {} if mapping == "kernel" or arguments.steps is None else {"steps": arguments.steps}
                table.add(run(row, signal, simulate, {**settings, **steps}))


def truths(arguments: argparse.Namespace) -> list[tuple[str, GridSignal]]:
    """What is measured."""
    if arguments.kind == "mri":
        return [(arguments.t1.name, cube(arguments.t1, arguments.size))]
    if arguments.image is not None:
        return [(arguments.image.name, read(arguments.image))]
    return [(f"phantom {number}", phantom(arguments.size, number)) for number in range(arguments.phantoms)]


if __name__ == "__main__":
    main()
