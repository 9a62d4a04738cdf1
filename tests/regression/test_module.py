"""The module of a kernel field: one derivative by autograd and torch.func, and never a wrong second one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.func import hessian, jacfwd, jacrev, vmap

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.grids._domain import Domain, Grid
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import SignalDescription
from fourierfield.networks._values import ValueRange
from fourierfield.problems._grid import GridSamples
from fourierfield.regression._field import KernelField
from fourierfield.regression._spec import KernelSpec
from fourierfield.regression._weights import KernelWeights

REFUSED = "a kernel field is differentiable once"


def made() -> KernelField:
    """A field of two channels whose weights nobody solved for."""
    samples = GridSamples(Grid((0.0, 0.0), (1.0, 1.0), (5, 5)), torch.arange(25), torch.zeros(25, 2))
    alpha = torch.randn(25, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    weights = KernelWeights(samples, alpha, torch.zeros(2, dtype=torch.float64), ridge=0.1, scale=torch.ones(2))
    source = SignalDescription("image", (5, 5), 2, SampleFormat("float32"))
    spec = KernelSpec(EncodingSpec("gaussian", 2.0))
    return KernelField(spec, weights, Domain.of_samples((5, 5)), ValueRange(0.0, 3.0), source)


def places(dtype: torch.dtype = torch.float64) -> Tensor:
    """Three points away from the samples."""
    return torch.tensor([[0.31, 0.42], [0.21, 0.77], [0.53, 0.13]], dtype=dtype)


def slope_by_differences(field: KernelField, points: Tensor) -> Tensor:
    """Central differences of the values, (N, C, d)."""
    steps = 1e-5 * torch.eye(2, dtype=torch.float64)
    return torch.stack([(field(points + s) - field(points - s)) / 2e-5 for s in steps], dim=-1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_module_keeps_the_precision_of_its_input(dtype: torch.dtype) -> None:
    field, points = made(), places(dtype).requires_grad_(True)
    values = field.to_torch()(points)
    assert values.dtype == dtype
    (slope,) = torch.autograd.grad(values[:, 0].sum(), points)
    assert slope.dtype == dtype
    right = slope_by_differences(field, points.detach().double())[:, 0]
    torch.testing.assert_close(slope.double(), right, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("transform", [jacrev, jacfwd])
def test_func_gives_the_right_jacobian_of_one_point_and_of_many(
    transform: Callable[..., Callable[..., Tensor]],
) -> None:
    field = made()
    right = slope_by_differences(field, places())
    module = field.to_torch()
    torch.testing.assert_close(transform(module)(places()[0]), right[0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(vmap(transform(module))(places()), right, rtol=1e-5, atol=1e-5)


def test_vmap_gives_the_values() -> None:
    field = made()
    torch.testing.assert_close(vmap(field.to_torch())(places()), field(places()))


@pytest.mark.parametrize("function", ["module", "field", "slopes"])
def test_a_second_derivative_is_refused(function: str) -> None:
    field, points = made(), places().requires_grad_(True)
    if function == "slopes":
        slope = field.gradient(points)
    else:
        values = (field.to_torch() if function == "module" else field)(points)
        (slope,) = torch.autograd.grad(values.square().sum(), points, create_graph=True)
    with pytest.raises(RuntimeError, match=REFUSED):
        torch.autograd.grad((slope.sum(dim=tuple(range(1, slope.ndim))) * points[:, 0]).sum(), points)


@pytest.mark.parametrize("transform", [hessian, lambda f: jacrev(jacrev(f)), lambda f: jacfwd(jacfwd(f))])
def test_func_refuses_a_hessian(transform: Callable[..., Callable[..., Tensor]]) -> None:
    with pytest.raises(RuntimeError, match=REFUSED):
        transform(made().to_torch())(places()[0])


def test_a_gradient_that_is_kept_serves_where_no_second_derivative_is_asked_for() -> None:
    """Of (∇f·w) by w: the gradient itself, through a graph that holds the coordinates too."""
    field, points, w = made(), places().requires_grad_(True), torch.ones(3, 2, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(field(points)[:, 1].sum(), points, create_graph=True)
    (found,) = torch.autograd.grad((slope * w).sum(), w)
    torch.testing.assert_close(found, slope_by_differences(field, places())[:, 1], rtol=1e-5, atol=1e-5)
