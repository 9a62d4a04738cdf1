"""Films: MP4, Matroska and AVI by PyAV, animated GIF and WebP by Pillow, folders of frames."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import SignalError
from ...grids._arrays import volume_signal
from ...grids._domain import Domain
from ...grids._files import check_size, decoding, first_bytes
from ...grids._pictures import picture_container, read_image
from ...grids._sample_format import VolumeFormat
from ...grids._signal import GridSignal

_UNEVEN = 0.2  # the share of the usual duration by which one may differ: cameras waver by a few milliseconds
_MOST_COPIES = 8  # times as many frames on the even grid as in the file, at most
_GIF_TICK = 0.01  # seconds: GIF counts durations in hundredths


def read_video(path: Path, container: str) -> GridSignal:
    """Read the frames of a film's first video stream, (t, y, x, 3) or grey (t, y, x), at its mean rate."""
    import av

    with decoding(path, "a film"), av.open(str(path)) as film:
        if not film.streams.video:
            raise SignalError(f"{path} holds no pictures; to fit its sound, save it as a WAV file")
        stream = film.streams.video[0]
        rate = stream.average_rate or stream.guessed_rate
        check_size(path, (_expected_frames(film, stream, rate), stream.height, stream.width), 3)
        grey = stream.pix_fmt in ("gray", "gray8")
        promised = stream.frames
        frames, times, turn = [], [], 0
        for frame in film.decode(stream):
            frames.append(frame.to_ndarray(format="gray" if grey else "rgb24"))
            times.append(frame.time)
            turn = round(frame.rotation / 90)
    if not frames:
        raise SignalError(f"{path} holds no frames; give a file with data")
    if len(frames) < promised:
        raise SignalError(f"{path} is cut off: it has {len(frames):,} of {promised:,} frames; give the whole file")
    upright = np.rot90(np.stack(frames), turn, axes=(1, 2))  # the way a phone was held, which the container keeps
    known = [time for time in times if time is not None]
    lasting = np.diff(known) if len(known) == len(frames) > 2 and rate else np.zeros(0)
    if len(lasting) and np.abs(lasting - np.median(lasting)).max() > _UNEVEN * np.median(lasting):
        return _evenly(upright, np.append(lasting, np.median(lasting)), path, container)
    return _film(upright, float(rate) if rate else None, path, container)


def _expected_frames(film: Any, stream: Any, rate: Fraction | None) -> int:
    """Return the number of frames that the header states or that follows from its duration and rate."""
    if stream.frames:
        return int(stream.frames)
    return max(1, int((film.duration or 0) / 1e6 * float(rate or 25)))


def read_animation(path: Path) -> GridSignal:
    """Read the frames of an animated GIF, WebP or PNG, in colour, each at its own time."""
    from PIL import Image, ImageSequence

    frames, durations = [], []
    with decoding(path, "a film"), Image.open(path, formats=("GIF", "WEBP", "PNG")) as image:
        check_size(path, (image.n_frames, *image.size[::-1]), 3)  # type: ignore[attr-defined]
        container = str(image.format).lower()
        for frame in ImageSequence.Iterator(image):
            frames.append(np.asarray(frame.convert("RGB")))
            durations.append(float(frame.info.get("duration", 0)) / 1000)  # WebP knows it once it is decoded
    lasting, mean = np.array(durations), float(np.mean(durations))
    if mean > 0 and np.abs(lasting - mean).max() > max(_UNEVEN * mean, _GIF_TICK):
        return _evenly(np.stack(frames), lasting, path, container)
    return _film(np.stack(frames), 1 / mean if mean > 0 else None, path, container)


def _evenly(frames: np.ndarray, lasting: np.ndarray, path: Path, container: str) -> GridSignal:
    """Place frames that last unequally (N,) seconds on an even grid in time: at each moment the frame then shown."""
    ends = np.cumsum(lasting)
    steps = np.gcd.reduce(np.maximum(1, np.rint(1000 * lasting)).astype(int)) / 1000  # whole milliseconds
    count = int(min(_MOST_COPIES * len(frames), max(1, round(ends[-1] / steps))))
    moments = (np.arange(count) + 0.5) * ends[-1] / count
    check_size(path, (count, *frames.shape[1:3]), 3)
    shown = np.searchsorted(ends, moments, side="right").clip(max=len(frames) - 1)
    signal = _film(frames[shown], count / float(ends[-1]), path, container)
    note = (
        f"its {len(frames):,} frames last from {lasting.min():.3g} to {lasting.max():.3g} s: each is repeated while "
        f"it is shown, which makes {count:,} frames at {count / float(ends[-1]):.4g} per second"
    )
    return replace(signal, notes=(note,))


def read_frames(folder: Path) -> GridSignal:
    """Read the pictures of a folder, in the natural order of their names, as frames of a film without a rate."""
    files = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".") and _is_picture(p)]
    files.sort(key=lambda p: [int(word) if word.isdigit() else word for word in re.split(r"(\d+)", p.name)])
    first = read_image(files[0], _container(files[0]) or "png")
    check_size(folder, (len(files), *first.shape), first.channels)
    frames = np.empty((len(files), *first.values.shape), np.float32)
    for index, file in enumerate(files):
        picture = first if index == 0 else read_image(file, _container(file) or "png")
        if picture.values.shape != first.values.shape:
            raise SignalError(
                f"{folder} holds pictures of unequal size ({_size(first)} in {files[0].name}, {_size(picture)} in "
                f"{file.name}); crop them to one size"
            )
        frames[index] = picture.values
    domain = Domain.of_samples(frames.shape[:3], units=("frame", "px", "px"))
    sample_format = replace(first.sample_format, volume=VolumeFormat("frames"))
    return GridSignal(frames, domain, "video", sample_format, str(folder), sum(map(os.path.getsize, files)))


def _is_picture(path: Path) -> bool:
    return os.path.getsize(path) > 0 and _container(path) in ("png", "jpeg", "tiff", "webp", "bmp")


def _container(path: Path) -> str | None:
    return picture_container(first_bytes(path, 16))


def _size(picture: GridSignal) -> str:
    return "×".join(map(str, picture.values.shape))


def _film(frames: np.ndarray, rate: float | None, path: Path, container: str) -> GridSignal:
    step, unit = (1 / rate, "s") if rate else (1.0, "frame")
    volume = VolumeFormat(container, rate=rate)
    return volume_signal(
        frames, volume, (step, 1.0, 1.0), (unit, "px", "px"), str(path), "video", os.path.getsize(path)
    )
