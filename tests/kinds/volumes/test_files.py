"""Arrays, and files of volumes that cannot be read or written."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from fourierfield.errors import SettingsError, SignalError
from fourierfield.grids._arrays import as_signal, as_volume
from fourierfield.grids._films import write_video
from fourierfield.kinds._read import read

from .conftest import save

RNG = np.random.default_rng(0)


def test_arrays_by_their_shape(tmp_path: Path) -> None:
    assert as_signal(np.zeros((5, 6, 7))).kind == "volume"
    assert as_signal(np.zeros((5, 6, 3))).kind == "image"
    assert as_signal(np.zeros((5, 6, 3)), kind="volume").shape == (5, 6, 3)
    assert as_signal(np.zeros((5, 6, 7, 3))).values.shape == (5, 6, 7, 3)
    assert as_signal(np.zeros((5, 6, 7, 8))).values.shape == (5, 6, 7, 8, 1)
    assert as_signal(np.zeros((5, 6, 7)), kind="video").domain.units == ("frame", "px", "px")
    np.save(tmp_path / "a.npy", RNG.random((5, 6, 7)))
    signal = read(tmp_path / "a.npy")
    save(signal, tmp_path / "b.npy")
    np.testing.assert_allclose(np.load(tmp_path / "b.npy"), np.load(tmp_path / "a.npy"), atol=1e-7)
    with pytest.raises(SettingsError, match="positive numbers"):
        as_volume(np.zeros((3, 4, 5)), spacing=(1.0, 0.0, 1.0))
    with pytest.raises(SignalError, match="two to four axes"):
        as_volume(np.zeros(3))


def test_broken_films(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x20ftypisom" + b"\0" * 64)
    with pytest.raises(SignalError, match="damaged or cut off"):
        read(tmp_path / "a.mp4")
    with pytest.raises(SettingsError, match=r"\.mp4 or \.gif"):
        write_video(io.BytesIO(), [], 25, "avi")
    volume = as_volume(np.zeros((4, 5, 6), np.uint8))
    for name, reason in (("a.mp4", "names no format"), ("a.png", "a picture shows a plane")):
        with pytest.raises(SettingsError, match=reason):
            save(volume, tmp_path / f"x{name}")
    assert not list(tmp_path.glob("x*"))
