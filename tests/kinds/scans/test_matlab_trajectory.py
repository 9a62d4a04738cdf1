"""Samples and a trajectory in one MATLAB file: what goes with what, in which order, and what is Cartesian all the
same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.errors import SettingsError, SignalError
from fourierfield.kinds._read import read
from fourierfield.kinds.scans._matlab_trajectory import coils_first, find_along
from fourierfield.kinds.scans._matlab_variables import Variables
from fourierfield.tasks._settings import ReadOptions

from .ismrmrd_files import random

Save = Callable[[dict[str, object]], Path]
COUNT, SPOKES, COILS = 16, 5, 3


class InMemory(Variables):
    """Arrays that lie in no file."""

    def read(self, name: str) -> np.ndarray:
        return ARRAYS[name]


ARRAYS: dict[str, np.ndarray] = {}


def held(**arrays: np.ndarray) -> Variables:
    ARRAYS.clear()
    ARRAYS.update({name: np.atleast_2d(array) for name, array in arrays.items()})
    return InMemory(Path("scan.mat"), False, {name: array.shape for name, array in ARRAYS.items()})


def spokes(count: int, number: int) -> np.ndarray:
    """(count, number) k_x + i k_y in cycles per pixel, at golden angles."""
    angles = np.pi * (np.sqrt(5) - 1) / 2 * np.arange(number)
    return ((np.arange(count) - count // 2) / count)[:, None] * np.exp(1j * angles)


K, RAW = spokes(COUNT, SPOKES), random(COUNT, SPOKES, COILS).astype(complex)
PLACES = COUNT * np.stack([K.imag.T.ravel(), K.real.T.ravel()], axis=1)
SAMPLES = RAW.transpose(2, 1, 0).reshape(COILS, -1)


def test_samples_beside_a_complex_trajectory(save_mat: Save, tmp_path: Path) -> None:
    """As of an array (coils, spokes, samples) with its trajectory in a file of its own."""
    path = save_mat({"rawdata": RAW, "k": K, "w": np.abs(K)})
    signal = read(path, "mri")
    np.save(tmp_path / "k.npy", PLACES.reshape(SPOKES, COUNT, 2))
    np.save(tmp_path / "raw.npy", RAW.transpose(2, 1, 0))
    other = read(tmp_path / "raw.npy", options=ReadOptions(trajectory=str(tmp_path / "k.npy")))
    np.testing.assert_array_equal(signal.samples, other.samples)
    np.testing.assert_allclose(signal.places, other.places, atol=1e-12)
    assert (signal.coils, signal.image_shape, signal.cartesian) == (COILS, (COUNT, COUNT), False)
    assert signal.file_bytes == path.stat().st_size
    assert "rawdata 16×5×3 of 3 variables has the samples of 3 coils" in signal.notes
    assert "k 16×5 is its trajectory, in cycles per pixel (of 16)" in signal.notes


def test_a_trajectory_that_is_named_comes_first(save_mat: Save, tmp_path: Path) -> None:
    turned = PLACES[:, ::-1]
    np.save(tmp_path / "t.npy", turned)
    options = ReadOptions(trajectory=str(tmp_path / "t.npy"))
    coils_first = np.moveaxis(RAW, -1, 0)
    for variables in ({"rawdata": RAW, "k": K[:, :2]}, {"rawdata": RAW, "k": 3 * K}, {"k": RAW}, {"raw": coils_first}):
        signal = read(save_mat(variables), "mri", options=options)
        np.testing.assert_array_equal(signal.samples, SAMPLES.astype(np.complex64))
        np.testing.assert_array_equal(signal.places, turned)
        assert not any("is its trajectory" in note for note in signal.notes)


def test_other_options_are_refused(save_mat: Save, tmp_path: Path) -> None:
    path = save_mat({"rawdata": RAW, "k": K})
    np.save(tmp_path / "m.npy", np.ones((COUNT, COUNT)))
    with pytest.raises(SettingsError, match="--mask is for Cartesian k-space"):
        read(path, "mri", options=ReadOptions(mask=str(tmp_path / "m.npy")))
    with pytest.raises(SettingsError, match="--slice is for files of several slices"):
        read(path, "mri", options=ReadOptions(slice=0))


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(8, 40),
    number=st.integers(4, 9),
    coils=st.sampled_from([1, 2, 3, 12]),
    coils_at=st.sampled_from([-1, 0]),
    how=st.sampled_from(["complex", "last", "first", "flat third axis"]),
    listed=st.sampled_from(["neither", "both", "places", "samples"]),
    per_pixel=st.booleans(),
    names=st.sampled_from([("rawdata", "k"), ("kdata", "traj"), ("Data", "KTraj"), ("y", "coords"), ("dat", "kloc")]),
)
def test_axes_and_units_are_told_apart(
    count: int, number: int, coils: int, coils_at: int, how: str, listed: str, per_pixel: bool, names: tuple[str, str]
) -> None:
    k, raw = spokes(count, number), random(count, number, coils)
    expected = count * np.stack([k.imag, k.real], axis=-1).reshape(-1, 2, order="F")
    samples = raw.reshape(-1, coils, order="F").T
    if listed in ("both", "places"):
        k = k.reshape(-1, order="F")
    if listed in ("both", "samples"):
        raw = raw.reshape(-1, coils, order="F")
    if listed in ("both",) and per_pixel:
        per_pixel = False  # whose readouts nothing tells
    k = k if per_pixel else count * k
    parts = [k.real, k.imag, *([0 * k.real] if how == "flat third axis" else [])]
    k = k if how == "complex" else np.stack(parts, axis=0 if how == "first" else -1)
    raw = np.moveaxis(raw, -1, coils_at) if coils > 1 else raw[..., 0]
    found = find_along(held(**{names[0]: raw, "w": np.ones((count, number)), names[1]: k}))
    assert found is not None
    np.testing.assert_array_equal(found.values, samples)
    np.testing.assert_allclose(found.places, expected, atol=1e-9)
    unit = f"pixel (of {count})" if per_pixel else "field of view"
    assert found.notes[1].endswith(f"is its trajectory, in cycles per {unit}")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([(24, 20), (3, 24, 20), (24, 20, 4)]), st.floats(1e-6, 1e6))
def test_cartesian_k_space_is_no_trajectory(seed: int, shape: tuple[int, ...], scale: float) -> None:
    """k-space called k, beside an image of its size, or coordinates of its pixels."""
    generator = np.random.default_rng(seed)
    image = np.exp(-np.add.outer(*(np.linspace(-1, 1, n) ** 2 for n in (24, 20))) * 9) * generator.uniform(
        0.5, 1, (24, 20)
    )
    k = scale * np.fft.fftshift(np.fft.fft2(image))
    k = k if len(shape) == 2 else np.stack([k] * min(shape), axis=shape.index(min(shape)))
    assert find_along(held(k=k, data=k[::-1])) is None
    assert find_along(held(k=k, mask=np.ones(shape))) is None
    assert find_along(held(kspace=k, coords=np.stack(np.mgrid[:24, :20], axis=-1))) is None
    assert find_along(held(kspace=k, k=np.arange(-12, 12))) is None
    assert find_along(held(k=k)) is None


def test_k_alone_is_k_space(save_mat: Save) -> None:
    kspace = random(12, 10).astype(complex)
    for variables in ({"k": kspace}, {"k": kspace, "w": np.ones((12, 10))}):
        signal = read(save_mat(variables), "mri")
        assert (signal.cartesian, signal.image_shape) == (True, (12, 10))
        np.testing.assert_allclose(signal.samples.reshape(12, 10), kspace, rtol=1e-6)


def test_spokes_from_the_middle_have_twice_as_many_pixels() -> None:
    angles = 2 * np.pi * np.arange(9) / 9
    k = (np.arange(16) / 32)[:, None] * np.exp(1j * angles)
    found = find_along(held(ksp=random(16, 9, 2), traj=k))
    assert found is not None
    assert found.notes[1].endswith("(of 32)")
    assert np.abs(found.places).max() == pytest.approx(15)


def test_stacks_of_stars_have_as_many_pixels_along_z_as_heights() -> None:
    k = np.broadcast_to(K[..., None], (COUNT, SPOKES, 6))
    z = np.broadcast_to((np.arange(6) - 3) / 6, k.shape)
    found = find_along(held(kdata=random(COUNT, SPOKES, 6, 2), traj=np.stack([k.real, k.imag, z], axis=-1)))
    assert found is not None
    assert np.unique(found.places[:, 0].round(9)).tolist() == [-3, -2, -1, 0, 1, 2]
    assert found.places[0, 1:].tolist() == [0, -8]
    assert found.notes[1].endswith("(of 6×16×16)")


def spiral(turns: int, count: int) -> np.ndarray:
    t = np.linspace(0, 1, count)
    return t * np.exp(2j * np.pi * turns * t)


def test_spirals_are_read_per_field_of_view_alone() -> None:
    k, raw = spiral(8, 400)[:, None] * np.exp(2j * np.pi * np.arange(3) / 3), random(400, 3, 2)
    found = find_along(held(kdata=raw, traj=12 * k))
    assert found is not None
    np.testing.assert_allclose(np.linalg.norm(found.places, axis=1), 12 * np.abs(k).ravel(order="F"), rtol=1e-6)
    with pytest.raises(SignalError, match=r"traj 400×3 is in cycles per pixel, but has no spokes"):
        find_along(held(kdata=raw, traj=k / 2))


REFUSED: dict[str, tuple[dict[str, np.ndarray], str]] = {
    "radians": ({"rawdata": RAW, "k": 2 * np.pi * K}, "reaches 3.14, neither cycles per pixel"),
    "a list of spokes": ({"rawdata": RAW.reshape(-1, COILS), "k": K.reshape(-1, 1)}, "no spokes"),
    "other axes": ({"rawdata": RAW[:, :4], "k": K}, "k 16×5 is a trajectory, but rawdata 16×4×3 holds no complex"),
    "real samples": ({"rawdata": RAW.real, "k": K}, "rawdata 16×5×3 holds no complex samples"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_go_together_is_refused_in_one_line(save_mat: Save, case: str) -> None:
    variables, reason = REFUSED[case]
    with pytest.raises(SignalError, match=reason) as caught:
        read(save_mat(dict(variables)), "mri")
    assert "scan.mat" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_samples_coils_first() -> None:
    np.testing.assert_array_equal(coils_first(RAW, COUNT * SPOKES), SAMPLES)
    np.testing.assert_array_equal(coils_first(np.moveaxis(RAW, -1, 0), COUNT * SPOKES), SAMPLES)
    np.testing.assert_array_equal(coils_first(RAW[..., 0], COUNT * SPOKES), SAMPLES[:1])
    np.testing.assert_array_equal(coils_first(SAMPLES, COUNT * SPOKES), SAMPLES)
    assert coils_first(RAW, 7) is RAW
