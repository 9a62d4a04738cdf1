"""The kind of an array follows from its shape, in memory and in a file alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import SignalError
from fourierfield.grids._arrays import as_signal, kind_of_npy, read_npy


@pytest.mark.parametrize(
    ("shape", "kind"),
    [((9,), "series"), ((9, 4), "image"), ((9, 8, 4), "image"), ((9, 8, 5), "volume"), ((3, 9, 8, 2), "volume")],
)
def test_the_shape_decides(tmp_path: Path, shape: tuple[int, ...], kind: str) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(np.float32)
    np.save(tmp_path / "a.npy", array)
    assert kind_of_npy(tmp_path / "a.npy") == kind
    signal = read_npy(tmp_path / "a.npy")
    assert (signal.kind, signal.file_bytes) == (kind, (tmp_path / "a.npy").stat().st_size)
    np.testing.assert_array_equal(signal.values.ravel(), array.ravel())
    np.testing.assert_array_equal(as_signal(array).values, signal.values)


def test_complex_numbers_are_mri_and_broken_files_are_left_to_their_reader(tmp_path: Path) -> None:
    np.save(tmp_path / "k.npy", np.zeros((4, 4), complex))
    assert kind_of_npy(tmp_path / "k.npy") == "mri"
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY")
    assert kind_of_npy(tmp_path / "broken.npy") == "image"
    with pytest.raises(SignalError):
        read_npy(tmp_path / "broken.npy")


def test_integers_stand_for_their_range() -> None:
    values = as_signal(np.array([[0, 51, 255]], dtype=np.uint8)).values
    np.testing.assert_allclose(values.ravel(), [0, 0.2, 1], atol=1e-7)


@pytest.mark.parametrize(
    ("array", "kind", "reason"),
    [
        (np.array(["a"]), None, "integers or floats"),
        (np.zeros((0, 4)), None, "no samples"),
        (np.zeros((4, 4, 5)), "image", "1 to 4 channels"),
        (np.zeros((4, 4, 3)), "series", r"\(samples, channels\)"),
    ],
)
def test_other_arrays_are_refused(array: np.ndarray, kind: str | None, reason: str) -> None:
    with pytest.raises(SignalError, match=reason):
        as_signal(array, kind=kind)
