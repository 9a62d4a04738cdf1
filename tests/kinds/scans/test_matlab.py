"""MATLAB files of either version."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import eye

from fourierfield.errors import SignalError
from fourierfield.kinds._read import read

ANGLES = np.pi * np.arange(30) / 30
SCAN = np.random.default_rng(0).random((30, 40))
Save = Callable[[dict[str, object]], Path]


def test_the_one_array_is_the_scan(save_mat: Save) -> None:
    signal = read(save_mat({"anything": SCAN, "dose": 3.0}), "ct")
    np.testing.assert_allclose(signal.projections[:, 0], SCAN, rtol=1e-6)


def test_the_scan_among_several_is_the_one_of_a_known_name(save_mat: Save) -> None:
    signal = read(save_mat({"Sinogram": SCAN, "phantom": np.ones((40, 40)), "theta": np.degrees(ANGLES) / 2}), "ct")
    np.testing.assert_allclose(signal.projections[:, 0], SCAN, rtol=1e-6)
    np.testing.assert_allclose(signal.geometry.angles, ANGLES / 2)


def test_bins_before_angles_are_turned_over(save_mat: Save) -> None:
    signal = read(save_mat({"sino": SCAN.T, "angles": np.degrees(ANGLES)[:, None]}), "ct")
    np.testing.assert_allclose(signal.projections[:, 0], SCAN, rtol=1e-6)
    assert any("last axis is that of angles" in note for note in signal.notes)


def test_angles_of_another_length_are_left_out_with_a_note(save_mat: Save) -> None:
    signal = read(save_mat({"sino": SCAN, "theta": np.arange(7.0)}), "ct")
    assert any("7 angles go with no axis" in note for note in signal.notes)


def test_k_space_is_complex(save_mat: Save) -> None:
    kspace = np.random.default_rng(0).normal(size=(2, 12, 10)) + 1j
    signal = read(save_mat({"kspace": kspace, "mask": np.ones((12, 10))}), "mri")
    np.testing.assert_allclose(signal.samples.reshape(kspace.shape), kspace, rtol=1e-6)
    with pytest.raises(SignalError, match="complex where real is needed"):
        read(save_mat({"m": kspace}), "ct")
    with pytest.raises(SignalError, match="real where complex is needed"):
        read(save_mat({"m": SCAN}), "mri")


def test_what_is_not_clear_is_refused(save_mat: Save) -> None:
    with pytest.raises(SignalError, match=r"several arrays .*one 30×40, two 30×40"):
        read(save_mat({"one": SCAN, "two": SCAN}), "ct")
    with pytest.raises(SignalError, match=r"no numeric array .*a 1×1"):
        read(save_mat({"a": 3.0}), "ct")
    with pytest.raises(SignalError, match="add --as ct or --as mri"):
        read(save_mat({"sino": SCAN}))


def test_what_is_no_plain_array_is_passed_over(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"A": eye(50).tocsc(), "m": SCAN, "info": {"field": SCAN}, "words": "abc"})
    assert read(tmp_path / "a.mat", "ct").shape == (30, 1, 40)


def test_damaged_files_are_refused(save_mat: Save) -> None:
    path = save_mat({"sino": SCAN})
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(SignalError, match="cannot be decoded as MATLAB"):
        read(path, "ct")


@pytest.mark.parametrize("packed", [False, True])
def test_parts_of_no_known_type_are_refused(tmp_path: Path, packed: bool) -> None:
    """SciPy looks such a type up beyond its table, which ends the process."""
    savemat(tmp_path / "whole.mat", {"kspace": SCAN + 1j * SCAN})
    content = bytearray((tmp_path / "whole.mat").read_bytes())
    del content[128 + 8 + 16 + 16 + 16 + 8 + 40 : 128 + 8 + 16 + 16 + 16 + 8 + 44]  # of the real part's numbers
    damaged = content[:128] + zlib_element(bytes(content[128:])) if packed else content
    (tmp_path / "a.mat").write_bytes(damaged)
    with pytest.raises(SignalError, match=r"damaged|decoded"):
        read(tmp_path / "a.mat", "mri")


def zlib_element(matrix: bytes) -> bytes:
    packed = zlib.compress(matrix)
    return (15).to_bytes(4, "little") + len(packed).to_bytes(4, "little") + packed


def test_compressed_files_are_read(tmp_path: Path) -> None:
    savemat(tmp_path / "a.mat", {"s": {"nested": np.eye(3)}, "name": "text", "sino": SCAN}, do_compression=True)
    np.testing.assert_allclose(read(tmp_path / "a.mat", "ct").projections[:, 0], SCAN, rtol=1e-6)
