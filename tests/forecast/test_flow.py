"""The trajectory from one Lanczos run, against eigendecompositions and an independent implementation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.encodings._families import gaussian
from fourierfield.forecast._dynamics import GradientDescent, GradientFlow
from fourierfield.forecast._flow import predict, train_flow
from fourierfield.forecast._linearized import KernelBlocks, trained_ensemble
from fourierfield.grids._domain import Grid
from fourierfield.kernels._composed import ComposedNTK, PointNNGP, PointNTK
from fourierfield.kernels._encoding import EncodingKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.operators._base import DenseOperator
from fourierfield.operators._gram import gram

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "gradient_descent_mse.npz"
needs_reference = pytest.mark.skipif(
    not REFERENCE.exists(), reason="reference values (../shared/reference) are not beside this checkout"
)
TIMES = torch.tensor([0.0, 1.0, 30.0, 1e3, 1e5, math.inf], dtype=torch.float64)


@pytest.fixture(scope="module")
def reference() -> dict[str, Tensor]:
    with np.load(REFERENCE) as file:
        return {name: torch.from_numpy(file[name]) for name in file.files if file[name].dtype == np.float64}


def reference_flow(reference: dict[str, Tensor]) -> GradientFlow:
    """Its times in units of its learning rate, and t = ∞ behind them; the loss is a mean over 64 points."""
    times = torch.cat([reference["t"] * reference["ntkparam_learning_rate"], torch.tensor([math.inf])])
    return GradientFlow(times, divisor=64)


@needs_reference
@pytest.mark.parametrize(("own_kernel", "tolerance"), [(True, 1e-7), (False, 1e-10)])
def test_predictions_equal_the_reference(reference: dict[str, Tensor], own_kernel: bool, tolerance: float) -> None:
    train, cross = reference["ntkparam_K_dd"], reference["ntkparam_K_td"]
    if own_kernel:
        ntk = PointNTK(InfiniteMLP.of_depth(5))
        train = ntk(reference["features_train"], reference["features_train"])
        cross = ntk(reference["features_test"], reference["features_train"])
    targets = reference["y_train"][:, None]
    solution = predict(DenseOperator(train), targets, reference_flow(reference), cross=DenseOperator(cross))
    assert solution.ok
    assert solution.value.elsewhere is not None
    expected = torch.cat([reference["ntkparam_mean_test_t"], reference["ntkparam_mean_test_inf"][None]])
    torch.testing.assert_close(solution.value.elsewhere[..., 0], expected, rtol=0, atol=tolerance)
    torch.testing.assert_close(
        solution.value.training[:3, :, 0], reference["ntkparam_mean_train_t"], rtol=0, atol=tolerance
    )


@needs_reference
@pytest.mark.parametrize(("moment", "name"), [(0, "ntkparam_cov_test_t10"), (3, "ntkparam_cov_test_inf")])
def test_covariance_of_the_ensemble_equals_the_reference(reference: dict[str, Tensor], moment: int, name: str) -> None:
    train, test, mlp = reference["features_train"], reference["features_test"], InfiniteMLP.of_depth(5)
    blocks = [
        KernelBlocks(kernel(train, train), kernel(test, train), kernel(test, test))
        for kernel in (PointNTK(mlp), PointNNGP(mlp))
    ]
    ensemble = trained_ensemble(*blocks, reference["y_train"][:, None], reference_flow(reference))
    torch.testing.assert_close(ensemble.covariance[moment], reference[name], rtol=0, atol=1e-7)
    torch.testing.assert_close(ensemble.mean[:3, :, 0], reference["ntkparam_mean_test_t"], rtol=0, atol=1e-7)


def drawn_ntk(bandwidth: float = 3.0, features: int = 64) -> ComposedNTK:
    encoding = gaussian(2, bandwidth, features, generator=torch.Generator().manual_seed(1))
    return ComposedNTK(EncodingKernel(encoding), InfiniteMLP.of_depth(4))


def test_toeplitz_and_lanczos_equal_a_dense_eigendecomposition() -> None:
    grid = Grid((0.0, 0.0), (1.0, 1.0), (24, 24))
    other = Grid((0.02, 0.02), (1.02, 1.02), (24, 24))
    kernel = drawn_ntk()
    targets = torch.randn(576, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    start = torch.randn(576, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    flow = GradientFlow(TIMES, divisor=576 * 2)
    solution = predict(
        gram(kernel, grid), targets, flow, cross=gram(kernel, other, grid), initial=(start, -start), tolerance=1e-12
    )
    values, vectors = torch.linalg.eigh(gram(kernel, grid).to_dense())
    along = vectors.T @ (targets - start)
    change = torch.stack([vectors @ (d[:, None] * along) for d in 1 - flow.decay(values)])
    weights = torch.stack([vectors @ (r[:, None] * along) for r in flow.response(values)])
    assert solution.value.elsewhere is not None
    torch.testing.assert_close(solution.value.training, start + change, rtol=0, atol=1e-8)
    torch.testing.assert_close(
        solution.value.elsewhere, -start + gram(kernel, other, grid).to_dense() @ weights, rtol=0, atol=1e-8
    )
    residual = targets - solution.value.training
    torch.testing.assert_close(solution.value.half_sum_loss, 0.5 * residual.square().sum((1, 2)), rtol=1e-8, atol=1e-8)


def test_the_first_and_the_last_moment_are_exact() -> None:
    grid = Grid((0.0, 0.0), (1.0, 1.0), (12, 12))
    targets = torch.rand(144, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    start = torch.full_like(targets, 0.5)
    value = predict(gram(drawn_ntk(), grid), targets, GradientFlow(TIMES), initial=(start, None)).value
    assert torch.equal(value.training[0], start)
    assert value.half_sum_loss[-1] == 0
    torch.testing.assert_close(value.training[-1], targets, rtol=0, atol=1e-12)


def test_the_loss_never_rises_and_a_discrete_descent_follows_its_iteration() -> None:
    grid = Grid((0.0, 0.0), (1.0, 1.0), (10, 10))
    operator = gram(drawn_ntk(), grid)
    targets = torch.rand(100, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    loss = predict(operator, targets, GradientFlow(TIMES, divisor=100)).value.half_sum_loss
    assert (loss.diff() <= 0).all()
    rate, output = 100 / float(torch.linalg.eigvalsh(operator.to_dense())[-1]), torch.zeros_like(targets)
    for _ in range(25):
        output += rate / 100 * (operator @ (targets - output))
    descent = predict(operator, targets, GradientDescent(rate, torch.tensor([25]), divisor=100)).value
    torch.testing.assert_close(descent.training[0], output, rtol=0, atol=1e-10)


def test_what_is_reported_as_missing_bounds_the_error() -> None:
    grid = Grid((0.0, 0.0), (1.0, 1.0), (16, 16))
    operator, flow = gram(drawn_ntk(), grid), GradientFlow(torch.tensor([1e2], dtype=torch.float64))
    residual = torch.rand(256, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rough = train_flow(operator, residual, flow, tolerance=1e-2)
    exact = train_flow(operator, residual, flow, tolerance=1e-12)
    error = (rough.value.residual() - exact.value.residual()).norm() / residual.norm()
    assert rough.iterations < exact.iterations
    assert error <= rough.error
