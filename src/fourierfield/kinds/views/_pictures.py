"""The pictures and masks that a camera file names: found beside it, decoded as they are stored."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ...errors import SignalError, TooLargeError
from ...grids._files import first_bytes
from ...grids._memory import free_memory
from ...grids._pictures import decode_picture, picture_container
from ...grids._sample_format import SampleFormat

_ENDINGS = ("", ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
_MOST_SHOWN = 80  # characters of a name that a message shows


def find(file: Path, name: str) -> Path | None:
    """Return the picture that ``file`` names, with or without its ending, or None if it is not there.

    Backslashes may stand for slashes. Raises ``SignalError`` for a name that leads out of the folder of ``file``.
    """
    folder = os.path.realpath(file.parent)
    for spelling in dict.fromkeys((name, name.replace("\\", "/"))):
        for ending in _ENDINGS:
            candidate = file.parent / (spelling + ending)
            try:
                place, there = os.path.realpath(candidate), candidate.is_file()
            except (OSError, ValueError):  # too long, or with a zero byte
                return None
            if os.path.commonpath((folder, place)) != folder:
                raise SignalError(
                    f"{file} names {shown(name)}, which lies outside of its folder; copy it there and name that"
                )
            if there:
                return Path(os.path.normpath(candidate))
    return None


def shown(name: object) -> str:
    r"""Return a name that a file gives as a message may show it: no control characters, and not without end.

    >>> print(shown("a\nb.png"))
    a\nb.png
    """
    return repr(str(name)[:_MOST_SHOWN])[1:-1]


def read_pictures(paths: list[Path]) -> tuple[np.ndarray, SampleFormat]:
    """Read pictures of one size into one array (N, H, W, 3 or 4).

    Samples stay as the files hold them: 8-bit samples stay 8-bit, and pictures are not turned by their orientation
    tags, because poses are those of the samples as stored (COLMAP, nerfstudio, instant-ngp). If some pictures have
    opacities, the others become opaque.
    """
    first = _samples(paths[0])
    _check_room(paths, first)
    pictures = [first]
    for path in paths[1:]:
        samples = _samples(path)
        if samples.shape[:2] != first.shape[:2]:
            raise SignalError(
                f"{path} has {_size(samples)} pixels, {paths[0].name} {_size(first)}; give pictures of the same size"
            )
        if samples.dtype != first.dtype:
            raise SignalError(
                f"{path} holds {samples.dtype}, {paths[0].name} {first.dtype}; give pictures of the same depth"
            )
        pictures.append(samples)
    with_alpha = any(samples.shape[-1] == 4 for samples in pictures)
    return np.stack([_opaque(samples) if with_alpha else samples for samples in pictures]), SampleFormat.of(first)


def read_masks(paths: list[Path | None], size: tuple[int, int]) -> np.ndarray | None:
    """Read which pixels of pictures of ``size`` count, (N, H, W) bool; None if no picture has a mask.

    A pixel counts unless its mask is black there (nerfstudio). Masks of another size are enlarged or shrunk.
    """
    if not any(paths):
        return None
    masks = np.ones((len(paths), *size), dtype=bool)
    for mask, path in zip(masks, paths, strict=True):
        if path is not None:
            mask[:] = _fitted(_samples(path)[..., :3].max(axis=-1) > 0, size, path)
    return masks


def _fitted(mask: np.ndarray, size: tuple[int, int], path: Path) -> np.ndarray:
    """Return the nearest values of a mask (h, w) at the pixels of a picture of ``size``."""
    (height, width), (high, wide) = size, mask.shape
    if abs(wide / high - width / height) > 0.02 * width / height:
        raise SignalError(f"{path} has {wide}×{high} pixels, its picture {width}×{height}; give masks of their size")
    rows, columns = ((np.arange(n) + 0.5) * m // n for n, m in ((height, high), (width, wide)))
    return mask[np.ix_(rows.astype(int), columns.astype(int))]


def _samples(path: Path) -> np.ndarray:
    """Read colours (H, W, 3), or (H, W, 4) with opacities; grey is repeated over the three colours."""
    container = picture_container(first_bytes(path, 16))
    if container is None:
        raise SignalError(f"{path} is not a picture (by its content); give PNG, JPEG, WebP or TIFF")
    found = decode_picture(path, container, upright=False)
    samples = found.samples if found.samples.ndim == 3 else found.samples[..., None]
    if samples.shape[-1] in (2, 4) and not found.alpha:
        samples = samples[..., :-1]  # a band of something else, such as near infrared
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
    free = free_memory()
    if needed > 0.8 * free:
        raise TooLargeError(
            f"{len(paths)} pictures of {_size(first)} need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free; "
            "shrink them or take fewer views"
        )


def _size(samples: np.ndarray) -> str:
    return f"{samples.shape[1]}×{samples.shape[0]}"
