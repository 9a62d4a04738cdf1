"""Judging fits by what they did not see."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from torch import Tensor

from fourierfield.grids._arrays import as_signal
from fourierfield.kinds.scans._judging import Unseen, climb
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._problem import (
    Scan,
    ScanProblem,
    forward_map,
    inner_problem,
    measurement_noise,
    measurements,
)
from fourierfield.kinds.scans._simulate import simulate
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._geometry import Geometry
from fourierfield.tasks._scan_options import ScanOptions

factors = st.floats(1.5, 20.0)


class Judge:
    """Of a strength x the distance |log x − log best| plus something; what it makes of it is x itself."""

    def __init__(self, best: float, least: float = 1.0) -> None:
        self.best, self.least = best, least
        self.asked: list[float] = []
        self.given: list[float | None] = []

    def __call__(self, strength: float, before: float | None) -> tuple[float, float]:
        self.asked.append(strength)
        self.given.append(before)
        return strength, abs(math.log(strength / self.best)) + self.least


@given(st.floats(1e-5, 1e2), st.floats(1e-5, 1e2), factors)
def test_the_best_of_a_valley_is_found(first: float, best: float, factor: float) -> None:
    """Upwards or downwards, to the next step or as near as 1 % tell."""
    judge = Judge(best, 0.0)
    found, distance = climb(judge, first, factor)
    assert distance <= math.log(factor) / 2 / 0.99
    assert distance == abs(math.log(found / best))
    assert len(set(judge.asked)) == len(judge.asked)


def test_it_goes_up_first_and_down_only_where_that_is_no_better() -> None:
    up, down, there = Judge(90.0), Judge(0.009), Judge(1.0)
    assert climb(up, 1.0, 10.0)[0] == 100.0
    assert up.asked == pytest.approx([1, 10, 100, 1000][: len(up.asked)])
    assert min(up.asked) == 1
    assert climb(down, 1.0, 10.0)[0] == pytest.approx(0.01)
    assert down.asked == pytest.approx([1, 10, 0.1, 0.01, 0.001])
    assert climb(there, 1.0, 10.0) == (1.0, 1.0)
    assert there.asked == pytest.approx([1, 10, 0.1])


def test_each_fit_is_given_the_best_so_far() -> None:
    judge = Judge(0.009)
    climb(judge, 1.0, 10.0)
    assert judge.given == pytest.approx([None, 1.0, 1.0, 0.1, 0.01])


def test_a_first_one_that_is_far_off_is_left_alone() -> None:
    judge = Judge(100.0)
    assert climb(judge, 1.0, 10.0, worst=2.0)[0] == 1.0
    assert judge.asked == [1.0]
    assert climb(judge, 1.0, 10.0, worst=20.0)[0] == 100.0


@pytest.mark.parametrize("ever", [1.0, -1.0])
def test_it_ends_where_there_is_no_end(ever: float) -> None:
    asked: list[float] = []

    def judge(strength: float, before: float | None) -> tuple[float, float]:
        asked.append(strength)
        return strength, strength**ever

    climb(judge, 1.0, 10.0)
    assert 1e-9 < min(asked) <= max(asked) < 1e4


@pytest.mark.parametrize("distance", [0.0, 1.0, math.nan, math.inf])
def test_where_all_are_the_same_it_is_the_first(distance: float) -> None:
    asked: list[float] = []

    def judge(strength: float, before: float | None) -> tuple[float, float]:
        asked.append(strength)
        return strength, distance

    assert climb(judge, 1.0, 10.0)[0] == 1.0
    assert len(asked) == 3


@pytest.mark.parametrize("step", [0.995, 1.0])
def test_a_hundredth_is_no_matter(step: float) -> None:
    assert climb(lambda x, before: (x, 2.0 if x == 1 else 2.0 * step), 1.0, 10.0)[0] == 1.0


def boxes(n: int = 24) -> np.ndarray:
    image = np.zeros((n, n))
    image[n // 4 : 3 * n // 4, n // 4 : 3 * n // 4] = 0.5
    image[3 * n // 8 : n // 2, n // 3 : 2 * n // 3] = 1.0
    return image


def simulated(text: str, n: int = 24) -> Scan:
    return simulate(as_signal(boxes(n)), ScanOptions(text))


def complex_scan(text: str = "mri:0.6", n: int = 24) -> KSpaceSignal:
    scan = simulated(text, n)
    assert isinstance(scan, KSpaceSignal)
    return replace(scan, real=False, truth=None)


def parts_of(image: np.ndarray, problem: ScanProblem) -> Tensor:
    """As the real part, the imaginary one nothing."""
    parts = torch.zeros(problem.channels, *problem.image_shape, dtype=torch.float64)
    parts[0] = torch.from_numpy(image)
    return parts


def exact_ct(slices: np.ndarray, angles: int = 14) -> SinogramSignal:
    """As the forward map has it."""
    n = slices.shape[-1]
    scan = SinogramSignal(
        np.ones((angles, len(slices), n), np.float32), Geometry(np.linspace(0, np.pi, angles, endpoint=False), n)
    )
    seen = (forward_map(scan) @ torch.from_numpy(slices.ravel())).reshape(len(slices), angles, n)
    return replace(scan, projections=seen.numpy().transpose(1, 0, 2).astype(np.float32))


def scan_of(kind: str, coil_scan: Callable[..., KSpaceSignal]) -> tuple[Scan, np.ndarray]:
    """A scan that goes with its field but for rounding, and the field."""
    if kind == "ct":
        return exact_ct(boxes()[None]), boxes()
    if kind == "real mri":
        return simulated("mri:0.6"), boxes()
    if kind == "complex mri":
        return complex_scan(), boxes()
    if kind == "coils":
        scan = coil_scan(np.random.default_rng(0).random((24, 24)) < 0.6)
    else:
        scan = replace(complex_scan(), places=complex_scan().places + 0.3)
    seen = forward_map(scan) @ torch.cat([torch.from_numpy(boxes().ravel()), torch.zeros(576, dtype=torch.float64)])
    real, imaginary = seen.reshape(2, scan.coils, -1).numpy()
    return replace(scan, samples=(real + 1j * imaginary).astype(np.complex64)), boxes()


KINDS = ("ct", "real mri", "complex mri", "coils", "beside the grid")


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_is_not_off_and_nothing_is_off_by_all(kind: str, coil_scan: Callable[..., KSpaceSignal]) -> None:
    scan, image = scan_of(kind, coil_scan)
    inner = inner_problem(ScanProblem(scan, None), 0)
    truth, unseen = parts_of(image, inner), Unseen(inner)
    assert inner.held_out is not None
    assert unseen.size == pytest.approx(float(measurements(inner.held_out).square().mean().sqrt()))
    error, distance = unseen.errors(truth)
    assert error == pytest.approx(0.0, abs=1e-5)
    assert distance == pytest.approx(0.0, abs=0.05 if kind == "complex mri" else 1e-5)  # its details count for noise
    assert unseen.errors(0 * truth) == pytest.approx((1.0, 1.0))
    assert unseen.errors(0.9 * truth)[0] == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_farther_off_is_told(kind: str, coil_scan: Callable[..., KSpaceSignal]) -> None:
    """A sharper field comes before a smoother one."""
    scan, image = scan_of(kind, coil_scan)
    inner = inner_problem(ScanProblem(scan, None), 0)
    unseen = Unseen(inner)
    off = [unseen.errors(parts_of(gaussian_filter(image, width), inner)) for width in (0.4, 0.8, 1.6, 3.2)]
    assert off == sorted(off)
    assert [distance for _, distance in off] == sorted(distance for _, distance in off)


@pytest.mark.parametrize("waves", [1, 2, 4])
def test_distances_of_projections_are_those_of_the_image(waves: int) -> None:
    """However fine the waves by which it is off, which projections themselves see the less the finer they are."""
    scan = simulated("ct:60", 32)
    inner = inner_problem(ScanProblem(scan, None), 0)
    y, x = (np.mgrid[:32, :32] - 15.5) / 16
    inside = np.exp(-5 * (x**2 + y**2))
    wrong = 0.2 * inside * np.cos(np.pi * waves * x) * np.cos(np.pi * waves * y)
    error, distance = Unseen(inner).errors(parts_of(boxes(32) + wrong, inner))
    exact = float(np.linalg.norm(wrong) / np.linalg.norm(boxes(32)))
    assert distance == pytest.approx(exact, rel=0.3)
    if waves == 4:
        assert error < 0.4 * exact


@pytest.mark.parametrize(("text", "verdict"), [("ct:12", 0.2), ("mri:0.5", 0.4)])
def test_projections_are_judged_by_themselves_as_well(text: str, verdict: float) -> None:
    """By the geometric mean of the error and the distance."""
    unseen = Unseen(inner_problem(ScanProblem(simulated(text, 32), None), 0))
    assert unseen.verdict(0.1, 0.4) == pytest.approx(verdict)
    assert unseen.verdict(0.0, 0.0) == 0.0


def test_missing_rays_and_slices_are_in_their_places() -> None:
    """A field that is off in one slice is as far off as its measurements are there, whatever is missing elsewhere."""
    truth = torch.from_numpy(np.stack([boxes(), 2 * boxes()]))[None]
    scan = exact_ct(truth[0].numpy())
    scan.projections[:, 0, 20:] = np.nan
    inner = inner_problem(ScanProblem(scan, None), 0)
    unseen = Unseen(inner)
    assert unseen.errors(truth) == pytest.approx((0, 0), abs=1e-5)
    wrong = truth.clone()
    wrong[0, 1] += 0.1
    assert inner.held_out is not None
    off = forward_map(inner.held_out) @ (wrong - truth).reshape(-1)
    assert unseen.errors(wrong)[0] == pytest.approx(float(off.norm() / measurements(inner.held_out).norm()), rel=1e-4)
    whole = ScanProblem(exact_ct(truth[0, 1:].numpy()), None)  # the other slice by itself, with the same split
    alone = Unseen(inner_problem(whole, 0))
    ratios = [
        unseen.errors(truth + (wrong - truth) * size)[1] / alone.errors((truth + (wrong - truth) * size)[:, 1:])[1]
        for size in (0.5, 1.0)
    ]
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-3)


def beyond_noise(problem: ScanProblem, size: float) -> Tensor:
    """A field that is off by ``size`` times the noise at all places that were seen, and foretells nothing."""
    forward, noise = forward_map(problem.training), measurement_noise(problem.training)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], forward.shape[0])
    return forward.H @ (measurements(problem.training) + size * noise * torch.from_numpy(signs))


def test_what_is_left_at_places_that_were_seen_counts_beyond_the_noise() -> None:
    inner = inner_problem(ScanProblem(complex_scan("mri:0.7:0.2"), None), 0)
    unseen = Unseen(inner)
    met, within, three, five = (unseen.errors(beyond_noise(inner, size)) for size in (0, 0.99, 3, 5))
    assert met[0] == within[0] == pytest.approx(1.0)
    foretold = within[1] ** 2
    assert (five[1] ** 2 - foretold) / (three[1] ** 2 - foretold) == pytest.approx(24 / 8, rel=1e-3)
    assert (met[1] ** 2 - foretold) / (three[1] ** 2 - foretold) == pytest.approx(1 / 8, rel=1e-2)  # all its noise


@pytest.mark.parametrize("text", ["mri:0.3:0.1", "mri:0.6:0.1", "mri:0.9:0.1"])
def test_places_that_were_kept_back_stand_for_those_that_were_not_measured(text: str) -> None:
    """Of a field that is evenly off wherever it was not seen, in the units of what is left where it was."""
    inner = inner_problem(ScanProblem(complex_scan(text, 32), None), 0)
    seen, held_out, unseen = inner.training, inner.held_out, Unseen(inner)
    assert isinstance(seen, KSpaceSignal)
    assert isinstance(held_out, KSpaceSignal)
    noise, m = measurement_noise(seen), 2 * len(seen.places)
    met, three = (unseen.errors(beyond_noise(inner, size))[1] for size in (0, 3))
    whole = math.sqrt(7 * noise**2 * m / (three**2 - met**2))  # the distance of nothing
    assert unseen.errors(0 * beyond_noise(inner, 0))[1] == pytest.approx(1.0)
    kspace = np.exp(2j * np.pi * np.random.default_rng(0).random((32, 32)))
    kspace[seen.mask] = seen.samples[0][np.lexsort(seen.places.T[::-1])]
    kspace[held_out.mask] += held_out.samples[0][np.lexsort(held_out.places.T[::-1])]
    image = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(kspace), norm="ortho"))
    error, distance = unseen.errors(torch.from_numpy(np.stack([image.real, image.imag])))
    assert error == pytest.approx(float(len(held_out.places) ** 0.5 / measurements(held_out).norm()), rel=1e-4)
    unmeasured = 32**2 - len(seen.places) - len(held_out.places)
    assert distance * whole == pytest.approx(math.sqrt(unmeasured + noise**2 * m), rel=0.2)


@pytest.mark.parametrize("real", [True, False])
def test_where_nothing_is_unmeasured_only_what_was_seen_counts(real: bool) -> None:
    scan = simulated("mri:1:0.1") if real else complex_scan("mri:1:0.1")
    inner = inner_problem(ScanProblem(scan, None), 0)
    assert inner.held_out is not None
    unseen, there = Unseen(inner), forward_map(inner.held_out)
    field = parts_of(boxes(), inner).reshape(-1)
    other = field + there.H @ torch.ones(there.shape[0], dtype=torch.float64)
    one, two = unseen.errors(field), unseen.errors(other)
    assert two[0] > 2 * one[0]
    assert two[1] == pytest.approx(one[1])


def test_of_measurements_of_nothing_errors_are_not_relative() -> None:
    scan = simulated("ct:8")
    assert isinstance(scan, SinogramSignal)
    inner = inner_problem(ScanProblem(replace(scan, projections=0 * scan.projections), None), 0)
    unseen = Unseen(inner)
    assert (unseen.size, unseen.errors(parts_of(0 * boxes(), inner))) == (0.0, (0.0, 0.0))
    assert all(math.isfinite(x) and x > 0 for x in unseen.errors(parts_of(boxes(), inner)))


def test_a_field_that_misses_all_by_the_noise_is_not_off() -> None:
    """Whatever the units."""
    for factor in (1.0, 1e4):
        scan = complex_scan("mri:1:0.3")
        inner = inner_problem(ScanProblem(replace(scan, samples=factor * scan.samples), None), 0)
        assert Unseen(inner).errors(beyond_noise(inner, 1.0))[1] == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("kind", ["ct", "real mri", "beside the grid"])
def test_excess_is_by_how_much_squares_of_errors_exceed_those_of_draws(
    kind: str, coil_scan: Callable[..., KSpaceSignal]
) -> None:
    scan, image = scan_of(kind, coil_scan)
    inner = inner_problem(ScanProblem(scan, None), 0)
    truth, unseen = parts_of(image, inner), Unseen(inner)
    draws = 1e3 * torch.randn(truth.numel(), 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for factor in (0.1, 3.0):
        off = factor * draws[:, 0].reshape(truth.shape)
        assert unseen.excess(truth + off, draws[:, 1:]) == pytest.approx(factor**2, rel=0.7)
