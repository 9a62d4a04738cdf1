"""NIfTI files are read as nibabel reads them, and written with the affine of the grid that was asked for."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourierfield.errors import FourierFieldError, SignalError
from fourierfield.grids._arrays import resampled_affine
from fourierfield.grids._domain import Grid
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._read import read
from fourierfield.kinds.volumes._files import write_volume

OBLIQUE = np.array([[0.8, 0.0, 0.1, -69.0], [0.0, 0.78, 0.7, -134.0], [0.0, -0.23, 2.3, -13.0], [0, 0, 0, 1.0]])


def save(
    path: Path, samples: np.ndarray, affine: np.ndarray = OBLIQUE, slope: tuple[float, float] | None = None
) -> None:
    image = nibabel.Nifti1Image(samples, affine)
    image.header.set_xyzt_units("mm", "sec")
    if slope is not None:
        image.header.set_slope_inter(*slope)
    nibabel.save(image, path)


def write(signal: GridSignal, path: Path, grid: Grid | None = None) -> nibabel.Nifti1Image:
    grid = grid or signal.grid
    values = signal.values if grid == signal.grid else np.zeros((*grid.shape, signal.channels), np.float32)
    write_volume(path, values, signal.description, signal.domain, grid)
    return nibabel.load(path)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.float64])
def test_a_volume_comes_back_with_its_samples_and_header(tmp_path: Path, name: str, dtype: type) -> None:
    samples = np.arange(4 * 5 * 6).reshape(4, 5, 6).astype(dtype)
    save(tmp_path / name, samples)
    signal, before = read(tmp_path / name), nibabel.load(tmp_path / name)
    np.testing.assert_array_equal(signal.values[..., 0], before.get_fdata())
    assert signal.kind == "volume"
    assert signal.domain.units == ("mm",) * 3
    np.testing.assert_allclose(np.array(signal.domain.extent) / samples.shape, before.header.get_zooms(), rtol=1e-6)
    after = write(signal, tmp_path / f"again-{name}")
    np.testing.assert_array_equal(np.asarray(after.dataobj), samples)
    for key in ("sform_code", "qform_code", "xyzt_units", "datatype", "dim"):
        np.testing.assert_array_equal(after.header[key], before.header[key])
    np.testing.assert_array_equal(after.affine, before.affine)
    np.testing.assert_allclose(after.header.get_zooms(), before.header.get_zooms(), rtol=1e-6)


def test_scaled_samples_are_in_the_units_of_the_header(tmp_path: Path) -> None:
    samples = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    save(tmp_path / "ct.nii", samples, slope=(2.5, -1024.0))
    signal = read(tmp_path / "ct.nii")
    np.testing.assert_allclose(signal.values[..., 0], nibabel.load(tmp_path / "ct.nii").get_fdata(), rtol=1e-6)
    after = write(signal, tmp_path / "again.nii")
    np.testing.assert_array_equal(after.dataobj.get_unscaled(), samples)
    assert (after.dataobj.slope, after.dataobj.inter) == (2.5, -1024.0)


def test_time_and_colours_have_axes_of_their_own(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.random.default_rng(0).random((4, 5, 6, 7), np.float32), OBLIQUE)
    image.header.set_xyzt_units("mm", "msec")
    image.header.set_zooms((*image.header.get_zooms()[:3], 2000.0))
    nibabel.save(image, tmp_path / "fmri.nii")
    signal = read(tmp_path / "fmri.nii")
    assert signal.shape == (4, 5, 6, 7)
    assert signal.domain.units[3] == "s"
    assert signal.domain.extent[3] == 14.0
    assert signal.domain.sides[3] == 1.0 == max(signal.domain.sides[:3])
    again = write(signal, tmp_path / "again.nii")
    np.testing.assert_array_equal(again.get_fdata(), image.get_fdata())
    assert again.header.get_zooms()[3] == 2000.0
    assert again.header.get_xyzt_units() == ("mm", "msec")

    colours = np.zeros((4, 5, 6), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    colours["G"] = 200
    nibabel.save(nibabel.Nifti1Image(colours, OBLIQUE), tmp_path / "colour.nii")
    assert read(tmp_path / "colour.nii").values.shape == (4, 5, 6, 3)
    vectors = nibabel.Nifti1Image(np.ones((4, 5, 6, 1, 3), np.float32), OBLIQUE)
    nibabel.save(vectors, tmp_path / "vectors.nii")
    signal = read(tmp_path / "vectors.nii")
    assert signal.values.shape == (4, 5, 6, 3)
    assert write(signal, tmp_path / "again.nii").shape == (4, 5, 6, 1, 3)


@settings(max_examples=30, deadline=None)
@given(
    st.tuples(*[st.integers(1, 9)] * 3),
    st.tuples(*[st.floats(-0.5, 0.5)] * 3),
    st.tuples(*[st.floats(0.1, 1.0)] * 3),
)
def test_a_resampled_grid_lies_at_the_same_millimetres(shape: tuple, lower: tuple, size: tuple) -> None:
    own = Grid((0.0, 0.0, 0.0), (1.0, 0.5, 0.75), (8, 4, 6))
    grid = Grid(lower, tuple(low + side for low, side in zip(lower, size, strict=True)), shape)
    affine = resampled_affine(OBLIQUE, own, grid)
    for j in ((0, 0, 0), tuple(n - 1 for n in shape)):
        place = np.array(grid.origin) + np.array(j) * np.array(grid.spacing)
        index = (place - np.array(own.origin)) / np.array(own.spacing)
        np.testing.assert_allclose(affine @ [*j, 1], OBLIQUE @ [*index, 1], atol=1e-9)


def test_a_finer_volume_fills_the_same_box(tmp_path: Path) -> None:
    save(tmp_path / "a.nii.gz", np.zeros((4, 5, 6), np.uint8))
    signal = read(tmp_path / "a.nii.gz")
    fine = write(signal, tmp_path / "fine.nii.gz", signal.domain.grid((8, 10, 12)))
    corner = np.array([-0.5, -0.5, -0.5, 1.0])
    np.testing.assert_allclose(fine.affine @ corner, OBLIQUE @ corner)
    np.testing.assert_allclose(fine.header.get_zooms(), np.linalg.norm(OBLIQUE[:3, :3], axis=0) / 2, rtol=1e-6)


def test_bad_headers_are_refused(tmp_path: Path) -> None:
    flat = nibabel.Nifti1Image(np.zeros((4, 5, 6), np.uint8), None)
    flat.header.set_sform(np.diag([1.0, 0.0, 1.0, 1.0]), 1)
    (tmp_path / "flat.nii").write_bytes(flat.header.binaryblock + b"\0" * 4 + b"\0" * 120)
    with pytest.raises(SignalError, match="singular affine"):
        read(tmp_path / "flat.nii")
    save(tmp_path / "whole.nii", np.ones((9, 9, 9), np.float32))
    content = (tmp_path / "whole.nii").read_bytes()
    (tmp_path / "cut.nii").write_bytes(content[:1000])
    with pytest.raises(SignalError, match="damaged or cut off"):
        read(tmp_path / "cut.nii")
    nibabel.save(nibabel.Nifti1Image(np.ones((3, 3, 3), np.complex64), np.eye(4)), tmp_path / "complex.nii")
    with pytest.raises(SignalError, match="complex"):
        read(tmp_path / "complex.nii")
    save(tmp_path / "nan.nii", np.full((3, 3, 3), np.nan, np.float32))
    with pytest.raises(SignalError, match="missing"):
        read(tmp_path / "nan.nii")


@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize(("name", "packed"), [("a.nii.gz", False), ("a.nii", True), ("a.bin", False), ("a", True)])
def test_packing_is_told_by_content(tmp_path: Path, kind: type, name: str, packed: bool) -> None:
    samples = np.random.default_rng(0).integers(-500, 500, (4, 5, 6)).astype(np.int16)
    content = kind(samples, OBLIQUE).to_bytes()  # type: ignore[attr-defined]
    (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
    found = read(tmp_path / name)
    np.testing.assert_array_equal(found.values[..., 0], samples)
    np.testing.assert_allclose(np.array(found.sample_format.volume.affine), OBLIQUE, atol=1e-5)


def test_every_damaged_header_is_refused_in_one_line(tmp_path: Path) -> None:
    """Whatever nibabel raises: a KeyError for an unknown unit was one."""
    save(tmp_path / "a.nii", np.ones((3, 4, 5), np.float32))
    content = bytearray((tmp_path / "a.nii").read_bytes())
    for place in range(348):
        for value in (0, 7, 255):
            changed = bytearray(content)
            changed[place] = value
            (tmp_path / "b.nii").write_bytes(changed)
            try:
                read(tmp_path / "b.nii")
            except FourierFieldError as problem:
                refused = str(problem)
                if "\n" in refused:
                    raise AssertionError(refused) from problem
