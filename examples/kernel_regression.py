"""Kernel regression by hand: a kernel, points, an operator, a solver; a million products without a matrix.

python examples/kernel_regression.py [number of points]
"""

import sys
import time

import torch

from fourierfield.encodings import EncodingSpec
from fourierfield.operators import KernelSum, ScaledIdentity, ScatteredGram, earlier_neighbours, split_for
from fourierfield.regression import KernelSpec
from fourierfield.solvers import conjugate_gradients, sparse_inverse


def main(count: int = 20_000, ridge: float = 1e-2) -> float:
    """Relative RMS error of the regression at points between."""
    generator = torch.Generator().manual_seed(0)

    def truth(points: torch.Tensor) -> torch.Tensor:
        return torch.sin(9 * points[:, 0]) * torch.cos(7 * points[:, 1] ** 2)

    points = torch.rand(count, 2, generator=generator, dtype=torch.float64)
    values = truth(points) + 0.05 * torch.randn(count, generator=generator, dtype=torch.float64)

    # The NTK of an infinitely wide network of depth 4 behind infinitely many Gaussian frequencies, k(0) = 1.
    kernel = KernelSpec(EncodingSpec("gaussian", 2.0)).kernel(2)

    # K as a map: for many scattered points waves by NUFFT and a sparse matrix of near pairs, good to 3e-5 of k(0).
    split = split_for(kernel, points, 3e-5)
    operator = ScatteredGram(split, points) + ScaledIdentity(count, ridge)

    # A sparse approximate inverse makes some tens of iterations of thousands.
    def blocks(rows: torch.Tensor) -> torch.Tensor:
        places = points[rows]
        matrices = kernel(places[:, :, None] - places[:, None])
        matrices.diagonal(dim1=1, dim2=2).add_(ridge)
        return matrices

    numbers, patterns = earlier_neighbours(points, 8)
    started = time.perf_counter()
    solution = conjugate_gradients(
        operator, values, preconditioner=sparse_inverse(blocks, patterns[numbers.argsort()]), tolerance=1e-5
    )
    print(
        f"{operator!r}: {solution.status.value} in {solution.iterations} steps, {time.perf_counter() - started:.1f} s"
    )

    # f(x) = Σ k(x − x_j) α_j anywhere.
    asked = torch.rand(5000, 2, generator=generator, dtype=torch.float64)
    estimate = KernelSum(split, points, solution.value[:, None])(asked)[:, 0]
    return float((estimate - truth(asked)).norm() / truth(asked).norm())


if __name__ == "__main__":
    print(f"relative error at other points: {main(*map(int, sys.argv[1:2])):.4f}")
