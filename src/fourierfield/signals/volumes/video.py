"""Films: MP4, Matroska and AVI by PyAV, animated GIF and WebP by Pillow, folders of frames."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...errors import SettingsError, SignalError
from ..decoding import decoding
from ..domain import Domain
from ..image import read_image
from ..limits import check_size
from ..recognise import recognise
from ..sample_format import VolumeFormat
from ..signal import GridSignal
from .array import volume_signal

__all__ = ["is_animated", "read_animation", "read_frames", "read_video", "write_video"]

_GIF_TICK = 0.01  # seconds: GIF counts in hundredths


def read_video(path: Path) -> GridSignal:
    """All frames of a film's first picture stream, (t, y, x, 3) or grey (t, y, x), at its mean rate; sound is left out.

    Raises ``SignalError`` where it is damaged or holds no pictures, ``TooLargeError`` from the size in its header.
    """
    import av

    with decoding(path, "a film"), av.open(str(path)) as film:
        if not film.streams.video:
            raise SignalError(f"{path} holds no pictures; for its sound write a WAV file")
        stream = film.streams.video[0]
        rate = stream.average_rate or stream.guessed_rate
        check_size(path, (_expected_frames(film, stream, rate), stream.height, stream.width), 3)
        grey = stream.pix_fmt in ("gray", "gray8")
        frames = [frame.to_ndarray(format="gray" if grey else "rgb24") for frame in film.decode(stream)]
    if not frames:
        raise SignalError(f"{path} holds no frames; give a file with data")
    return _film(np.stack(frames), float(rate) if rate else None, path, recognise(path) or "mp4")


def _expected_frames(film: Any, stream: Any, rate: Fraction | None) -> int:
    """From the header: counted, or by length and rate."""
    if stream.frames:
        return int(stream.frames)
    return max(1, int((film.duration or 0) / 1e6 * float(rate or 25)))


def is_animated(path: Path) -> bool:
    """Whether a GIF or WebP holds several frames. Damaged ones are left to who reads them."""
    from PIL import Image

    try:
        with Image.open(path, formats=("GIF", "WEBP")) as image:
            return getattr(image, "n_frames", 1) > 1
    except Exception:
        return False


def read_animation(path: Path) -> GridSignal:
    """The frames of an animated GIF or WebP, in colour, at the mean of their rates."""
    from PIL import Image, ImageSequence

    frames, durations = [], []
    with decoding(path, "a film"), Image.open(path, formats=("GIF", "WEBP")) as image:
        check_size(path, (image.n_frames, *image.size[::-1]), 3)  # type: ignore[attr-defined]
        container = str(image.format).lower()
        for frame in ImageSequence.Iterator(image):
            durations.append(float(frame.info.get("duration", 0)) / 1000)
            frames.append(np.asarray(frame.convert("RGB")))
    mean = float(np.mean(durations))
    return _film(np.stack(frames), 1 / mean if mean > 0 else None, path, container)


def read_frames(folder: Path) -> GridSignal:
    """The pictures of a folder in the natural order of their names, as frames of a film without a rate."""
    files = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".") and _is_picture(p)]
    files.sort(key=lambda p: [int(word) if word.isdigit() else word for word in re.split(r"(\d+)", p.name)])
    first = read_image(files[0], recognise(files[0]) or "png")
    check_size(folder, (len(files), *first.shape), first.channels)
    frames = np.empty((len(files), *first.values.shape), np.float32)
    for index, file in enumerate(files):
        picture = first if index == 0 else read_image(file, recognise(file) or "png")
        if picture.values.shape != first.values.shape:
            raise SignalError(
                f"{folder} holds pictures of unequal size ({_size(first)} in {files[0].name}, {_size(picture)} in "
                f"{file.name}); crop them to one"
            )
        frames[index] = picture.values
    domain = Domain.of_samples(frames.shape[:3], units=("frame", "px", "px"))
    sample_format = replace(first.sample_format, volume=VolumeFormat("frames"))
    return GridSignal(frames, domain, "video", sample_format, str(folder), sum(map(os.path.getsize, files)))


def _is_picture(path: Path) -> bool:
    return os.path.getsize(path) > 0 and recognise(path) in ("png", "jpeg", "tiff", "webp", "bmp")


def _size(picture: GridSignal) -> str:
    return "×".join(map(str, picture.values.shape))


def _film(frames: np.ndarray, rate: float | None, path: Path, container: str) -> GridSignal:
    step, unit = (1 / rate, "s") if rate else (1.0, "frame")
    volume = VolumeFormat(container, rate=rate)
    return volume_signal(
        frames, volume, (step, 1.0, 1.0), (unit, "px", "px"), str(path), "video", os.path.getsize(path)
    )


def write_video(file: IO[bytes], frames: Iterable[np.ndarray], rate: float, container: str) -> None:
    """Write frames (h, w, 3) uint8, one after the other, as "mp4" (H.264) or "gif" to an open file.

    MP4 of an odd size keeps every pixel by full colour resolution (yuv444p). Raises ``SettingsError`` for other
    containers.
    """
    writers = {"mp4": _write_mp4, "gif": _write_gif}
    if container not in writers:
        raise SettingsError(f"a film is written as .mp4 or .gif, not .{container}")
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
    """Players want colours at half the resolution, which odd sides have not."""
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
