"""A small phantom and its line integrals, by formula: Gaussian blobs, whose projections are Gaussians; and files
of scanners and toolboxes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from fourierfield.signals import KSpaceSignal, ScanOptions, read_any

from .ismrmrd_files import Line, save
from .matlab_files import write_mat

BLOBS = [(-9.0, 4.0, 5.0, 1.0), (12.0, -10.0, 3.0, 1.5), (2.0, 14.0, 2.0, 2.0), (-3.0, -2.0, 9.0, 0.6)]

Scan = Callable[..., np.ndarray]
Read = Callable[..., KSpaceSignal]
Save = Callable[[dict[str, object]], Path]


@pytest.fixture(params=["5", "7.3"])
def save_mat(request: pytest.FixtureRequest, tmp_path: Path) -> Save:
    """``save_mat(variables)``: the path of a MATLAB file, of each version in turn."""
    return lambda variables: write_mat(tmp_path / "scan.mat", variables, request.param)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """``read(header, lines, …)``: the signal of an ISMRMRD file, with the words of ``ScanOptions``."""

    def save_and_read(text: str, lines: Iterable[Line], **options: object) -> KSpaceSignal:
        signal = read_any(save(tmp_path / "scan.h5", text, lines), scan=ScanOptions(**options))
        assert isinstance(signal, KSpaceSignal)
        return signal

    return save_and_read


@pytest.fixture
def blob_image() -> np.ndarray:
    """(64, 64): Σ a·exp(−|r − r₀|²/2σ²) at pixel centres, x to the right and y upwards from the middle."""
    across = np.arange(64) - 31.5
    x, y = across[None, :], -across[:, None]
    return sum(a * np.exp(-((x - p) ** 2 + (y - q) ** 2) / (2 * s * s)) for p, q, s, a in BLOBS)


@pytest.fixture
def blob_scan() -> Scan:
    """(A, B) line integrals of the blobs at angles in radians, the axis of rotation at bin ``centre``."""

    def scan(angles: np.ndarray, bins: int, centre: float) -> np.ndarray:
        offsets = np.arange(bins) - centre
        total = np.zeros((len(angles), bins))
        for p, q, s, a in BLOBS:
            middle = (p * np.cos(angles) + q * np.sin(angles))[:, None]
            total += a * s * np.sqrt(2 * np.pi) * np.exp(-((offsets - middle) ** 2) / (2 * s * s))
        return total

    return scan
