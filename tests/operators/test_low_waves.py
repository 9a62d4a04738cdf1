"""The inverse by few waves against dense inverses, and what it is for."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.operators import _low_waves as low_waves
from fourierfield.operators._base import DenseOperator
from fourierfield.operators._low_waves import LowWaveInverse, low_wave_inverse
from fourierfield.operators._nufft import FourierSum
from fourierfield.regression._spec import KernelSpec
from fourierfield.solvers._cg import conjugate_gradients

SMOOTH = KernelSpec(EncodingSpec("gaussian", 0.4), trained="last")


def drawn(count: int, d: int, seed: int = 0) -> Tensor:
    return torch.rand(count, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("columns", [1, 3])
def test_it_is_the_inverse_of_its_waves_and_noise(d: int, columns: int) -> None:
    points, noise = drawn(60, d), 0.1 + drawn(60, 1)[:, 0]
    modes = (8, 6, 4)[:d]
    waves = FourierSum(points, modes, (1.5,) * d, 1e-12)
    size = waves.shape[1]
    inside = torch.tensor([bool(n) for n in range(size)])  # without the first, which has no partner
    coefficients = torch.zeros(size, dtype=torch.float64)
    numbers = torch.stack(
        torch.meshgrid(*[torch.arange(-n // 2, n // 2, dtype=torch.float64) for n in modes], indexing="ij"), dim=-1
    ).flatten(0, -2)
    paired = (numbers > torch.tensor([-n / 2 for n in modes])).all(1) & inside
    coefficients[paired] = torch.exp(-numbers[paired].square().sum(1) / 9)  # even: the matrix is real
    rows = paired.nonzero()[:, 0]
    inverse = LowWaveInverse(points, waves, rows, coefficients[rows], noise)
    basis = waves.to_dense()
    matrix = (basis * coefficients) @ basis.mH
    assert float(matrix.imag.abs().max()) < 1e-9
    expected = torch.linalg.inv(matrix.real + torch.diag(noise))
    x = drawn(60, columns, 1)
    torch.testing.assert_close(inverse @ x, expected @ x, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(inverse.H @ x, expected @ x, rtol=1e-6, atol=1e-6)


CASES = [
    (1, 1500, SMOOTH.with_bandwidth(2.0), 1e-2),
    (1, 1500, SMOOTH.with_bandwidth(0.3), 1e-3),
    (2, 2000, SMOOTH, 0.1),
    (2, 2000, replace(SMOOTH, trained="all").with_bandwidth(2.0), 10.0),
    (2, 2000, SMOOTH.with_bandwidth((0.3, 1.0)), 0.3),
    (3, 2000, SMOOTH.with_bandwidth(0.2), 1.0),
]


@pytest.mark.parametrize(("d", "count", "spec", "ridge"), CASES)
@pytest.mark.parametrize("weighted", [False, True])
def test_smooth_kernels_are_solved_in_a_few_steps(
    d: int, count: int, spec: KernelSpec, ridge: float, weighted: bool
) -> None:
    points, kernel = drawn(count, d) * torch.tensor([1.0, 0.6, 0.8][:d]) + 0.1, spec.kernel(d)
    noise = torch.full((count,), ridge, dtype=torch.float64)
    if weighted:
        noise = noise * (0.5 + drawn(count, 1, 3)[:, 0])
    inverse = low_wave_inverse(kernel, points, noise)
    assert inverse is not None
    matrix = DenseOperator(kernel.between(points, points) + torch.diag(noise))
    values = torch.sin(7 * points).sum(1, keepdim=True) + drawn(count, 1, 2)
    solved = conjugate_gradients(matrix, values - values.mean(), preconditioner=inverse, tolerance=1e-6)
    assert solved.ok
    assert solved.iterations <= 45


def test_it_is_positive_definite_and_symmetric() -> None:
    points, noise = drawn(400, 2), torch.full((400,), 1.0, dtype=torch.float64)
    inverse = low_wave_inverse(SMOOTH.kernel(2), points, noise)
    assert inverse is not None
    matrix = inverse.to_dense()
    torch.testing.assert_close(matrix, matrix.T, rtol=0, atol=1e-8)
    assert float(torch.linalg.eigvalsh(matrix).min()) > 0


def test_rough_kernels_take_too_many_waves() -> None:
    for spec, ridge in ((SMOOTH.with_bandwidth(30.0), 1e-3), (replace(SMOOTH, trained="all"), 1e-9)):
        assert low_wave_inverse(spec.kernel(2), drawn(3000, 2), torch.full((3000,), ridge).double()) is None


@pytest.mark.parametrize("points", [torch.full((20, 2), 0.3), torch.stack([torch.linspace(0, 1, 20)] * 2, dim=1)])
def test_points_without_extent_do_no_harm(points: Tensor) -> None:
    inverse = low_wave_inverse(SMOOTH.kernel(2), points.double(), torch.ones(20, dtype=torch.float64))
    if inverse is not None:
        assert (inverse @ torch.ones(20, dtype=torch.float64)).isfinite().all()


def test_waves_cost_no_more_than_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(low_waves, "_LEFT", 1e9)
    inverse = low_wave_inverse(SMOOTH.kernel(2), drawn(80, 2), torch.full((80,), 1e-6).double())
    assert inverse is not None
    assert len(inverse._rows) == 10
