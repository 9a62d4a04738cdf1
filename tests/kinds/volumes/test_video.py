"""Films and folders of frames: what is written is read back, with its rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fourierfield.errors import SignalError
from fourierfield.grids._arrays import as_video
from fourierfield.kinds._read import read

from .conftest import save


def moving_bar(frames: int, height: int, width: int) -> np.ndarray:
    film = np.full((frames, height, width, 3), 40, np.uint8)
    for t in range(frames):
        film[t, :, 2 * t : 2 * t + 8] = (220, 120, 60)
    return film


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
