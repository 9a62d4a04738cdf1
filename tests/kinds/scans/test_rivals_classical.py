"""Classical rivals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fourierfield.grids._arrays import as_signal
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._problem import ScanProblem, forward_map, measurements, scan_problem
from fourierfield.kinds.scans._rivals import RIVALS, filtered_back_projection, rivals_of, sart, sense, tv, zero_filled
from fourierfield.kinds.scans._simulate import line_integrals, simulate
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._geometry import Geometry
from fourierfield.tasks._scan_options import ScanOptions

from .conftest import Disc, DiscScan


def error(found: Tensor, truth: np.ndarray) -> float:
    return float((found - torch.from_numpy(truth.ravel())).square().mean().sqrt())


def boxes() -> np.ndarray:
    image = np.zeros((20, 20))
    image[5:15, 6:16] = 0.5
    image[8:12, 8:11] = 1.0
    return image


def mri(image: np.ndarray, text: str, seed: int = 0) -> KSpaceSignal:
    scan = simulate(as_signal(image), ScanOptions(text, seed=seed))
    assert isinstance(scan, KSpaceSignal)
    return scan


@pytest.mark.parametrize("rival", [filtered_back_projection, sart, tv])
def test_more_angles_are_better(disc: Disc, disc_scan: DiscScan, rival: Callable[[ScanProblem], Tensor]) -> None:
    few, many = (
        error(rival(scan_problem(disc_scan(32, np.linspace(0, np.pi, count, endpoint=False)))), disc(32))
        for count in (5, 40)
    )
    assert many < 0.5 * few
    assert many < 0.05


def test_total_variation_knows_boxes() -> None:
    image = boxes()
    geometry = Geometry(np.linspace(0, np.pi, 8, endpoint=False), 20)
    scan = SinogramSignal(line_integrals(image, geometry)[:, None].astype(np.float32), geometry)
    found = rivals_of(scan_problem(scan))
    assert list(found) == list(RIVALS["ct"])
    errors = {name: error(value, image) for name, value in found.items()}
    assert errors["tv"] < 0.2 * min(errors["fbp"], errors["sart"])
    assert float(found["tv"].min()) >= 0


def test_the_weight_of_total_variation_goes_with_noise() -> None:
    """Heavily noisy measurements are not met."""
    scans = [simulate(as_signal(boxes()), ScanOptions(text)) for text in ("ct:12", "ct:12:0.3")]
    off = []
    for scan in scans:
        assert isinstance(scan, SinogramSignal)
        found = tv(ScanProblem(scan, None))
        off.append(float((forward_map(scan) @ found - measurements(scan)).norm() / measurements(scan).norm()))
    assert off[0] < 0.05
    assert off[1] == pytest.approx(0.3, abs=0.12)


def test_total_variation_of_a_single_projection() -> None:
    scan = simulate(as_signal(boxes()), ScanOptions("ct:1"))
    assert isinstance(scan, SinogramSignal)
    assert error(tv(ScanProblem(scan, None)), boxes()) < 0.35


@pytest.mark.parametrize("shape", [(12, 15), (13, 10), (6, 5, 8)])
def test_zero_filling_of_a_real_image_fills_in_conjugates(shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).random(shape)
    scan = mri(image, "mri:0.4")
    found = zero_filled(ScanProblem(scan, None)).numpy().reshape(shape)
    kspace, whole = (
        np.fft.fftshift(np.fft.fftn(np.fft.ifftshift(values), norm="ortho"))
        for values in (found, scan.truth.values[..., 0])  # type: ignore[union-attr]
    )
    opposite = np.roll(np.flip(scan.mask), [1 - n % 2 for n in shape], range(len(shape)))
    known = scan.mask | opposite
    assert 0.4 < known.mean() < 1
    assert np.allclose(kspace[known], whole[known], atol=1e-5)
    assert np.abs(kspace[~known]).max() < 1e-5


def test_zero_filling_of_noisy_opposites_is_their_mean() -> None:
    """Samples that disagree go with no real image; the nearest one is found and nothing diverges."""
    image = np.random.default_rng(0).random((12, 12))
    scan = mri(image, "mri:1:0.1")
    found = zero_filled(ScanProblem(scan, None)).numpy().reshape(12, 12)
    kspace = np.zeros((12, 12), dtype=complex)
    kspace[scan.mask] = scan.samples[0]
    inverse = np.fft.fftshift(np.fft.ifftn(np.fft.ifftshift(kspace), norm="ortho"))
    assert np.allclose(found, inverse.real, atol=1e-5)


def test_zero_filling_of_a_complex_image_is_the_inverse_transform() -> None:
    scan = replace(mri(boxes(), "mri:0.5"), real=False, truth=None)
    found = torch.complex(*zero_filled(ScanProblem(scan, None)).reshape(2, 20, 20)).numpy()
    kspace = np.zeros((20, 20), dtype=complex)
    kspace[scan.mask] = scan.samples[0]
    assert np.allclose(found, np.fft.fftshift(np.fft.ifftn(np.fft.ifftshift(kspace), norm="ortho")), atol=1e-5)
    assert set(rivals_of(ScanProblem(scan, None))) == {"zero_filled", "tv"}


def test_coils(coil_scan: Callable[..., KSpaceSignal], disc: Disc) -> None:
    """Of fully measured data SENSE is exact, and so is the root of squares but for its phase; of every second line only
    SENSE is near."""
    n = 20
    truth = 0.5 + disc(n) + np.rot90(disc(n))
    whole = scan_problem(coil_scan(np.ones((n, n), dtype=bool)))
    exact = sense(whole).reshape(2, -1)
    assert np.allclose(exact[0], truth.ravel(), atol=1e-4)
    assert np.allclose(exact[1], 0, atol=1e-4)
    assert np.allclose(zero_filled(whole)[: n * n], truth.ravel(), atol=1e-4)
    mask = np.zeros((n, n), dtype=bool)
    mask[::2] = True
    half = scan_problem(coil_scan(mask))
    found = rivals_of(half)
    assert set(found) == {"zero_filled", "sense", "tv"}
    scan = half.training
    calibrated = ScanProblem(replace(scan, calibration=replace(whole.training, maps=None)), None)
    assert torch.equal(zero_filled(calibrated), found["zero_filled"])
    assert error(found["sense"][: n * n], truth) < 0.4 * error(found["zero_filled"][: n * n], truth)


def test_total_variation_without_the_middle_of_k_space_has_no_mean() -> None:
    """Nothing tells it; all else is found."""
    scan = mri(boxes(), "mri:1")
    beyond = (scan.places != 0).any(axis=1)
    assert not beyond.all()
    found = tv(ScanProblem(scan.at_places(beyond), None))
    assert abs(float(found.mean())) < 1e-12
    assert error(found + boxes().mean(), boxes()) < 0.02


def test_total_variation_of_noisy_k_space_is_better_than_zero_filling() -> None:
    for scan in (mri(boxes(), "mri:0.6:0.1"), replace(mri(boxes(), "mri:0.6:0.1"), real=False, truth=None)):
        found = rivals_of(ScanProblem(scan, None))
        assert error(found["tv"][:400], boxes()) < 0.75 * error(found["zero_filled"][:400], boxes())


def test_a_dead_coil_does_not_matter(coil_scan: Callable[..., KSpaceSignal]) -> None:
    scan = coil_scan(np.random.default_rng(0).random((12, 12)) < 0.8)
    assert scan.maps is not None
    dead = replace(
        scan,
        samples=np.concatenate([scan.samples, 0 * scan.samples[:1]]),
        maps=np.concatenate([scan.maps, 0 * scan.maps[:1]]),
    )
    one, other = (rivals_of(ScanProblem(each, None)) for each in (scan, dead))
    for name, image in one.items():
        assert torch.allclose(other[name], image, atol=1e-3 * float(image.abs().max())), name
