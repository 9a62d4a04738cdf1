"""What theory needs to know of a network, against direct computation."""

from __future__ import annotations

import pytest
import torch

from fourierfield.encodings._families import gaussian, identity
from fourierfield.forecast._clock import EDGE
from fourierfield.forecast._limit import WideLimit, interpolate
from fourierfield.networks._mlp import MLP, CoordinateNetwork, MLPSpec


def limit_of(output: str, generator: torch.Generator) -> WideLimit:
    encoding = gaussian(2, 3.0, 16, generator=generator)
    spec = MLPSpec(encoding.out_features, 1, width=32, output=output)
    return WideLimit.of(CoordinateNetwork(encoding, MLP(spec, generator)))


@pytest.mark.parametrize(("output", "start", "slope"), [("none", 0.0, 1.0), ("sigmoid", 0.5, 0.25)])
def test_the_output_is_linearised_at_zero(output: str, start: float, slope: float, generator: torch.Generator) -> None:
    limit = limit_of(output, generator)
    assert (limit.start, limit.slope) == pytest.approx((start, slope))
    assert limit.stationary
    points = torch.rand(5, 2, dtype=torch.float64, generator=generator)
    assert limit.mean(points[:1]) == pytest.approx(limit.scale)


def test_raw_coordinates_make_the_kernel_a_function_of_points(generator: torch.Generator) -> None:
    network = CoordinateNetwork(identity(2), MLP(MLPSpec(2, 1, width=32), generator))
    limit = WideLimit.of(network)
    assert not limit.stationary
    assert limit.parameters == sum(p.numel() for p in network.mlp.parameters())


def test_times_rise_from_zero_to_the_edge_of_stability(generator: torch.Generator) -> None:
    limit = limit_of("sigmoid", generator)
    times = limit.times(3, 0.5 * limit.scale, steps=100, count=20)
    assert (len(times), float(times[0])) == (20, 0.0)
    assert (times.diff() > 0).all()
    assert float(times[-1]) == pytest.approx(EDGE * 100 * 3 * 16 / (0.5 * limit.scale))


def test_the_bound_of_the_top_eigenvalue_is_the_mean_of_all_pairs(generator: torch.Generator) -> None:
    """n times the mean of an n×n matrix: what the formula gives for the same n points."""
    limit = limit_of("none", generator)
    points = torch.rand(40, 2, dtype=torch.float64, generator=generator)
    mean = limit.mean(points)
    assert limit.least_top(mean, 40, 40) == pytest.approx(40 * mean)
    assert limit.least_top(limit.scale, 1, 1) == limit.scale


def test_power_laws_are_interpolated_exactly() -> None:
    knots = torch.tensor([1.0, 7.0, 50.0], dtype=torch.float64)
    between = torch.tensor([2.0, 7.0, 30.0], dtype=torch.float64)
    torch.testing.assert_close(interpolate(knots, 3 * knots**-1.5, between), 3 * between**-1.5)
