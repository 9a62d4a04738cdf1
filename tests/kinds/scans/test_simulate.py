"""Simulated scans: line integrals against formulas, Fourier samples against the transform, noise as asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import FourierFieldError
from fourierfield.grids._arrays import as_signal, as_volume
from fourierfield.grids._domain import Domain
from fourierfield.grids._sample_format import SampleFormat
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._read import read
from fourierfield.kinds.audio._sound import as_audio
from fourierfield.kinds.scans._centre import centre_of_rotation
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._simulate import draw_places, line_integrals, simulate
from fourierfield.kinds.scans._sinogram import SinogramSignal
from fourierfield.operators._geometry import Geometry
from fourierfield.tasks._scan_options import ScanOptions
from fourierfield.tasks._settings import ReadOptions

from .conftest import BlobScan


def ct(signal: GridSignal, text: str = "ct:12", **options: object) -> SinogramSignal:
    scan = simulate(signal, ScanOptions(text, **options))
    assert isinstance(scan, SinogramSignal)
    assert scan.truth is not None
    assert scan.truth.domain == scan.geometry.domain
    assert scan.truth.domain.extent == (scan.geometry.side,) * 2
    return scan


def mri(signal: GridSignal, text: str = "mri:0.25", **options: object) -> KSpaceSignal:
    scan = simulate(signal, ScanOptions(text, **options))
    assert isinstance(scan, KSpaceSignal)
    return scan


@pytest.mark.parametrize("centre", [None, 25.25])
def test_line_integrals_are_those_of_the_field(
    blob_image: np.ndarray, blob_scan: BlobScan, centre: float | None
) -> None:
    """Blobs that fill a pixel's width twice over are interpolated to a percent, and turn the way that rays do."""
    scan = ct(as_signal(blob_image), "ct:30", centre=centre)
    exact = blob_scan(scan.geometry.angles, 64, 31.5 if centre is None else centre)
    inside = np.abs(scan.projections[:, 0] - exact)[:, 4:60].max() / exact.max()
    assert inside < 0.02
    np.testing.assert_allclose(scan.geometry.angles, np.pi * np.arange(30) / 30)


def test_line_integrals_of_one_pixel_keep_its_mass() -> None:
    image = np.zeros((16, 16))
    image[5, 9] = 2.0
    sums = line_integrals(image, Geometry(np.linspace(0, np.pi, 7), 16, spacing=0.5))
    np.testing.assert_allclose(sums.sum(axis=1) * 0.5, 2.0 * 0.5**2, rtol=0.07)
    x, y = (9 - 7.5) * 0.5, -(5 - 7.5) * 0.5
    angles, offsets = np.linspace(0, np.pi, 7), (np.arange(16) - 7.5) * 0.5
    np.testing.assert_allclose(
        (sums * offsets).sum(1) / sums.sum(1), x * np.cos(angles) + y * np.sin(angles), atol=0.05
    )


def test_finer_steps_change_little(blob_image: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum along a ray is far more exact than the interpolation that it sums."""
    geometry = Geometry(np.linspace(0.1, 3, 9), 64)
    noise = np.random.default_rng(0).random((64, 64))
    coarse = [line_integrals(image, geometry) for image in (blob_image, noise)]
    monkeypatch.setattr("fourierfield.kinds.scans._simulate._STEP", 0.05)
    for sums, image, bound in zip(coarse, (blob_image, noise), (3e-4, 1.5e-3), strict=True):
        fine = line_integrals(image, geometry)
        assert np.sqrt(((sums - fine) ** 2).mean() / (fine**2).mean()) < bound


def test_a_fan_sees_the_same_integrals(blob_image: np.ndarray) -> None:
    """A fan ray is the parallel ray through the same two points: scan the same blobs from afar."""
    near, far = ct(as_signal(blob_image), "ct:8"), ct(as_signal(blob_image), "ct:8", fan="1e5,2e5", angles="0:180")
    assert far.geometry.pixel == pytest.approx(1.0)
    np.testing.assert_allclose(far.projections, near.projections, atol=0.02 * near.projections.max())
    assert ct(as_signal(blob_image), "ct:4", fan="100,200").geometry.angles[-1] == pytest.approx(1.5 * np.pi)


def test_images_are_made_square_and_grey(smooth_image: np.ndarray) -> None:
    scan = ct(as_signal((smooth_image * 255).astype(np.uint8)), "ct:5")
    assert scan.shape == (5, 1, 32)
    assert scan.image_shape == (32, 32)
    assert (scan.description.kind, scan.description.channels) == ("image", 1)
    assert scan.sample_format == SampleFormat("uint8", squeeze=True)
    np.testing.assert_allclose(scan.truth.values[4:28, :, 0], smooth_image.mean(axis=-1), atol=0.005)
    assert not scan.truth.values[:4].any()
    assert any("3 colours" in note for note in scan.notes)
    assert any("24×32 pixels make it 32×32" in note for note in scan.notes)
    assert any("outside of the circle" in note for note in scan.notes)


def test_volumes_give_a_slice_along_their_third_axis() -> None:
    array = np.zeros((8, 10, 5), np.float32)
    array[3:5, 4:6] = np.arange(1.0, 6.0)
    volume = as_volume(array, spacing=(0.5, 0.5, 2.0), units=("mm",) * 3)
    for asked, taken in ((None, 2), (4, 4)):
        scan = ct(volume, "ct:4", slice=asked)
        np.testing.assert_array_equal(scan.truth.values[1:9, :, 0], array[:, :, taken])
        assert (scan.geometry.unit, scan.geometry.spacing) == ("mm", 0.5)
    flat = mri(volume, slice=0)
    assert (flat.image_shape, flat.spacing, flat.unit) == ((8, 10), (0.5, 0.5), "mm")
    assert mri(volume).image_shape == (8, 10, 5)


def test_an_axis_beside_the_middle_is_found_again(blob_image: np.ndarray) -> None:
    scan = ct(as_signal(blob_image), "ct:40:0.02", centre=33.3)
    assert centre_of_rotation(scan.projections, scan.geometry.angles) == pytest.approx(33.3, abs=0.2)


def test_fourier_samples_are_those_of_the_image(smooth_image: np.ndarray) -> None:
    image = smooth_image[..., 0]
    scan = mri(as_signal(image), "mri:1")
    assert (scan.real, scan.channels, scan.cartesian) == (True, 1, True)
    assert scan.samples.dtype == np.complex64
    kspace = np.zeros(image.shape, dtype=complex)
    kspace[scan.mask] = scan.samples[0]
    back = np.fft.fftshift(np.fft.ifftn(np.fft.ifftshift(kspace), norm="ortho"))
    np.testing.assert_allclose(back, image, atol=1e-5)
    part = mri(as_signal(image), "mri:0.25")
    np.testing.assert_array_equal(part.samples[0], kspace[part.mask].astype(np.complex64))
    assert part.domain == as_signal(image).domain
    assert part.description == part.truth.description


@pytest.mark.parametrize("kind", ["ct:40", "mri:0.5"])
def test_noise_is_relative_and_from_the_seed(smooth_image: np.ndarray, kind: str) -> None:
    signal = as_signal(smooth_image[..., 0])
    scans = [simulate(signal, ScanOptions(text, seed=seed)) for text, seed in ((kind, 3), (f"{kind}:0.1", 3))]
    again, other = (simulate(signal, ScanOptions(f"{kind}:0.1", seed=seed)) for seed in (3, 4))
    clean, noisy, same, differs = (
        scan.projections if isinstance(scan, SinogramSignal) else scan.samples for scan in (*scans, again, other)
    )
    rms = np.sqrt((np.abs(clean) ** 2).mean())
    assert np.sqrt((np.abs(noisy - clean) ** 2).mean()) == pytest.approx(0.1 * rms, rel=0.1)
    np.testing.assert_array_equal(noisy, same)
    assert not np.array_equal(noisy, differs)


@pytest.mark.parametrize(
    ("shape", "fraction"), [((64, 64), 0.25), ((48, 80), 0.6), ((16, 18, 20), 0.125), ((64, 64), 0.95), ((9, 9), 1.0)]
)
def test_masks_have_the_fraction_that_is_asked_for(shape: tuple[int, ...], fraction: float) -> None:
    mask, _ = draw_places(shape, fraction, np.random.default_rng(0))
    assert mask.sum() == round(fraction * mask.size)
    middle = tuple(slice(n // 2 - 2, n // 2 + 3) for n in shape)
    assert mask[middle].mean() >= mask.mean()


def test_the_mask_of_the_paper_is_a_normal_distribution() -> None:
    """200,000 draws of variance 2·96 find 12.56 % of 96³."""
    mask, notes = draw_places((96, 96, 96), 0.1256, np.random.default_rng(0))
    places = np.argwhere(mask) - 48
    assert notes == ()
    assert mask.mean() == pytest.approx(0.1256, abs=1e-4)
    assert np.abs(places.mean(axis=0)).max() < 0.2
    assert 15 < places.std() < 18  # deduplication thins the middle out: wider than √192 = 13.9


def test_a_wider_distribution_is_told() -> None:
    _, notes = draw_places((256, 256), 0.6, np.random.default_rng(0))
    assert any("variance" in note for note in notes)


def test_hounsfield_units_are_absorption(shared_data: Path) -> None:
    scan = read(shared_data / "ct" / "CT_small.dcm", options=ReadOptions("ct:20"))
    assert isinstance(scan, SinogramSignal)
    assert scan.truth is not None
    assert 0 <= scan.truth.values.min() < 0.3
    assert 1.5 < scan.truth.values.max() < 3
    assert any("Hounsfield" in note for note in scan.notes)


def missing_pixel() -> GridSignal:
    values = np.ones((4, 4))
    values[1, 1] = np.nan
    return as_signal(values)


REFUSED = {
    "sound": (as_audio(np.zeros(9), 8000), {"simulate": "ct:3"}, "is for images and volumes, and .* is audio"),
    "series": (as_signal(np.zeros(9)), {"simulate": "mri:0.5"}, "is series"),
    "missing": (missing_pixel(), {"simulate": "ct:3"}, "missing samples"),
    "slice of an image": (as_signal(np.ones((4, 4))), {"simulate": "ct:3", "slice": 0}, "--slice is for volumes"),
    "slice": (as_volume(np.ones((4, 4, 3))), {"simulate": "ct:3", "slice": 3}, "--slice 3"),
    "nothing": (as_signal(np.ones((4, 4))), {}, "nothing to simulate"),
    "near source": (as_signal(np.ones((9, 9))), {"simulate": "ct:3", "fan": "5,9"}, "within the image"),
    "axis beside": (as_signal(np.ones((9, 9))), {"simulate": "ct:3", "centre": 20}, "--centre"),
    "film": (as_signal(np.ones((9, 9, 9)), kind="video"), {"simulate": "ct:3"}, "is video"),
    "thin": (as_volume(np.ones((4, 4, 1))), {"simulate": "mri:0.5"}, "2 or more along each axis"),
    "oblong pixels": (
        GridSignal(np.ones((4, 4, 1), np.float32), Domain((4.0, 8.0), ("mm", "mm")), "image", SampleFormat("float32")),
        {"simulate": "ct:3"},
        "square ones",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_scanned_is_refused(case: str) -> None:
    signal, options, reason = REFUSED[case]
    with pytest.raises(FourierFieldError, match=reason) as caught:
        simulate(signal, ScanOptions(**options))
    assert "\n" not in str(caught.value)
