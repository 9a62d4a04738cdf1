"""Kernels and ridges chosen by likelihood: those that the samples were drawn from, or near them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from fourierfield.encodings import EncodingSpec
from fourierfield.errors import SettingsError
from fourierfield.problems import PointSamples
from fourierfield.regression import RIDGES, Candidates, KernelChoice, KernelSpec, LeftOut, choice, choose_kernel
from fourierfield.regression.choice import axis_scale

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
    (1, 700, "all", 1 / 80, 0.01),
    (1, 700, "all", 1 / 30, 0.1),
    (1, 700, "last", 1 / 12, 0.1),
    (1, 700, "last", 1 / 80, 0.5),
    (2, 900, "last", 1 / 25, 0.01),
    (2, 900, "all", 1 / 25, 0.2),
]


@pytest.mark.parametrize(("d", "count", "trained", "share", "ridge"), PROCESSES)
def test_the_bandwidth_and_the_noise_of_a_process_are_found(
    d: int, count: int, trained: str, share: float, ridge: float
) -> None:
    """To an octave, and to a factor of 3; the standard deviation of the noise is √(power·ridge)."""
    rate = count ** (1 / d)
    spec = KernelSpec(EncodingSpec("gaussian", share * rate), trained=trained)  # type: ignore[arg-type]
    samples, values = drawn(count, d, spec, ridge)
    found = choose_kernel(samples, values, rate, Candidates(free=[replace(FREE, trained=trained)]))  # type: ignore[arg-type]
    assert isinstance(found.spec.encoding.bandwidth, float)
    assert 0.49 < found.spec.encoding.bandwidth / spec.encoding.bandwidth < 2.1  # type: ignore[operator]
    noise = (float(found.foretold.power) * found.ridge) ** 0.5
    assert 1 / 3 < noise / (3 * ridge**0.5) < 3
    assert found.tried >= 7 * 8


def test_a_smooth_process_is_told_from_a_rough_one() -> None:
    both = Candidates(free=[FREE, replace(FREE, trained="last")])
    for trained in ("all", "last"):
        spec = KernelSpec(EncodingSpec("gaussian", 25.0), trained=trained)  # type: ignore[arg-type]
        found = choose_kernel(*drawn(800, 1, spec, 1e-3), 800.0, both)
        assert found.spec.trained == trained


def test_what_was_asked_for_is_taken() -> None:
    """A kernel alone at any ridge, and at one ridge; the numbers tried are told as they come."""
    told: list[int] = []
    samples, values = samples_of(300)
    any_ridge = choose_kernel(samples, values, 17.0, Candidates(fixed=[FREE]), report=told.append)
    assert any_ridge.spec == FREE
    assert any_ridge.ridge in RIDGES
    assert (any_ridge.tried, told) == (7, [7])
    one = choose_kernel(samples, values, 17.0, Candidates(fixed=[FREE]), ridge=0.123)
    assert (one.spec, one.ridge, one.tried, one.reason) == (FREE, 0.123, 1, "as asked")
    free = choose_kernel(samples, values, 17.0, Candidates(free=[FREE]), ridge=0.123, report=told.append)
    assert free.ridge == 0.123
    assert free.reason == f"the likeliest of {free.tried} kernels and ridges"
    assert told[1:] == list(range(1, free.tried + 1))


@pytest.mark.parametrize(
    ("family", "d"),
    [(family, 1) for family in ("gaussian", "laplace", "uniform", "log-uniform", "nerf", "power-law")]
    + [("log-uniform", 3), ("positional", 3)],
)
def test_every_family_has_a_likeliest_bandwidth(family: str, d: int) -> None:
    """Those bandwidths left out that it cannot take."""
    spec = KernelSpec(EncodingSpec(family, 3.0, 9 if family == "power-law" else None))
    found = choose_kernel(*samples_of(150, d), 150 ** (1 / d), Candidates(free=[spec]))
    assert found.spec.encoding.family == family
    assert torch.isfinite(found.foretold.mse).all()


def test_where_none_can_be_taken_the_reason_is_said() -> None:
    spec = KernelSpec(EncodingSpec("log-uniform", 3.0))
    with pytest.raises(SettingsError, match="above 1 cycle per unit"):
        choose_kernel(*samples_of(60, 2), 3.0, Candidates(free=[spec]))


@pytest.mark.parametrize("count", [1, 2, 5, 40])
@pytest.mark.parametrize("features", [None, 16])
def test_a_few_samples_are_enough_to_choose_by(count: int, features: int | None) -> None:
    spec = KernelSpec(EncodingSpec("gaussian", 2.0, features))
    found = choose_kernel(*samples_of(count), float(count) ** 0.5, Candidates(free=[spec]))
    assert found.ridge in RIDGES


def test_drawn_frequencies_are_judged_like_their_law() -> None:
    """By fewer samples, but of all scales."""
    samples, values = samples_of(600)
    whole, few = (
        choose_kernel(
            samples, values, 24.0, Candidates(fixed=[KernelSpec(EncodingSpec("gaussian", 1.5, m))]), ridge=0.01
        )
        for m in (None, 600)
    )
    assert few.foretold.score == pytest.approx(whole.foretold.score, abs=0.1)


def candidate(score: float, ridge: float = 0.1, bandwidth: float = 1.0, trained: str = "all") -> KernelChoice:
    spec = KernelSpec(EncodingSpec("gaussian", bandwidth), trained=trained)  # type: ignore[arg-type]
    return KernelChoice(spec, ridge, LeftOut(torch.zeros(1), torch.ones(1), torch.ones(1), score), 1)


def test_of_equally_likely_ones_the_usual_is_taken() -> None:
    """NTKs before NNGPs, the bandwidth nearest to 1/40 of the rate, a number or a float, and its smallest ridge."""
    unlikely = [candidate(0.9, 1e-6), candidate(0.9, 1e-6, 2.0, "last")]
    smooth = [candidate(1.0, 1.0, 2.0, "last"), candidate(1.0, 0.1, 1.0, "last")]
    off = [candidate(0.99, 1e-6, 9.0), candidate(0.99, 1e-6, 3)]
    usual = [candidate(0.989, 0.3), candidate(0.985, 0.1), candidate(0.95, 0.01)]
    for found, expected in (
        ([*unlikely, *smooth], smooth[1]),
        ([*unlikely, *smooth, off[0]], off[0]),
        ([*unlikely, *smooth, *off], off[1]),
        ([*unlikely, *smooth, *off, *usual], usual[1]),
    ):
        assert choice._best(found, 40.0) is expected
        assert choice._best(found[::-1], 40.0) is expected


def test_noise_is_not_taken_for_detail() -> None:
    """A kernel of a bandwidth so high that it is white noise itself needs no ridge; it is not preferred for that."""
    noise = torch.randn(900, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    samples, smooth = drawn(900, 2, KernelSpec(EncodingSpec("gaussian", 0.5), trained="last"), 1e-6)
    found = choose_kernel(samples, smooth + 3 * noise, 30.0, Candidates(free=[FREE]))
    assert found.ridge > 0.1
    assert (float(found.foretold.power) * found.ridge) ** 0.5 == pytest.approx(3, rel=0.3)


def test_near_is_near_for_the_kernel() -> None:
    assert axis_scale(FREE, 3).tolist() == [1.0, 1.0, 1.0]
    assert axis_scale(KernelSpec(EncodingSpec("gaussian", (1.0, 4.0))), 2).tolist() == [0.25, 1.0]
    slow = KernelSpec(EncodingSpec("gaussian", (20.0, 0.5)))
    samples, values = drawn(600, 2, slow, 0.01)
    other = KernelSpec(EncodingSpec("gaussian", (0.5, 20.0)))
    found = choose_kernel(
        samples, values, 24.0, Candidates(fixed=[other, KernelSpec(EncodingSpec("gaussian", 3.0)), slow])
    )
    assert found.spec == slow
