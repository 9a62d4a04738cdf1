"""Write films: MP4 by PyAV, animated GIF by Pillow."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import IO, Any

import numpy as np

from ..errors import SettingsError

_GIF_TICK = 0.01  # seconds: GIF counts in hundredths


def write_video(file: IO[bytes], frames: Iterable[np.ndarray], rate: float, container: str) -> None:
    """Write frames (h, w, 3) uint8 as "mp4" (H.264; yuv444p if a side is odd, to keep all pixels) or "gif"."""
    writers = {"mp4": _write_mp4, "gif": _write_gif}
    if container not in writers:
        raise SettingsError(f"a film can be written as .mp4 or .gif, not .{container}")
    writers[container](file, frames, rate)


def _write_mp4(file: IO[bytes], frames: Iterable[np.ndarray], rate: float) -> None:
    import av

    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    with av.open(file, "w", format="mp4") as film:
        stream: Any = film.add_stream(codec, rate=Fraction(rate).limit_denominator(90_000))
        if codec == "libx264":
            stream.options = {"crf": "12", "threads": "1"}  # with one thread the same frames give the same bytes
        for index, frame in enumerate(frames):
            if index == 0:
                _fit_to(stream, frame, codec)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        film.mux(stream.encode())


def _fit_to(stream: Any, frame: np.ndarray, codec: str) -> None:
    """Set size and pixel format: players want colours at half the resolution, which odd sides do not allow."""
    stream.height, stream.width = frame.shape[:2]
    stream.pix_fmt = "yuv420p" if frame.shape[0] % 2 == frame.shape[1] % 2 == 0 else "yuv444p"
    if codec != "libx264":
        stream.bit_rate = 16 * frame.shape[0] * frame.shape[1]


def _write_gif(file: IO[bytes], frames: Iterable[np.ndarray], rate: float) -> None:
    from PIL import Image

    pictures = (Image.fromarray(frame).quantize(256, dither=Image.Dither.NONE) for frame in frames)
    first = next(pictures)
    duration = max(2, round(1 / rate / _GIF_TICK)) * 10
    first.save(file, "GIF", save_all=True, append_images=pictures, duration=duration, loop=0, optimize=False)
