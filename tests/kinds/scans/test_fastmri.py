"""fastMRI's files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from fourierfield.errors import FourierFieldError
from fourierfield.kinds._read import read as read_file
from fourierfield.kinds.scans._kspace import KSpaceSignal
from fourierfield.tasks._settings import ReadOptions

from .ismrmrd_files import header

KSPACE = np.random.default_rng(0).normal(size=(5, 3, 12, 10)) + 1j
Read = Callable[..., KSpaceSignal]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def save_and_read(number: int | None = None, **datasets: object) -> KSpaceSignal:
        with h5py.File(tmp_path / "scan.h5", "w") as file:
            for name, values in datasets.items():
                file[name] = values
        signal = read_file(tmp_path / "scan.h5", options=ReadOptions(slice=number))
        assert isinstance(signal, KSpaceSignal)
        return signal

    return save_and_read


def test_one_slice_of_many_coils_is_read(read: Read) -> None:
    signal = read(kspace=KSPACE.astype(np.complex64))
    assert (signal.coils, signal.image_shape, signal.unit) == (3, (12, 10), "px")
    np.testing.assert_allclose(signal.samples.reshape(3, 12, 10), KSPACE[2], rtol=1e-6)
    assert "slice 2 of 5, the middle one (--slice)" in signal.notes
    np.testing.assert_allclose(read(4, kspace=KSPACE).samples.reshape(3, 12, 10), KSPACE[4], rtol=1e-6)


def test_one_coil_has_no_axis(read: Read) -> None:
    signal = read(kspace=KSPACE[:, 0])
    assert (signal.coils, signal.image_shape) == (1, (12, 10))


def test_masks_are_of_columns_or_the_zeros(read: Read) -> None:
    mask = np.arange(10) % 3 == 0
    told, seen = read(kspace=KSPACE, mask=mask.astype(np.float32)), read(kspace=KSPACE * mask)
    for signal in (told, seen):
        np.testing.assert_array_equal(signal.mask, np.broadcast_to(mask, (12, 10)))
    np.testing.assert_array_equal(told.samples, seen.samples)


def test_pixels_are_as_large_as_the_header_says(read: Read) -> None:
    signal = read(kspace=KSPACE, ismrmrd_header=header((12, 10, 1), (24.0, 30.0, 5.0)))
    assert (signal.spacing, signal.unit) == ((2.0, 3.0), "mm")
    assert read(kspace=KSPACE, ismrmrd_header=header((64, 10, 1), (24.0, 30.0, 5.0))).spacing is None


@pytest.mark.parametrize(
    ("datasets", "number", "reason"),
    [
        ({"kspace": KSPACE.real}, None, "real where complex"),
        ({"kspace": KSPACE[0, 0]}, None, "kspace has shape"),
        ({"kspace": KSPACE}, 5, "--slice 5"),
        ({"kspace": KSPACE, "mask": np.ones(9)}, None, "9 columns"),
        ({"kspace": KSPACE, "mask": np.zeros(10)}, None, "mask is empty"),
        ({"kspace": KSPACE * 0}, None, "mask is empty"),
        ({"kspace": KSPACE * np.nan}, None, "not finite numbers"),
        ({"kspace": KSPACE, "ismrmrd_header": "<a/>"}, None, "does not specify the encoded space"),
    ],
)
def test_broken_files_are_refused(read: Read, datasets: dict[str, object], number: int | None, reason: str) -> None:
    with pytest.raises(FourierFieldError, match=reason) as caught:
        read(number, **datasets)
    assert "\n" not in str(caught.value)
    assert "scan.h5" in str(caught.value)
