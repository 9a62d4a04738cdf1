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


def animation(path: Path, durations: list[int]) -> np.ndarray:
    """Frames (N, 6, 8, 3), each of a grey of its own, that last so many milliseconds."""
    greys = np.arange(len(durations)) * 40
    frames = np.broadcast_to(greys[:, None, None, None], (len(durations), 6, 8, 3)).astype(np.uint8)
    first, *others = map(Image.fromarray, frames)
    options = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=others, duration=durations, **options)
    return frames / 255


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_frames_are_where_their_times_are(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    frames = animation(path, [100, 300, 100, 200])
    signal = read(path)
    assert (signal.kind, signal.domain.extent[0], signal.domain.units[0]) == ("video", pytest.approx(0.7), "s")
    np.testing.assert_allclose(signal.values, frames[[0, 1, 1, 1, 2, 3, 3]], atol=1e-6)
    assert "last from 0.1 to 0.3 s" in signal.notes[0]
    even = tmp_path / f"b.{ending}"
    frames = animation(even, [100, 100, 100])
    assert read(even).notes == ()
    np.testing.assert_allclose(read(even).values, frames, atol=1e-6)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_films_are_upright_as_their_container_says(tmp_path: Path, turns: int) -> None:
    """A phone keeps its sensor's rows and writes how it was held into the track's matrix: quarter turns clockwise."""
    import struct

    import av

    y, x = np.mgrid[:16, :32]
    picture = np.stack([8 * x, 15 * y, 0 * x], axis=-1).astype(np.uint8)
    with av.open(str(tmp_path / "a.mp4"), "w") as film:
        stream = film.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        for _ in range(3):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode())
    flat = read(tmp_path / "a.mp4").values
    content = bytearray((tmp_path / "a.mp4").read_bytes())
    place = content.index(b"tkhd") + 44
    cosine, sine = [(1, 0), (0, 1), (-1, 0), (0, -1)][turns]
    matrix = [cosine << 16, sine << 16, 0, -sine << 16, cosine << 16, 0, 0, 0, 1 << 30]
    content[place : place + 36] = struct.pack(">9i", *matrix)
    (tmp_path / "a.mp4").write_bytes(content)
    np.testing.assert_array_equal(read(tmp_path / "a.mp4").values, np.rot90(flat, -turns, axes=(1, 2)))
