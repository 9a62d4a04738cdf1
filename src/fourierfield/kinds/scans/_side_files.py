"""Read the files beside a scan: angles, masks, sensitivity maps, trajectories."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...errors import SettingsError, SignalError
from ...grids._files import load_npy
from ._cfl import read_cfl_array


def load_array(path: Path, option: str) -> np.ndarray:
    """Load the plain array in a ``.npy`` file."""
    try:
        return load_npy(path)
    except SignalError as problem:
        raise SettingsError(f"{option}: {problem}") from problem


def read_numbers(path: Path, option: str) -> np.ndarray:
    """Read a list of finite numbers, (n,) float64, from a ``.npy`` or a text file."""
    with open(path, "rb") as file:
        packed = file.read(6) == b"\x93NUMPY"
    if packed:
        numbers = load_array(path, option)
    else:
        try:
            words = path.read_text().replace(",", " ").split()
            numbers = np.array([float(word) for word in words])
        except (ValueError, OSError) as problem:
            raise SettingsError(f"{option} {path} is not a list of numbers; write one on each line") from problem
    if numbers.dtype.kind not in "uif" or not numbers.size or not np.isfinite(numbers).all():
        raise SettingsError(f"{option} {path} is not a list of finite numbers; write one on each line")
    return numbers.astype(np.float64).reshape(-1)


def read_mask(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Read which places of k-space were measured, as bool of ``shape``.

    A mask with fewer axes applies to the last ones.
    """
    mask = load_array(path, "--mask")
    if mask.dtype.kind not in "buif" or mask.ndim > len(shape) or mask.shape != shape[len(shape) - mask.ndim :]:
        raise SettingsError(
            f"--mask {path} has shape {mask.shape}, but k-space has {shape}; give one number for each place"
        )
    return np.array(np.broadcast_to(mask != 0, shape))


def read_maps(path: Path) -> np.ndarray:
    """Read sensitivities (coils, n₁, …) as complex64 from a ``.npy`` file or BART's ``.cfl``."""
    maps = read_cfl_array(path).coils_first() if _is_cfl(path) else load_array(path, "--maps")
    if maps.dtype.kind not in "fc" or maps.ndim not in (3, 4) or not np.isfinite(maps).all():
        raise SettingsError(
            f"--maps {path} holds {maps.dtype} of shape {maps.shape}; give finite complex sensitivities, coils first"
        )
    return maps.astype(np.complex64)


def read_trajectory(path: Path) -> np.ndarray:
    """Read places in k-space, (M, d) in cycles per field of view.

    They are in a ``.npy`` file (…, d) or BART's ``.cfl`` (3, samples, …). A third axis that is zero everywhere is
    dropped.
    """
    if _is_cfl(path):
        along = read_cfl_array(path).values
        places = along.reshape(along.shape[0], -1).T.real
    else:
        held = load_array(path, "--trajectory")
        places = held.reshape(-1, held.shape[-1]) if held.ndim else held.reshape(1, 1)
    if places.dtype.kind not in "uif" or places.shape[1] not in (2, 3) or not np.isfinite(places).all():
        raise SettingsError(
            f"--trajectory {path} holds {places.dtype} of shape {places.shape}; give 2 or 3 finite coordinates of each "
            "sample along the last axis (the first in a .cfl)"
        )
    places = places.astype(np.float64)
    if places.shape[1] == 3 and not places[:, 2].any():
        places = places[:, :2]
    if np.abs(places).max() <= 0.5:
        raise SettingsError(
            f"--trajectory {path} reaches {np.abs(places).max():.3g} cycles per field of view, less than a pixel; "
            "multiply cycles per pixel by the number of pixels"
        )
    return places


def _is_cfl(path: Path) -> bool:
    return path.suffix in (".cfl", ".hdr")
