"""Stacks of TIFF pages: what is written is read back, with its sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from fourierfield.grids._arrays import as_video, as_volume
from fourierfield.kinds._read import read

from .conftest import save

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_stacks_keep_their_samples_and_sizes(tmp_path: Path, dtype: type) -> None:
    samples = RNG.integers(0, 250, (4, 5, 6)).astype(dtype)
    save(as_volume(samples, spacing=(2.0, 0.5, 0.5), units=("um",) * 3), tmp_path / "a.tif")
    again = read(tmp_path / "a.tif")
    assert again.kind == "volume"
    assert again.domain.units == ("um",) * 3
    np.testing.assert_allclose(again.domain.extent, (8.0, 2.5, 3.0), rtol=1e-5)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), samples)
    np.testing.assert_array_equal(again.sample_format.encode(again.values)[..., 0], samples)


def test_stacks_over_time_are_films(tmp_path: Path) -> None:
    samples = RNG.integers(0, 250, (4, 5, 6)).astype(np.uint8)
    save(as_video(samples, rate=8), tmp_path / "a.tif")
    again = read(tmp_path / "a.tif")
    assert again.kind == "video"
    assert again.domain.units[0] == "s"
    np.testing.assert_allclose(again.domain.extent[0], 0.5)
    timed = as_volume(
        RNG.random((3, 4, 5, 6), np.float32), spacing=(2, 1, 1, 1), units=("s", "um", "um", "um"), channels=False
    )
    save(timed, tmp_path / "b.tif")
    again = read(tmp_path / "b.tif")
    assert again.kind == "volume"
    assert again.shape == (3, 4, 5, 6)
    assert again.domain.units == ("s", "um", "um", "um")


def test_plain_pages_of_any_type(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((3, 8, 9), np.float64), photometric="minisblack")
    assert read(tmp_path / "a.tif").shape == (3, 8, 9)
    save(as_volume(RNG.random((3, 8, 9))), tmp_path / "b.tif")
    assert read(tmp_path / "b.tif").sample_format.dtype == "float64"
    tifffile.imwrite(
        tmp_path / "c.ome.tif", np.zeros((3, 8, 9), np.uint8), metadata={"axes": "ZYX", "PhysicalSizeZ": 2.5}
    )
    assert read(tmp_path / "c.ome.tif").domain.extent[0] == 7.5
