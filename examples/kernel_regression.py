"""Build a kernel regression from its parts: a kernel, points, an operator and a solver, without forming the matrix.

python examples/kernel_regression.py [number of points]

The parts are private modules of fourierfield; ``fourierfield.fit(…, method="kernel")`` is the public way.
"""

import sys
import time

import torch

from fourierfield import EncodingSpec
from fourierfield.operators._base import ScaledIdentity
from fourierfield.operators._neighbours import earlier_neighbours
from fourierfield.operators._scattered import KernelSum, ScatteredGram, split_for
from fourierfield.regression._spec import KernelSpec
from fourierfield.solvers._cg import conjugate_gradients
from fourierfield.solvers._sparse_inverse import sparse_inverse


def main(count: int = 20_000, ridge: float = 1e-2) -> float:
    """Fit noisy values at random points, and return the relative RMS error at other points."""
    generator = torch.Generator().manual_seed(0)

    def truth(points: torch.Tensor) -> torch.Tensor:
        return torch.sin(9 * points[:, 0]) * torch.cos(7 * points[:, 1] ** 2)

    points = torch.rand(count, 2, generator=generator, dtype=torch.float64)
    values = truth(points) + 0.05 * torch.randn(count, generator=generator, dtype=torch.float64)

    # The NTK of an infinitely wide network of depth 4 behind infinitely many Gaussian frequencies, k(0) = 1.
    kernel = KernelSpec(EncodingSpec("gaussian", 2.0)).kernel(2)

    # K as a map: waves by NUFFT and a sparse matrix of near pairs, accurate to 3e-5 of k(0).
    split = split_for(kernel, points, 3e-5)
    operator = ScatteredGram(split, points) + ScaledIdentity(count, ridge)

    # A sparse approximate inverse reduces the iterations from thousands to some tens.
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

    # f(x) = Σ k(x − x_j) α_j can be evaluated anywhere.
    asked = torch.rand(5000, 2, generator=generator, dtype=torch.float64)
    estimate = KernelSum(split, points, solution.value[:, None])(asked)[:, 0]
    return float((estimate - truth(asked)).norm() / truth(asked).norm())


if __name__ == "__main__":
    print(f"relative error at other points: {main(*map(int, sys.argv[1:2])):.4f}")
