"""The pictures of a set of views, decoded into one array."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import psutil

from ...errors import SignalError, TooLargeError
from ..image import decode_picture
from ..recognise import KIND_OF, recognise
from ..sample_format import SampleFormat

__all__ = ["read_pictures"]


def read_pictures(paths: list[Path]) -> tuple[np.ndarray, SampleFormat]:
    """Pictures of one size (N, H, W, 3 or 4) as their files hold them, 8-bit samples staying 8-bit.

    Where some have opacities, the others are opaque. Raises ``SignalError`` for pictures of unequal size or depth, and
    ``TooLargeError`` where all together would not fit in memory.
    """
    first = _samples(paths[0])
    _check_room(paths, first)
    pictures = [first]
    for path in paths[1:]:
        samples = _samples(path)
        if samples.shape[:2] != first.shape[:2]:
            raise SignalError(
                f"{path} has {_size(samples)} pixels, {paths[0].name} {_size(first)}; give pictures of one size"
            )
        if samples.dtype != first.dtype:
            raise SignalError(
                f"{path} holds {samples.dtype}, {paths[0].name} {first.dtype}; give pictures of one depth"
            )
        pictures.append(samples)
    with_alpha = any(samples.shape[-1] == 4 for samples in pictures)
    return np.stack([_opaque(samples) if with_alpha else samples for samples in pictures]), SampleFormat.of(first)


def _samples(path: Path) -> np.ndarray:
    """Colours (H, W, 3), or (H, W, 4) with opacities; grey is spread over all three."""
    container = recognise(path)
    if container is None or KIND_OF.get(container) != "image":
        raise SignalError(f"{path} is no picture (by its content); give PNG, JPEG, WebP or TIFF")
    samples = decode_picture(path, container)
    samples = samples if samples.ndim == 3 else samples[..., None]
    channels = samples.shape[-1]
    if channels in (3, 4):
        return samples
    return np.concatenate([samples[..., :1].repeat(3, axis=-1), samples[..., 1:]], axis=-1)


def _opaque(samples: np.ndarray) -> np.ndarray:
    if samples.shape[-1] == 4:
        return samples
    full = SampleFormat.of(samples).encode(np.ones((*samples.shape[:2], 1)))
    return np.concatenate([samples, full], axis=-1)


def _check_room(paths: list[Path], first: np.ndarray) -> None:
    needed = 2 * len(paths) * first.nbytes
    free = psutil.virtual_memory().available
    if needed > 0.8 * free:
        raise TooLargeError(
            f"{len(paths)} pictures of {_size(first)} need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            "shrink them or take fewer views"
        )


def _size(samples: np.ndarray) -> str:
    return f"{samples.shape[1]}×{samples.shape[0]}"
