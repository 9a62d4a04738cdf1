"""Tabulated kernels against the kernels themselves."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from fourierfield.encodings._families import gaussian, laplace, log_uniform, positional, uniform
from fourierfield.kernels import _radial as radial
from fourierfield.kernels._composed import ComposedNNGP, ComposedNTK
from fourierfield.kernels._encoding import EncodingKernel, LimitKernel
from fourierfield.kernels._infinite import InfiniteMLP
from fourierfield.kernels._matern import MaternKernel
from fourierfield.kernels._radial import RadialKernel
from fourierfield.kernels._stationary import GaussianKernel, StationaryKernel

FAMILIES = {"gaussian": gaussian, "laplace": laplace, "uniform": uniform, "log-uniform": log_uniform}
MLP = InfiniteMLP.of_depth(4)
FINE: dict[str, StationaryKernel] = {  # whose own gaps have all their digits
    "gaussian": GaussianKernel(1.0),
    "matern-1.5": MaternKernel(1.5, 0.3),
    "matern-0.5": MaternKernel(0.5, 0.3),
    "ntk": ComposedNTK(GaussianKernel(1.0), MLP),
    "nngp": ComposedNNGP(GaussianKernel(1.0), MLP),
    "deep-ntk": ComposedNTK(GaussianKernel(1.0), InfiniteMLP.of_depth(8)),
}
seeds = st.integers(0, 2**31)


def directions(count: int, d: int, seed: int) -> Tensor:
    drawn = torch.randn(count, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return drawn / drawn.norm(dim=1, keepdim=True)


def drawn_points(count: int, d: int, seed: int = 0) -> Tensor:
    return torch.rand(count, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", list(FINE))
def test_it_is_the_kernel_to_nine_digits_and_the_gap_to_five(name: str) -> None:
    """From far below the first knot to the end of the table."""
    kernel = FINE[name]
    radii = torch.cat([torch.logspace(-5, 0, 4000, dtype=torch.float64), torch.linspace(0, 3, 4001).double()])
    exact, found = kernel.gap(radii[:, None]), RadialKernel(kernel, (1.0,), 3.0).gap(radii[:, None])
    torch.testing.assert_close(found, exact, rtol=0, atol=1e-9 * kernel.at_zero)
    torch.testing.assert_close(found, exact, rtol=1e-5, atol=0)


@pytest.mark.parametrize("family", list(FAMILIES))
@pytest.mark.parametrize("composed", [ComposedNTK, ComposedNNGP])
@settings(max_examples=8)
@given(st.integers(1, 3), st.floats(1.1, 30), st.integers(1, 5), seeds)
def test_every_law_has_a_table(family: str, composed, d: int, bandwidth: float, depth: int, seed: int) -> None:  # type: ignore[no-untyped-def]
    """In any direction, with another bandwidth along each axis."""
    scale = tuple((bandwidth * (0.3 + 0.7 * drawn_points(1, d, seed)[0])).clamp(min=1.05).tolist())
    encoding = FAMILIES[family](d, scale, 4, generator=torch.Generator())
    kernel = composed(LimitKernel(encoding), InfiniteMLP.of_depth(depth))
    table = RadialKernel(kernel, scale, max(scale))
    offsets = drawn_points(200, 1, seed) * directions(200, d, seed)
    torch.testing.assert_close(table(offsets), kernel(offsets), rtol=0, atol=1e-7 * kernel.at_zero)  # NTK: √1e-15
    assert table.at_zero == kernel.at_zero


@given(st.sampled_from(list(FINE)), st.integers(1, 3), seeds)
def test_it_keeps_what_every_kernel_promises(name: str, d: int, seed: int) -> None:
    """Exactly k(0) at zero, never a negative gap, and the same by pairs, on lattices and one by one."""
    table = RadialKernel(FINE[name], (2.0,) * d, 3.0)
    x, y = drawn_points(9, d, seed), drawn_points(5, d, seed + 1)
    y = torch.cat([y, x[:3], x[:2] + 1e-9])
    expected = table.gap(x[:, None] - y[None])
    torch.testing.assert_close(table.gap_between(x, y), expected, rtol=1e-7, atol=1e-14)
    assert (table.gap(x - x) == 0).all()
    assert (table(x - x) == table.at_zero).all()
    assert (table.gap(torch.logspace(-300, 2, 500)[:, None] * directions(1, d, seed)) >= 0).all()
    axes = [torch.linspace(-0.4, 0.3, n, dtype=torch.float64) for n in (4, 3, 2)[:d]]
    lattice = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    torch.testing.assert_close(table.gap_on_lattice(axes), table.gap(lattice), rtol=0, atol=0)
    assert table.gap(torch.zeros(0, d)).shape == (0,)
    assert table.gap_between(torch.zeros(0, d), y).shape == (0, len(y))


@pytest.mark.parametrize("scale", [(3.0,), (3.0, 0.5), (0.2, 1.0, 4.0)])
def test_its_reach_is_where_it_is_constant(scale: tuple[float, ...]) -> None:
    """And ``ends_at`` is that in its metric, whatever the direction."""
    kernel = ComposedNTK(LimitKernel(gaussian(len(scale), scale, 4, generator=torch.Generator())), MLP)
    table = RadialKernel(kernel, scale, 20.0)
    metric = torch.tensor(table.metric(len(scale)))
    assert metric.max() == 1
    beyond = table.ends_at * torch.linspace(1 + 1e-6, 3, 50)[:, None] * directions(50, len(scale), 0) / metric
    inside = 0.8 * beyond[0]
    floor = kernel(1e3 * beyond[0])
    torch.testing.assert_close(kernel(beyond), floor.expand(50), rtol=0, atol=2e-12 * kernel.at_zero)
    assert (table(beyond) == table(beyond)[0]).all()
    assert abs(float(kernel(inside) - floor)) > 1e-12 * kernel.at_zero


@pytest.mark.parametrize("family", ["laplace", "uniform"])
def test_a_kernel_that_never_ends_goes_on_as_at_its_longest(family: str) -> None:
    kernel = LimitKernel(FAMILIES[family](1, 2.0, 4, generator=torch.Generator()))
    table = RadialKernel(kernel, (2.0,), 5.0)
    assert table.ends_at == math.inf
    far = table(torch.tensor([[2.5], [2.6], [1e5], [math.inf]], dtype=torch.float64))
    assert (far[1:] == far[1]).all()
    torch.testing.assert_close(far, kernel(torch.full((4, 1), 2.5)), rtol=0, atol=1e-3)  # to one knot


def test_beyond_ten_thousand_waves_the_pieces_are_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """By eight, say; here with fewer of both."""
    monkeypatch.setattr(radial, "_MOST_KNOTS", 1 << 14)
    kernel = ComposedNTK(LimitKernel(laplace(1, 1.0, 4, generator=torch.Generator())), MLP)
    table = RadialKernel(kernel, (1.0,), 320.0)
    offsets = torch.logspace(-5, 2.5, 3000, dtype=torch.float64)[:, None]
    torch.testing.assert_close(table(offsets), kernel(offsets), rtol=0, atol=1e-5 * kernel.at_zero)


def test_coordinates_that_are_no_numbers_have_no_value() -> None:
    table = RadialKernel(GaussianKernel(1.0), (1.0, 1.0), 2.0)
    values = table(torch.tensor([[math.nan, 0.0], [0.0, 0.0], [0.0, math.nan]]))
    assert values.isnan().tolist() == [True, False, True]


def test_kernels_of_something_else_than_that_radius_are_refused() -> None:
    generator = torch.Generator().manual_seed(0)
    few = EncodingKernel(gaussian(2, 2.0, 5, generator=generator))
    axes = LimitKernel(positional(2, 15.0, 4))
    for kernel, scale in (
        (few, (2.0, 2.0)),
        (axes, (15.0, 15.0)),
        (GaussianKernel(100.0), (100.0, 50.0)),
        (GaussianKernel(0.01), (0.01, 0.03)),
    ):
        with pytest.raises(ValueError, match="not a function of the radius"):
            RadialKernel(kernel, scale, 2 * max(scale))
    for scale, longest in (((0.0, 1.0), 1.0), ((1.0, math.inf), 1.0), ((1.0, 1.0), 0.0), ((1.0, 1.0), math.nan)):
        with pytest.raises(ValueError, match="positive"):
            RadialKernel(GaussianKernel(1.0), scale, longest)
    table = RadialKernel(GaussianKernel(1.0), (1.0, 1.0), 2.0)
    for attempt in (lambda: table(torch.zeros(4, 1)), lambda: table.gap_between(torch.zeros(4, 3), torch.zeros(4, 3))):
        with pytest.raises(ValueError, match="takes 2 coordinates"):
            attempt()
