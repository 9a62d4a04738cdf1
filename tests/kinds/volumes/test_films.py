"""Stacks, films and folders of frames: what is written is read back, with its sizes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from fourierfield.errors import SettingsError, SignalError
from fourierfield.grids._arrays import as_signal, as_video, as_volume
from fourierfield.grids._films import write_video
from fourierfield.grids._signal import GridSignal
from fourierfield.kinds._read import read
from fourierfield.kinds.volumes._files import write_volume

RNG = np.random.default_rng(0)


def save(signal: GridSignal, path: Path) -> None:
    write_volume(path, signal.values, signal.description, signal.domain, signal.grid)


def moving_bar(frames: int, height: int, width: int) -> np.ndarray:
    film = np.full((frames, height, width, 3), 40, np.uint8)
    for t in range(frames):
        film[t, :, 2 * t : 2 * t + 8] = (220, 120, 60)
    return film


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


@pytest.mark.parametrize("size", [(32, 48), (31, 47)])
def test_films_are_written_and_read(tmp_path: Path, size: tuple[int, int]) -> None:
    film = moving_bar(12, *size)
    save(as_video(film, rate=24), tmp_path / "a.mp4")
    again = read(tmp_path / "a.mp4")
    assert again.kind == "video"
    assert again.shape == (12, *size)
    assert again.sample_format.volume is not None
    assert again.sample_format.volume.rate == 24
    assert np.abs(again.values - film / 255).mean() < 0.02  # H.264 loses a little
    save(as_video(film, rate=20), tmp_path / "a.gif")
    again = read(tmp_path / "a.gif")
    assert again.kind == "video"
    assert again.shape == (12, *size)
    assert again.domain.extent[0] == pytest.approx(0.6)
    assert np.abs(again.values - film / 255).max() < 0.05


def test_folders_of_frames_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for t in range(11):
        Image.fromarray(np.full((4, 6), 10 * t, np.uint8)).save(tmp_path / f"frame{t}.png")
    signal = read(tmp_path)
    assert signal.kind == "video"
    assert signal.domain.units == ("frame", "px", "px")
    np.testing.assert_allclose(signal.values[:, 0, 0, 0] * 255, np.arange(11) * 10, atol=1e-4)
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(tmp_path / "frame11.png")
    with pytest.raises(SignalError, match="unequal size"):
        read(tmp_path)


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
