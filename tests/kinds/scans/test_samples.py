"""k-space from plain arrays, with masks, maps and trajectories beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import FourierFieldError, SettingsError, SignalError
from fourierfield.kinds._read import read
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.kinds.scans._samples import as_kspace
from fourierfield.tasks._scan_options import ScanOptions


def random(*shape: int, seed: int = 0) -> np.ndarray:
    parts = np.random.default_rng(seed).normal(size=(2, *shape))
    return (parts[0] + 1j * parts[1]).astype(np.complex64)


def saved(path: Path, array: np.ndarray) -> str:
    np.save(path, array)
    return str(path)


@pytest.mark.parametrize(
    ("shape", "coils", "image"),
    [
        ((9, 8), 1, (9, 8)),
        ((4, 9, 8), 4, (9, 8)),
        ((1, 9, 8), 1, (9, 8)),
        ((7, 9, 8), 1, (7, 9, 8)),
        ((2, 7, 9, 8), 2, (7, 9, 8)),
    ],
)
def test_axes_are_coils_and_those_of_the_image(shape: tuple[int, ...], coils: int, image: tuple[int, ...]) -> None:
    kspace = random(*shape)
    signal = as_kspace(kspace)
    assert (signal.coils, signal.image_shape) == (coils, image)
    np.testing.assert_array_equal(signal.samples.reshape(shape), kspace)
    assert signal.places.min(axis=0).tolist() == [-(n // 2) for n in image]
    assert signal.mask.all()


def test_zeros_are_the_mask_unless_there_is_one(tmp_path: Path) -> None:
    mask = np.random.default_rng(1).random((12, 10)) < 0.4
    kspace = random(3, 12, 10) * mask
    kspace[1] = 0  # one coil is silent
    signal = as_kspace(kspace)
    np.testing.assert_array_equal(signal.mask, mask)
    np.testing.assert_array_equal(signal.samples, kspace[:, mask])
    assert any("of k-space is measured" in note for note in signal.notes)
    lines = np.arange(10) % 2 == 0
    told = as_kspace(kspace, ScanOptions(mask=saved(tmp_path / "m.npy", lines)))
    np.testing.assert_array_equal(told.mask, np.broadcast_to(lines, (12, 10)))


def test_samples_are_those_of_the_stated_transform() -> None:
    image = random(6, 5)
    kspace = np.fft.fftshift(np.fft.fft2(np.fft.ifftshift(image), norm="ortho"))
    signal = as_kspace(kspace)
    rows, columns = np.meshgrid(np.arange(6) - 3, np.arange(5) - 2, indexing="ij")
    for place, sample in zip(signal.places[::7], signal.samples[0, ::7], strict=True):
        phase = np.exp(-2j * np.pi * (place[0] * rows / 6 + place[1] * columns / 5))
        np.testing.assert_allclose((phase * image).sum() / np.sqrt(30), sample, rtol=1e-4)


def test_unshifted_k_space_is_told() -> None:
    image = np.ones((12, 10))
    assert any("fftshift" in note for note in as_kspace(np.fft.fft2(image) + 1e-3).notes)
    assert not any("fftshift" in note for note in as_kspace(np.fft.fftshift(np.fft.fft2(image)) + 1e-3).notes)


def test_maps_go_with_coils(tmp_path: Path) -> None:
    maps = random(4, 12, 10, seed=2)
    signal = as_kspace(random(4, 12, 10), ScanOptions(maps=saved(tmp_path / "s.npy", maps)))
    np.testing.assert_array_equal(signal.maps, maps)
    assert not any("sensitivity" in note for note in signal.notes)
    with pytest.raises(SignalError, match="sensitivity maps of shape"):
        as_kspace(random(3, 12, 10), ScanOptions(maps=saved(tmp_path / "s.npy", maps)))


def test_trajectories_name_the_place_of_each_sample(tmp_path: Path) -> None:
    spokes, along = 5, np.arange(-8, 8)
    angles = np.pi * np.arange(spokes) / spokes
    places = along[None, :, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)[:, None]
    samples = random(3, spokes, 16)
    options = ScanOptions(trajectory=saved(tmp_path / "t.npy", places))
    signal = as_kspace(samples, options)
    assert (signal.coils, signal.image_shape, signal.cartesian) == (3, (16, 16), False)
    np.testing.assert_allclose(signal.places, places.reshape(-1, 2))
    np.testing.assert_array_equal(signal.samples, samples.reshape(3, -1))
    assert as_kspace(samples[0].ravel(), options).coils == 1
    flat = np.concatenate([places, np.zeros_like(places[..., :1])], axis=-1)
    assert as_kspace(samples, ScanOptions(trajectory=saved(tmp_path / "u.npy", flat))).image_shape == (16, 16)
    maps = saved(tmp_path / "s.npy", random(3, 20, 20))
    with_maps = as_kspace(samples, ScanOptions(trajectory=options.trajectory, maps=maps))
    assert with_maps.image_shape == (20, 20)


REFUSED: dict[str, tuple[np.ndarray, dict[str, np.ndarray], str]] = {
    "real": (np.ones((9, 8)), {}, "real where complex is needed"),
    "one axis": (random(9), {}, "coils first if several"),
    "five axes": (random(1, 1, 2, 9, 8), {}, "coils first if several"),
    "empty": (random(0, 8), {}, "no samples"),
    "zeros": (np.zeros((9, 8), complex), {}, "mask is empty"),
    "nan": (random(9, 8) * np.nan, {}, "not finite numbers"),
    "beyond float32": (np.full((9, 8), 1e300 + 0j), {}, "not finite numbers"),
    "empty mask": (random(9, 8), {"mask": np.zeros((9, 8))}, "mask is empty"),
    "zeros under the mask": (np.eye(8) + 0j, {"mask": np.eye(8)[::-1]}, "nothing but zeros"),
    "other mask": (random(9, 8), {"mask": np.ones((8, 9))}, "--mask .* has shape"),
    "words for a mask": (random(9, 8), {"mask": np.full((9, 8), "a")}, "--mask"),
    "maps of words": (random(9, 8), {"maps": np.full((1, 9, 8), 1)}, "--maps .* finite complex"),
    "maps not finite": (random(9, 8), {"maps": np.full((1, 9, 8), np.nan)}, "--maps"),
    "short trajectory": (random(9, 8), {"trajectory": np.ones((7, 2))}, "one place for each sample"),
    "cycles per pixel": (random(9, 8), {"trajectory": np.full((72, 2), 0.5)}, "multiply cycles per pixel"),
    "four coordinates": (random(9, 8), {"trajectory": np.ones((72, 4))}, "2 or 3 finite"),
    "both": (random(9, 8), {"trajectory": np.ones((72, 2)), "mask": np.ones((9, 8))}, "Cartesian"),
    "maps of 3 axes": (
        random(9, 8),
        {"trajectory": np.ones((72, 2)), "maps": random(1, 4, 4, 4)},
        "2 axes, and --maps 3",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_k_space_is_refused_in_one_line(tmp_path: Path, case: str) -> None:
    array, beside, reason = REFUSED[case]
    files = {option: saved(tmp_path / f"{option}.npy", held) for option, held in beside.items()}
    with pytest.raises(FourierFieldError, match=reason) as caught:
        as_kspace(array, ScanOptions(**files))
    assert "\n" not in str(caught.value)


def test_files_beside_a_scan_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.npy").write_text("no array")
    for option in ("mask", "maps", "trajectory"):
        with pytest.raises(SettingsError, match=f"--{option}"):
            as_kspace(random(9, 8), ScanOptions(**{option: str(tmp_path / "m.npy")}))
    with pytest.raises(SettingsError, match="--slice is for files of several slices"):
        as_kspace(random(9, 8), ScanOptions(slice=0))


def test_a_complex_file_is_k_space_without_being_told(shared_data: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "k.npy", random(9, 8))
    assert read(tmp_path / "k.npy").kind == "mri"
    signal = read(shared_data / "mri" / "cartesian_ksp.npy")
    assert isinstance(signal, KSpaceSignal)
    assert (signal.coils, signal.image_shape) == (8, (230, 180))
    assert signal.mask.mean() == pytest.approx(0.124, abs=1e-3)
    assert not any("fftshift" in note for note in signal.notes)
