"""Kernels and ridges chosen by likelihood: those that the samples were drawn from, or near them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.encodings._spec import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.grids._domain import Grid
from fourierfield.problems._grid import GridSamples
from fourierfield.problems._points import PointSamples, Samples
from fourierfield.regression import _choice as choice
from fourierfield.regression._choice import Candidates, KernelChoice, choose_kernel
from fourierfield.regression._evidence import Scatter, WholeEvidence
from fourierfield.regression._solve import Accuracy, places_of, solve_weights
from fourierfield.regression._spec import KernelSpec

FREE = KernelSpec(EncodingSpec("gaussian", 1.5))


def drawn(count: int, d: int, spec: KernelSpec, ridge: float, seed: int = 0) -> tuple[PointSamples, Tensor]:
    """Values of a Gaussian process with that kernel, of variance 9, and noise."""
    generator = torch.Generator().manual_seed(seed)
    points = torch.rand(count, d, dtype=torch.float64, generator=generator)
    matrix = spec.kernel(d).between(points, points) + ridge * torch.eye(count)
    noise = torch.randn(count, 1, dtype=torch.float64, generator=generator)
    values = 3 * torch.linalg.cholesky(matrix) @ noise
    return PointSamples(points, values), values - values.mean(0)


def samples_of(count: int, d: int = 2) -> tuple[PointSamples, Tensor]:
    return drawn(count, d, FREE, 0.01)


PROCESSES = [
    (1, 700, "all", 20.0, 0.01),
    (1, 700, "all", 5.0, 0.1),
    (1, 2500, "last", 40.0, 0.1),
    (2, 900, "last", 1.5, 0.01),
    (2, 1100, "all", 2.0, 0.2),
    (6, 500, "last", 0.2, 0.01),
]


@pytest.mark.parametrize(("d", "count", "trained", "bandwidth", "ridge"), PROCESSES)
def test_the_bandwidth_and_the_noise_of_a_process_are_found(
    d: int, count: int, trained: str, bandwidth: float, ridge: float
) -> None:
    """To an octave, the noise to a factor of 8 of its power: of nearly as likely ridges the smallest is taken."""
    spec = KernelSpec(EncodingSpec("gaussian", bandwidth), trained=trained)  # type: ignore[arg-type]
    samples, values = drawn(count, d, spec, ridge)
    found = choose_kernel(samples, values, Candidates(free=[replace(FREE, trained=trained)]))  # type: ignore[arg-type]
    assert isinstance(found.spec.encoding.bandwidth, float)
    assert 0.49 < found.spec.encoding.bandwidth / bandwidth < 2.1
    assert 1 / 8 < found.ridge / ridge < 4
    assert found.tried >= 8


def test_a_smooth_process_is_told_from_a_rough_one() -> None:
    both = Candidates(free=[FREE, replace(FREE, trained="last")])
    for trained in ("all", "last"):
        spec = KernelSpec(EncodingSpec("gaussian", 25.0), trained=trained)  # type: ignore[arg-type]
        found = choose_kernel(*drawn(400, 1, spec, 1e-3), both)
        assert found.spec.trained == trained


def test_what_was_asked_for_is_taken() -> None:
    """A kernel alone at any ridge, and at one ridge; the numbers tried are told as they come."""
    told: list[int] = []
    samples, values = samples_of(300)
    any_ridge = choose_kernel(samples, values, Candidates(fixed=[FREE]), report=told.append)
    assert any_ridge.spec == FREE
    assert 1e-6 <= any_ridge.ridge <= 10
    one = choose_kernel(samples, values, Candidates(fixed=[FREE]), ridge=0.123)
    assert (one.spec, one.ridge, one.tried, one.reason) == (FREE, 0.123, 1, "as asked")
    told.clear()
    free = choose_kernel(samples, values, Candidates(free=[FREE]), ridge=0.123, report=told.append)
    assert free.ridge == 0.123
    assert free.reason == f"the likeliest of {free.tried} kernels"
    assert told == list(range(1, free.tried + 1))


@pytest.mark.parametrize(
    ("family", "d"),
    [(family, 1) for family in ("gaussian", "laplace", "uniform", "log-uniform", "nerf", "power-law")]
    + [("log-uniform", 3), ("positional", 3)],
)
def test_every_family_has_a_likeliest_bandwidth(family: str, d: int) -> None:
    """Those bandwidths left out that it cannot take."""
    spec = KernelSpec(EncodingSpec(family, 3.0, 9 if family == "power-law" else None))
    found = choose_kernel(*samples_of(150, d), Candidates(free=[spec]))
    assert found.spec.encoding.family == family
    assert math.isfinite(found.ridge)


def test_where_none_can_be_taken_the_reason_is_said() -> None:
    spec = KernelSpec(EncodingSpec("log-uniform", 3.0))
    with pytest.raises(SettingsError, match="1 to 3 dimensions"):
        choose_kernel(*samples_of(60, 5), Candidates(free=[spec]))


@pytest.mark.parametrize("count", [1, 2, 5, 40])
@pytest.mark.parametrize("features", [None, 16])
def test_a_few_samples_are_enough_to_choose_by(count: int, features: int | None) -> None:
    spec = KernelSpec(EncodingSpec("gaussian", 2.0, features))
    found = choose_kernel(*samples_of(count), Candidates(free=[spec]))
    assert found.ridge > 0


@pytest.mark.parametrize("points", [torch.ones(900, 2).double(), torch.ones(5, 2).double()])
def test_equal_points_do_no_harm(points: Tensor) -> None:
    values = torch.randn(len(points), 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert choose_kernel(PointSamples(points, values), values, Candidates(free=[FREE])).ridge > 0


def smooth_values(places: Tensor) -> Tensor:
    """Half a wave along each axis, of variance about 1."""
    return 2**0.5 * torch.cos(torch.pi * places + 0.5).sum(1, keepdim=True) / places.shape[1] ** 0.5


@pytest.mark.parametrize("d", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_points_tell_trends_from_noise(d: int) -> None:
    """Noise of the trend's own power, of which no sample's neighbours would be enough to average out."""
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(2500, d, dtype=torch.float64, generator=generator)
    values = smooth_values(points) + torch.randn(2500, 1, dtype=torch.float64, generator=generator)
    found = choose_kernel(PointSamples(points, values), values, Candidates(free=[FREE, replace(FREE, trained="last")]))
    assert found.spec.trained == "last"
    assert found.spec.encoding.bandwidth < 1  # type: ignore[operator]
    assert error_of(PointSamples(points, values), found, smooth_values) < 0.02


@pytest.mark.parametrize("d", [1, 2])
def test_points_tell_detail_within_their_cells(d: int) -> None:
    points = torch.rand(6000, d, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    waves = 400.0 if d == 1 else 12.0

    def detail(places: Tensor) -> Tensor:
        return 2**0.5 * torch.sin(2 * torch.pi * waves * places[:, :1])

    samples = PointSamples(points, detail(points))
    found = choose_kernel(samples, samples.values, Candidates(free=[replace(FREE, trained="last")]))
    assert found.ridge < 1e-3
    assert error_of(samples, found, detail) < 0.05


@pytest.mark.parametrize("shape", [(3000,), (60, 70), pytest.param((12, 13, 14), marks=pytest.mark.slow)])
def test_lattices_tell_trends_from_noise(shape: tuple[int, ...]) -> None:
    grid = Grid((0.0,) * len(shape), (1.0,) * len(shape), shape)
    places = torch.from_numpy(grid.coordinates(np.arange(grid.size)))
    noise = torch.randn(grid.size, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values = smooth_values(places) + noise
    samples = GridSamples(grid, torch.arange(grid.size), values.float())
    found = choose_kernel(samples, values, Candidates(free=[FREE, replace(FREE, trained="last")]))
    assert error_of(samples, found, smooth_values) < 0.02


def error_of(samples: Samples, choice: KernelChoice, truth: Callable[[Tensor], Tensor]) -> float:
    """Mean squared error between the samples."""
    places = places_of(samples)
    d = places.shape[1]
    kernel = choice.spec.kernel(d)
    solved = solve_weights(samples, kernel, samples.values.double(), choice.ridge, Accuracy())
    at = torch.rand(500, d, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    return float((kernel.between(at, places) @ solved.value - truth(at)).square().mean())


def test_of_alike_kernels_the_largest_bandwidth_is_taken() -> None:
    """NTKs with less than a wave across the samples are all alike."""
    samples, values = drawn(600, 1, KernelSpec(EncodingSpec("gaussian", 0.01)), 1e-6)
    found = choose_kernel(samples, values, Candidates(free=[FREE]))
    assert found.spec.encoding.bandwidth > 0.05  # type: ignore[operator]


def test_of_ridges_nearly_as_likely_the_smallest_is_taken() -> None:
    """Where values have rarer, larger steps than a normal process, and none of its noise."""
    points = torch.rand(700, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    values = torch.floor(12 * points) % 2 - 0.5
    samples = PointSamples(points, values)
    found = choose_kernel(samples, values, Candidates(fixed=[KernelSpec(EncodingSpec("gaussian", 1.5))]))
    evidence = WholeEvidence(samples, values, Scatter.none(1))
    judged = evidence.judge(found.spec, choice._RIDGES)
    best = max(judged, key=lambda one: one.score)
    assert found.ridge <= best.ridge
    (taken,) = (one for one in judged if one.ridge == found.ridge)
    assert best.score - 0.03 * best.freedom <= taken.score


def test_noise_is_not_taken_for_detail() -> None:
    """A kernel of a bandwidth so high that it is white noise itself needs no ridge; it is not preferred for that."""
    noise = torch.randn(900, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    samples, smooth = drawn(900, 2, KernelSpec(EncodingSpec("gaussian", 0.5), trained="last"), 1e-6)
    for values, variance in ((noise, 1.0), (smooth + 3 * noise, 9.0)):
        found = choose_kernel(samples, values, Candidates(free=[FREE]))
        assert found.ridge > 0.1
        fitted = found.spec.kernel(2).between(samples.points, samples.points)
        solved = torch.linalg.solve(fitted + found.ridge * torch.eye(900), values)
        assert float((fitted @ solved - values).var() / variance) > 0.8


def test_bandwidths_may_differ_by_axis() -> None:
    slow = KernelSpec(EncodingSpec("gaussian", (20.0, 0.5)))
    samples, values = drawn(600, 2, slow, 0.01)
    other = KernelSpec(EncodingSpec("gaussian", (0.5, 20.0)))
    found = choose_kernel(samples, values, Candidates(fixed=[other, KernelSpec(EncodingSpec("gaussian", 3.0)), slow]))
    assert found.spec == slow
