"""What a choice of kernel and ridge loses against the best of many, on photographs with noise and without."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from fourierfield.bench._quality import centre_crop
from fourierfield.grids._arrays import as_signal
from fourierfield.grids._splits import GridHoldOut
from fourierfield.operators._base import Diagonal, Sampling
from fourierfield.operators._gram import gram
from fourierfield.operators._mirror import MirrorInverse
from fourierfield.problems._grams import lattice_of
from fourierfield.problems._grid import GridProblem, grid_problem
from fourierfield.regression._evidence import Evidence, LatticeEvidence, NearEvidence
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._train import choose_for
from fourierfield.solvers._cg import conjugate_gradients

from ..table import Row
from .common import BOTH, timed

SIDE = 256
NOISES = (0.0, 0.03, 0.1, 0.2)
SHARES = (1 / 320, 1 / 160, 1 / 113, 1 / 80, 1 / 57, 1 / 40, 1 / 28, 1 / 20, 1 / 14, 1 / 10)  # of the sampling rate
RIDGES = (1e-6, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0)


def rows(data: Path) -> Iterator[Row]:
    crops: dict[str, np.ndarray] = {
        path.stem: centre_crop(path, SIDE).values for path in sorted((data / "photos").glob("kodim*.png"))
    }
    for name, clean in {**crops, "smooth": _smooth()}.items():
        for noise in NOISES:
            yield {"signal": name, "noise": f"{noise:g}", **_lost(clean, noise)}


def _smooth() -> np.ndarray:
    """A function of a few waves, such as measurements of temperature or pressure."""
    y, x = np.meshgrid(*[np.linspace(0, 1, SIDE)] * 2, indexing="ij")
    return (0.5 + 0.25 * np.sin(7 * y + 4 * x * x) + 0.2 * np.cos(9 * x * y))[..., None]


def _lost(clean: np.ndarray, noise: float) -> Row:
    """PSNR on held-out samples without their noise: that of the best candidate, and what rules lose against it."""
    noisy = clean + noise * np.random.default_rng(1).standard_normal(clean.shape)
    problem = grid_problem(as_signal(noisy), GridHoldOut())
    truth = torch.as_tensor(problem.value_range.normalise(clean.reshape(SIDE**2, -1))).double()
    score = _Score(problem, truth)
    specs = [one.with_bandwidth(s * problem.samples_per_unit) for one in BOTH.free for s in SHARES]
    scores = {(spec, ridge): score(spec, ridge) for spec in specs for ridge in RIDGES}
    best = max(scores.values())
    values = problem.training.values.double()
    values, lattice = values - values.mean(0), lattice_of(problem.training)
    assert lattice is not None
    places = torch.from_numpy(problem.training.grid.coordinates(problem.training.flat.numpy()))
    chosen, seconds = timed(lambda: choose_for(problem, BOTH))
    by_rule = {
        "chosen": score(chosen.spec, chosen.ridge),
        "likeliest": scores[_likeliest(LatticeEvidence(lattice, values), specs)],
        "likeliest_near": scores[_likeliest(NearEvidence(places, values, None), specs)],
    }
    lost = {name: f"{best - found:.2f}" for name, found in by_rule.items()}
    return {"best_db": f"{best:.2f}", **lost, "choose_s": f"{seconds:.2f}"}


def _likeliest(evidence: Evidence, specs: list[KernelSpec]) -> tuple[KernelSpec, float]:
    found = []
    for spec in specs:
        try:
            found += evidence.judge(spec, RIDGES)
        except ValueError:  # reaches beyond the lattice
            continue
    best = max(found, key=lambda one: one.score)
    return best.spec, best.ridge


class _Score:
    """PSNR of a kernel and a ridge on held-out samples of a lattice."""

    def __init__(self, problem: GridProblem, truth: Tensor) -> None:
        lattice = lattice_of(problem.training)
        assert lattice is not None
        assert problem.held_out is not None
        self._lattice, self._training, self._held_out = lattice, problem.training, problem.held_out.flat
        values = problem.training.values.double()
        self._mean = values.mean(0)
        self._values, self._truth = values - self._mean, truth

    def __call__(self, spec: KernelSpec, ridge: float) -> float:
        kernel = spec.kernel(2)
        shifted = gram(kernel, self._lattice) + Diagonal(torch.full((self._lattice.size,), ridge, dtype=torch.float64))
        inverse = MirrorInverse(kernel, self._lattice, ridge)
        weights = conjugate_gradients(shifted, self._values, preconditioner=inverse, tolerance=1e-4, most=200).value
        picked = Sampling(self._training.flat, self._training.grid.size)
        estimate = gram(kernel, self._training.grid) @ (picked.H @ weights) + self._mean
        error = (estimate - self._truth)[self._held_out].square().mean()
        return -10 * math.log10(float(error))
